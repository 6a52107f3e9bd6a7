import numpy as np

from prerender.core.faces import Faces, load_faces, save_faces
from tests.fakes.engines import FakeFaces

IMAGE = np.zeros((300, 400, 3), np.uint8)


def test_faces_survive_the_disk_and_are_the_same_bytes_each_time(tmp_path) -> None:
    faces = Faces(FakeFaces(3).find(IMAGE), (1,))
    save_faces(tmp_path / "a.npz", faces)
    save_faces(tmp_path / "b.npz", faces)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = load_faces(tmp_path / "a.npz")
    assert again.chosen == (1,)
    assert [face.box for face in again.all] == [face.box for face in faces.all]
    assert np.array_equal(again.cast[0].landmarks, faces.all[1].landmarks)


def test_faces_scale_with_their_picture() -> None:
    faces = Faces(FakeFaces(1).find(IMAGE), (0,))
    larger = faces.scaled(2.0, 2.0)
    assert np.allclose(larger.cast[0].landmarks, faces.cast[0].landmarks * 2)
    assert larger.cast[0].box.width == faces.cast[0].box.width * 2
    assert np.isclose(larger.cast[0].interocular_px, faces.cast[0].interocular_px * 2)
