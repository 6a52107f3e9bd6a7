"""Looks at a finished clip as a viewer would, and sends it back or leaves it out if it fails."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from frame_app.base.arrays import ImageU8, MaskU8
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
from prerender.engines.base import GazeGrid, JudgeEngine, Measured, Rect
from prerender.engines.registry import Task
from prerender.media.image import over
from prerender.media.video import Decoded, decode
from prerender.portrait.measure import ClipMeter, edge_error, likeness_db

_READINGS = (
    24  # per clip: at 30 fps one in 3 to 5 frames of a reaction, more often than a wink lasts
)
_OTHERS = 3  # of the readings of the first person of a group, one for each of the others
_REACH = 1.6  # of a face's longer side, from its middle: a little more than any judge cuts out

Amplitude = Annotated[float, Field(gt=0.0, lt=1.0)]


class JudgeParams(EngineParams):
    """[stage.judge] of a recipe."""

    amplitudes: tuple[Amplitude, ...] = Field(default=(0.75, 0.5), max_length=4)
    """How much of the motion is left each time a clip that failed is rendered again; falling."""


class JudgeStage(StillStage[JudgeParams]):
    """Decodes the clip, measures it, reads the face back and decides; one frame at a time."""

    name = "judge"
    version = 6  # faces are read from colours that are two grey levels off at most
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
        engine = ctx.engines.judge(params.engine)
        witness, *others = [Witness(engine, stream, face) for face in stream.faces or (None,)]
        if isinstance(stream.grid, GazeGrid):
            return self._sheet(ctx, facts, witness, stream, stream.grid)
        scores = facts.scores | _measured(ctx.output(ArtifactKind.VIDEO), stream, witness, others)
        poor = faults(check(facts.family, scores))
        now = ctx.take.amplitude
        gentler = next_amplitude(poor, now, params.amplitudes)
        # Another pose than the still is shared by several clips: none can move less on its own.
        if gentler is not None and stream.start is None and stream.end is None:
            return Judged(retake=Take(gentler))
        warnings = [*witness.warnings(), *_of_others(facts, others)]
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
    """The judge with one face of the still before its eyes."""

    def __init__(self, engine: JudgeEngine, stream: FrameStream, face: Rect | None) -> None:
        self._engine, self._face = engine, face
        self._height, width = stream.neutral.matte.shape
        self._asked = 0
        self.looks: list[Look] = []
        """What it saw so far."""
        self.still: Look | None = None
        """Without it no frame can be held against anything."""
        if face is not None:
            self._part = x, y, wide, high = _around(face, width, self._height)
            seen = np.s_[y : y + high, x : x + wide]
            self.still = self._read(stream.neutral.colour[seen], stream.neutral.matte[seen])

    def look(self, picture: Decoded) -> Look | None:
        """The face of a decoded frame; None if none is seen."""
        if self._face is None or self.still is None:
            return None
        x, y, width, height = self._part
        colour = picture.part(x, y, width, height).rgb_nearly()
        matte = picture.part(x, self._height + y, width, height).grey()
        look = self._read(colour, matte)
        self._asked += 1
        if look is not None:
            self.looks.append(look)
        return look

    def expression(self) -> dict[str, float]:
        """What all frames showed against the still."""
        return expression(self.still, self.looks) if self.still is not None else {}

    def _read(self, colour: ImageU8, matte: MaskU8) -> Look | None:
        if self._face is None:
            return None
        x, y, _, _ = self._part
        face = replace(self._face, x=self._face.x - x, y=self._face.y - y)
        shown = over(colour, matte, np.full_like(colour, 128))
        reading = self._engine.read(shown, face)
        return look_of(reading) if reading is not None else None

    def seen(self) -> dict[str, float]:
        """The share of frames in which a face was seen."""
        share = len(self.looks) / max(self._asked, 1)
        return {"face_seen": round(share, 3)} if self._asked else {}

    def warnings(self) -> Iterator[str]:
        """What could not be judged."""
        if self._face is not None and self.still is None:
            yield "the judge recognises no face in the still, so no expression was checked"


def _around(face: Rect, width: int, height: int) -> tuple[int, int, int, int]:
    """What a judge may want to see of a face, with even sides: colour is stored in pairs."""
    reach = _REACH * max(face.width, face.height)
    x, y = face.x + face.width / 2, face.y + face.height / 2
    left, right = (min(max(2 * round(at / 2), 0), width) for at in (x - reach, x + reach))
    top, bottom = (min(max(2 * round(at / 2), 0), height) for at in (y - reach, y + reach))
    return left, top, right - left, bottom - top


def _measured(
    video: Path, stream: FrameStream, witness: Witness, others: Sequence[Witness]
) -> dict[str, float]:
    """All scores of a clip, in one pass over its decoded frames; the expression is the first's."""
    plan = stream.plan
    height, width = stream.neutral.matte.shape
    meter = ClipMeter(height, width, plan.fps)
    step = max(1, plan.frames // _READINGS)
    scores: dict[str, float] = {}
    edges: list[float] = []
    for number, picture in enumerate(decode(video)):
        meter.add(picture.luma())
        ends = {0: stream.start, plan.frames - 1: stream.end}
        if number not in ends and number % step:
            continue
        witness.look(picture)
        if number % (_OTHERS * step) == 0:
            for other in others:
                other.look(picture)
        if number in ends and stream.grid is None:
            frame = picture.rgb()
            pose = ends[number] or stream.neutral
            name = "start_db" if number == 0 else "end_db"
            scores[name] = likeness_db(frame, pose.colour, pose.matte)
            edges.append(edge_error(frame, pose.colour, pose.matte))
    scores["still_deviation"] = meter.still_deviation
    if stream.grid is None:
        scores["edge_error"] = max(edges, default=0.0)
        scores["tremble_px"] = meter.tremble_px
        scores["grain_flicker"] = meter.grain_flicker
    scores |= witness.expression()
    seen = [share for each in (witness, *others) for share in each.seen().values()]
    return scores | ({"face_seen": min(seen)} if seen else {})


def _of_others(facts: ClipFacts, others: Sequence[Witness]) -> Iterator[str]:
    """Who of a group shows too little: a pity, and no reason to take the clip from everybody."""
    for number, other in enumerate(others, start=2):
        poor = faults(check(facts.family, other.expression()))
        for item in (item for item in poor if item.limit.is_expression):
            yield f"clip {facts.name}, person {number}: {item.sentence()}"


def _read_sheet(
    video: Path, grid: GazeGrid, stream: FrameStream, witness: Witness
) -> tuple[list[Look | None], float]:
    """The open cells in order, and how well the one nearest to straight ahead meets the still."""
    count = len(grid.yaw_deg) * len(grid.pitch_deg)
    centre = nearest(grid.pitch_deg) * len(grid.yaw_deg) + nearest(grid.yaw_deg)
    looks: list[Look | None] = []
    centre_db = 0.0
    for number, picture in enumerate(itertools.islice(decode(video), count)):
        looks.append(witness.look(picture))
        if number == centre:
            centre_db = likeness_db(picture.rgb(), stream.neutral.colour, stream.neutral.matte)
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
