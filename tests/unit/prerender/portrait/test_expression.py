"""How far a smile carries depends on the mouth that the picture shows."""

import numpy as np

from frame_app.base.arrays import LandmarksF32
from prerender.portrait.anatomy import MOUTH_CORNERS, FaceFrame
from prerender.portrait.expression import bases, lift
from prerender.portrait.grid import Grid
from tests.fakes.sitter import ASTRONAUT, MONA_LISA, PEARL_EARRING, sitter

_MIDDLE = (13, 14)  # inner edge of the lips
_BESIDE = (81, 311)  # of the upper lip, on either side of its middle


def smiled(landmarks: LandmarksF32, amount: float) -> LandmarksF32:
    """The landmarks of a mouth, moved by a smile."""
    frame = FaceFrame.of(landmarks)
    high, wide = (int(side) + 40 for side in landmarks[:, [1, 0]].max(axis=0))
    field = bases(Grid(0, 0, wide, high, 4), landmarks, frame)["smile"]
    moved = landmarks.copy()
    for point in (*MOUTH_CORNERS, *_MIDDLE, *_BESIDE):
        x, y = landmarks[point, :2]
        moved[point, :2] += amount * field[int(y / 4), int(x / 4)]
    return moved


def width(landmarks: LandmarksF32) -> float:
    right, left = landmarks[list(MOUTH_CORNERS), :2]
    return float(np.linalg.norm(left - right)) / FaceFrame.of(landmarks).unit


def test_a_mouth_whose_corners_hang_is_curved_by_a_smile() -> None:
    landmarks = sitter(MONA_LISA).landmarks.copy()
    frame = FaceFrame.of(landmarks)
    for corner in MOUTH_CORNERS:
        landmarks[corner, :2] += 0.03 * frame.unit * frame.down
    assert lift(landmarks, frame) < 0
    assert lift(smiled(landmarks, 1.0), frame) > 0.03
    ways = (smiled(landmarks, 1.0) - landmarks)[:, :2] @ -frame.down
    raised, beside, middle = (
        float(ways[list(each)].mean()) for each in (MOUTH_CORNERS, _BESIDE, _MIDDLE[:1])
    )
    assert beside - middle < 0.3 * (raised - middle)  # a bow; a V has more


def test_a_grin_grows_by_less_than_a_closed_mouth() -> None:
    grins, closed = sitter(ASTRONAUT).landmarks, sitter(MONA_LISA).landmarks
    more = [width(smiled(points, 1.0)) - width(points) for points in (grins, closed)]
    assert 0.02 < more[0] < 0.75 * more[1]


def test_a_small_mouth_is_not_drawn_as_wide_as_others() -> None:
    landmarks = sitter(MONA_LISA).landmarks
    small, frame = landmarks.copy(), FaceFrame.of(landmarks)
    right, left = landmarks[list(MOUTH_CORNERS)]
    for corner, towards in zip(MOUTH_CORNERS, (left - right, right - left), strict=True):
        small[corner] += 0.15 * towards
    way, way_small = (width(smiled(each, 1.0)) - width(each) for each in (landmarks, small))
    assert 0.5 < way_small / way < 0.85
    assert lift(smiled(small, 1.0), frame) > 0.03


def test_a_turned_head_smiles_with_the_corners_and_not_with_the_whole_lip() -> None:
    landmarks = sitter(PEARL_EARRING).landmarks
    frame = FaceFrame.of(landmarks)
    ways = (smiled(landmarks, 1.0) - landmarks)[:, :2] @ -frame.down / frame.unit
    corners, middle = ways[list(MOUTH_CORNERS)], ways[_MIDDLE[0]]
    assert corners.min() > 0.045
    assert middle < 0.55 * corners.min()
