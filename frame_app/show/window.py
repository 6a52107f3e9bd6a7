"""Off-axis projection: from the viewer's eye to the parallax of the scene; pure."""

import math
from dataclasses import dataclass

from frame_app.cliplib.schema import Parallax
from frame_app.show.timeline import Vec2, smoothstep

_FULL_TANGENT = math.tan(math.radians(35.0))  # an eye this far aside gets nearly all of the shift


@dataclass(frozen=True, slots=True)
class EyePosition:
    """The viewer's eye in metres from the middle of the panel: x right, y up, z towards them."""

    x: float
    y: float
    z: float


def shift_of(eye: EyePosition, parallax: Parallax, strength: float) -> Vec2:
    """How far a scene point of nearness 1 moves against one of nearness 0.

    A point behind the glass is seen along the ray through the eye, so it moves with tan of the
    angle of view. The way is limited softly: past the range that the portrait was made for, more
    would uncover what nobody painted.

    Returns:
        Fractions of the canvas width, at most `max_shift * strength` each, to be added to the
        place of a lookup in the picture; x right, y down.
    """
    limit = parallax.max_shift * strength
    z = max(eye.z, 0.1)
    return Vec2(
        limit * math.tanh(eye.x / z / _FULL_TANGENT),
        -limit * math.tanh(eye.y / z / _FULL_TANGENT),
    )


def gaze_of(eye: EyePosition, origin: Vec2) -> Vec2:
    """Direction from a point of the glass to the eye.

    Args:
        eye: The viewer.
        origin: Where the portrait's own eyes are, metres from the middle of the panel, y up.

    Returns:
        Degrees: yaw, negative to the left as the viewer sees it; pitch, negative down.
    """
    z = max(eye.z, 0.1)
    across, up = eye.x - origin.x, eye.y - origin.y
    return Vec2(
        math.degrees(math.atan2(across, z)), math.degrees(math.atan2(up, math.hypot(across, z)))
    )


class Spring:
    """Follows a goal smoothly, without overshoot: a critically damped spring.

    Exact for any step, so it does not depend on the rate of pictures.
    """

    def __init__(self, value: float, easing_s: float) -> None:
        self.value = value
        self._speed = 0.0
        self._omega = 2.0 / easing_s

    def ease(self, easing_s: float) -> None:
        """Take this long from now on."""
        self._omega = 2.0 / easing_s

    def step(self, goal: float, elapsed_s: float) -> float:
        """Advance by `elapsed_s` and return the new value."""
        decay = math.exp(-self._omega * elapsed_s)
        offset = self.value - goal
        slope = self._speed + self._omega * offset
        self.value = goal + (offset + slope * elapsed_s) * decay
        self._speed = (self._speed - self._omega * slope * elapsed_s) * decay
        return self.value


class Handover:
    """The eye that the window is to follow, without a leap when another person takes over.

    Within one person it passes their eye on as it is; from one to the next it glides.
    """

    def __init__(self, glide_s: float) -> None:
        self._glide_s = glide_s
        self._person: int | None = None
        self._goal = self._from = self._eye = EyePosition(0.0, 0.0, 1.0)
        self._since_s: float | None = None

    @property
    def is_gliding(self) -> bool:
        """Whether `eye_at` gives another answer next time."""
        return self._since_s is not None

    def take(self, person: int, eye: EyePosition, now_s: float) -> None:
        """Person number `person` is the viewer, at this place; any other number is another one."""
        if person != self._person:
            self._person, self._from, self._since_s = person, self._eye, now_s
        self._goal = eye

    def forget(self) -> None:
        """Nobody is there any more; whoever comes is another one."""
        self._person = None

    def eye_at(self, now_s: float) -> EyePosition:
        """The eye to follow."""
        self._eye = self._goal
        if self._since_s is not None:
            share = (now_s - self._since_s) / self._glide_s
            if share >= 1.0:
                self._since_s = None
            else:
                self._eye = _between(self._from, self._goal, smoothstep(share))
        return self._eye


def _between(one: EyePosition, other: EyePosition, share: float) -> EyePosition:
    return EyePosition(
        one.x + (other.x - one.x) * share,
        one.y + (other.y - one.y) * share,
        one.z + (other.z - one.z) * share,
    )


class EyeFollower:
    """The eye that the window is drawn for; glides when the viewer moves, appears or leaves."""

    def __init__(self, rest: EyePosition, easing_s: float) -> None:
        self._axes = tuple(Spring(value, easing_s) for value in (rest.x, rest.y, rest.z))

    def ease(self, easing_s: float) -> None:
        """Take this long from now on."""
        for axis in self._axes:
            axis.ease(easing_s)

    def step(self, goal: EyePosition, elapsed_s: float) -> EyePosition:
        """Advance towards the viewer."""
        x, y, z = (
            axis.step(value, elapsed_s)
            for axis, value in zip(self._axes, (goal.x, goal.y, goal.z), strict=True)
        )
        return EyePosition(x, y, z)
