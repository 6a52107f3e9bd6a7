import numpy as np
import pytest

from frame_app.base.arrays import LandmarksF32
from prerender.engines.identity import same_face, shape_change


def turned(landmarks: LandmarksF32, degrees: float, scale: float) -> LandmarksF32:
    """The same face, turned in space, larger, elsewhere."""
    angle = np.radians(degrees)
    matrix = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    return np.asarray(scale * landmarks @ matrix.T + (50, -20, 5), np.float32)


def test_scale_place_and_pose_are_no_change(demo_faces) -> None:
    landmarks = demo_faces[0].landmarks
    assert shape_change(landmarks, turned(landmarks, 25, 1.7)) < 1e-4


def test_a_narrower_jaw_is_a_change(demo_faces) -> None:
    landmarks = demo_faces[0].landmarks
    other = landmarks.copy()
    low = other[:, 1] > np.median(other[:, 1])
    middle = other[:, 0].mean()
    other[low, 0] = middle + 0.8 * (other[low, 0] - middle)
    assert shape_change(landmarks, other) > 0.01


def test_a_mirror_image_is_not_the_same_face(demo_faces) -> None:
    landmarks = demo_faces[0].landmarks
    assert shape_change(landmarks, landmarks * (-1, 1, 1)) > 0.05


@pytest.mark.parametrize("name", ["einstein-1904", "mona-lisa"])
def test_two_people_differ_by_more_than_two_copies_of_one(
    finder, portraits, demo_faces, name
) -> None:
    picture = portraits[name]
    face = finder.find(picture)[0]
    smaller = np.ascontiguousarray(picture[: len(picture) // 2 * 2 : 2, ::2])
    copy = finder.find(smaller)[0]
    assert shape_change(face.landmarks, copy.landmarks) < 0.01
    assert shape_change(face.landmarks, demo_faces[0].landmarks) > 0.014


def test_the_same_face_is_the_one_in_its_place(demo_faces) -> None:
    face = demo_faces[0]
    elsewhere = face.scaled(2, 2)
    found = same_face(face, (elsewhere, face))
    assert found is not None
    assert found.box == face.box
    assert same_face(face, (elsewhere,)) is None
