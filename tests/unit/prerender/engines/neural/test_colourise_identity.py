from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from prerender.engines.alignment import ARCFACE_112, cut_out, five_points, similarity
from prerender.engines.neural.colourise_engine import DDColor, _in_gamut
from prerender.engines.neural.identity_engine import ArcFace
from prerender.engines.neural.torch_runtime import TorchModel
from prerender.engines.neural.workbench import NetworkError, Workbench
from tests.fakes.tiny import MAKERS

cv2 = pytest.importorskip("cv2")


def lab_of(rgb: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(np.asarray(rgb, np.float32), cv2.COLOR_RGB2LAB), np.float32)


def test_colours_that_a_screen_shows_come_out_as_opencv_makes_them():
    rgb = np.random.default_rng(0).random((20, 20, 3), dtype=np.float32)
    lab = lab_of(rgb)
    np.testing.assert_allclose(_in_gamut(lab[..., 0], lab[..., 1:]), rgb, atol=4e-3)


def test_colours_that_no_screen_shows_become_paler_and_not_lighter():
    lightness = np.linspace(2, 98, 49, dtype=np.float32).reshape(7, 7)
    wild = np.random.default_rng(1).uniform(-110, 110, (7, 7, 2)).astype(np.float32)
    shown = _in_gamut(lightness, wild)
    assert shown.min() >= 0.0
    assert shown.max() <= 1.0
    np.testing.assert_allclose(lab_of(shown)[..., 0], lightness, atol=0.3)


def answer(monkeypatch: pytest.MonkeyPatch, colours: tuple[float, ...]) -> list[Any]:
    seen = []

    def run(_self, *values, call=None):
        seen.append(values[0])
        return (
            np.broadcast_to(
                np.array(colours, np.float32).reshape(1, -1, 1, 1),
                (1, len(colours), *values[0].shape[2:]),
            ),
        )

    monkeypatch.setattr(TorchModel, "run", run)
    return seen


def test_the_network_sees_grey_and_its_colours_go_over_the_picture_s_own_lightness(
    weights, tmp_path, monkeypatch
):
    MAKERS["ddcolor"](weights, tmp_path)
    seen = answer(monkeypatch, (20.0, 30.0))
    image = np.repeat(np.linspace(90, 200, 90, dtype=np.uint8)[None, :, None], 3, axis=2)
    image = np.repeat(image, 50, axis=0)
    done = DDColor("ddcolor", Workbench()).colourise(image)
    assert seen[0].shape == (1, 3, 64, 64)
    assert np.ptp(seen[0], axis=1).max() < 1e-3
    before, after = lab_of(image / np.float32(255)), lab_of(done / np.float32(255))
    np.testing.assert_allclose(after[..., 0], before[..., 0], atol=1.0)
    np.testing.assert_allclose(after[..., 1:], np.broadcast_to((20.0, 30.0), (50, 90, 2)), atol=1.5)


def test_an_answer_of_another_form_is_refused(weights, tmp_path, monkeypatch):
    MAKERS["ddcolor"](weights, tmp_path)
    answer(monkeypatch, (0.0, 0.0, 0.0))
    with pytest.raises(NetworkError, match="ddcolor: its answer has the shape"):
        DDColor("ddcolor", Workbench()).colourise(np.zeros((9, 9, 3), np.uint8))


@pytest.fixture
def judge(weights, tmp_path):
    pytest.importorskip("onnxruntime", reason="needs the extra neural")
    MAKERS["arcface-w600k-r50"](weights, tmp_path)
    return ArcFace("arcface-w600k-r50", Workbench())


def test_who_changes_more_drifts_further(judge, demo, demo_faces):
    (same,) = judge.drift(demo, demo, demo_faces)
    (blurred,) = judge.drift(demo, cv2.GaussianBlur(demo, (0, 0), 3), demo_faces)
    (other,) = judge.drift(demo, 255 - demo, demo_faces)
    assert same == pytest.approx(0.0, abs=1e-5)
    assert same < blurred < other
    assert other > 1.0


def test_drift_is_one_where_two_pictures_of_one_person_end(judge, demo, demo_faces, monkeypatch):
    """A cosine of 0.4, by hand: (0.4, 0.917) against (1, 0)."""
    answers = iter([np.array([[1.0, 0.0]]), np.array([[0.4, 0.84**0.5]])])
    monkeypatch.setattr(judge._model, "_open", lambda: None)
    monkeypatch.setattr(type(judge._model), "run", lambda _self, _crop: (next(answers),))
    assert judge.drift(demo, demo, demo_faces) == (pytest.approx(1.0, abs=1e-6),)


def test_two_pixels_aside_it_is_the_same_person(judge, demo, demo_faces):
    """models.md 10.6, of the crop: the tiny network is no judge of people, but of pictures."""
    moved = np.roll(demo, 2, axis=1)
    shifted = demo_faces[0].landmarks + np.array([2, 0, 0], np.float32)
    one = similarity(five_points(demo_faces[0].landmarks), ARCFACE_112)
    two = similarity(five_points(shifted), ARCFACE_112)
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(cut_out(demo, one, 112), cut_out(moved, two, 112), atol=2 / 255)
