import numpy as np
import pytest

from frame_app.base.arrays import DepthF32
from prerender.engines.base import Face
from prerender.engines.builtin_depth import (
    PLATE_NEAREST,
    SUBJECT_FARTHEST,
    BuiltinDepth,
    plate_depth,
    subject_depth,
)


@pytest.fixture(scope="module")
def scene(demo, demo_faces):
    """The demo's face on an outline drawn by hand: depth needs no real matte."""
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    box = demo_faces[0].box
    cx, cy = box.x + box.width / 2, box.y + 0.4 * box.height
    head = 1.25 - np.hypot((x - cx) / (0.75 * box.width), (y - cy) / (0.8 * box.height))
    body = 1.05 - np.hypot((x - cx) / 190, (y - 560) / 380)
    matte = np.clip(np.maximum(head, body) * 25, 0, 1).astype(np.float32)
    depth, measured = BuiltinDepth().estimate(demo, matte, demo_faces)
    return depth, matte, demo_faces[0], measured


def at(depth: DepthF32, face: Face, index: int) -> float:
    x, y = face.landmarks[index, :2].astype(int)
    return float(depth[y, x])


def test_nearness_is_within_its_range_and_of_the_pictures_size(scene, demo):
    depth, _, _, _ = scene
    assert depth.shape == demo.shape[:2]
    assert depth.dtype == np.float32
    assert depth.min() >= 0
    assert depth.max() <= 1


def test_the_subject_is_nearer_than_all_of_the_plate(scene):
    depth, matte, _, _ = scene
    front, behind = subject_depth(depth, matte), plate_depth(depth, matte)
    assert front.min() >= SUBJECT_FARTHEST - 1e-6 > PLATE_NEAREST + 1e-6 >= behind.max()


def test_the_nose_stands_out_and_the_cheeks_fall_back(scene):
    depth, _, face, measured = scene
    assert at(depth, face, 1) > at(depth, face, 50) > at(depth, face, 234)
    assert at(depth, face, 1) > at(depth, face, 280) > at(depth, face, 454)
    assert measured.scores["depth_face_relief"] > 0.05


def test_depth_is_smooth_inside_and_has_no_bands(scene):
    depth, matte, _, _ = scene
    inside = subject_depth(depth, matte)
    assert np.abs(np.diff(inside, axis=0)).max() < 0.02
    assert np.abs(np.diff(inside, axis=1)).max() < 0.02
    row = (inside[400] * 65535).astype(np.uint16)
    assert len(np.unique(row)) > 100


def test_beyond_its_outline_the_subject_goes_on_without_a_step(scene):
    depth, matte, _, _ = scene
    inside = subject_depth(depth, matte)
    edge = (matte > 0.01) & (matte < 0.99)
    assert np.abs(np.diff(inside, axis=1))[edge[:, 1:]].max() < 0.02


def test_the_outline_lies_behind_the_middle(scene):
    depth, matte, _, _ = scene
    front = subject_depth(depth, matte)
    row = np.flatnonzero(matte[420] > 0.9)
    if row[0] > 0:
        assert front[420, row[0]] < front[420, 256] - 0.03


def test_the_floor_comes_forward_and_the_wall_does_not(demo):
    empty = np.zeros((512, 512), np.float32)
    depth, measured = BuiltinDepth().estimate(demo, empty, ())
    assert depth[500, 256] > depth[250, 256] + 0.1
    assert measured.warnings


def test_extremes_of_the_matte_are_no_accident(demo):
    full = np.ones((512, 512), np.float32)
    depth, _ = BuiltinDepth().estimate(demo, full, ())
    assert plate_depth(depth, full).max() <= PLATE_NEAREST + 1e-6
    empty = np.zeros((512, 512), np.float32)
    depth, _ = BuiltinDepth().estimate(demo, empty, ())
    assert subject_depth(depth, empty).min() >= SUBJECT_FARTHEST - 1e-6
