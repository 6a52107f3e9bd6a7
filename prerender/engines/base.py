"""What an engine of each task takes and gives.

An engine is built once and late (weights load in its constructor), does one task on arrays, knows
no files of the pipeline and no cache. `info` tells what it is; all of it joins the cache key.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NewType, Protocol

import numpy as np

from frame_app.base.arrays import (
    DepthF32,
    FieldF32,
    ImageF32,
    ImageU8,
    LandmarksF32,
    MaskF32,
    MaskU8,
)

EngineId = NewType("EngineId", str)

AUTO = EngineId("auto")
BUILTIN = EngineId("builtin")


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Identity of an engine; two engines with equal infos give equal results."""

    id: EngineId
    version: int
    """Raised when the same inputs would give other pixels."""
    weights_sha256: str | None = None
    licence: str = "MIT"
    generative: bool = False
    """True if a generative network makes pixels: decides the provenance that is written."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels, not clipped to a picture; `x`, `y` is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face found in a picture."""

    landmarks: LandmarksF32
    """In pixels of the picture it was found in."""
    box: Rect
    """Around forehead, chin and cheeks."""
    score: float
    """0..1, how sure the detector is."""

    @property
    def interocular_px(self) -> float:
        """Distance between the iris centres."""
        difference = self.landmarks[468, :2] - self.landmarks[473, :2]
        return float((difference**2).sum() ** 0.5)

    def scaled(self, x: float, y: float) -> "Face":
        """The same face in a picture that is `x` times as wide and `y` times as high."""
        factors = np.array([x, y, (x + y) / 2.0], np.float32)
        box = Rect(self.box.x * x, self.box.y * y, self.box.width * x, self.box.height * y)
        return Face(self.landmarks * factors, box, self.score)


@dataclass(frozen=True, slots=True)
class Measured:
    """What an engine found out on the way; goes into the manifest and the report."""

    scores: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ActorFrame:
    """One frame of the actor box."""

    colour: ImageU8
    """Colour of the subject, continued beyond its outline; not multiplied by the matte."""
    matte: MaskU8
    jacobian: float = 1.0
    """Smallest factor by which the warp that made it scales an area; at 0 and below it folds."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceReading:
    """What an independent eye sees in one rendered frame."""

    landmarks: LandmarksF32
    """In pixels of the frame."""
    shapes: Mapping[str, float]
    """MediaPipe's blendshapes by name, 0..1; empty if the judge knows none."""


class Engine(Protocol):
    """What all engines have."""

    @property
    def info(self) -> EngineInfo:
        """Identity, version, weights and licence."""
        ...


class FaceEngine(Engine, Protocol):
    """Finds faces."""

    def find(self, image: ImageU8) -> tuple[Face, ...]:
        """All faces, largest first; empty if there is none."""
        ...


class RestoreEngine(Engine, Protocol):
    """Takes age, noise and damage out of a photo without changing who it shows."""

    def restore(
        self, image: ImageU8, faces: tuple[Face, ...], strength: float
    ) -> tuple[ImageU8, Measured]:
        """The same size; `strength` 0..1 scales every correction, 0 changes nothing."""
        ...


class ColouriseEngine(Engine, Protocol):
    """Gives colours to a picture that has none."""

    def colourise(self, image: ImageU8) -> ImageU8:
        """The same size and the same lightness, in full colour."""
        ...


class UpscaleEngine(Engine, Protocol):
    """Makes a picture larger, with detail kept crisp."""

    def upscale(self, image: ImageU8, width: int, height: int, denoise: float = 0.5) -> ImageU8:
        """The picture at exactly `width` by `height`, which may also be smaller.

        `denoise` 0..1 is how much noise goes, in engines that have the choice.
        """
        ...


class RebuildEngine(Engine, Protocol):
    """Rebuilds a face that is blurred or damaged."""

    def rebuild(self, crop: ImageF32, fidelity: float) -> ImageF32:
        """The face of an aligned crop anew, 0..1 like the crop.

        Args:
            crop: (512, 512, 3), aligned as `engines.alignment` says.
            fidelity: 0 prettiest, 1 most faithful, in engines that have the choice.
        """
        ...


class IdentityEngine(Engine, Protocol):
    """Tells whether somebody is still the same person."""

    def drift(self, before: ImageU8, after: ImageU8, faces: tuple[Face, ...]) -> tuple[float, ...]:
        """How far each of `faces`, found in `before`, went on the way to being somebody else.

        0: the same; 1: as different as two people; both pictures have one size.
        """
        ...


class MatteEngine(Engine, Protocol):
    """Cuts the subject out."""

    def matte(
        self, image: ImageU8, faces: tuple[Face, ...], others: tuple[Face, ...] = ()
    ) -> tuple[MaskF32, Measured]:
        """Alpha of the people whose faces are given, hair included; the picture's size.

        `others` are faces of people who are in the picture too, and do not belong to it.
        """
        ...


class DepthEngine(Engine, Protocol):
    """Depth of a single picture."""

    def estimate(
        self, image: ImageU8, matte: MaskF32, faces: tuple[Face, ...]
    ) -> tuple[DepthF32, Measured]:
        """Nearness of every pixel of the picture; the picture's size."""
        ...


class PlateEngine(Engine, Protocol):
    """Fills the place behind the subject."""

    def fill(
        self, image: ImageU8, hole: MaskU8, others: tuple[Face, ...] = ()
    ) -> tuple[ImageU8, Measured]:
        """The picture with the pixels where `hole` is 255 replaced; others stay as they are.

        `others` are faces of people who stay in the plate; nothing of them goes into the hole.
        """
        ...


class Actor(Protocol):
    """A subject that can be posed; made by an `AnimateEngine` for one portrait."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Actor box on the canvas as x, y, width, height; all even."""
        ...

    @property
    def measured(self) -> Measured:
        """What this picture can carry, and what was reduced for it."""
        ...

    def clip_names(self) -> tuple[str, ...]:
        """Clips this actor knows how to play."""
        ...

    def clip(self, name: str, fps: float) -> "ClipPlan":
        """Length, family and poses of a clip; raises `UsageError` if there is no such clip."""
        ...

    def frames(
        self, name: str, fps: float, start: int, stop: int, amplitude: float = 1.0
    ) -> Iterator[ActorFrame]:
        """Frames `start` to `stop` of a clip, one by one; any range gives the same frames.

        `amplitude` 0..1 scales the motion; lids keep their way, a blink half done looks drowsy.
        """
        ...

    def gaze_grid(self) -> "GazeGrid":
        """The directions and lid states of the gaze sheet."""
        ...

    def gaze_frames(self, grid: "GazeGrid") -> Iterator[ActorFrame]:
        """The gaze sheet of `grid`, in the order of `cliplib.schema.GazeSheet`.

        `grid` is `gaze_grid()` or a part of it.
        """
        ...

    def viseme_grid(self) -> "VisemeGrid":
        """The mouth shapes and strengths of the viseme sheet."""
        ...

    def viseme_frames(self) -> Iterator[ActorFrame]:
        """The viseme sheet, in the order of `cliplib.schema.VisemeSheet`."""
        ...

    def neutral(self) -> ActorFrame:
        """The still: exactly the subject layer inside the actor box."""
        ...

    def still(self, pose: str) -> ActorFrame:
        """What a clip that starts or ends on a pose shows there."""
        ...


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """What is known of a clip before its first frame is rendered."""

    name: str
    family: str
    frames: int
    fps: float
    loop: bool
    start_pose: str = "neutral"
    end_pose: str = "neutral"
    mood: str | None = None
    rests_s: tuple[float, ...] = ()
    """Times inside the clip at which it passes through the pose it starts from."""


@dataclass(frozen=True, slots=True)
class GazeGrid:
    """Columns, rows and lid states of a gaze sheet; see `cliplib.schema.GazeSheet`."""

    yaw_deg: tuple[float, ...]
    pitch_deg: tuple[float, ...]
    lids: tuple[str, ...] = ("open", "half", "closed")


@dataclass(frozen=True, slots=True)
class VisemeGrid:
    """Shapes and strengths of a viseme sheet; see `cliplib.schema.VisemeSheet`."""

    visemes: tuple[str, ...]
    strengths: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One person of a group that comes alive together."""

    territory: MaskF32
    """0..1, the canvas's size: how freely a pixel may move with this person; 0 is a neighbour's."""
    vigour: float = 1.0
    """Factor on large movements, so that no two people move alike."""


class AnimateEngine(Engine, Protocol):
    """Brings a subject to life."""

    def actor(
        self,
        subject: ImageU8,
        matte: MaskF32,
        depth: DepthF32,
        face: Face,
        seed: int,
        part: Part | None = None,
    ) -> Actor:
        """Prepare one subject.

        Args:
            subject: Canvas-sized colours of the subject, clean beyond its outline.
            matte: Its alpha.
            depth: Nearness.
            face: Landmarks in canvas pixels.
            seed: Of all randomness; the same seed gives the same frames.
            part: What belongs to this person if `subject` shows several; None if it shows one.
        """
        ...


class JudgeEngine(Engine, Protocol):
    """Reads faces back from rendered frames; each frame by itself."""

    def read(self, image: ImageU8, face: Rect) -> FaceReading | None:
        """The face near `face`, None if none is seen there."""
        ...


class InterpolateEngine(Engine, Protocol):
    """Makes in-between frames."""

    def between(self, frames: Iterable[ActorFrame], factor: int) -> Iterator[ActorFrame]:
        """`factor - 1` new frames between each two; the given ones pass through untouched."""
        ...


__all__ = [
    "AUTO",
    "BUILTIN",
    "Actor",
    "ActorFrame",
    "AnimateEngine",
    "ClipPlan",
    "ColouriseEngine",
    "DepthEngine",
    "Engine",
    "EngineId",
    "EngineInfo",
    "Face",
    "FaceEngine",
    "FaceReading",
    "FieldF32",
    "GazeGrid",
    "IdentityEngine",
    "InterpolateEngine",
    "JudgeEngine",
    "MatteEngine",
    "Measured",
    "Part",
    "PlateEngine",
    "RebuildEngine",
    "Rect",
    "RestoreEngine",
    "UpscaleEngine",
    "VisemeGrid",
]
