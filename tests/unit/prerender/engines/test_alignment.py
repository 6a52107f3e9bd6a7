from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import PointsF32
from prerender.engines.alignment import (
    ARCFACE_112,
    FFHQ_512,
    Affine,
    cut_out,
    enlarged,
    five_points,
    inverse,
    scale_of,
    similarity,
)

IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def mapped(matrix: Affine, points: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float64)


def fitted(points: PointsF32, template: PointsF32) -> Affine:
    matrix = similarity(points, template)
    assert matrix is not None
    return matrix


@pytest.mark.parametrize("template", [FFHQ_512, ARCFACE_112])
def test_a_face_that_lies_on_the_template_is_not_moved(template):
    np.testing.assert_allclose(fitted(template, template), IDENTITY, atol=1e-6)


def test_turn_scale_and_shift_are_undone():
    turn = np.deg2rad(20)
    rotation = 0.5 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    points = (FFHQ_512 @ rotation.T + (30, 40)).astype(np.float32)
    matrix = fitted(points, FFHQ_512)
    np.testing.assert_allclose(mapped(matrix, points), FFHQ_512, atol=1e-3)
    assert scale_of(matrix) == pytest.approx(2.0, abs=1e-5)
    np.testing.assert_allclose(mapped(inverse(matrix), mapped(matrix, points)), points, atol=1e-3)


def test_points_on_one_another_are_no_face():
    assert similarity(np.full((5, 2), 7.0, np.float32), FFHQ_512) is None


def test_eyes_nose_and_mouth_come_in_the_template_s_order(demo_faces):
    eye, other, nose, corner, other_corner = five_points(demo_faces[0].landmarks)
    assert eye[0] < nose[0] < other[0]
    assert corner[0] < nose[0] < other_corner[0]
    assert max(eye[1], other[1]) < nose[1] < min(corner[1], other_corner[1])


def test_a_picture_enlarged_keeps_its_corners_where_they_were():
    matrix = enlarged(IDENTITY, 3.0, 3.0)
    # pixel 0 covers 0..1; three times as large its centre is the centre of 0..3: index 1
    np.testing.assert_allclose(mapped(matrix, np.array([[0.0, 0.0]])), [[1.0, 1.0]])
    np.testing.assert_allclose(mapped(matrix, np.array([[-0.5, -0.5]])), [[-0.5, -0.5]])


def test_what_lies_outside_is_the_grey_that_networks_know():
    crop = cut_out(np.full((8, 8, 3), 255, np.uint8), np.array([[1.0, 0, 4], [0, 1, 0]]), 8)
    assert crop[:, 6:].min() == 1.0
    np.testing.assert_allclose(crop[4, 0] * 255, (132, 133, 135))


def test_a_large_face_is_made_small_without_false_patterns():
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = cut_out(stripes, np.array([[0.24, 0, 0], [0, 0.24, 0]]), 64)[:, 4:-4]
    assert crop.std() < 0.02
