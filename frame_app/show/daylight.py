"""Light and place of the picture by time: pure functions of the time of day."""

import math
from typing import NamedTuple

from frame_app.config.model import LightSettings
from frame_app.show.timeline import Vec2, smoothstep

_DAY_MIN = 24 * 60
_NIGHT_VIGNETTE = 0.1  # added at full night
_LAMP = (1.0, 0.592, 0.240)  # linear sRGB of a black body of 3400 K against one of 6500 K
_ORBIT_X_S, _ORBIT_Y_S = 2460.0, 1740.0  # 41 and 29 minutes, whose beat is long


class Light(NamedTuple):
    """How a picture is lit."""

    brightness: float = 1.0
    """0..1."""
    warmth: float = 0.0
    """0 daylight .. 1 lamp light."""
    vignette: float = 0.0
    """0..1: how much darker the corners are."""


class _Turn(NamedTuple):
    """From a minute of the day on, a light."""

    minute: float
    light: Light


def light_at(settings: LightSettings, minute: float) -> Light:
    """The light at a minute of the day, 0..1440, passing smoothly from one to the next."""
    if not settings.on:
        return Light()
    turns = _turns(settings)
    gaps = [(after.minute - turn.minute) % _DAY_MIN for turn, after in _pairs(turns)]
    width = min([settings.blend_min, *(gap for gap in gaps if gap > 0.0)])
    for before, turn in _pairs(turns):
        # -720..720 around the turn
        past = (minute - turn.minute + _DAY_MIN / 2) % _DAY_MIN - _DAY_MIN / 2
        if abs(past) < width / 2:
            return _mixed(before.light, turn.light, smoothstep(past / width + 0.5))
    return min(turns, key=lambda turn: (minute - turn.minute) % _DAY_MIN).light


def tint(warmth: float) -> tuple[float, float, float]:
    """Factors for red, green and blue, sRGB-encoded, that keep white at full red.

    Towards lamp light of 3400 K, computed from Planck's law and the CIE 1931 observer;
    the exponent stands for the sRGB transfer curve.
    """
    red, green, blue = (1.0 + warmth * (part - 1.0) for part in _LAMP)
    return red ** (1 / 2.2), green ** (1 / 2.2), blue ** (1 / 2.2)


def part_of_day(settings: LightSettings, minute: float) -> str:
    """`morning`, `afternoon`, `evening` or `night`: the fields of `ScheduleSettings`."""
    starts = {
        "morning": minutes(settings.morning),
        "afternoon": 12 * 60.0,
        "evening": minutes(settings.evening),
        "night": minutes(settings.night),
    }
    return min(starts, key=lambda part: (minute - starts[part]) % _DAY_MIN)


def minutes(time_of_day: str) -> float:
    """Minutes since midnight of `HH:MM`."""
    hour, minute = time_of_day.split(":")
    return int(hour) * 60.0 + int(minute)


def orbit(time_s: float) -> Vec2:
    """Where the picture stands on its slow way around its place, -1..1 each."""
    return Vec2(
        math.sin(2.0 * math.pi * time_s / _ORBIT_X_S),
        math.sin(2.0 * math.pi * time_s / _ORBIT_Y_S + 1.0),
    )


def _turns(settings: LightSettings) -> list[_Turn]:
    low = settings.vignette
    day = Light(1.0, 0.0, low)
    evening = Light(settings.evening_brightness, settings.evening_warmth, low)
    night = Light(settings.night_brightness, settings.night_warmth, min(1.0, low + _NIGHT_VIGNETTE))
    turns = (
        _Turn(minutes(settings.morning), day),
        _Turn(minutes(settings.evening), evening),
        _Turn(minutes(settings.night), night),
    )
    return sorted(turns, key=lambda turn: turn.minute)


def _pairs(turns: list[_Turn]) -> list[tuple[_Turn, _Turn]]:
    """Each turn with the one before it, around the clock."""
    return [(turns[number - 1], turn) for number, turn in enumerate(turns)]


def _mixed(one: Light, other: Light, share: float) -> Light:
    return Light(*(a + (b - a) * share for a, b in zip(one, other, strict=True)))
