"""Quiet hours: when the frame wants to sleep, by the clock on the wall.

Everything is asked anew at every tick from the wall clock of that moment, never counted: so it is
right after the clock was set, after the hour that summer time takes or gives, and after a suspend.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple, Self

from frame_app.config.model import QuietHoursSettings

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DOUBT_S = 12 * 3600.0  # a clock that was never set is believed after this


class Span(NamedTuple):
    """One night, by the wall clock."""

    begins: datetime
    ends: datetime


def is_quiet(settings: QuietHoursSettings, wall: datetime) -> bool:
    """Whether the wall clock stands in quiet hours; `wall` is local time without a zone."""
    return any(span.begins <= wall < span.ends for span in _spans(settings, wall))


def quiet_in_s(settings: QuietHoursSettings, wall: datetime) -> float | None:
    """Seconds by the wall clock until quiet hours begin; None in them, or if none are near."""
    if is_quiet(settings, wall):
        return None
    ahead = [span.begins - wall for span in _spans(settings, wall) if span.begins > wall]
    return min(ahead).total_seconds() if ahead else None


def _spans(settings: QuietHoursSettings, wall: datetime) -> list[Span]:
    """Nights that began yesterday, begin today or tomorrow."""
    if not settings.on:
        return []
    begins, ends = time.fromisoformat(settings.begins), time.fromisoformat(settings.ends)
    wanted = settings.days.split() or _DAYS
    spans = []
    for offset in (-1, 0, 1):
        day = wall.date() + timedelta(days=offset)
        if _DAYS[day.weekday()] in wanted:
            last_day = day if ends > begins else day + timedelta(days=1)
            spans.append(Span(datetime.combine(day, begins), datetime.combine(last_day, ends)))
    return spans


@dataclass(frozen=True, slots=True)
class Intent:
    """What the frame was about when it was last asked; kept over restarts."""

    asleep: bool = False
    by_hand: bool = False
    """Somebody sent it to sleep; the clock alone would not have."""
    at: str = ""
    """Wall clock when this was written, ISO 8601."""

    def to_json(self) -> bytes:
        """For the state file."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a state file; one that makes no sense says nothing."""
        try:
            raw = json.loads(data)
            at = datetime.fromisoformat(str(raw["at"])).isoformat()
            return cls(raw["asleep"] is True, raw["by_hand"] is True, at)
        except (ValueError, KeyError, TypeError):
            return cls()


class NightWatch:
    """Decides whether the frame wants to sleep, from clock, hands and what it was about before.

    A machine without a battery for its clock starts in the past. If the frame was asleep at a time
    that the clock has not reached again, the clock is wrong, and it stays asleep until the clock
    is set, somebody wakes it, or twelve hours have passed.
    """

    def __init__(self, before: Intent) -> None:
        self._is_by_hand = before.asleep and before.by_hand
        self._doubt_until = datetime.fromisoformat(before.at) if before.asleep else None
        self._began_s: float | None = None
        self._awake_until_s: float | None = None
        self._was_quiet = False
        self._intent = before

    def stir(self, now_s: float, wake_s: float) -> None:
        """Somebody touched the frame or pressed a key: awake for a while, whatever the clock."""
        self._awake_until_s = now_s + wake_s
        self._is_by_hand = False
        self._doubt_until = None

    def send_to_sleep(self) -> None:
        """Somebody wants it to sleep now: until it is woken, or quiet hours end."""
        self._is_by_hand = True
        self._awake_until_s = None

    def wants_sleep(self, settings: QuietHoursSettings, wall: datetime, now_s: float) -> bool:
        """Whether the frame should sleep now.

        Args:
            settings: Those in force.
            wall: Local time without a zone; may jump.
            now_s: Monotonic time.
        """
        quiet = is_quiet(settings, wall)
        if self._was_quiet and not quiet:
            self._is_by_hand = False
        self._was_quiet = quiet
        if self._awake_until_s is not None and now_s < self._awake_until_s:
            return False
        self._awake_until_s = None
        return self._is_by_hand or quiet or self._doubts(settings, wall, now_s)

    def changed_intent(self, wall: datetime, *, asleep: bool) -> Intent | None:
        """What to write into the state file, if it says something else."""
        fresh = Intent(asleep, self._is_by_hand, wall.isoformat(timespec="seconds"))
        is_same = (fresh.asleep, fresh.by_hand) == (self._intent.asleep, self._intent.by_hand)
        if is_same:
            return None
        self._intent = fresh
        return fresh

    def _doubts(self, settings: QuietHoursSettings, wall: datetime, now_s: float) -> bool:
        if self._began_s is None:
            self._began_s = now_s
        if self._doubt_until is None:
            return False
        is_over = wall >= self._doubt_until or now_s - self._began_s > _DOUBT_S
        if is_over or not settings.on:
            self._doubt_until = None
        return self._doubt_until is not None
