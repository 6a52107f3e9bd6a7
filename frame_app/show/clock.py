"""Time as the player reads it."""

import time
from datetime import datetime
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


class WallClock(Protocol):
    """The clock on the wall, which people and programs set."""

    def now(self) -> datetime:
        """Local time without a zone."""


class SystemWallClock:
    """The machine's."""

    def now(self) -> datetime:
        """See `WallClock.now`."""
        return datetime.now().astimezone().replace(tzinfo=None)
