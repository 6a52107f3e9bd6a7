"""Where the viewer's eyes are, whether they smile, how the head is turned; pure.

Distance comes from the interocular distance: 63 mm in adults with a standard deviation of 4 mm
(Dodgson, "Variation and extrema of human interpupillary distance", SPIE 2004).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import LandmarksF32
from frame_app.config.model import PerceptionSettings
from frame_app.perception.messages import Place

_EYES_M = 0.063
_RIGHT_IRIS, _LEFT_IRIS = 468, 473
_RIGHT_CORNER, _LEFT_CORNER = 33, 263
_BROW, _CHIN = 10, 152
_MOUTH_RIGHT, _MOUTH_LEFT, _UPPER_LIP, _LOWER_LIP = 61, 291, 13, 14


@dataclass(frozen=True, slots=True)
class EyesSeen:
    """A pair of eyes in an upright picture."""

    x_px: float
    y_px: float
    apart_px: float
    """What their distance would be if the head faced the camera."""


class Lens:
    """From pixels to metres before the screen."""

    def __init__(self, width_px: int, height_px: int, settings: PerceptionSettings) -> None:
        """For upright, unmirrored pictures of this size."""
        half = math.radians(settings.field_of_view_deg / 2.0)
        self._focal_px = max(width_px, height_px) / 2.0 / math.tan(half)
        self._middle = (width_px / 2.0, height_px / 2.0)
        self._settings = settings

    def place(self, eyes: EyesSeen) -> Place:
        """Between the eyes, in metres from the middle of the screen."""
        settings = self._settings
        deep = self._focal_px * _EYES_M / max(eyes.apart_px, 0.5) * settings.distance_factor
        # The camera looks at the viewer: its right is their left.
        across = -(eyes.x_px - self._middle[0]) / self._focal_px * deep
        up = -(eyes.y_px - self._middle[1]) / self._focal_px * deep
        tilt = math.radians(settings.camera_tilt_deg)
        return Place(
            across + settings.camera_x_m,
            up * math.cos(tilt) - deep * math.sin(tilt) + settings.camera_y_m,
            deep * math.cos(tilt) + up * math.sin(tilt),
        )


def eyes_of(face: LandmarksF32) -> EyesSeen:
    """The eyes of a face mesh; depth makes up for a head that is turned aside."""
    right, left = face[_RIGHT_IRIS], face[_LEFT_IRIS]
    middle = (right + left) / 2.0
    # The mesh's depth is rough: a turn past 60 degrees is taken for one of 60.
    flat = float(np.linalg.norm((left - right)[:2]))
    apart = min(float(np.linalg.norm(left - right)), 2.0 * flat)
    return EyesSeen(float(middle[0]), float(middle[1]), apart)


def head_angles(face: LandmarksF32) -> tuple[float, float]:
    """Pitch, positive with the chin down, and yaw, positive to the picture's right, in degrees."""
    across = face[_LEFT_CORNER] - face[_RIGHT_CORNER]
    corners = (face[_MOUTH_RIGHT] + face[_MOUTH_LEFT]) / 2.0
    down = corners - (face[_RIGHT_CORNER] + face[_LEFT_CORNER]) / 2.0
    normal = np.cross(across.astype(np.float64), down.astype(np.float64))
    normal /= max(float(np.linalg.norm(normal)), 1e-9)  # into the head
    return (
        -math.degrees(math.asin(float(np.clip(normal[1], -1.0, 1.0)))),
        -math.degrees(math.asin(float(np.clip(normal[0], -1.0, 1.0)))),
    )


def mouth_curve(face: LandmarksF32) -> float:
    """Width of the mouth and lift of its corners, in eye widths.

    Measured on the built-in animator's smiles of four portraits: 0.38 to 0.54 at rest, 0.57 to
    0.77 where MediaPipe's blendshapes say that they smile.
    """
    points = face.astype(np.float64)
    across = points[_LEFT_CORNER] - points[_RIGHT_CORNER]
    size = max(float(np.linalg.norm(across)), 1e-6)
    across /= size
    down = points[_CHIN] - points[_BROW]
    down -= across * float(down @ across)
    down /= max(float(np.linalg.norm(down)), 1e-9)
    width = float(np.linalg.norm(points[_MOUTH_LEFT] - points[_MOUTH_RIGHT])) / size
    lips = (points[_UPPER_LIP] + points[_LOWER_LIP]) / 2.0
    corners = (points[_MOUTH_LEFT] + points[_MOUTH_RIGHT]) / 2.0
    return width + 2.0 * float((lips - corners) @ down) / size


class Smile:
    """Tells a smile from the shape that a person's mouth has at rest."""

    _USUAL = 0.55  # of a mouth at rest, at most, until the person is known
    _FALL_S, _RISE_S = 0.4, 30.0  # how fast rest is learned: nobody smiles with less than at rest
    _LEAST, _FULL = 0.05, 0.13

    def __init__(self) -> None:
        self._rest = self._USUAL
        self._time_s: float | None = None

    def take(self, time_s: float, curve: float) -> float:
        """Score of a smile, 0..1, from `mouth_curve`."""
        passed_s = 0.0 if self._time_s is None else max(0.0, time_s - self._time_s)
        self._time_s = time_s
        ease_s = self._FALL_S if curve < self._rest else self._RISE_S
        self._rest += (curve - self._rest) * (1.0 - math.exp(-passed_s / ease_s))
        return min(1.0, max(0.0, (curve - self._rest - self._LEAST) / (self._FULL - self._LEAST)))


class OneEuro:
    """A low-pass filter that lets fast movements through (Casiez et al., CHI 2012)."""

    def __init__(self, rest_hz: float, beta: float) -> None:
        """Cut-off at rest, and how much a speed of one unit a second raises it."""
        self._rest_hz = rest_hz
        self._beta = beta
        self._value: npt.NDArray[np.float64] | None = None
        self._speed = 0.0
        self._time_s = 0.0

    def take(self, time_s: float, value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Filter a vector; its speed counts as a whole, so that a path keeps its shape."""
        if self._value is None or time_s <= self._time_s:
            self._value, self._time_s = value, time_s
            return value
        passed_s = time_s - self._time_s
        self._time_s = time_s
        moved = float(np.linalg.norm(value - self._value)) / passed_s
        self._speed += (moved - self._speed) * _share(1.0, passed_s)
        cutoff_hz = self._rest_hz + self._beta * self._speed
        self._value = self._value + (value - self._value) * _share(cutoff_hz, passed_s)
        return self._value


def _share(cutoff_hz: float, passed_s: float) -> float:
    return 1.0 - math.exp(-2.0 * math.pi * cutoff_hz * passed_s)
