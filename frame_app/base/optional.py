"""The only door for heavy libraries."""

import importlib
from types import ModuleType

from frame_app.base.errors import MissingExtraError


def require(module: str, *, extra: str = "") -> ModuleType:
    """Import `module` now, not when the program starts.

    Raises:
        MissingExtraError: it is not installed; `extra` names what would bring it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module.partition(".")[0]:
            raise  # installed, but broken: that is another story than "not installed"
        raise MissingExtraError(module, extra) from error
