"""Looking somewhere: how eyes and head share a direction."""

import math
from typing import NamedTuple

from prerender.portrait.pose import Pose

_EYE_LIMIT_DEG = 12.0  # what the eyes take of a direction at most; the head does the rest
_EYE_MOST_DEG = 14.0  # the same where the head cannot follow
# Painted eyes show less of a turn than was asked: read back from seven portraits with MediaPipe,
# by the way of the iris.
_EYES_SEEN = 1.55
_UP_BEHIND_LIDS = 0.8  # of an upward look that a closing lid takes back: no whites under the lids
_EYE_FIRST = 0.62  # their share of a small angle
_SURE_DEG, _SURER_DEG = 8.0, 13.0  # where a still's own look aside begins to count, and counts full
_UNSURE = 0.16  # degrees by which that begins later for each degree the head is turned
_TURNED_SHOWS = 0.0065  # of a turn, lost for each degree that the still's head is turned already


class Sight(NamedTuple):
    """What a portrait's head and eyes can do, and where they look in the still."""

    turn: float = 1.0
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
    seen = sight.turn * (1 - _TURNED_SHOWS * abs(sight.head_deg))
    eye_x, eye_y = _eyes_part(yaw_deg, seen), _eyes_part(pitch_deg, sight.nod)
    if eye_y > 0:
        eye_y *= 1 - _UP_BEHIND_LIDS * shut
    across, up = sight.correction_deg
    return {
        "yaw": yaw_deg - _eyes_part(yaw_deg, 1.0),
        "pitch": pitch_deg - _eyes_part(pitch_deg, 1.0),
        "gaze_x": _EYES_SEEN * eye_x + across,
        "gaze_y": _EYES_SEEN * eye_y + up,
        "blink_left": shut,
        "blink_right": shut,
    }


def _eyes_part(angle_deg: float, head: float) -> float:
    part = _EYE_LIMIT_DEG * math.tanh(_EYE_FIRST * angle_deg / _EYE_LIMIT_DEG)
    part += (1 - head) * (angle_deg - part)
    return max(-_EYE_MOST_DEG, min(part, _EYE_MOST_DEG))


def _ramp(angle_deg: float, start_deg: float) -> float:
    width = _SURER_DEG - _SURE_DEG
    return min(max((abs(angle_deg) - start_deg) / width, 0.0), 1.0)
