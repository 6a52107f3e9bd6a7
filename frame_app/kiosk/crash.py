"""Last words: what went wrong, for the log, before or instead of the end."""

import faulthandler
import logging
import sys
import threading
from types import TracebackType

log = logging.getLogger(__name__)


def install_last_words() -> None:
    """Log exceptions that nobody caught, in any thread, and crashes of native code."""
    if sys.stderr is not None and not faulthandler.is_enabled():
        faulthandler.enable()
    sys.excepthook = _log_exception
    threading.excepthook = _log_thread_exception


def _log_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("a bug: %s", error, exc_info=(kind, error, trace))


def _log_thread_exception(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread else "?"
    error = args.exc_value or args.exc_type()
    log.critical("a bug in thread %s: %s", name, error, exc_info=error)
