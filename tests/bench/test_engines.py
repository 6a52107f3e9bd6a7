"""Design, section 11: an engine with its pre- and post-processing against the bare model call.

Networks have the real sizes and random weights, which costs the same as trained ones.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prerender.engines.neural.rebuild_engines import SpandrelRebuild, to_network
from prerender.engines.neural.upscale_engines import SpandrelUpscale
from prerender.engines.neural.workbench import Workbench
from tests.bench.figures import Report
from tests.fakes import tiny_faces
from tests.fakes.weights import WeightsFolder

pytestmark = pytest.mark.bench
torch = pytest.importorskip("torch", reason="needs the extra neural")

_LIMIT = 1.10


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsFolder:
    return WeightsFolder.at(tmp_path / "home", monkeypatch)


def ratio(engine: Callable[[], Any], bare: Callable[[], Any], rounds: int) -> float:
    """Of the least times, taken in turns after a warm start of both."""
    engine(), bare()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for kept, act in zip(times, (engine, bare), strict=True):
            began = time.perf_counter()
            act()
            kept.append(time.perf_counter() - began)
    return min(times[0]) / min(times[1])


def test_enlarging_costs_what_the_network_costs(
    weights: WeightsFolder, tmp_path: Path, report: Report
) -> None:
    """general-x4v3's size: 64 features, 32 convolutions; a picture of one tile, 20 times."""
    tiny_faces.spandrel()
    from spandrel.architectures.Compact import Compact

    nets = [
        tiny_faces.seeded(lambda: Compact(num_feat=64, num_conv=32, upscale=4), seed)
        for seed in (0, 1)
    ]
    files = [
        tiny_faces.save_state(net, tmp_path / f"{number}.pth", "params")
        for number, net in enumerate(nets)
    ]
    weights.put("realesr-general-x4v3", {"weights": files[0], "denoising": files[1]})
    engine = SpandrelUpscale("realesr-general-x4v3", Workbench())
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    batch = torch.from_numpy(image.transpose(2, 0, 1)[None].astype(np.float32) / 255)

    def bare() -> Any:
        with torch.inference_mode():
            return nets[0](batch)

    value = ratio(lambda: engine.upscale(image, 512, 384, 1.0), bare, 20)
    report("enlarging against the bare network (general-x4v3)", value, _LIMIT, "x")


def test_rebuilding_costs_what_the_network_costs(
    weights: WeightsFolder, tmp_path: Path, report: Report
) -> None:
    """GFPGAN's real size, three times: it takes seconds on a CPU."""
    net = tiny_faces.seeded(tiny_faces.gfpgan_network)
    weights.put("gfpgan", {"weights": tiny_faces.save_state(net, tmp_path / "gfpgan.pth")})
    engine = SpandrelRebuild("gfpgan", Workbench())
    crop = np.random.default_rng(0).random((512, 512, 3), np.float32)
    batch = torch.from_numpy(to_network(crop))

    def bare() -> Any:
        with torch.inference_mode():
            return net(batch, return_rgb=False, randomize_noise=False)

    value = ratio(lambda: engine.rebuild(crop, 0.7), bare, 3)
    report("rebuilding a face against the bare network (GFPGAN)", value, _LIMIT, "x")
