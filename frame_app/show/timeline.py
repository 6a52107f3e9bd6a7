"""Easing, breathing, drift and fades: pure functions of time."""

import math
from typing import NamedTuple

_BREATH_S = 4.2  # one breath at rest, 14 a minute; adults at rest breathe 12 to 20 times
_INHALE_SHARE = 0.4  # breathing in is quicker than breathing out


class Vec2(NamedTuple):
    """x to the right, y down unless the name says otherwise."""

    x: float
    y: float


def smoothstep(share: float) -> float:
    """0 to 1 with flat ends; `share` is clamped to 0..1."""
    at = min(max(share, 0.0), 1.0)
    return at * at * (3.0 - 2.0 * at)


def approach(value: float, goal: float, step: float) -> float:
    """Move `value` towards `goal` by at most `step`."""
    return min(value + step, goal) if value < goal else max(value - step, goal)


def breath(time_s: float) -> float:
    """Depth of the breath, 0 out .. 1 in, rising faster than it falls."""
    phase = (time_s / _BREATH_S) % 1.0
    if phase < _INHALE_SHARE:
        return 0.5 - 0.5 * math.cos(math.pi * phase / _INHALE_SHARE)
    return 0.5 + 0.5 * math.cos(math.pi * (phase - _INHALE_SHARE) / (1.0 - _INHALE_SHARE))


def drift(time_s: float) -> Vec2:
    """Where the eye wanders while nobody is there, -1..1 each way; does not repeat in hours.

    Sums of sines whose periods have no common multiple worth naming.
    """
    x = 0.7 * math.sin(time_s / 3.7) + 0.3 * math.sin(time_s / 1.93 + 1.0)
    y = 0.7 * math.sin(time_s / 5.3 + 2.0) + 0.3 * math.sin(time_s / 2.39)
    return Vec2(x, 0.5 * y)
