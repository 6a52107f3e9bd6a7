"""LivePortrait against its bare networks, and memory over the length of a clip.

The networks are narrow, with the published picture and volume sizes: what is around them counts for
more than with the published widths, whose calls take several times as long.
"""

import resource
import time
from pathlib import Path

import numpy as np
import pytest

from prerender.engines.liveportrait.layout import Sizes
from prerender.engines.liveportrait.painter import FacePainter
from prerender.engines.liveportrait.renderer import FaceRenderer
from prerender.engines.neural.workbench import Workbench
from tests.bench.figures import Report
from tests.fakes.liveportrait import save
from tests.fakes.sitter import ASTRONAUT, sitter

pytestmark = [
    pytest.mark.bench,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
]
torch = pytest.importorskip("torch", reason="the neural extra is not installed")

NARROW = Sizes(
    first=16,
    channels=8,
    volume_blocks=2,
    blocks=(1, 1, 1, 1),
    widths=(8, 8, 8, 8),
    glass=8,
    glass_cap=64,
    compressed=1,
    shade=32,
    middle=2,
    stitching=(8,),
    eye=(8,),
    lip=(8,),
)
FRAMES = 20


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> FaceRenderer:
    files = save(Path(tmp_path_factory.mktemp("nets")), sizes=NARROW)
    sat = sitter(ASTRONAUT)
    painter = FacePainter(files, NARROW, Workbench())
    return FaceRenderer(painter, sat.subject, sat.matte, sat.landmarks)


def test_the_engine_costs_little_more_than_its_networks(
    renderer: FaceRenderer, report: Report
) -> None:
    poses = [{"yaw": 0.4 * number, "smile": 0.04 * number} for number in range(1, FRAMES + 1)]
    points = [renderer.moved(pose) for pose in poses]
    bare_s = engine_s = 0.0
    for pose, moved in zip(poses, points, strict=True):  # in turn, since the machine's speed drifts
        began = time.perf_counter()
        renderer._painter.painted(renderer._still, [moved])
        between = time.perf_counter()
        list(renderer.render_all([pose]))
        bare_s += between - began
        engine_s += time.perf_counter() - between
    report("LivePortrait, 20 frames, engine against bare networks", engine_s / bare_s, 1.10, "x")


def test_memory_does_not_grow_with_the_clip(renderer: FaceRenderer, report: Report) -> None:
    def peak_after(count: int) -> int:
        for frame in renderer.render_all({"yaw": 0.1 * number} for number in range(1, count + 1)):
            assert frame.colour.dtype == np.uint8
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    short = peak_after(4)
    report("LivePortrait, peak memory, 40 frames against 4", peak_after(40) / short, 1.05, "x")
