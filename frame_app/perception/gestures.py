"""Shapes of a hand, told from 21 landmarks; pure.

Each shape is a conjunction of fuzzy facts (a finger is straight, the thumb points up), and its
score is that of its weakest fact. Straightness is measured along the finger in three dimensions,
so it does not depend on how the hand is turned; only the facts that concern a direction do.
Landmarks are numbered as MediaPipe does: 0 wrist, 1-4 thumb, 5-8 index, … 17-20 little finger.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import HandF32
from frame_app.perception.messages import Gesture

_Vector = npt.NDArray[np.float32]

_FINGERS = ((5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20))
_THUMB = (2, 3, 4)
_UP = np.array([0.0, -1.0, 0.0], np.float32)
_TURN_LIMIT = 0.3
"""Least palm width to palm length seen; below it the hand is seen from its edge and its fingers
hide one another."""


def shape_scores(hand: HandF32) -> Mapping[Gesture, float]:
    """How much a hand looks like each of the seven shapes, 0..1.

    Args:
        hand: Landmarks in pixels of an upright picture; left or right, mirrored or not.
    """
    straight = [_straightness(hand, finger) for finger in _FINGERS]
    bent = [1.0 - value for value in straight]
    index, middle, _ring, little = straight
    thumb, tucked = _thumb(hand)
    thumb_way = _unit(hand[4] - hand[2])
    fingers_up = _points(_unit(hand[12] - hand[0]), _UP)
    index_up = _points(_unit(hand[8] - hand[5]), _UP)
    palm_up = _points(_unit(hand[9] - hand[0]), _UP)
    # A thumb is shown across the forearm, with the back of the hand or the fingers to the viewer.
    across = 1.0 - _ramp(abs(float(_unit(hand[9] - hand[0])[1])), 0.80, 0.97)
    spread = _ramp(_gap(hand, 8, 12) / max(_gap(hand, 5, 9), 1e-6), 1.15, 1.7)
    facing = _ramp(_palm_width(hand), _TURN_LIMIT, _TURN_LIMIT + 0.15)
    fist = min(bent)
    thumb_clear = min(thumb, fist, across)
    return {
        Gesture.CLOSED_FIST: min(fist, tucked, palm_up),
        Gesture.OPEN_PALM: min(*straight, thumb, fingers_up, facing),
        Gesture.POINTING_UP: min(index, bent[1], bent[2], bent[3], tucked, index_up),
        Gesture.THUMB_DOWN: min(thumb_clear, _points(thumb_way, -_UP)),
        Gesture.THUMB_UP: min(thumb_clear, _points(thumb_way, _UP)),
        Gesture.VICTORY: min(index, middle, bent[2], bent[3], spread, fingers_up, tucked),
        Gesture.I_LOVE_YOU: min(index, little, bent[1], bent[2], thumb, index_up),
    }


def palm_size(hand: HandF32) -> float:
    """Pixels from the wrist to the middle knuckle, the measure of nearness; about 9 cm."""
    return float(np.linalg.norm(hand[9, :2] - hand[0, :2]))


def _straightness(hand: HandF32, joints: tuple[int, ...]) -> float:
    """1 for a stretched finger, 0 for a curled one."""
    knuckle, first, second, tip = (hand[joint] for joint in joints)
    along = float(_unit(first - knuckle) @ _unit(tip - first))
    reach = _length(tip - hand[0]) / max(_length(first - hand[0]), 1e-6)
    folded = float(_unit(second - first) @ _unit(tip - second))
    return min(_ramp(along, 0.2, 0.8), _ramp(reach, 0.9, 1.15), _ramp(folded, -0.2, 0.6))


def _thumb(hand: HandF32) -> tuple[float, float]:
    """How far the thumb is stretched away from the hand, and how much it lies against it."""
    base, joint, tip = (hand[index] for index in _THUMB)
    palm = max(_length(hand[9] - hand[0]), 1e-6)
    # From the line of the knuckles: a tucked thumb ends before the fingers, in two dimensions too.
    away = min(_length(tip - hand[index]) for index in (5, 6, 9, 10)) / palm
    straight = _ramp(float(_unit(joint - base) @ _unit(tip - joint)), 0.3, 0.75)
    return min(straight, _ramp(away, 0.38, 0.6)), 1.0 - _ramp(away, 0.62, 0.85)


def _palm_width(hand: HandF32) -> float:
    return _gap(hand, 5, 17) / max(palm_size(hand), 1e-6)


def _gap(hand: HandF32, one: int, other: int) -> float:
    """Distance as the viewer sees it, without depth."""
    return float(np.linalg.norm(hand[one, :2] - hand[other, :2]))


def _points(way: _Vector, goal: _Vector) -> float:
    """1 within 30 degrees of the goal, 0 from 55 degrees on."""
    return _ramp(float(way @ goal), 0.57, 0.87)


def _unit(vector: _Vector) -> _Vector:
    scaled: _Vector = vector / np.float32(max(_length(vector), 1e-6))
    return scaled


def _length(vector: _Vector) -> float:
    return float(np.linalg.norm(vector))


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))
