"""Coarse displacement fields."""

import cv2  # noqa: TID253  tests run in no Qt process
import numpy as np

from prerender.portrait.grid import Grid, inverse, min_jacobian, window

GRID = Grid(0, 0, 160, 240, 8)


def test_the_window_is_zero_on_the_border_and_one_inside() -> None:
    weights = window(GRID, 40)
    edge = np.concatenate([weights[0], weights[-1], weights[:, 0], weights[:, -1]])
    assert (edge == 0).all()
    assert weights[15, 10] == 1


def test_going_there_and_back_arrives_where_it_started() -> None:
    x, y = GRID.nodes()
    forward = np.stack([6 * np.sin(y / 40), 4 * np.cos(x / 30)], axis=-1).astype(np.float32)
    forward *= window(GRID, 60)[..., None]
    back = inverse(forward, GRID.step, cv2)
    columns = (x + back[..., 0]) / GRID.step - 0.5
    rows = (y + back[..., 1]) / GRID.step - 0.5
    there = cv2.remap(forward, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    assert np.abs(there + back).max() < 0.05


def test_the_jacobian_tells_a_fold_from_a_stretch() -> None:
    x, _ = GRID.nodes()
    slope = np.stack([0.5 * x, np.zeros_like(x)], axis=-1)
    assert np.isclose(min_jacobian(slope, GRID.step), 1.5)
    assert min_jacobian(-3 * slope, GRID.step) < 0
