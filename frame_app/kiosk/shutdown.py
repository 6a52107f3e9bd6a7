"""Signals to one orderly stop."""

import os
import signal
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED = 130


class StopSignals:
    """Calls `on_stop` once, in the main thread; a second signal ends the process at once."""

    def __init__(self, on_stop: Callable[[], None]) -> None:
        self.exit_code = 0
        """130 after an interrupt from the keyboard."""
        self.was_told = False
        """A service manager, not somebody at the keyboard, ended it."""
        self._on_stop = on_stop
        self._is_stopping = False
        self._before = {number: signal.signal(number, self._heard) for number in _SIGNALS}

    def restore(self) -> None:
        """Give the signals back to whoever had them."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        if self._is_stopping:
            os._exit(_INTERRUPTED)
        self._is_stopping = True
        self.was_told = number != signal.SIGINT
        self.exit_code = _INTERRUPTED if number == signal.SIGINT else 0
        self._on_stop()
