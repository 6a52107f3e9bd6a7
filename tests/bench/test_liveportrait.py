"""LivePortrait against its bare networks, and memory over the length of a clip.

Memory is watched with tiny networks: a clip keeps pictures of the box, whoever paints them.
"""

import resource
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest

from prerender.engines.liveportrait.layout import OFFICIAL, Sizes
from prerender.engines.liveportrait.painter import FacePainter
from prerender.engines.liveportrait.renderer import FaceRenderer
from prerender.engines.neural.workbench import Workbench
from tests.bench.figures import BUSY, Report, spent
from tests.fakes.liveportrait import TINY, save
from tests.fakes.sitter import ASTRONAUT, sitter

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
]
torch = pytest.importorskip("torch", reason="the neural extra is not installed")

FRAMES = 4  # of the published widths: each takes 18 s of a core


def renderer_of(folder: Path, sizes: Sizes) -> FaceRenderer:
    sat = sitter(ASTRONAUT)
    painter = FacePainter(save(folder, sizes=sizes), sizes, Workbench())
    return FaceRenderer(painter, sat.subject, sat.matte, sat.landmarks)


def test_the_engine_costs_little_more_than_its_networks(tmp_path: Path, report: Report) -> None:
    """Of the published widths, frame by frame in turn, since the machine's speed drifts."""
    renderer = renderer_of(tmp_path, OFFICIAL)
    painter = renderer._painter
    poses = [{"yaw": 0.4 * number, "smile": 0.04 * number} for number in range(1, FRAMES + 1)]
    points = [np.asarray([renderer.moved(pose)], np.float32) for pose in poses]
    cpu: list[float] = []
    wall: list[float] = []

    def bare(nets: Any, moved: Any) -> Any:
        return nets.decoder(nets.warping.moved(renderer._still, moved).features)

    for pose, moved in zip(poses, points, strict=True):
        act = partial(painter._painting.compute, bare, moved)
        alone = spent(act)
        whole = spent(partial(list, renderer.render_all([pose])))
        cpu.append(whole[0] / alone[0])
        wall.append(whole[1] / alone[1])
    name = "LivePortrait: engine against warping and painting networks"
    report(f"{name}, processor time", median(cpu), 1.10, "x")
    report(f"{name}, wall time", median(wall), 1.10, "x", beyond=BUSY)


def test_memory_does_not_grow_with_the_clip(tmp_path: Path, report: Report) -> None:
    """Four seconds and forty, at ten frames a second."""
    renderer = renderer_of(tmp_path, TINY)

    def peak_after(seconds: int) -> int:
        count = 10 * seconds
        poses = ({"yaw": 5.0 * number / count} for number in range(1, count + 1))
        for frame in renderer.render_all(poses):
            assert frame.colour.dtype == np.uint8
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    short = peak_after(4)
    report(
        "LivePortrait: peak memory, 40 s of a clip against 4 s", peak_after(40) / short, 1.05, "x"
    )
