"""How bright and warm the picture is at a time: daylight, dozing, darkness, ways between."""

import math
from typing import NamedTuple

from frame_app.config.model import FrameSettings
from frame_app.show.daylight import Light, light_at, tint
from frame_app.show.timeline import approach, smoothstep

_EASING_S = 10.0  # a clock that is set changes the light over seconds, not at once: none to all


class Lighting(NamedTuple):
    """What the shader multiplies by."""

    red: float
    green: float
    blue: float
    vignette: float
    """0..1: how much darker the corners are."""


class Lamp:
    """Moves the light towards where it should be; one per panel."""

    def __init__(self) -> None:
        self._level = 0.0
        self._light: Light | None = None
        self._is_asleep = False
        self._dozes_since_s = -math.inf

    @property
    def is_dark(self) -> bool:
        """Asleep, and nothing is lit any more."""
        return self._is_asleep and self._level <= 0.0

    def sleep(self, now_s: float, *, asleep: bool, at_once: bool) -> None:
        """Doze off and then grow dark, `at_once` without being seen; or grow light again."""
        if asleep and not self._is_asleep:
            self._dozes_since_s = -math.inf if at_once else now_s
            self._level = 0.0 if at_once else self._level
        self._is_asleep = asleep

    def step(
        self, now_s: float, elapsed_s: float, settings: FrameSettings, minute: float
    ) -> Lighting:
        """The light of now.

        Args:
            now_s: Monotonic time.
            elapsed_s: Since the last step.
            settings: Those in force.
            minute: Of the day, by the wall clock; may jump.
        """
        is_first = self._light is None
        wanted = light_at(settings.light, minute)
        way = elapsed_s / _EASING_S
        was = self._light or wanted
        self._light = light = Light(
            *(approach(a, b, way) for a, b in zip(was, wanted, strict=True))
        )
        goal = 1.0
        if self._is_asleep:
            is_dozing = now_s - self._dozes_since_s < settings.quiet_hours.doze_s
            goal = _level_of(settings.quiet_hours.doze_brightness) if is_dozing else 0.0
        fade_s = max(0.01, settings.picture.fade_s)
        self._level = goal if is_first else approach(self._level, goal, elapsed_s / fade_s)
        brightness = settings.picture.brightness * light.brightness * smoothstep(self._level)
        red, green, blue = (brightness * part for part in tint(light.warmth))
        return Lighting(red, green, blue, light.vignette)


def _level_of(brightness: float) -> float:
    """Where on its way the light is this bright: the inverse of `smoothstep`."""
    return 0.5 - math.sin(math.asin(1.0 - 2.0 * min(max(brightness, 0.0), 1.0)) / 3.0)
