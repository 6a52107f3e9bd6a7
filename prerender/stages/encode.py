"""Writes the frames of one clip as video, and notes on the way what only they can tell."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from frame_app.base.errors import StageError
from frame_app.base.memory import give_back
from frame_app.cliplib.schema import Box
from prerender.core.clipwatch import ClipWatch
from prerender.core.facts import ClipFacts, GridFacts, ShapeFacts, save_facts
from prerender.core.stage import ArtifactKind, FrameStream, StageContext, StageParams, StillStage
from prerender.engines.base import GazeGrid, Measured, VisemeGrid
from prerender.media.provenance import append_xmp_box, source_type, xmp_packet
from prerender.media.video import Codec, VideoWriter

# x264 spends least on a key frame that nothing refers to: measured on five portraits, a clip
# that ends on one meets its pose at 40 to 41 dB, one that ends on a few sharp P frames at 43 to 44.
_TAIL = 3
# Between large pictures glibc leaves holes that the next one does not fit: on a 4K canvas a clip
# took 18 MB more with each of its first 70 frames, 2.0 GB in the end; given back after each of its
# frames, as this comes to, it is 1.0 GB.
_GIVEN_BACK_BYTES = 32_000_000


class EncodeParams(StageParams):
    """[stage.encode] of a recipe."""

    crf: float = Field(default=18.0, ge=0.0, le=40.0)
    """x264's quality; lower is better and larger."""

    sheet_crf: float = Field(default=18.0, ge=0.0, le=40.0)
    """The same for the gaze sheet, whose frames all stand for themselves."""

    preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"] = (
        "superfast"
    )
    """x264's speed against size; `veryfast` takes 1.4 times as long for 3 % fewer bytes at the same
    likeness."""

    gop_s: float = Field(default=0.5, gt=0.0, le=10.0)
    """Seconds from one key frame to the next: a jump decodes from the one before its target."""


class EncodeStage(StillStage[EncodeParams]):
    """Colour above, matte below, H.264; one frame in memory at a time."""

    name = "encode"
    version = 11  # colours through BT.709 by OpenCV
    produces = (ArtifactKind.VIDEO, ArtifactKind.FACTS)
    params_type = EncodeParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: EncodeParams, ctx: StageContext
    ) -> Measured:
        """See the class; all it needs is in the stream."""
        del inputs
        stream = ctx.stream
        if stream is None:
            raise StageError(self.name, "has no stage before it")
        video = ctx.output(ArtifactKind.VIDEO)
        if stream.left_out:
            return _leave_out(stream, ctx)
        x, y, width, height = stream.box
        watch = ClipWatch(stream.neutral)
        count = write_frames(video, stream, _codec(stream, params, ctx), watch)
        if count != stream.plan.frames:
            problem = f"clip {stream.plan.name} has {count} frames instead of {stream.plan.frames}"
            raise StageError(self.name, problem)
        scores = {"border_max": watch.border_max, "jacobian": min(watch.jacobians, default=1.0)}
        append_xmp_box(video, xmp_packet(generative=ctx.is_generative))
        plan, grid = stream.plan, stream.grid
        is_sheet = grid is not None
        facts = ClipFacts(
            name=plan.name,
            family=plan.family,
            mood=plan.mood,
            frames=count,
            fps=plan.fps,
            start_pose=plan.start_pose,
            end_pose=plan.end_pose,
            exits=() if is_sheet else watch.exits(),
            jumps=watch.jumps(plan.fps) if plan.loop else (),
            loop=plan.loop,
            scores=scores,
            box=Box(x=x, y=y, width=width, height=height),
            grid=GridFacts(yaw_deg=grid.yaw_deg, pitch_deg=grid.pitch_deg, lids=grid.lids)
            if isinstance(grid, GazeGrid)
            else None,
            shapes=ShapeFacts(visemes=grid.visemes, strengths=grid.strengths)
            if isinstance(grid, VisemeGrid)
            else None,
            jacobians=tuple(watch.jacobians) if grid else (),
            amplitude=ctx.take.amplitude,
        )
        save_facts(ctx.output(ArtifactKind.FACTS), facts)
        return stream.measured


def _leave_out(stream: FrameStream, ctx: StageContext) -> Measured:
    """The reason instead of a video, so that the clip is not tried again."""
    x, y, width, height = stream.box
    plan = stream.plan
    facts = ClipFacts(
        name=plan.name,
        family=plan.family,
        frames=0,
        fps=plan.fps,
        start_pose=plan.start_pose,
        end_pose=plan.end_pose,
        box=Box(x=x, y=y, width=width, height=height),
        left_out=(stream.left_out,),
    )
    save_facts(ctx.output(ArtifactKind.FACTS), facts)
    return Measured(warnings=(stream.left_out,))


def _codec(stream: FrameStream, params: EncodeParams, ctx: StageContext) -> Codec:
    comment = source_type(generative=ctx.is_generative)
    if stream.grid is not None:
        return Codec(params.sheet_crf, params.preset, gop=1, comment=comment)
    last = stream.plan.frames - 1
    gop = max(_TAIL + 1, round(params.gop_s * stream.plan.fps))
    while last % gop < _TAIL and gop <= last:
        gop += 1
    ends = (0, *range(max(1, last - _TAIL + 1), last + 1))
    return Codec(params.crf, params.preset, gop=gop, sharp=ends, comment=comment)


def write_frames(video: Path, stream: FrameStream, codec: Codec, watch: ClipWatch) -> int:
    """Encode all frames of a stream and show them to `watch`; how many there were."""
    _, _, width, height = stream.box
    count, passed = 0, 0
    with VideoWriter(video, width, 2 * height, stream.plan.fps, codec) as writer:
        for frame in stream.frames:
            writer.write_layers(frame.colour, frame.matte)
            watch.see(frame)
            count += 1
            passed += frame.colour.nbytes
            if passed > _GIVEN_BACK_BYTES:
                give_back()
                passed = 0
    return count
