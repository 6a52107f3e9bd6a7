import numpy as np
import pytest

from prerender.engines.base import Face, Rect
from prerender.engines.upright import find_upright, quarter_turns


def face(roll_deg: float, side: float = 100.0) -> Face:
    landmarks = np.zeros((478, 3), np.float32)
    turn = np.radians(roll_deg)
    landmarks[263, :2] = side * np.cos(turn), side * np.sin(turn)
    return Face(landmarks, Rect(0.0, 0.0, side, side), 0.9)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_picture_on_its_side_is_hung_upright(finder, demo, turns) -> None:
    found = find_upright(finder, np.ascontiguousarray(np.rot90(demo, turns)))
    np.testing.assert_array_equal(found.image, demo)
    assert found.turned_deg == 90 * turns
    (only,) = found.faces
    assert only.landmarks[152, 1] > only.landmarks[10, 1] + 50  # the chin is below the brow


@pytest.mark.parametrize("roll_deg", [-29.0, 0.0, 20.0, 44.0])
def test_a_head_that_leans_turns_nothing(roll_deg) -> None:
    assert quarter_turns((face(roll_deg),)) == 0


def test_one_child_upside_down_turns_no_group() -> None:
    assert quarter_turns((face(180.0), face(0.0), face(3.0))) == 0
    assert quarter_turns((face(90.0), face(85.0), face(0.0, side=40.0))) == 1


def test_nobody_turns_nothing() -> None:
    assert quarter_turns(()) == 0
