"""MediaPipe's native graphs without their chatter.

The wheel logs from C++ straight to file descriptor 2 while a graph is built and first run; Python's
logging never sees it. The descriptor is parked in a temporary file for that time and played back if
something fails, so that the noise goes and the evidence stays.
"""

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from types import ModuleType

from frame_app.base.optional import require

log = logging.getLogger(__name__)

_STDERR_FD = 2


@contextlib.contextmanager
def quiet_native() -> Iterator[None]:
    """Keep what native code writes to stderr; log it at debug level, or replay it on failure.

    Whole-process and not reentrant over threads: meant for the construction of engines.
    """
    _flush()
    with tempfile.TemporaryFile() as kept, warnings.catch_warnings():
        # protobuf's note about mediapipe's own generated code; nothing of ours can mend it
        warnings.filterwarnings("ignore", message=r"SymbolDatabase\.GetPrototype")
        saved = os.dup(_STDERR_FD)
        os.dup2(kept.fileno(), _STDERR_FD)
        try:
            yield
        except BaseException:
            _restore(saved)
            kept.seek(0)
            os.write(_STDERR_FD, kept.read())
            raise
        _restore(saved)
        kept.seek(0)
        for line in kept.read().decode(errors="replace").splitlines():
            log.debug("mediapipe: %s", line)


def _flush() -> None:
    if sys.stderr is not None:  # a program without a console has none
        sys.stderr.flush()


def _restore(saved: int) -> None:
    _flush()
    os.dup2(saved, _STDERR_FD)
    os.close(saved)


@contextlib.contextmanager
def known_warnings() -> Iterator[None]:
    """Silence the one warning that every run of a graph raises inside mediapipe."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"SymbolDatabase\.GetPrototype")
        yield


def load_solutions() -> ModuleType:
    """`mediapipe.solutions`, imported quietly."""
    os.environ.setdefault("GLOG_minloglevel", "2")
    with quiet_native():
        return require("mediapipe.python.solutions")
