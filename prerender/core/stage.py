"""What a stage is: a named, versioned, deterministic step between artifacts.

There are two kinds. A `StillStage` reads files and writes files. A `StreamStage` hands on the
frames of one clip; it is chained with others up to the stage that writes the video, so that no
frame is ever kept.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from prerender.core.segments import Segments
from prerender.engines.base import (
    ActorFrame,
    AnimateEngine,
    ClipPlan,
    ColouriseEngine,
    DepthEngine,
    EngineId,
    EngineInfo,
    FaceEngine,
    GazeGrid,
    IdentityEngine,
    InterpolateEngine,
    JudgeEngine,
    MatteEngine,
    Measured,
    PlateEngine,
    RebuildEngine,
    Rect,
    RestoreEngine,
    UpscaleEngine,
    VisemeGrid,
)
from prerender.engines.registry import Task

GAZE_SHEET = "gaze"
"""Name of the clip node that makes the gaze sheet."""
VISEME_SHEET = "visemes"
"""Name of the clip node that makes the viseme sheet."""


class ArtifactKind(StrEnum):
    """A file between two stages, named in its artifact's folder."""

    PHOTO = "photo"
    """The user's file itself."""
    PICTURE = "picture.png"
    FACES = "faces.npz"
    SOURCE = "source.json"
    RESTORED = "restored.png"
    COLOURED = "coloured.png"
    ENLARGED = "enlarged.png"
    ENLARGED_FACES = "enlarged_faces.npz"
    CANVAS = "canvas.png"
    CANVAS_FACES = "canvas_faces.npz"
    MATTE = "matte.png"
    DEPTH = "depth.png"
    PLATE = "plate.png"
    PLATE_DEPTH = "plate_depth.png"
    SUBJECT = "subject.png"
    SUBJECT_DEPTH = "subject_depth.png"
    POSTER = "poster.jpg"
    SCENE = "scene.json"
    VIDEO = "clip.mp4"
    FACTS = "clip.json"


@dataclass(frozen=True, slots=True)
class Choice:
    """The engine that does a task."""

    info: EngineInfo
    instead_of: str | None = None
    """The engine that was wanted and why it could not be had, or None."""


class Engines(Hashable, Protocol):
    """Where stages get their engines from; picklable, builds each engine once a process."""

    def choose(self, task: Task, wanted: EngineId) -> Choice:
        """Which engine does a task, without loading it.

        Raises:
            UsageError: there is no such engine.
            EngineError: it is named and cannot be had.
        """
        ...

    def without(self, task: Task, engine: str, reason: str) -> "Engines":
        """The same, without an engine that failed: `auto` takes the next best, and says why."""
        ...

    def release(self) -> None:
        """Between two stages: send networks out of memory; they open again when asked."""
        ...

    def faces(self, wanted: EngineId) -> FaceEngine:
        """The face finder."""
        ...

    def restore(self, wanted: EngineId) -> RestoreEngine:
        """The restorer."""
        ...

    def colourise(self, wanted: EngineId) -> ColouriseEngine:
        """The colouriser."""
        ...

    def upscale(self, wanted: EngineId) -> UpscaleEngine:
        """The upscaler."""
        ...

    def rebuild(self, wanted: EngineId) -> RebuildEngine:
        """The engine that rebuilds faces."""
        ...

    def identity(self, wanted: EngineId) -> IdentityEngine:
        """Who tells whether a face is still the same."""
        ...

    def matte(self, wanted: EngineId) -> MatteEngine:
        """The engine that cuts out."""
        ...

    def depth(self, wanted: EngineId) -> DepthEngine:
        """The depth estimator."""
        ...

    def plate(self, wanted: EngineId) -> PlateEngine:
        """The engine that fills."""
        ...

    def animate(self, wanted: EngineId) -> AnimateEngine:
        """The animator."""
        ...

    def interpolate(self, wanted: EngineId) -> InterpolateEngine:
        """The engine for in-between frames."""
        ...

    def judge(self, wanted: EngineId) -> JudgeEngine:
        """The engine that reads faces back from frames."""
        ...


class StageParams(BaseModel):
    """A `[stage.x]` table of a recipe; every field is part of the cache key."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class EngineParams(StageParams):
    """Parameters of a stage that has an engine."""

    engine: EngineId = EngineId("auto")
    """Which engine does the work; `auto` takes the best one that is installed."""


P = TypeVar("P", bound=StageParams)
"""Parameters of a stage."""


@dataclass(frozen=True, slots=True)
class Take:
    """How a clip is rendered this time; the first take asks for all of it."""

    amplitude: float = 1.0
    """0..1, of the motion."""
    grid: GazeGrid | None = None
    """What is left of the gaze sheet's directions; None is all of them."""


@dataclass(frozen=True, slots=True)
class Judged(Measured):
    """What a stage says that may send its clip back."""

    retake: Take | None = None
    """Render the clip again like this; None keeps, or leaves out, what there is."""


@dataclass(frozen=True, slots=True)
class StageContext:
    """What a stage gets besides its inputs."""

    engines: Engines
    folder: Path
    """Empty; becomes the artifact when the stage returns."""
    photo: Path
    """For error sentences only; stages read what is in their inputs."""
    clip: str = ""
    """Which clip is wanted, in stages that make one clip at a time."""
    stream: "FrameStream | None" = None
    """Frames of the stage before, in stages that take a stream."""
    is_generative: bool = False
    """Whether a generative network made any pixel so far; the files say so of themselves."""
    take: Take = Take()
    """How the clip is wanted, in stages that make one clip at a time."""
    segments: Segments | None = None
    """Where finished pieces of the clip are kept, if its animator is a slow one."""

    def output(self, kind: ArtifactKind) -> Path:
        """Where to write an artifact of this kind."""
        return self.folder / kind.value


@dataclass(slots=True)
class FrameStream:
    """Frames of one clip or gaze sheet, on their way through the stream stages."""

    plan: ClipPlan
    frames: Iterator[ActorFrame]
    neutral: ActorFrame
    """The pose that clips start and end on."""
    box: tuple[int, int, int, int]
    """Actor box on the canvas: x, y, width, height."""
    measured: Measured
    grid: GazeGrid | VisemeGrid | None = None
    """Set if this is a sheet, whose frames have no order in time."""
    start: ActorFrame | None = None
    """The still of the pose it starts on; `neutral` if None."""
    end: ActorFrame | None = None
    """The still of the pose it ends on; `neutral` if None."""
    faces: tuple[Rect, ...] = ()
    """Where the living faces lie in the box; the most prominent one first."""
    at: "Callable[[float], FrameStream] | None" = None
    """The same at another frame rate, if whoever poses renders any time exactly."""
    left_out: str = ""
    """Why there is no such clip of this portrait; empty if there is one."""


class Stage(ABC, Generic[P]):
    """What both kinds have: identity, inputs, outputs and parameters."""

    name: ClassVar[str]
    version: ClassVar[int]
    """Raised when the same inputs and parameters would give other bytes."""
    consumes: ClassVar[tuple[ArtifactKind, ...]] = ()
    produces: ClassVar[tuple[ArtifactKind, ...]] = ()
    task: ClassVar[Task | None] = None
    """Which kind of engine it uses."""
    aides: ClassVar[tuple[Task, ...]] = ()
    """Further engines whose best one has a say in the result."""
    params_type: ClassVar[type[StageParams]]

    @classmethod
    def is_spared(cls, chosen: Mapping[Task, EngineInfo]) -> bool:
        """Whether the engines of the stages before leave its own one nothing to do."""
        del chosen
        return False

    @classmethod
    def uses_engine(cls, params: P) -> bool:
        """Whether the engine is asked at all with these parameters."""
        del params
        return cls.task is not None

    @classmethod
    def material(cls, clip: str) -> str:
        """Hash of shipped files that decide the result besides parameters; none by default."""
        del clip
        return ""


class StillStage(Stage[P]):
    """Reads files, writes files."""

    @abstractmethod
    def run(self, inputs: Mapping[ArtifactKind, Path], params: P, ctx: StageContext) -> Measured:
        """Write every artifact of `produces`; tell what was measured on the way.

        Raises:
            PortraitError: this portrait cannot be made.
        """


class StreamStage(Stage[P]):
    """Starts or transforms the frames of one clip."""

    @abstractmethod
    def stream(
        self, inputs: Mapping[ArtifactKind, Path], params: P, ctx: StageContext
    ) -> FrameStream:
        """Hand on frames lazily; `ctx.stream` holds what comes in.

        Raises:
            PortraitError: this clip cannot be made.
        """
