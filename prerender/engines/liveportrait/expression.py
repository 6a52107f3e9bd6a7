"""Our motion parameters as expression numbers of 21 keypoints.

The directions are those that two published editors of LivePortrait share; how far each parameter
goes was read from the twelve published motion templates: a shut eye moves its keypoint by 0.010 to
0.026 (here 0.018), a mouth open by half its width by about 0.06.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from prerender.engines.liveportrait.keypoints import KeyFace, Points
from prerender.engines.liveportrait.template import POINTS
from prerender.portrait.pose import Pose

_X, _Y, _Z = 0, 1, 2
_EYE_RIGHT, _EYE_LEFT = 11, 15  # keypoints; the subject's right eye is on the viewer's left


class Term(NamedTuple):
    """One component of one keypoint, per unit of a number."""

    point: int
    axis: int
    slope: float


def _lid(eye: int, fold: int) -> tuple[Term, ...]:
    return Term(eye, _Y, 0.001), Term(fold, _Y, -0.0003)


NUMBERS: Mapping[str, tuple[Term, ...]] = MappingProxyType(
    {
        "smile": (
            Term(20, _Y, -0.01),
            Term(14, _Y, -0.02),
            Term(17, _Y, 0.0065),
            Term(17, _Z, 0.003),
            Term(13, _Y, -0.00275),
            Term(16, _Y, -0.00275),
            Term(3, _Y, -0.0035),
            Term(7, _Y, -0.0035),
        ),
        "shut_right": _lid(_EYE_RIGHT, 13),
        "shut_left": _lid(_EYE_LEFT, 16),
        "look_right": (Term(_EYE_RIGHT, _X, 0.0007), Term(_EYE_LEFT, _X, 0.001)),
        "look_left": (Term(_EYE_RIGHT, _X, -0.001), Term(_EYE_LEFT, _X, -0.0007)),
        "look_up": (Term(_EYE_RIGHT, _Y, -0.001), Term(_EYE_LEFT, _Y, -0.001)),
        "brows": (Term(1, _Y, 0.001), Term(2, _Y, -0.001)),
        "frown": (
            Term(1, _X, 0.001),
            Term(2, _X, -0.001),
            Term(1, _Y, -0.0003),
            Term(2, _Y, 0.0003),
        ),
        "purse": (
            Term(14, _Y, 0.001),
            Term(3, _Y, -0.0005),
            Term(7, _Y, -0.0005),
            Term(17, _Z, -0.0005),
        ),
        "grin": (Term(20, _Z, -0.001), Term(20, _Y, -0.001), Term(14, _Y, -0.001)),
        "open": (Term(19, _Y, 0.001), Term(19, _Z, 0.0001), Term(17, _Y, -0.0001)),
    }
)
"""The editors' numbers. "look" is to the viewer's right or left; "shut" closes one eye."""

_SHUT = 18.0  # of a lid that is down
_LOOK = 0.67  # per degree: both editors and a third tool end at about 20 for a full look aside
_LIDS_WITH_GAZE = -0.5  # of an upward look: what the lids do with it


def numbers_of(pose: Pose) -> dict[str, float]:
    """What the editors' sliders would stand on for a pose; eyes shut and head turn are not here."""
    get = pose.get
    smile = get("smile", 0.0) + 0.5 * (get("smile_left", 0.0) + get("smile_right", 0.0))
    smile += 0.15 * get("cheek", 0.0)
    brows = get("brow_up", 0.0) + 0.5 * (get("brow_up_left", 0.0) + get("brow_up_right", 0.0))
    brows += 0.5 * get("brow_inner", 0.0)
    across, up = _LOOK * get("gaze_x", 0.0), _LOOK * get("gaze_y", 0.0)
    return {
        "smile": smile if smile > 0 else 0.375 * smile,  # the editors stop at -0.3
        "brows": 10.0 * brows,
        "frown": 10.0 * get("brow_down", 0.0),
        "look_right": max(across, 0.0),
        "look_left": max(-across, 0.0),
        "look_up": up,
        "purse": 12.0 * get("pucker", 0.0),
        "grin": 9.0 * get("stretch", 0.0) + 6.0 * get("lip_up", 0.0),
        "open": 45.0 * get("mouth_open", 0.0)
        + 8.0 * get("jaw", 0.0)
        - 9.0 * get("press", 0.0)
        - 9.0 * get("lip_tuck", 0.0),
    }


def lids_of(pose: Pose) -> tuple[float, float]:
    """How far the subject's right and left lid are down: 0 as in the picture, 1 shut."""
    right, left = (
        pose.get(f"blink_{side}", 0.0) + 0.25 * pose.get(f"squint_{side}", 0.0)
        for side in ("right", "left")
    )
    return min(right, 1.0), min(left, 1.0)


def expression_of(pose: Pose) -> Points:
    """(21, 3) what a pose adds to an expression, lids apart."""
    numbers = numbers_of(pose)
    lids = _LIDS_WITH_GAZE * numbers["look_up"]
    # An eye that looks up opens, one that looks down closes, as in both editors.
    return _sum({**numbers, "shut_right": lids, "shut_left": lids})


def shut_expression(right: float, left: float) -> Points:
    """(21, 3) what lids add that are so far down, without the help of the eye network."""
    return _sum({"shut_right": _SHUT * right, "shut_left": _SHUT * left})


def _sum(numbers: Mapping[str, float]) -> Points:
    total = np.zeros((POINTS, 3))
    for name, value in numbers.items():
        for point, axis, slope in NUMBERS[name]:
            total[point, axis] += slope * value
    return total


EYE_POINTS: Mapping[str, tuple[int, ...]] = MappingProxyType({"right": (11, 13), "left": (15, 16)})
"""Keypoints of either eye of the subject."""

_ROOM = 1.5  # of the range that was seen in the published templates
_SEEN = 0.001 * np.array(
    [
        # least x, y, z and largest x, y, z over the 1,151 frames of twelve templates
        [-16.2, -43.5, -0.1, 18.1, 25.3, 0.2],
        [-9.4, -11.6, -0.1, 9.5, 9.6, 0.1],
        [-5.8, -21.4, -0.1, 13.0, 28.4, 0.1],
        [-14.4, -9.5, -0.1, 6.0, 9.9, 0.1],
        [-10.1, -24.6, -0.1, 31.6, 19.9, 0.1],
        [-27.5, -18.2, -0.1, 44.2, 64.9, 0.1],
        [-0.1, -0.1, -0.1, 0.1, 0.1, 0.1],
        [-20.7, -19.0, -0.1, 8.3, 14.1, 0.1],
        [-0.1, -0.1, -0.1, 0.1, 0.1, 0.1],
        [-0.1, -0.2, -0.1, 0.2, 0.1, 0.1],
        [-11.5, -19.0, -17.3, 15.1, 13.7, 9.1],
        [-5.0, -20.8, -0.1, 3.9, 17.0, 0.1],
        [-0.1, -0.1, -0.1, 0.1, 0.1, 0.1],
        [-2.6, -10.5, -0.1, 8.5, 6.7, 0.1],
        [-2.6, -22.5, -0.1, 7.8, 23.2, 0.1],
        [-6.3, -17.3, -0.1, 5.1, 15.5, 0.1],
        [-6.7, -5.8, -0.1, 6.5, 6.8, 0.1],
        [-5.2, -5.3, -5.0, 5.9, 15.2, 6.0],
        [-0.1, -0.2, -0.1, 0.1, 0.2, 0.1],
        [-37.4, -53.0, -11.8, 17.9, 82.4, 16.4],
        [-20.8, -21.2, -7.5, 17.4, 36.2, 22.2],
    ]
)
_WIDEST: Mapping[tuple[int, int], tuple[float, float]] = MappingProxyType(
    {
        # what another published tool allows, where that is more
        (19, _Y): (-0.074, 0.181),
        (20, _Y): (-0.037, 0.087),
        (14, _Y): (-0.040, 0.049),
        (11, _Y): (-0.019, 0.034),
        (15, _Y): (-0.025, 0.033),
        (5, _X): (-0.064, 0.094),
        (5, _Y): (-0.224, 0.099),
    }
)
_PITCH_DEG, _YAW_DEG, _ROLL_DEG = 30.0, 60.0, 20.0  # of the head as it is shown
_AWAY_DEG = 30.0  # of yaw from the picture: beyond, ears and hair tear
_MOST_SHIFT = 0.19  # of the place, per axis, from where the face is in the picture


def _bounds() -> tuple[Points, Points]:
    low, high = _ROOM * _SEEN[:, :3], _ROOM * _SEEN[:, 3:]
    for (point, axis), (least, most) in _WIDEST.items():
        low[point, axis] = min(low[point, axis], least)
        high[point, axis] = max(high[point, axis], most)
    return low, high


_LOW, _HIGH = _bounds()


def within_expression(expression: Points, still: Points) -> Points:
    """Clipped to what faces do; what the still itself does is always allowed."""
    return np.clip(expression, np.minimum(_LOW, still), np.maximum(_HIGH, still))


def within_angles(
    angles_deg: Iterable[float], still_deg: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Pitch, yaw and roll, clipped to what the picture can carry."""
    found = []
    limits = (_PITCH_DEG, _YAW_DEG, _ROLL_DEG)
    for angle, still, limit in zip(angles_deg, still_deg, limits, strict=True):
        low, high = min(-limit, still), max(limit, still)
        if limit == _YAW_DEG:
            low, high = max(low, still - _AWAY_DEG), min(high, still + _AWAY_DEG)
        found.append(min(max(angle, low), high))
    return found[0], found[1], found[2]


def within_place(
    place: npt.NDArray[np.float64], still: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Clipped to near where the face is in the picture."""
    return np.clip(place, still - _MOST_SHIFT, still + _MOST_SHIFT)


def turned_deg(face: KeyFace, pose: Pose) -> tuple[float, float, float]:
    """Pitch, yaw and roll of a face that a pose turns.

    Ours are up, to the viewer's right, and to the viewer's right; the networks' pitch is down and
    their yaw to the left.
    """
    pitch, yaw, roll = face.angles_deg
    wanted = (
        pitch - pose.get("pitch", 0.0),
        yaw - pose.get("yaw", 0.0),
        roll + pose.get("roll", 0.0),
    )
    return within_angles(wanted, face.angles_deg)
