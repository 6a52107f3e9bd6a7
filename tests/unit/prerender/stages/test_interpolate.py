from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from prerender.core.stage import FrameStream, StageContext
from prerender.engines.base import BUILTIN, ActorFrame, ClipPlan, EngineId, EngineInfo, Measured
from prerender.engines.registry import Task
from prerender.stages.interpolate import InterpolateParams, InterpolateStage
from tests.fakes.engines import FakeEngines

STILL = ActorFrame(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8))
BOX = (0, 0, 4, 4)


def stream(frames: int = 3, fps: float = 30.0) -> FrameStream:
    plan = ClipPlan("nod", "nod", frames, fps, loop=False)
    return FrameStream(plan, iter([STILL] * frames), STILL, BOX, Measured())


def after(source: FrameStream, factor: int) -> FrameStream:
    ctx = StageContext(FakeEngines(), Path(), Path("a.png"), clip="nod", stream=source)
    return InterpolateStage().stream({}, InterpolateParams(factor=factor), ctx)


@pytest.mark.parametrize(("factor", "frames", "fps"), [(1, 3, 30.0), (2, 5, 60.0), (4, 9, 120.0)])
def test_a_clip_gets_frames_between_each_two(factor: int, frames: int, fps: float) -> None:
    made = after(stream(), factor)
    assert (made.plan.frames, made.plan.fps) == (frames, fps)
    assert len(list(made.frames)) == frames


def test_who_renders_any_time_renders_them_itself() -> None:
    def at(fps: float) -> FrameStream:
        return stream(round(fps / 10), fps)

    made = after(replace(stream(), at=at), 2)
    assert (made.plan.frames, made.plan.fps) == (6, 60.0)


def test_an_engine_is_named_only_where_it_has_something_to_do() -> None:
    spared = InterpolateStage.is_spared
    assert spared({Task.ANIMATE: EngineInfo(BUILTIN, 1)})
    assert not spared({Task.ANIMATE: EngineInfo(EngineId("liveportrait"), 1)})
    assert not spared({})
    assert not InterpolateStage.uses_engine(InterpolateParams())
    assert InterpolateStage.uses_engine(InterpolateParams(factor=2))
