"""transformers, offline and without torchvision.

A torchvision that was built for another torch makes the models of transformers fail at import
(`operator torchvision::nms does not exist`, measured with 5.23); without one they run, and their
image processors are those on Pillow. So it is never shown one: what a picture becomes does not
depend on what else is installed.
"""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType

from frame_app.base.optional import require

EXTRA = "neural"
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def load_transformers() -> ModuleType:
    """The library; raises `MissingExtraError` if it is not installed."""
    os.environ.update(_OFFLINE)
    require("torch", extra=EXTRA)
    with _no_torchvision():
        library = require("transformers", extra=EXTRA)
        for question in ("is_torchvision_available", "is_torchvision_v2_available"):
            asked = getattr(library.utils.import_utils, question)
            asked.cache_clear()  # it may have been imported by somebody else before
            asked()  # and remembers the answer
    library.utils.logging.disable_progress_bar()
    return library


@contextmanager
def _no_torchvision() -> Iterator[None]:
    real = importlib.util.find_spec

    def find_spec(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name.partition(".")[0] == "torchvision" else real(name, package)

    importlib.util.find_spec = find_spec
    try:
        yield
    finally:
        importlib.util.find_spec = real
