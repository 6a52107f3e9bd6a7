"""Collects what is to be translated and compiles what was; run by `make translations`.

`lupdate` reads QML and Python; the texts of the settings model stand in docstrings, which it does
not know, so they are listed for it in a file that lives only for that moment.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from frame_app.ui import panel_words
from frame_app.ui.language import FOLDER

_UI = Path(__file__).resolve().parent


def collect(into: Path) -> None:
    """Bring a `.ts` file up to date: new texts come in untranslated, lost ones go."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "settings.js"
        texts = sorted(set(panel_words.sources()) - {""})
        lines = [
            f"QT_TRANSLATE_NOOP({json.dumps(panel_words.CONTEXT)}, "
            f"{json.dumps(text, ensure_ascii=False)});\n"
            for text in texts
        ]
        listed.write_text("".join(lines), encoding="utf-8")
        sources = sorted(_UI.rglob("*.qml")) + sorted(_UI.glob("*.py"))
        _run("lupdate", "-silent", "-no-obsolete", "-locations", "none", listed, *sources,
             "-ts", into)  # fmt: skip


def compile_to(source: Path, target: Path) -> None:
    """Make a `.qm` file of a `.ts` file."""
    _run("lrelease", "-silent", source, "-qm", target)


def _run(tool: str, *arguments: str | Path) -> None:
    command = [str(Path(sys.executable).parent / f"pyside6-{tool}"), *map(str, arguments)]
    subprocess.run(command, check=True)  # noqa: S603 - our own tools on our own files


if __name__ == "__main__":
    for path in FOLDER.glob("*.ts"):
        collect(path)
        compile_to(path, path.with_suffix(".qm"))
