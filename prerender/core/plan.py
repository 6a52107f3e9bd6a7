"""What one portrait needs: nodes with keys, made without reading more than the photo's hash.

A key names a result before it exists: the hash of stage, version, parameters, engine and the keys
of the inputs. A chain of stream stages and the stage that writes the video form one node per clip,
so that one changed clip is one node.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frame_app.base.errors import PictureError
from frame_app.base.hashing import Json, file_sha256, key_of
from prerender.core.stage import (
    ArtifactKind,
    Choice,
    EngineParams,
    Engines,
    Stage,
    StageParams,
    StreamStage,
)
from prerender.engines.base import AUTO, EngineInfo
from prerender.engines.registry import Task
from prerender.media.files import check_file

StageType = type[Stage[Any]]  # stages differ in their parameters, which no plan looks into


@dataclass(frozen=True, slots=True)
class Step:
    """One stage with its parameters and the engine that was chosen for it."""

    stage: StageType
    params: StageParams
    choice: Choice | None
    aides: tuple[Choice, ...] = ()
    """Engines of the stage's `aides`."""

    def identity(self, clip: str) -> dict[str, Json]:
        """Everything about it that may change its result."""
        info = self.choice.info if self.choice else None
        return {
            "stage": self.stage.name,
            "version": self.stage.version,
            "params": self.params.model_dump_json(exclude={"engine"}),
            "material": self.stage.material(clip),
            "engine": str(info.id) if info else None,
            "engine_version": info.version if info else None,
            "weights": info.weights_sha256 if info else None,
            "aides": [
                [str(aide.info.id), aide.info.version, aide.info.weights_sha256]
                for aide in self.aides
            ],
        }


@dataclass(frozen=True, slots=True)
class Node:
    """A unit of work and of caching: one artifact folder."""

    label: str
    """The stage's name, or the clip's."""
    key: str
    steps: tuple[Step, ...]
    inputs: Mapping[ArtifactKind, str]
    """Key of the artifact folder that holds each input."""
    clip: str = ""
    is_generative: bool = False
    """Whether a generative network made any of its pixels, here or upstream."""

    @property
    def is_clip(self) -> bool:
        """Whether it makes a video."""
        return bool(self.clip)


@dataclass(frozen=True, slots=True)
class Plan:
    """All nodes of one portrait, in an order in which they can be run."""

    photo: Path
    photo_sha256: str
    photo_bytes: int
    nodes: tuple[Node, ...]
    engines: Engines
    """What the engines were chosen from, and are to be taken from."""
    producers: Mapping[ArtifactKind, str] = field(default_factory=dict)
    """Key of the node that makes each kind of still artifact."""

    def clips(self) -> Iterator[Node]:
        """The nodes that make videos."""
        return (node for node in self.nodes if node.is_clip)

    def node(self, label: str) -> Node:
        """The node of that label; raises `KeyError`."""
        for node in self.nodes:
            if node.label == label:
                return node
        raise KeyError(label)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Stages with their parameters and the clips that are wanted; what a recipe comes down to."""

    steps: tuple[tuple[StageType, StageParams], ...]
    clips: tuple[str, ...]


def make_plan(photo: Path, blueprint: Blueprint, engines: Engines) -> Plan:
    """Lay out the nodes of one portrait.

    Raises:
        PictureError: the photo cannot be read as a file.
        UsageError: an engine does not exist.
        EngineError: an engine is named and cannot be had.
    """
    check_file(photo)
    try:
        photo_sha256, photo_bytes = file_sha256(photo), photo.stat().st_size
    except OSError as error:
        raise PictureError(photo, f"cannot be read ({error.strerror})") from error
    steps: list[Step] = []
    chosen: dict[Task, EngineInfo] = {}
    for stage, params in blueprint.steps:
        choice = None if stage.is_spared(chosen) else _choice(stage, params, engines)
        if choice is not None and stage.task is not None:
            chosen[stage.task] = choice.info
        steps.append(Step(stage, params, choice, _aides(stage, params, engines)))
    stills, chain = _split(steps)
    producers: dict[ArtifactKind, str] = {ArtifactKind.PHOTO: photo_sha256}
    generative: set[str] = set()
    nodes: list[Node] = []
    for step in stills:
        node = _node(step.stage.name, (step,), producers, generative)
        producers.update(dict.fromkeys(step.stage.produces, node.key))
        if node.is_generative:
            generative.add(node.key)
        nodes.append(node)
    nodes.extend(_node(clip, chain, producers, generative, clip) for clip in blueprint.clips)
    return Plan(photo, photo_sha256, photo_bytes, tuple(nodes), engines, producers)


def _choice(stage: StageType, params: StageParams, engines: Engines) -> Choice | None:
    if stage.task is None or not isinstance(params, EngineParams) or not stage.uses_engine(params):
        return None
    return engines.choose(stage.task, params.engine)


def _aides(stage: StageType, params: StageParams, engines: Engines) -> tuple[Choice, ...]:
    if not stage.uses_engine(params):
        return ()
    return tuple(engines.choose(task, AUTO) for task in stage.aides)


def _split(steps: Sequence[Step]) -> tuple[list[Step], tuple[Step, ...]]:
    """Still stages, and the chain that begins with the first stream stage."""
    for position, step in enumerate(steps):
        if issubclass(step.stage, StreamStage):
            return list(steps[:position]), tuple(steps[position:])
    return list(steps), ()


def _node(
    label: str,
    steps: tuple[Step, ...],
    producers: Mapping[ArtifactKind, str],
    generative: AbstractSet[str],
    clip: str = "",
) -> Node:
    inputs = {kind: producers[kind] for kind in _needs(steps)}
    made_up = any(step.choice is not None and step.choice.info.generative for step in steps)
    key = key_of(
        "artifact",
        {
            "clip": clip,
            "steps": [dict(step.identity(clip)) for step in steps],
            "inputs": {kind.value: key for kind, key in inputs.items()},
        },
    )
    return Node(
        label, key, steps, inputs, clip, made_up or not generative.isdisjoint(inputs.values())
    )


def _needs(steps: Iterable[Step]) -> list[ArtifactKind]:
    return sorted({kind for step in steps for kind in step.stage.consumes})
