"""Poses the subject: the frames of one clip or of the gaze sheet."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from pydantic import Field

from frame_app.cliplib.schema import NEUTRAL
from prerender.core.faces import load_faces
from prerender.core.readback import box_of
from prerender.core.segments import Part, ranges
from prerender.core.stage import (
    GAZE_SHEET,
    VISEME_SHEET,
    ArtifactKind,
    EngineParams,
    Engines,
    FrameStream,
    StageContext,
    StreamStage,
)
from prerender.engines.base import (
    BUILTIN,
    Actor,
    ActorFrame,
    ClipPlan,
    EngineId,
    GazeGrid,
    Rect,
)
from prerender.engines.cast import make_cast
from prerender.engines.living_light import ONLY_LIGHT, LivingLight
from prerender.engines.registry import Task
from prerender.media.image import load_rgba, load_unit16
from prerender.portrait.motion_files import VISEMES, Repertoire, load_repertoire

_SHEET_FPS = 30.0  # a sheet is not played; containers want a rate


class AnimateParams(EngineParams):
    """[stage.animate] of a recipe."""

    engine: EngineId = BUILTIN
    """Who brings the portrait to life; networks take hours without a GPU, so they are named."""

    fps: float = Field(default=30.0, ge=10.0, le=120.0)
    """Frames per second of every clip."""

    seed: int = Field(default=1, ge=0)
    """Of all randomness: the same seed gives the same frames."""


class AnimateStage(StreamStage[AnimateParams]):
    """Starts the stream of frames."""

    name = "animate"
    version = 1
    consumes = (
        ArtifactKind.SUBJECT,
        ArtifactKind.MATTE,
        ArtifactKind.SUBJECT_DEPTH,
        ArtifactKind.CANVAS_FACES,
    )
    task = Task.ANIMATE
    params_type = AnimateParams

    @classmethod
    def material(cls, clip: str) -> str:
        """The files of that clip's motion, so that a change of one renders one."""
        return _repertoire().material(VISEMES if clip == VISEME_SHEET else clip)

    def stream(
        self, inputs: Mapping[ArtifactKind, Path], params: AnimateParams, ctx: StageContext
    ) -> FrameStream:
        """See the class; raises `UsageError` for an unknown clip."""
        actor = _actor(
            ctx.engines,
            params.engine,
            inputs[ArtifactKind.SUBJECT],
            inputs[ArtifactKind.MATTE],
            inputs[ArtifactKind.SUBJECT_DEPTH],
            inputs[ArtifactKind.CANVAS_FACES],
            params.seed,
        )
        neutral, box, measured = actor.neutral(), actor.box, actor.measured
        faces = _faces(inputs[ArtifactKind.CANVAS_FACES], box)
        if isinstance(actor, LivingLight) and ctx.clip not in actor.clip_names():
            plan = ClipPlan(ctx.clip, ctx.clip, 0, params.fps, loop=False)
            nothing: Iterator[ActorFrame] = iter(())
            return FrameStream(plan, nothing, neutral, box, measured, left_out=ONLY_LIGHT)
        if _is_recorded(ctx.clip) and ctx.clip not in actor.clip_names():
            plan = ClipPlan(ctx.clip, ctx.clip, 0, params.fps, loop=False)
            reason = (
                f"clip {ctx.clip} is a recording, which the {params.engine} animator cannot play"
            )
            return FrameStream(plan, iter(()), neutral, box, measured, left_out=reason)
        if ctx.clip == GAZE_SHEET:
            grid = ctx.take.grid or actor.gaze_grid()
            count = len(grid.yaw_deg) * len(grid.pitch_deg) * len(grid.lids)
            plan = ClipPlan(GAZE_SHEET, GAZE_SHEET, count, _SHEET_FPS, loop=False)
            frames = _gaze(actor, grid, neutral, ctx)
            return FrameStream(plan, frames, neutral, box, measured, grid, faces=faces)
        if ctx.clip == VISEME_SHEET:
            shapes = actor.viseme_grid()
            count = len(shapes.visemes) * len(shapes.strengths)
            plan = ClipPlan(VISEME_SHEET, VISEME_SHEET, count, _SHEET_FPS, loop=False)
            frames = _kept(ctx, "visemes", [actor.viseme_frames], neutral)
            return FrameStream(plan, frames, neutral, box, measured, shapes, faces=faces)
        amplitude = ctx.take.amplitude
        is_exact = params.engine == BUILTIN or isinstance(actor, LivingLight)

        def at(fps: float) -> FrameStream:
            plan = actor.clip(ctx.clip, fps)
            frames = _clip(actor, plan, amplitude, neutral, ctx)
            start, end = (
                None if pose == NEUTRAL else actor.still(pose)
                for pose in (plan.start_pose, plan.end_pose)
            )
            stream = FrameStream(plan, frames, neutral, box, measured, start=start, end=end)
            return replace(stream, faces=faces, at=at if is_exact else None)

        return at(params.fps)


def _clip(
    actor: Actor, plan: ClipPlan, amplitude: float, still: ActorFrame, ctx: StageContext
) -> Iterator[ActorFrame]:
    """All frames of a clip; in pieces that are kept if the animator is slow."""
    if ctx.segments is None:
        return actor.frames(plan.name, plan.fps, 0, plan.frames, amplitude)
    parts = [
        partial(actor.frames, plan.name, plan.fps, start, stop, amplitude)
        for start, stop in ranges(plan.frames)
    ]
    return _kept(ctx, f"{plan.name} {plan.fps:g} {amplitude:g}", parts, still)


def _gaze(
    actor: Actor, grid: GazeGrid, still: ActorFrame, ctx: StageContext
) -> Iterator[ActorFrame]:
    """All directions of the sheet; a row of it is a piece."""
    if ctx.segments is None:
        return actor.gaze_frames(grid)
    parts = [
        partial(actor.gaze_frames, replace(grid, lids=(lids,), pitch_deg=(pitch,)))
        for lids in grid.lids
        for pitch in grid.pitch_deg
    ]
    return _kept(ctx, f"gaze {grid}", parts, still)


def _kept(
    ctx: StageContext, name: str, parts: Sequence[Part], still: ActorFrame
) -> Iterator[ActorFrame]:
    if ctx.segments is None:
        return itertools.chain.from_iterable(part() for part in parts)
    return ctx.segments.frames(name, parts, still)


def _is_recorded(clip: str) -> bool:
    motion = _repertoire().motions.get(clip)
    return motion is not None and motion.recorded is not None


@lru_cache(maxsize=1)
def _repertoire() -> Repertoire:
    """As of the start of this process, which is when its engines read it too."""
    return load_repertoire()


def _faces(faces: Path, box: tuple[int, int, int, int]) -> tuple[Rect, ...]:
    """Where the living faces lie in the box."""
    around = (box_of(face.landmarks) for face in load_faces(faces).cast)
    return tuple(replace(each, x=each.x - box[0], y=each.y - box[1]) for each in around)


# One portrait's clips come one after another to each worker, and preparing an actor takes
# longer than many a clip. Paths hold the keys of their artifacts: equal arguments, equal pictures.
@lru_cache(maxsize=1)
def _actor(  # noqa: PLR0913 (a cache key must name all it depends on)
    engines: Engines,
    engine: EngineId,
    subject: Path,
    matte: Path,
    depth: Path,
    faces: Path,
    seed: int,
) -> Actor:
    colour, _ = load_rgba(subject)
    found = load_faces(faces)
    if not found.cast:
        return LivingLight(colour, load_unit16(matte).astype(np.float32), seed)
    return make_cast(
        engines.animate(engine),
        colour,
        load_unit16(matte).astype(np.float32),
        load_unit16(depth).astype(np.float32),
        found.cast,
        found.company[len(found.cast) :],
        seed,
    )
