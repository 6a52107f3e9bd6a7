"""Looking somewhere: how eyes and head share a direction."""

import math
from typing import NamedTuple, TypeAlias

from prerender.portrait.pose import Pose

_LIMIT_DEG = 12.0  # what the eyes take of a direction at most; the head does the rest
_MOST_DEG = 22.0  # farther the iris does not go
_FIRST_ACROSS, _FIRST_UP = 0.62, 0.1  # the eyes' share of a small angle
# Painted and small eyes show less of a look than was asked, and least in the middle of its range;
# up and down the lids go along and hide a part of the way. Read back from 13 portraits.
_MORE_ACROSS, _MORE_UP = 0.31, 1.3
_MORE_TURNED = 0.1  # added to that across in turned heads, whose eyes are narrowed
_TURNED_DEG = 12.0, 18.0  # from where a head counts as turned, and where it counts in full
_SIDED = 0.25  # a turned head shows more of a look to where it points, and less of one back
_ENOUGH_DEG = 30.0  # where a look across shows in full
_UP_BEHIND_LIDS = 0.8  # of an upward look that a closing lid takes back: no whites under the lids
_SURE_DEG, _SURER_DEG = 8.0, 11.5  # where a still's own look aside begins to count, and counts full
_UNSURE = 0.25  # degrees by which that begins later for each degree the head is turned
CORNERS_BEFORE = 0.5
"""Eyeball radii by which the corners of an eye lie before the middle of the eyeball; from 13
portraits that look at the camera with heads turned by up to 40 degrees."""
_RELIEF = 0.15  # of the same that the head's own warp already carries the iris before the corners


_SIDES_DEG = 15.0  # of yaw: what two sides differ in is told apart in full from here on

Pair: TypeAlias = tuple[float, float]
"""To the viewer's left, and to the right."""


def of_side(values: Pair, yaw_deg: float) -> float:
    """What holds for a turn to this side; passes smoothly from one side to the other."""
    right = (1 + min(max(yaw_deg / _SIDES_DEG, -1.0), 1.0)) / 2
    return values[0] + (values[1] - values[0]) * right


class Sight(NamedTuple):
    """What a portrait's head and eyes can do, and where they look in the still."""

    turns: Pair = (1.0, 1.0)
    """Share of an asked head turn that the head makes."""
    nod: float = 1.0
    head_deg: float = 0.0
    """How far the head is turned in the still."""
    eyes_deg: tuple[float, float] = (0.0, 0.0)
    """Where the still looks, right of and above the camera."""

    @property
    def correction_deg(self) -> tuple[float, float]:
        """What brings eyes that look aside in the still to the camera.

        Small angles are not told from errors of reading, and the still stays what it is.
        """
        sure = _SURE_DEG + _UNSURE * abs(self.head_deg)
        across, up = self.eyes_deg
        return -across * _ramp(across, sure), -up * _ramp(up, sure)


def looking(yaw_deg: float, pitch_deg: float, shut: float, sight: Sight | None = None) -> Pose:
    """Eyes and head share a direction; the eyes go first, the head does most of a large angle.

    What the head leaves undone, the eyes do as far as they can.

    Args:
        yaw_deg: From the camera to the viewer's right.
        pitch_deg: Up.
        shut: 0 open, 1 closed.
        sight: Of the portrait; a head that is straight and free if None.
    """
    sight = sight or Sight()
    head_x, head_y = _head(yaw_deg, _FIRST_ACROSS), _head(pitch_deg, _FIRST_UP)
    correction = sight.correction_deg
    still = sight.head_deg
    gaze_x = _eyes(
        (sight.eyes_deg[0], sight.eyes_deg[0] + correction[0] + _shown(yaw_deg, still)),
        (still, still + of_side(sight.turns, head_x) * head_x),
    )
    up = sight.eyes_deg[1] + correction[1]
    behind = 1 - _UP_BEHIND_LIDS * shut if pitch_deg > 0 else 1.0
    gaze_y = _eyes(
        (sight.eyes_deg[1], up + (1 + _MORE_UP) * behind * pitch_deg),
        (0.0, behind * sight.nod * head_y),
    )
    return {
        "yaw": head_x,
        "pitch": head_y,
        "gaze_x": gaze_x,
        "gaze_y": gaze_y,
        "blink_left": shut,
        "blink_right": shut,
    }


def _shown(yaw_deg: float, head_deg: float) -> float:
    """Where the eyes of a head that points to `head_deg` have to look for `yaw_deg` to be seen."""
    low, high = _TURNED_DEG
    turned = min(max((abs(head_deg) - low) / (high - low), 0.0), 1.0)
    most = _MORE_ACROSS + _MORE_TURNED * turned
    more = 1 + most * max(0.0, 1 - (yaw_deg / _ENOUGH_DEG) ** 2)
    return yaw_deg * more * (1 - math.copysign(_SIDED, yaw_deg) * math.sin(math.radians(head_deg)))


def _head(angle_deg: float, first: float) -> float:
    """The head's part of a direction."""
    return angle_deg - _LIMIT_DEG * math.tanh(first * angle_deg / _LIMIT_DEG)


def _eyes(look: tuple[float, float], head: tuple[float, float]) -> float:
    """How far the irises have to go in their eyes, in degrees.

    An iris is seen where the direction of its look takes it on the eyeball, the corners around it
    where the head takes them.

    Args:
        look: Where the eyes look in the still and where they shall, from the camera, in degrees.
        head: Where the head points in the still and will point.
    """
    way = _rise(*look) - (CORNERS_BEFORE + _RELIEF) * _rise(*head)
    most = math.sin(math.radians(_MOST_DEG))
    return math.degrees(math.asin(max(-most, min(way, most))))


def _rise(start_deg: float, end_deg: float) -> float:
    return math.sin(math.radians(end_deg)) - math.sin(math.radians(start_deg))


def _ramp(angle_deg: float, start_deg: float) -> float:
    width = _SURER_DEG - _SURE_DEG
    return min(max((abs(angle_deg) - start_deg) / width, 0.0), 1.0)
