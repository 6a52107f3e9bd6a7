"""More frames between the ones there are."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from frame_app.base.errors import StageError
from prerender.core.stage import (
    ArtifactKind,
    EngineParams,
    FrameStream,
    StageContext,
    StreamStage,
)
from prerender.engines.base import BUILTIN, EngineInfo
from prerender.engines.registry import Task


class InterpolateParams(EngineParams):
    """[stage.interpolate] of a recipe."""

    factor: int = Field(default=1, ge=1, le=8)
    """Frames for each one that comes in. The built-in animator renders them itself, exactly."""


class InterpolateStage(StreamStage[InterpolateParams]):
    """Passes a stream through, with `factor - 1` new frames between each two."""

    name = "interpolate"
    version = 1
    task = Task.INTERPOLATE
    params_type = InterpolateParams

    @classmethod
    def is_spared(cls, chosen: Mapping[Task, EngineInfo]) -> bool:
        """By the built-in animator, which renders any time."""
        return Task.ANIMATE in chosen and chosen[Task.ANIMATE].id == BUILTIN

    @classmethod
    def uses_engine(cls, params: InterpolateParams) -> bool:
        """Not if there is nothing to add."""
        return params.factor > 1

    def stream(
        self, inputs: Mapping[ArtifactKind, Path], params: InterpolateParams, ctx: StageContext
    ) -> FrameStream:
        """See the class; a gaze sheet has no order in time and passes untouched."""
        del inputs
        stream = ctx.stream
        if stream is None:
            raise StageError(self.name, "has no stage before it")
        if params.factor == 1 or stream.grid is not None:
            return stream
        if stream.at is not None:
            return stream.at(stream.plan.fps * params.factor)
        engine = ctx.engines.interpolate(params.engine)
        plan = replace(
            stream.plan,
            frames=(stream.plan.frames - 1) * params.factor + 1,
            fps=stream.plan.fps * params.factor,
        )
        return replace(stream, plan=plan, frames=engine.between(stream.frames, params.factor))
