"""Time as the player reads it."""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of monotonic seconds; its zero means nothing."""

    def now_s(self) -> float:
        """Seconds since an arbitrary moment."""


class MonotonicClock:
    """The clock of the machine."""

    def now_s(self) -> float:
        """See `Clock.now_s`."""
        return time.monotonic()
