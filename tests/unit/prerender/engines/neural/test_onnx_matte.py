import importlib
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from frame_app.base.errors import WeightsError
from prerender.engines.base import Face, Rect
from prerender.engines.neural.onnx_matte import MatteTerms, OnnxMatte, prepared, resized
from prerender.engines.neural.workbench import NetworkError, Workbench

pytest.importorskip("onnxruntime", reason="needs the extra neural")
pytest.importorskip("onnx", reason="makes its networks itself")

from tests.fakes import tiny_maps
from tests.fakes.onnx_files import save_net
from tests.fakes.tiny import MAKERS

IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
SIDE = tiny_maps.SIDE


def terms(divide: str = "own", side: int = SIDE) -> MatteTerms:
    return MatteTerms.model_validate(
        {"side": side, "divide": divide, "output": "logits", **IMAGENET}
    )


def save_fixed(path, plane: npt.NDArray[np.float32]):
    """A network that answers one plane whatever it sees."""
    side = plane.shape[0]
    return save_net(
        path,
        [("Conv", ("image", "w"), "nothing", {}), ("Add", ("nothing", "plane"), "mask", {})],
        {"image": [1, 3, side, side]},
        {"mask": [1, 1, side, side]},
        {"w": np.zeros((1, 3, 1, 1), np.float32), "plane": plane[np.newaxis, np.newaxis]},
    )


def face(x: float, y: float, size: float) -> Face:
    """A face box with a mesh that means nothing: matting only asks where faces are."""
    return Face(np.zeros((478, 3), np.float32), Rect(x, y, size, size), 1.0)


def install(weights, tmp_path, plane, output="logits", model="birefnet-portrait") -> OnnxMatte:
    path = save_fixed(tmp_path / "fixed.onnx", np.asarray(plane, np.float32))
    weights.put(model, {"weights": path}, {"side": plane.shape[0], "output": output})
    return OnnxMatte(model, Workbench())


def test_a_grey_picture_is_one_after_division_by_its_own_maximum():
    grey = np.full((30, 40, 3), 51, np.uint8)
    own, plain = prepared(grey, terms("own", 8)), prepared(grey, terms("255", 8))
    assert own.shape == (1, 3, 8, 8)
    # (1 - 0.485) / 0.229 and (0.2 - 0.485) / 0.229, by hand; then green, blue
    np.testing.assert_allclose(own[0, :, 4, 4], [2.24890830, 2.42857143, 2.64], atol=1e-5)
    np.testing.assert_allclose(
        plain[0, :, 4, 4], [-1.24454148, -1.14285714, -0.91555556], atol=1e-5
    )
    assert np.isfinite(prepared(np.zeros((5, 5, 3), np.uint8), terms("own", 8))).all()


def test_logits_become_chances_and_are_stretched(weights, tmp_path):
    plane = np.zeros((SIDE, SIDE), np.float32)
    plane[0, 0], plane[0, 1] = 2.0, -1.0
    seen = install(weights, tmp_path, plane).look(np.zeros((9, 9, 3), np.uint8))
    # sigmoid: 0.88080, 0.26894 and 0.5; stretched over 0.61186
    assert seen[0, 0] == 1.0
    assert seen[0, 1] == 0.0
    assert seen[5, 5] == pytest.approx((0.5 - 0.26894) / 0.61186, abs=1e-4)


def test_alpha_is_only_stretched(weights, tmp_path):
    plane = np.full((SIDE, SIDE), 0.4, np.float32)
    plane[0, 0], plane[0, 1] = 0.9, 0.2
    seen = install(weights, tmp_path, plane, "alpha").look(np.zeros((9, 9, 3), np.uint8))
    assert (seen[0, 0], seen[0, 1]) == (1.0, 0.0)
    assert seen[5, 5] == pytest.approx(0.2 / 0.7, abs=1e-5)


def test_a_flat_answer_is_nobody_and_no_division_by_nothing(weights, tmp_path):
    engine = install(weights, tmp_path, np.full((SIDE, SIDE), -4.0, np.float32))
    with pytest.raises(NetworkError, match="birefnet-portrait: sees nobody"):
        engine.look(np.zeros((9, 9, 3), np.uint8))


def test_a_picture_in_which_it_sees_nobody_is_cut_by_the_built_in_engine(
    weights, tmp_path, demo, demo_faces
):
    engine = install(weights, tmp_path, np.full((SIDE, SIDE), -4.0, np.float32))
    alpha, measured = engine.matte(demo, demo_faces)
    assert alpha[400:500, 150:250].min() > 0.99
    assert "birefnet-portrait: sees nobody in this picture: the built-in" in measured.warnings[-1]


def test_the_outline_that_the_network_saw_coarsely_follows_the_picture(weights, tmp_path):
    """A disc on a wall; the network knows it in steps of 8 px."""
    y, x = np.mgrid[0:512, 0:512].astype(np.float32) + 0.5
    truth = np.clip(150.5 - np.hypot(x - 256, y - 256), 0, 1)[..., np.newaxis]
    image = np.rint(truth * (150, 90, 60) + (1 - truth) * (70, 120, 160)).astype(np.uint8)
    coarse = truth[4::8, 4::8, 0] > 0.5
    engine = install(weights, tmp_path, np.where(coarse, 9.0, -9.0))
    alpha, measured = engine.matte(image, (face(200, 180, 110),))
    assert alpha.shape == (512, 512)
    assert np.abs(alpha - truth[..., 0]).mean() < 0.002
    assert np.abs(alpha - truth[..., 0]).max() < 0.5
    assert measured.scores["matte_soft_share"] < 0.03


def test_only_the_chosen_person_is_cut_out(weights, tmp_path):
    plane = np.full((SIDE, SIDE), -9.0, np.float32)
    plane[16:, 8:26] = plane[16:, 38:56] = 9.0
    image = np.full((256, 256, 3), 190, np.uint8)
    image[64:, 32:104] = image[64:, 152:224] = (90, 60, 50)
    left, right = face(44, 76, 48), face(164, 76, 48)
    alpha, measured = install(weights, tmp_path, plane).matte(image, (left,), (right,))
    assert alpha[80:250, 40:96].min() > 0.95
    assert alpha[:, 150:].max() == 0.0
    assert measured.scores["people_excluded"] == 1.0


def test_a_lamp_far_from_the_person_is_no_part_of_them(weights, tmp_path):
    plane = np.full((SIDE, SIDE), -9.0, np.float32)
    plane[16:, 8:30] = 9.0
    plane[4:20, 50:60] = 9.0
    image = np.full((256, 256, 3), 190, np.uint8)
    image[64:, 32:120] = image[16:80, 200:240] = (90, 60, 50)
    alpha, _ = install(weights, tmp_path, plane).matte(image, (face(50, 76, 50),))
    assert alpha[:, 150:].max() == 0.0


def test_the_same_picture_gives_the_same_bytes(weights, tmp_path, demo, demo_faces):
    MAKERS["birefnet-portrait"](weights, tmp_path)
    engine = OnnxMatte("birefnet-portrait", Workbench())
    one, two = (engine.matte(demo, demo_faces)[0] for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_a_network_of_another_size_is_refused(weights, tmp_path):
    path = save_fixed(tmp_path / "small.onnx", np.zeros((32, 32), np.float32))
    weights.put("birefnet-portrait", {"weights": path}, {"side": 64})
    engine = OnnxMatte("birefnet-portrait", Workbench())
    with pytest.raises(NetworkError, match="1 x 3 x 32 x 32 instead of 1 x 3 x 64 x 64"):
        engine.look(np.zeros((9, 9, 3), np.uint8))


def test_a_contract_that_is_none_is_named(weights, tmp_path):
    path = save_fixed(tmp_path / "net.onnx", np.zeros((SIDE, SIDE), np.float32))
    weights.put("birefnet-portrait", {"weights": path}, {"output": "sigmoid"})
    with pytest.raises(NetworkError, match=r"its contract in models\.toml does not fit \(output"):
        OnnxMatte("birefnet-portrait", Workbench())


def test_weights_that_are_not_there_are_named(weights):
    with pytest.raises(WeightsError, match=r"birefnet-portrait\.onnx: is not there"):
        OnnxMatte("birefnet-portrait", Workbench())


REMBG = {
    "birefnet-portrait": ("birefnet_portrait", "BiRefNetSessionPortrait"),
    "birefnet-general": ("birefnet_general", "BiRefNetSessionGeneral"),
    "birefnet-general-lite": ("birefnet_general_lite", "BiRefNetSessionGeneralLite"),
    "rmbg-2": ("bria_rmbg", "BriaRmBgSession"),
    "isnet-general-use": ("dis_general_use", "DisSession"),
    "u2net-human-seg": ("u2net_human_seg", "U2netHumanSegSession"),
}


@pytest.fixture
def rembg_sessions(monkeypatch) -> Callable[[str], ModuleType]:
    """Opens modules of `rembg.sessions`; the package's own start wants another OpenCV and numba."""
    found = importlib.util.find_spec("rembg")
    if found is None:
        pytest.skip("rembg is not installed (.ci/apart.txt); only its parity is not checked")
    bare = ModuleType("rembg")
    bare.__path__ = list(found.submodule_search_locations or ())
    monkeypatch.setitem(sys.modules, "rembg", bare)
    return lambda name: importlib.import_module(f"rembg.sessions.{name}")


@pytest.mark.parametrize("model", REMBG)
def test_what_goes_in_and_out_is_rembgs(weights, tmp_path, model, demo, rembg_sessions):
    """Rembg's own code around the same file; it is not part of the extra, see docs/models.md."""
    import onnxruntime

    module, name = REMBG[model]
    kind = getattr(rembg_sessions(module), name)
    session = kind.__new__(kind)  # its constructor would fetch the real file
    MAKERS[model](weights, tmp_path)
    engine = OnnxMatte(model, Workbench())
    file = str(weights.room.open(model).files["weights"])
    session.inner_session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    dark = demo // 3
    # its code has the size in the source: let it believe in the tiny one
    normalize = session.normalize
    session.normalize = lambda img, mean, std, _size: normalize(img, mean, std, (SIDE, SIDE))
    (theirs,) = session.predict(Image.fromarray(dark))
    ours = resized(engine.look(dark), *theirs.size)
    assert np.abs(ours - np.asarray(theirs, np.float32) / 255).max() <= 1.001 / 255
