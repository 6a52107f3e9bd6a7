"""Gestures that are movements: wave, swipe, nod; pure but for their own memory.

A wave and a nod are swings: a value that turns back and forth, each way far enough, quick enough
and about as far as the last. Somebody who talks moves a hand up and down as much as sideways and
not evenly; somebody who walks past moves the hand with the body, so all places are relative to it.
"""

import itertools
import math
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

_MEMORY_S = 1.6


class Turn(NamedTuple):
    """An extreme at which a value turned back."""

    time_s: float
    value: float


class Swings:
    """Finds the extremes of a value that are at least `least` apart (a zigzag)."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._turns: deque[Turn] = deque(maxlen=12)
        self._low: Turn | None = None
        self._high: Turn | None = None
        self._way = 0

    def clear(self) -> None:
        """Forget all."""
        self._turns.clear()
        self._low = self._high = None
        self._way = 0

    def take(self, time_s: float, value: float) -> list[float]:
        """Add a value; returns the swings of the last seconds, signed, the running one last."""
        here = Turn(time_s, value)
        if self._low is None or self._high is None:
            self._low = self._high = here
            return []
        if value < self._low.value:
            self._low = here
        if value > self._high.value:
            self._high = here
        if self._way <= 0 and value - self._low.value >= self._least:
            self._turns.append(self._low)
            self._way, self._high = 1, here
        elif self._way >= 0 and self._high.value - value >= self._least:
            self._turns.append(self._high)
            self._way, self._low = -1, here
        while self._turns and time_s - self._turns[0].time_s > _MEMORY_S:
            self._turns.popleft()
        ends = [*self._turns]
        if ends:
            ends.append(self._high if self._way > 0 else self._low)
        return [after.value - before.value for before, after in itertools.pairwise(ends)]

    @property
    def longest_s(self) -> float:
        """The longest time between two remembered extremes."""
        times = [turn.time_s for turn in self._turns]
        return max((b - a for a, b in itertools.pairwise(times)), default=0.0)


@dataclass(frozen=True, slots=True)
class HandSpot:
    """Where a raised hand is, relative to the body, in units of 18 cm (a hand, a face's height)."""

    x: float
    y: float
    """Down."""
    is_raised: bool
    """Higher than a hand that hangs or lies in a lap."""


class Wave:
    """A raised hand or forearm that swings from side to side."""

    _LEAST = 0.28  # units: 5 cm
    _SWINGS = 3
    _LONGEST_S = 0.55  # of one swing: a slower one is a hand on its way
    _UNEVEN = 2.2  # the largest of the swings to the smallest
    _RISE = 1.0  # vertical way that may come with it, as a share of the horizontal

    def __init__(self) -> None:
        self._across = Swings(self._LEAST)
        self._spots: deque[tuple[float, HandSpot]] = deque(maxlen=40)

    def clear(self) -> None:
        """The hand is gone."""
        self._across.clear()
        self._spots.clear()

    def take(self, time_s: float, spot: HandSpot) -> float:
        """How much of a wave the last second holds, 0..1; 1 completes it."""
        if not spot.is_raised:
            self.clear()
            return 0.0
        if self._spots and time_s - self._spots[-1][0] > 0.5:
            self.clear()
        self._spots.append((time_s, spot))
        swings = self._across.take(time_s, spot.x)[-self._SWINGS :]
        if not swings:
            return 0.0
        span_s = self._LONGEST_S * self._SWINGS
        lately = [spot.y for at, spot in self._spots if time_s - at <= span_s]
        sizes = [abs(swing) for swing in swings]
        is_level = max(lately) - min(lately) <= self._RISE * (sum(sizes) / len(sizes))
        is_even = max(sizes) <= self._UNEVEN * min(sizes)
        is_quick = self._across.longest_s <= self._LONGEST_S
        return len(swings) / self._SWINGS if is_level and is_even and is_quick else 0.0


class Swipe:
    """A raised hand that goes far to one side at once, and stays there or leaves."""

    _WAY = 1.6  # units: 29 cm
    _LONGEST_S = 0.6
    _REST_S = 0.25  # without a way back: otherwise it was the first swing of a wave
    _STRAY = 0.45  # vertical way as a share of the horizontal
    _STEP_S = 0.3  # a hand that was out of sight for longer is another story

    def __init__(self) -> None:
        self._spots: deque[tuple[float, HandSpot]] = deque(maxlen=30)
        self._pending: tuple[float, float, float] | None = None  # when, where it ended, way

    def clear(self) -> None:
        """Forget what was begun."""
        self._spots.clear()
        self._pending = None

    def take(self, time_s: float, spot: HandSpot | None) -> int:
        """The way of a completed swipe in the picture: -1 left, 1 right, otherwise 0."""
        if spot is not None and spot.is_raised:
            if self._spots and time_s - self._spots[-1][0] > self._STEP_S:
                self._spots.clear()
            self._spots.append((time_s, spot))
            self._look_back(time_s, spot)
        if self._pending is None:
            return 0
        ended_s, end, way = self._pending
        if spot is not None and (spot.x - end) * way < -0.3 * abs(way) * abs(way):
            self._pending = None  # it swings back: no swipe
            self._spots.clear()
            return 0
        if time_s - ended_s < self._REST_S:
            return 0
        self.clear()
        return 1 if way > 0 else -1

    def _look_back(self, now_s: float, spot: HandSpot) -> None:
        run = [(at, old) for at, old in self._spots if now_s - at <= self._LONGEST_S]
        if len(run) < 3:
            return
        begin = max(run, key=lambda item: abs(spot.x - item[1].x))
        way = spot.x - begin[1].x
        path = [old for at, old in run if at >= begin[0]]
        heights = [old.y for old in path]
        steps = [after.x - before.x for before, after in itertools.pairwise(path)]
        goes_on = all(step * way > -0.02 for step in steps) and len(steps) >= 2
        strays = max(heights) - min(heights) > self._STRAY * abs(way)
        if abs(way) < self._WAY or strays or not goes_on:
            return
        sign = math.copysign(1.0, way)
        if self._pending is None or (spot.x - self._pending[1]) * sign > 0.0:
            self._pending = (now_s, spot.x, sign)


class Nod:
    """A head that goes down and up and down again, or twice."""

    _LEAST_DEG = 4.0
    _FIRST_DEG = 6.0
    _SWINGS = 3
    _LONGEST_S = 0.6
    _TURN_DEG = 9.0  # to the side meanwhile: somebody who looks around does not nod
    _REST_S = 2.0

    def __init__(self) -> None:
        self._swings = Swings(self._LEAST_DEG)
        self._yaws: deque[tuple[float, float]] = deque(maxlen=40)
        self._made_s = -1e9

    def clear(self) -> None:
        """Another head."""
        self._swings.clear()
        self._yaws.clear()

    def take(self, time_s: float, pitch_deg: float, yaw_deg: float) -> float:
        """How much of a nod the last second holds, 0..1; 1 completes it."""
        self._yaws.append((time_s, yaw_deg))
        swings = self._swings.take(time_s, pitch_deg)[-self._SWINGS :]
        yaws = [yaw for at, yaw in self._yaws if time_s - at <= _MEMORY_S]
        is_straight = max(yaws) - min(yaws) <= self._TURN_DEG
        is_quick = self._swings.longest_s <= self._LONGEST_S
        if not swings or not is_straight or not is_quick or time_s - self._made_s < self._REST_S:
            return 0.0
        share = len(swings) / self._SWINGS
        if share >= 1.0 and max(abs(swing) for swing in swings) < self._FIRST_DEG:
            return 0.9
        if share >= 1.0:
            self._made_s = time_s
            self._swings.clear()
        return share
