"""Writes config/frame.toml, in which every setting stands with its help and bounds.

Run by `make settings`.
"""

import json
import sys
import textwrap
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from frame_app.config.model import FrameSettings, Settings

_WIDTH = 96
_HEAD = """\
# Settings of the portrait frame. Copy this file to ~/.config/portrait-frame/frame.toml and keep the
# lines you change; what is missing there stays as it is here. Unknown keys are named at the start.
"""


def reference() -> str:
    """The whole file; a JSON string, number, boolean or list is the same in TOML."""
    return "\n".join((_HEAD, *_tables())).rstrip("\n") + "\n"


def _tables() -> Iterator[str]:
    for name, field in FrameSettings.model_fields.items():
        defaults = field.default
        if not isinstance(defaults, Settings):
            continue
        about = (type(defaults).__doc__ or "").split(": ", 1)[-1]
        yield f"[{name}]\n{_comment(about[0].upper() + about[1:])}\n"
        for key, setting in type(defaults).model_fields.items():
            text = f"{setting.description}{_bounds(setting)}"
            value = json.dumps(getattr(defaults, key))
            yield f"{_comment(text)}\n{key} = {value}\n"


def _bounds(setting: FieldInfo) -> str:
    words = []
    for bound in setting.metadata:
        words += [
            f"{text} {getattr(bound, name):g}"
            for name, text in (("ge", "at least"), ("gt", "more than"), ("le", "at most"))
            if hasattr(bound, name)
        ]
    return f" ({', '.join(words)})" if words else ""


def _comment(text: str) -> str:
    return "\n".join(f"# {line}" for line in textwrap.wrap(" ".join(text.split()), _WIDTH))


if __name__ == "__main__":
    sys.stdout.write(reference())
