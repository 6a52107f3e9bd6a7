"""One node done: what runs in a worker process."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from frame_app.base.atomic import storage_errors
from frame_app.base.errors import (
    EngineError,
    MissingExtraError,
    PictureError,
    PortraitError,
    StageError,
    WeightsError,
)
from frame_app.base.hashing import file_sha256
from frame_app.base.memory import give_back
from frame_app.cliplib.schema import EngineUse
from prerender.core.plan import Node, Step
from prerender.core.segments import Segments
from prerender.core.stage import (
    ArtifactKind,
    EngineParams,
    Engines,
    Judged,
    StageContext,
    StageParams,
    StillStage,
    StreamStage,
    Take,
)
from prerender.core.store import Seal, Store
from prerender.engines.base import BUILTIN, Measured
from prerender.engines.registry import Task

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A node with all it takes to do it in another process."""

    node: Node
    photo: Path
    store: Store
    engines: Engines


def perform(job: Job) -> Seal:
    """Do a job and publish its artifact; returns at once if somebody else did so already.

    Raises:
        PortraitError: with the reason, for whatever went wrong.
    """
    node = job.node
    if (seal := job.store.verify(node.key)) is not None:
        return seal
    job.store.discard(node.key)
    began = time.perf_counter()
    with job.store.workplace() as workplace:
        made = workplace / "made"
        with storage_errors(workplace):
            made.mkdir()
        try:
            measured = _run(job, made)
        finally:
            if not node.is_clip:  # the clips of a portrait share their networks
                job.engines.release()
                give_back()
        return job.store.publish(
            made,
            {
                "key": node.key,
                "label": node.label,
                "engines": tuple(_uses(node.steps)),
                "scores": measured.scores,
                "warnings": measured.warnings,
                "seconds": round(time.perf_counter() - began, 3),
            },
        )


def _run(job: Job, made: Path) -> Measured:
    inputs = _inputs(job)
    node = job.node
    ctx = StageContext(
        job.engines,
        made,
        job.photo,
        clip=node.clip,
        is_generative=node.is_generative,
        segments=Segments(job.store.segments(node.key)) if _is_slow(node) else None,
    )
    take: Take | None = Take()
    measured = Measured()
    while take is not None:
        for leftover in made.iterdir():  # of a take that was refused
            leftover.unlink()
        measured = _one_take(node, inputs, replace(ctx, take=take))
        take = measured.retake if isinstance(measured, Judged) else None
    return measured


def _is_slow(node: Node) -> bool:
    """Whether a network poses the subject, which takes up to seconds a frame."""
    choices = [step.choice for step in node.steps if step.stage.task is Task.ANIMATE]
    return any(choice is not None and choice.info.weights_sha256 for choice in choices)


def _one_take(node: Node, inputs: Mapping[ArtifactKind, Path], ctx: StageContext) -> Measured:
    """Every step of a node once; what the last one measured."""
    name, measured = node.label, None
    try:
        for step in node.steps:
            name = step.stage.name
            params = _settled(step, ctx.engines)
            if issubclass(step.stage, StreamStage):
                source = cast("type[StreamStage[StageParams]]", step.stage)
                ctx = replace(ctx, stream=source().stream(inputs, params, ctx))
                continue
            sink = cast("type[StillStage[StageParams]]", step.stage)
            measured = sink().run(inputs, params, ctx)
    except (EngineError, WeightsError, MissingExtraError) as error:
        raise _blamed(node, error) from error
    except PortraitError:
        raise
    except OSError:
        with storage_errors(ctx.folder):
            raise
    except MemoryError as error:
        raise StageError(name, "not enough memory; use a smaller canvas or --jobs 1") from error
    except Exception as error:
        # The border of one portrait: a bug costs this portrait, not the night.
        log.debug("%s on %s", name, ctx.photo, exc_info=True)
        problem = f"failed on {ctx.photo.name} ({type(error).__name__}: {error}); this is a bug"
        raise StageError(name, problem) from error
    if measured is None:
        raise StageError(name, "has no stage that writes")
    return measured


def _settled(step: Step, engines: Engines) -> StageParams:
    """The parameters with the engine of the plan in place of `auto`, since a key names it.

    Raises:
        EngineError: it cannot be had any more, or its weights are others by now.
    """
    choice, params = step.choice, step.params
    if choice is None or step.stage.task is None or not isinstance(params, EngineParams):
        return params
    if choice.info.weights_sha256 is not None:
        now = engines.choose(step.stage.task, choice.info.id)
        if now.info != choice.info:
            engine = str(choice.info.id)
            raise EngineError(step.stage.task, engine, "its weights changed while they were used")
    return params.model_copy(update={"engine": choice.info.id})


def _blamed(node: Node, error: PortraitError) -> PortraitError:
    """The error as that of the engine it came from, so that the next best one can be taken."""
    engine = error.engine if isinstance(error, EngineError) else ""
    tasks: list[tuple[str, Task]] = []
    for step in node.steps:
        if step.choice is not None and step.stage.task is not None:
            tasks.append((str(step.choice.info.id), step.stage.task))
        aides = zip(step.aides, step.stage.aides, strict=True)
        tasks += [(str(aide.info.id), task) for aide, task in aides]
    problem = error.problem if isinstance(error, (EngineError, WeightsError)) else str(error)
    for name, task in tasks:
        if name != BUILTIN and engine in {"", name}:  # weights do not say whose they are
            return EngineError(task, name, problem)
    return error


def _inputs(job: Job) -> Mapping[ArtifactKind, Path]:
    found: dict[ArtifactKind, Path] = {}
    for kind, key in job.node.inputs.items():
        if kind is ArtifactKind.PHOTO:
            found[kind] = job.photo
            _check_photo(job.photo, key)
        else:
            found[kind] = job.store.folder(key) / kind.value
    return found


def _check_photo(photo: Path, sha256: str) -> None:
    try:
        same = file_sha256(photo) == sha256
    except OSError as error:
        raise PictureError(photo, f"cannot be read ({error.strerror})") from error
    if not same:
        raise PictureError(photo, "changed while it was being worked on; run again")


def _uses(steps: tuple[Step, ...]) -> list[EngineUse]:
    """The engine of each step, and networks that had a say in it, by their task."""
    used = [(step.stage.name, step.choice) for step in steps if step.choice is not None]
    used += [
        (task.value, aide)
        for step in steps
        for task, aide in zip(step.stage.aides, step.aides, strict=False)
        if aide.info.weights_sha256 is not None
    ]
    return [
        EngineUse(
            stage=name,
            engine=str(choice.info.id),
            version=choice.info.version,
            weights_sha256=choice.info.weights_sha256,
            licence=choice.info.licence,
            instead_of=choice.instead_of,
        )
        for name, choice in used
    ]
