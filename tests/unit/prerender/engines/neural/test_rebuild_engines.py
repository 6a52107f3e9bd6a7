"""The traps of models.md 2.3: range, noise, fidelity."""

import importlib
import inspect

import numpy as np
import pytest

from prerender.engines.neural import rebuild_engines
from prerender.engines.neural.rebuild_engines import (
    OnnxRebuild,
    SpandrelRebuild,
    from_network,
    to_network,
)
from prerender.engines.neural.spandrel_nets import network
from prerender.engines.neural.torch_weights import read_state_dict
from prerender.engines.neural.workbench import NetworkError, Workbench
from tests.fakes import tiny_faces
from tests.fakes.tiny import MAKERS

torch = pytest.importorskip("torch", reason="needs the extra neural")


def ramp(side: int = 512):
    steps = np.linspace(0.1, 0.9, side, dtype=np.float32)
    return np.stack(
        [
            np.tile(steps, (side, 1)),
            np.tile(steps[:, None], (1, side)),
            np.full((side, side), 0.3, np.float32),
        ],
        axis=-1,
    )


def test_the_range_of_a_picture_becomes_that_of_the_networks_and_comes_back():
    crop = ramp(8)
    batch = to_network(crop)
    assert batch.shape == (1, 3, 8, 8)
    np.testing.assert_allclose(batch[0, 2], -0.4, atol=1e-6)  # (0.3 - 0.5) / 0.5
    np.testing.assert_allclose(from_network(batch), crop, atol=1e-6)
    assert from_network(np.full((1, 3, 2, 2), 1.7, np.float32)).max() == 1.0


def test_gfpgan_runs_in_its_own_range_without_fresh_noise(weights, tmp_path):
    MAKERS["gfpgan"](weights, tmp_path)
    engine = SpandrelRebuild("gfpgan", Workbench())
    crop = ramp()
    once = engine.rebuild(crop, 0.5)
    assert np.array_equal(engine.rebuild(crop, 0.9), once)
    theirs = network(read_state_dict(weights.room.open("gfpgan").files["weights"]), "gfpgan")
    with torch.inference_mode():
        bare = theirs.model.eval()(
            torch.from_numpy(to_network(crop)), return_rgb=False, randomize_noise=False
        )[0]
        fresh = theirs.model(torch.from_numpy(to_network(crop)), return_rgb=False)[0]
    np.testing.assert_allclose(once, from_network(bare.numpy()), atol=1e-6)
    assert np.abs(from_network(fresh.numpy()) - once).max() > 1e-3  # the noise is there to be off
    described = theirs(torch.from_numpy(crop.transpose(2, 0, 1)[None])).numpy()
    assert np.abs(described[0].transpose(1, 2, 0) - once).max() > 0.05  # trap 1


def test_restoreformer_is_what_spandrel_makes_of_it():
    """Its description is the only one of the three that converts the range: ours must agree."""
    found = network(read_state_dict(tiny_faces.saved(tiny_faces.restoreformer)), "tiny")
    crop = ramp(64)
    with torch.inference_mode():
        bare = rebuild_engines._restoreformer(
            found.model.eval(), torch.from_numpy(to_network(crop)), 0.5
        )
    theirs = found(torch.from_numpy(crop.transpose(2, 0, 1)[None])).numpy()
    ours = from_network(bare.numpy())
    np.testing.assert_allclose(ours, theirs[0].transpose(1, 2, 0), atol=1e-3)


def test_codeformer_calls_fidelity_weight_and_swallows_other_names():
    arch = importlib.import_module(f"{tiny_faces._EXTRA}.CodeFormer.__arch.codeformer")
    knobs = inspect.signature(arch.CodeFormer.forward).parameters
    assert "weight" in knobs
    assert "w" not in knobs
    assert any(knob.kind is inspect.Parameter.VAR_KEYWORD for knob in knobs.values())


def test_fidelity_reaches_codeformer(weights, tmp_path):
    MAKERS["codeformer"](weights, tmp_path)
    engine = SpandrelRebuild("codeformer", Workbench())
    crop = ramp()
    assert np.abs(engine.rebuild(crop, 0.0) - engine.rebuild(crop, 1.0)).max() > 1e-3


def test_an_onnx_export_runs_in_the_same_range(weights, tmp_path):
    MAKERS["restoreformer-plus-plus"](weights, tmp_path)
    crop = ramp()
    done = OnnxRebuild("restoreformer-plus-plus", Workbench()).rebuild(crop, 0.5)
    # the file says y = x / 2 - 1/4 in -1..1; by hand: ((2c - 1) / 2 - 1/4 + 1) / 2 = c / 2 + 1/8
    np.testing.assert_allclose(done, crop / 2 + 0.125, atol=1e-6)


def test_weights_of_another_network_are_refused(weights):
    weights.put("gfpgan", {"weights": tiny_faces.saved(tiny_faces.x4plus)})
    engine = SpandrelRebuild("gfpgan", Workbench())
    with pytest.raises(NetworkError, match="gfpgan: its weights are of ESRGAN, not of GFPGAN"):
        engine.rebuild(ramp(), 0.5)


def test_an_answer_without_numbers_is_refused(weights, tmp_path):
    state = read_state_dict(tiny_faces.saved(tiny_faces.gfpgan))
    state["toRGB.0.bias"] = state["toRGB.0.bias"] * float("nan")
    broken = {
        name: value * float("nan") if name == "stylegan_decoder.to_rgbs.6.bias" else value
        for name, value in state.items()
    }
    torch.save({"params_ema": broken}, tmp_path / "nan.pth")
    weights.put("gfpgan", {"weights": tmp_path / "nan.pth"})
    with pytest.raises(NetworkError, match="gfpgan: its answer holds values that are no numbers"):
        SpandrelRebuild("gfpgan", Workbench()).rebuild(ramp(), 0.5)
