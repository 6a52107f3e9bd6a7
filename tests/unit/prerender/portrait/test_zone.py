"""A zone holds some pixels of a patch in the order of their height."""

import numpy as np

from prerender.portrait.blend import sampled
from prerender.portrait.zone import Zone

HEIGHT = np.array([[3, 1], [2, 0], [5, 4]], np.float32)
MOVES = np.array([[True, True], [False, True], [True, True]])


def test_pixels_stand_by_their_height() -> None:
    assert Zone(MOVES, HEIGHT).taken(HEIGHT).tolist() == [0, 1, 3, 4, 5]


def test_what_lies_between_two_heights_is_a_part_of_the_row() -> None:
    zone = Zone(MOVES, HEIGHT)
    assert zone.taken(HEIGHT)[zone.between(0.5, 4.5)].tolist() == [1, 3, 4]
    assert zone.taken(HEIGHT)[zone.between(6.0, 7.0)].tolist() == []


def test_levels_are_added_to_the_pixels_they_belong_to_and_stay_levels() -> None:
    patch = np.full((3, 2, 3), 100, np.uint8)
    change = np.array([[0] * 3, [0.4] * 3, [0.6] * 3, [-300] * 3, [300] * 3], np.float32)
    Zone(MOVES, HEIGHT).add(change, patch)
    assert patch[..., 0].tolist() == [[101, 100], [100, 100], [255, 0]]


def test_a_row_longer_than_opencv_takes_is_looked_up_whole() -> None:
    picture = np.arange(40_000, dtype=np.float32).reshape(200, 200)
    x, y = (each.ravel().astype(np.float32) for each in np.meshgrid(range(200), range(200)))
    assert np.array_equal(sampled(picture, x, y), picture.ravel())


def test_no_pixels_at_all_are_looked_up_too() -> None:
    picture = np.zeros((4, 4, 3), np.float32)
    assert sampled(picture, np.empty(0, np.float32), np.empty(0, np.float32)).shape == (0, 3)
