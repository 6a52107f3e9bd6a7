"""What spandrel is asked, and what it is lent."""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from frame_app.base.errors import MissingExtraError
from prerender.engines.neural import spandrel_nets
from prerender.engines.neural.spandrel_nets import load_spandrel, network
from prerender.engines.neural.torch_weights import read_state_dict
from prerender.engines.neural.workbench import NetworkError
from tests.fakes import tiny_faces

torch = pytest.importorskip("torch", reason="needs the extra neural")


@pytest.fixture(autouse=True)
def library():
    return tiny_faces.spandrel()


def loaded(make: Callable[[], Any], architecture: str = "") -> Any:
    return network(read_state_dict(tiny_faces.saved(make)), "tiny", architecture)


@pytest.mark.parametrize(
    ("make", "kind", "scale"),
    [
        (tiny_faces.x2plus, "ESRGAN", 2),
        (tiny_faces.x4plus, "ESRGAN", 4),
        (tiny_faces.compact, "RealESRGAN Compact", 4),
        (tiny_faces.restoreformer, "RestoreFormer", 1),
        (tiny_faces.gfpgan, "GFPGAN", 1),
        (tiny_faces.codeformer, "CodeFormer", 1),
    ],
)
def test_a_network_is_known_by_its_weights_and_gets_all_of_them(make, kind, scale):
    found = loaded(make, kind)
    assert (found.architecture.name, found.scale) == (kind, scale)
    made = make().state_dict()
    held = {tuple(value.shape): 0 for value in found.model.state_dict().values()}
    assert len(found.model.state_dict()) == len(made)
    assert set(held) == {tuple(value.shape) for value in made.values()}


def test_the_real_width_of_gfpgan_is_recognised_too():
    """The published file's shapes: 285 tensors of 348,573,104 bytes (models.md 2.1)."""
    with torch.device("meta"):
        net = tiny_faces.gfpgan_network()
    state = net.state_dict()
    assert len(state) == 285
    assert sum(value.numel() * value.element_size() for value in state.values()) == 348_573_104
    kinds = [
        support.architecture.id
        for support in load_spandrel().MAIN_REGISTRY
        if support.detect(state) and not support.architecture.id.startswith("small-")  # of tests
    ]
    assert kinds == ["GFPGAN"]


def test_weights_of_another_architecture_are_refused_by_name():
    with pytest.raises(NetworkError, match="tiny: its weights are of ESRGAN, not of GFPGAN"):
        loaded(tiny_faces.x4plus, "GFPGAN")


def test_weights_of_nothing_known_are_refused():
    with pytest.raises(NetworkError, match="tiny: its weights are of no network that is known"):
        network({"weight": torch.zeros(3)}, "tiny")


def test_weights_with_a_missing_tensor_are_refused():
    state = read_state_dict(tiny_faces.saved(tiny_faces.restoreformer))
    del state["decoder.conv_out.bias"]
    with pytest.raises(NetworkError, match="tiny: its weights do not fit their architecture"):
        network(state, "tiny")


def test_no_torchvision_is_left_behind_for_others_to_stumble_over():
    before = {name for name in sys.modules if name.startswith("torchvision")}
    with spandrel_nets._torchvision():
        lent = importlib.import_module("torchvision.transforms.functional")
        assert lent.normalize is spandrel_nets._normalize or before
    assert {name for name in sys.modules if name.startswith("torchvision")} == before


def test_a_torchvision_that_is_loaded_is_left_alone(monkeypatch):
    real = ModuleType("torchvision.transforms.functional")
    monkeypatch.setitem(sys.modules, "torchvision.transforms.functional", real)
    with spandrel_nets._torchvision():
        assert sys.modules["torchvision.transforms.functional"] is real
    assert sys.modules["torchvision.transforms.functional"] is real


def test_what_is_lent_computes_what_torchvision_does():
    image = torch.arange(12.0).reshape(1, 3, 2, 2)
    done = spandrel_nets._normalize(image, [0.0, 1.0, 2.0], [1.0, 2.0, 4.0])
    np.testing.assert_allclose(done[0, 1], [[1.5, 2.0], [2.5, 3.0]])
    # anti-clockwise: the top row becomes the left column, bottom first
    picture = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    turned = spandrel_nets._rotate(picture, 90.0)
    np.testing.assert_allclose(turned[0, 0], [[2.0, 4.0], [1.0, 3.0]], atol=1e-6)
    wide = torch.zeros(1, 1, 4, 8)
    wide[0, 0, 1, 3] = 1.0
    half = spandrel_nets._rotate(wide, 180.0, spandrel_nets._InterpolationMode.BILINEAR)
    assert half[0, 0, 2, 4] == pytest.approx(1.0, abs=1e-5)


def test_without_spandrel_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(MissingExtraError, match=r"portrait-frame\[spandrel\]"):
        load_spandrel()
