"""Looks at a finished clip as a viewer would, and sends it back or leaves it out if it fails."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import StageError
from prerender.core.facts import CheckFacts, ClipFacts, load_facts, save_facts
from prerender.core.gate import Check, check, faults, next_amplitude
from prerender.core.readback import Look, expression, look_of
from prerender.core.sheetgate import kept, nearest
from prerender.core.stage import (
    ArtifactKind,
    EngineParams,
    FrameStream,
    Judged,
    StageContext,
    StillStage,
    Take,
)
from prerender.engines.base import GazeGrid, JudgeEngine, Measured
from prerender.engines.registry import Task
from prerender.media.frames import split
from prerender.media.image import over
from prerender.media.video import decode
from prerender.portrait.measure import ClipMeter, edge_error, likeness_db

_READINGS = (
    24  # per clip: at 30 fps one in 3 to 5 frames of a reaction, more often than a wink lasts
)

Amplitude = Annotated[float, Field(gt=0.0, lt=1.0)]


class JudgeParams(EngineParams):
    """[stage.judge] of a recipe."""

    amplitudes: tuple[Amplitude, ...] = Field(default=(0.75, 0.5), max_length=4)
    """How much of the motion is left each time a clip that failed is rendered again; falling."""


class JudgeStage(StillStage[JudgeParams]):
    """Decodes the clip, measures it, reads the face back and decides; one frame at a time."""

    name = "judge"
    version = 2
    produces = (ArtifactKind.VIDEO, ArtifactKind.FACTS)
    task = Task.JUDGE
    params_type = JudgeParams

    def run(
        self, inputs: Mapping[ArtifactKind, Path], params: JudgeParams, ctx: StageContext
    ) -> Measured:
        """See the class; video and facts are already in the artifact's folder."""
        del inputs
        stream = ctx.stream
        if stream is None:
            raise StageError(self.name, "has no stage before it")
        if stream.left_out:  # there is nothing to judge
            return Measured(stream.measured.scores, (stream.left_out,))
        facts = load_facts(ctx.output(ArtifactKind.FACTS), ClipFacts)
        witness = Witness(ctx.engines.judge(params.engine), stream)
        if isinstance(stream.grid, GazeGrid):
            return self._sheet(ctx, facts, witness, stream, stream.grid)
        scores = facts.scores | _measured(ctx.output(ArtifactKind.VIDEO), stream, witness)
        poor = faults(check(facts.family, scores))
        now = ctx.take.amplitude
        gentler = next_amplitude(poor, now, params.amplitudes)
        # Another pose than the still is shared by several clips: none can move less on its own.
        if gentler is not None and stream.start is None and stream.end is None:
            return Judged(retake=Take(gentler))
        warnings = [*witness.warnings()]
        if now < 1 and not poor:
            warnings.append(
                f"clip {facts.name} moves at {now:.0%} of its strength: "
                "with more it did not pass the quality gate"
            )
        return _settled(ctx, facts, scores, stream, warnings)

    def _sheet(
        self,
        ctx: StageContext,
        facts: ClipFacts,
        witness: "Witness",
        stream: FrameStream,
        grid: GazeGrid,
    ) -> Measured:
        """The same for the gaze sheet, whose range shrinks to what passes."""
        looks, centre_db = _read_sheet(ctx.output(ArtifactKind.VIDEO), grid, stream, witness)
        left = kept(grid, facts.jacobians, witness.still, looks)
        if left not in {grid, None}:
            return Judged(retake=Take(grid=left))
        warnings = [*witness.warnings()]
        if ctx.take.grid is not None:
            warnings.append(
                f"the eyes follow from {grid.yaw_deg[0]:+.0f} to {grid.yaw_deg[-1]:+.0f} degrees "
                f"across and {grid.pitch_deg[0]:+.0f} to {grid.pitch_deg[-1]:+.0f} up and down: "
                "farther out they did not pass the quality gate"
            )
        scores = facts.scores | {"centre_db": centre_db} | witness.seen()
        problem = "" if left is not None else "too few directions pass"
        return _settled(ctx, facts, scores, stream, warnings, problem)


class Witness:
    """The judge with the still before its eyes."""

    def __init__(self, engine: JudgeEngine, stream: FrameStream) -> None:
        self._engine, self._face = engine, stream.face
        neutral = stream.neutral
        grey = np.full_like(neutral.colour, 128)
        self.still: Look | None = None
        """Without it no frame can be held against anything."""
        if stream.face is not None:
            reading = engine.read(over(neutral.colour, neutral.matte, grey), stream.face)
            self.still = look_of(reading) if reading is not None else None
        self._asked = self._answered = 0

    def look(self, frame: ImageU8) -> Look | None:
        """The face of a decoded frame; None if none is seen."""
        if self._face is None or self.still is None:
            return None
        colour, matte = split(frame)
        self._asked += 1
        reading = self._engine.read(over(colour, matte, np.full_like(colour, 128)), self._face)
        if reading is None:
            return None
        self._answered += 1
        return look_of(reading)

    def seen(self) -> dict[str, float]:
        """The share of frames in which a face was seen."""
        return {"face_seen": round(self._answered / self._asked, 3)} if self._asked else {}

    def warnings(self) -> Iterator[str]:
        """What could not be judged."""
        if self._face is not None and self.still is None:
            yield "the judge recognises no face in the still, so no expression was checked"


def _measured(video: Path, stream: FrameStream, witness: Witness) -> dict[str, float]:
    """All scores of a clip, in one pass over its decoded frames."""
    plan = stream.plan
    meter = ClipMeter(stream.neutral.colour, stream.neutral.matte)
    step = max(1, plan.frames // _READINGS)
    looks: list[Look] = []
    scores: dict[str, float] = {}
    edges: list[float] = []
    for number, picture in enumerate(decode(video)):
        meter.add(picture.luma())
        ends = {0: stream.start, plan.frames - 1: stream.end}
        if number not in ends and number % step:
            continue
        frame = picture.rgb()
        if (look := witness.look(frame)) is not None:
            looks.append(look)
        if number in ends and stream.grid is None:
            pose = ends[number] or stream.neutral
            name = "start_db" if number == 0 else "end_db"
            scores[name] = likeness_db(frame, pose.colour, pose.matte)
            edges.append(edge_error(frame, pose.colour, pose.matte))
    scores["still_deviation"] = meter.still_deviation
    if stream.grid is None:
        scores["edge_error"] = max(edges, default=0.0)
        scores["tremble_px"] = meter.tremble_px
    if witness.still is not None:
        scores |= expression(witness.still, looks) | witness.seen()
    return scores


def _read_sheet(
    video: Path, grid: GazeGrid, stream: FrameStream, witness: Witness
) -> tuple[list[Look | None], float]:
    """The open cells in order, and how well the one nearest to straight ahead meets the still."""
    count = len(grid.yaw_deg) * len(grid.pitch_deg)
    centre = nearest(grid.pitch_deg) * len(grid.yaw_deg) + nearest(grid.yaw_deg)
    looks: list[Look | None] = []
    centre_db = 0.0
    for number, picture in enumerate(itertools.islice(decode(video), count)):
        frame = picture.rgb()
        looks.append(witness.look(frame))
        if number == centre:
            centre_db = likeness_db(frame, stream.neutral.colour, stream.neutral.matte)
    return looks, centre_db


def _settled(
    ctx: StageContext,
    facts: ClipFacts,
    scores: Mapping[str, float],
    stream: FrameStream,
    warnings: Sequence[str],
    problem: str = "",
) -> Measured:
    """Write the verdict; what is left out keeps its facts and loses its video."""
    checks = check(facts.family, scores)
    reasons = [item.sentence() for item in faults(checks)]
    if problem:
        reasons.append(problem)
    settled = facts.model_copy(
        update={
            "scores": dict(scores),
            "checks": tuple(_record(item) for item in checks),
            "left_out": tuple(reasons),
        }
    )
    save_facts(ctx.output(ArtifactKind.FACTS), settled)
    said = [*stream.measured.warnings, *warnings]
    if reasons:
        ctx.output(ArtifactKind.VIDEO).unlink()
        said.append(f"clip {facts.name} is left out ({'; '.join(reasons)})")
    return Measured(stream.measured.scores, tuple(said))


def _record(item: Check) -> CheckFacts:
    limit = item.limit
    return CheckFacts(
        score=limit.score,
        words=limit.words,
        value=item.value,
        unit=limit.unit,
        limit=limit.limit,
        goal=limit.goal,
        at_least=limit.at_least,
        level=item.level.value,
        source=limit.source,
    )
