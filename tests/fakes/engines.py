"""Tiny engines: deterministic, quick, honest about shapes; every picture has a face for them."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image

from frame_app.base.arrays import ImageU8, LandmarksF32, MaskU8
from frame_app.base.errors import EngineError, StageError, UsageError
from prerender.core.stage import Choice
from prerender.engines.base import (
    AUTO,
    BUILTIN,
    ActorFrame,
    ClipPlan,
    EngineId,
    EngineInfo,
    Face,
    FaceReading,
    GazeGrid,
    Measured,
    Rect,
    VisemeGrid,
)
from prerender.engines.neural.workbench import NetworkError
from prerender.engines.registry import Task

FAKE = EngineId("fake")
KEEN = EngineId("keen")
INFO = EngineInfo(FAKE, 1)
_RIM = 8  # px


def landmarks_at(x: float, y: float, width: float) -> LandmarksF32:
    """478 points on an oval with plausible irises."""
    angle = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    points = np.stack(
        [x + np.cos(angle) * width / 2, y + np.sin(angle) * width * 0.7, np.zeros(478)], axis=1
    )
    points[468, :2] = (x - width / 5, y - width / 6)
    points[473, :2] = (x + width / 5, y - width / 6)
    landmarks: LandmarksF32 = points.astype(np.float32)
    return landmarks


@dataclass(frozen=True)
class FakeFaces:
    info = INFO
    count: int = 1

    def find(self, image: ImageU8) -> tuple[Face, ...]:
        height, width = image.shape[:2]
        size = min(height, width) / 3
        faces = []
        for number in range(self.count):
            x = width * (number + 1) / (self.count + 1)
            side = size * (1 - 0.2 * number)
            box = Rect(x - side / 2, height / 2 - side * 0.7, side, side * 1.4)
            faces.append(Face(landmarks_at(x, height / 2, side), box, 0.9))
        return tuple(faces)


class FakeRestore:
    info = INFO

    def restore(self, image, faces, strength):
        return 255 - (255 - image), Measured({"noise": 0.1}, ())


class FakeUpscale:
    info = INFO

    def upscale(self, image, width, height, denoise=0.5):
        return np.asarray(Image.fromarray(image).resize((width, height)), np.uint8)


class FakeColourise:
    info = INFO

    def colourise(self, image: ImageU8) -> ImageU8:
        return np.asarray(image * np.array([1.0, 0.8, 0.6]), np.uint8)


class FakeRebuild:
    info = INFO

    def rebuild(self, crop, fidelity):
        return np.clip(crop + 0.2, 0, 1).astype(np.float32)


class FakeIdentity:
    """Sees nothing but brightness: 51 of 255 more is another person."""

    info = INFO

    def drift(self, before, after, faces):
        boxes = [
            (slice(int(b.y), int(b.y + b.height)), slice(int(b.x), int(b.x + b.width)))
            for b in (face.box for face in faces)
        ]
        return tuple(
            float(abs(after[box].astype(float) - before[box]).mean() / 51) for box in boxes
        )


class KeenMatte:
    """Gave nothing that is a number."""

    def matte(self, image, faces, others=()):
        raise NetworkError(KEEN, "its answer has values that are no numbers")


class FakeMatte:
    info = INFO

    def matte(self, image, faces, others=()):
        height, width = image.shape[:2]
        y, x = np.mgrid[:height, :width]
        boxes = [face.box for face in faces]
        distance = np.min(
            [
                np.hypot((x - b.x - b.width / 2) / b.width, (y - b.y - b.height / 2) / b.height)
                for b in boxes
            ],
            axis=0,
        )
        return np.clip(4 * (0.9 - distance), 0, 1).astype(np.float32), Measured({"edge": 0.5})


class FakeDepth:
    info = INFO

    def estimate(self, image, matte, faces):
        return (0.2 + 0.7 * matte).astype(np.float32), Measured()


class FakePlate:
    info = INFO

    def fill(self, image, hole, others=()):
        filled = image.copy()
        filled[hole > 0] = image[hole == 0].mean(axis=0).astype(np.uint8)
        return filled, Measured(warnings=("the fake plate is flat",))


@dataclass(frozen=True)
class FakeActor:
    colour: ImageU8
    alpha: MaskU8
    box: tuple[int, int, int, int]
    seconds: float
    fault: Path | None = None
    spoiled: tuple[tuple[str, str, float], ...] = ()
    measured = Measured({"carries": 1.0}, ("a fake head",))

    def clip_names(self) -> tuple[str, ...]:
        return ("idle", "smile", "nod")

    def clip(self, name: str, fps: float) -> ClipPlan:
        if name not in self.clip_names():
            raise UsageError(f"there is no clip {name}; known are: {', '.join(self.clip_names())}")
        return ClipPlan(name, name, round(self.seconds * fps), fps, loop=name == "idle")

    def frames(self, name, fps, start, stop, amplitude=1.0):
        count = self.clip(name, fps).frames
        for number in range(start, stop):
            self._break_down(name, number)
            lift = round(6 * np.sin(np.pi * number / (count - 1)) ** 2)
            colour = np.clip(self.colour.astype(int) + lift, 0, 255).astype(np.uint8)
            yield self._spoilt(name, amplitude, number, count, self._framed(colour))

    def _framed(self, colour: ImageU8) -> ImageU8:
        """With the border of the box at rest, as every animator has to leave it."""
        framed = self.colour.copy()
        framed[_RIM:-_RIM, _RIM:-_RIM] = colour[_RIM:-_RIM, _RIM:-_RIM]
        return framed

    def _spoilt(self, name, amplitude, number, count, colour) -> ActorFrame:
        """The frame with the faults its clip has above a certain amplitude."""
        jacobian = 1.0
        for clip, fault, above in self.spoiled:
            if clip != name or amplitude <= above:
                continue
            if fault == "trembles":
                colour = self._framed(np.roll(colour, 8 * (number % 2), axis=1))
            if fault == "does not close" and number == count - 1:
                colour = self._framed(np.clip(colour.astype(int) + 40, 0, 255).astype(np.uint8))
            if fault == "folds":
                jacobian = -0.1
        return ActorFrame(colour, self.alpha, jacobian)

    def _break_down(self, name: str, number: int) -> None:
        """Do what the file of faults says, for tests of crashes."""
        if self.fault is None or not self.fault.exists():
            return
        kind, clip, *at = self.fault.read_text().split()
        if clip != name or number != int(at[0] if at else 3):
            return
        if kind == "die":
            self.fault.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "always-die":
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "slow":
            time.sleep(0.5)
        if kind == "bug":
            raise ValueError("a bug")
        if kind == "error":
            raise StageError("animate", "the fake head fell off")

    @property
    def wide(self) -> bool:
        return any(clip == "gaze" for clip, _, _ in self.spoiled)

    def gaze_grid(self):
        yaw = (-20.0, -10.0, 0.0, 10.0, 20.0) if self.wide else (-10.0, 0.0, 10.0)
        return GazeGrid(yaw, (-5.0, 0.0, 5.0), ("open", "half", "closed"))

    def gaze_frames(self, grid):
        for number in range(len(grid.yaw_deg) * len(grid.pitch_deg) * len(grid.lids)):
            yaw = grid.yaw_deg[number % len(grid.yaw_deg)]
            folds = any(clip == "gaze" and abs(yaw) > above for clip, _, above in self.spoiled)
            colour = self._framed(np.roll(self.colour, round(yaw / 10), axis=1))
            yield ActorFrame(colour, self.alpha, -0.1 if folds else 1.0)

    def viseme_grid(self):
        return VisemeGrid(("sil", "aa"), (1.0,))

    def viseme_frames(self):
        for _ in range(2):
            yield ActorFrame(self.colour, self.alpha)

    def neutral(self):
        return ActorFrame(self.colour, self.alpha)

    def still(self, pose):
        return ActorFrame(self.colour, self.alpha)


@dataclass(frozen=True)
class FakeAnimate:
    info = INFO
    seconds: float = 0.5
    fault: Path | None = None
    spoiled: tuple[tuple[str, str, float], ...] = ()

    def actor(self, subject, matte, depth, face, seed, part=None):
        height, width = matte.shape
        box = (0, 0, width // 32 * 16, height // 32 * 16)
        x, y, w, h = box
        alpha = (matte[y : y + h, x : x + w] * 255 + 0.5).astype(np.uint8)
        return FakeActor(
            subject[y : y + h, x : x + w], alpha, box, self.seconds, self.fault, self.spoiled
        )


@dataclass(frozen=True)
class FakeJudge:
    """Sees no face, as pictures of the fakes show none, or one that never moves a muscle."""

    info = INFO
    sees: bool = False

    def read(self, image, face):
        if not self.sees:
            return None
        x, y = face.x + face.width / 2, face.y + face.height / 2
        return FaceReading(landmarks_at(x, y, face.width), {})


class FakeInterpolate:
    info = INFO

    def between(self, frames: Iterable[ActorFrame], factor: int) -> Iterator[ActorFrame]:
        last = None
        for frame in frames:
            if last is not None:
                for _ in range(factor - 1):
                    yield last
            yield frame
            last = frame


@dataclass(frozen=True)
class FakeEngines:
    """`core.stage.Engines` of fakes; picklable, so it works in real worker processes too."""

    faces_found: int = 1
    seconds: float = 0.5
    fault: Path | None = None
    spoiled: tuple[tuple[str, str, float], ...] = ()
    """Clip, what is wrong with it, and above which amplitude; of the gaze sheet: degrees of yaw."""
    sees: bool = False
    """Whether the judge sees a face."""
    versions: tuple[tuple[str, int], ...] = field(default=())
    keen: str = ""
    """A task that has a better engine, which fails on every picture."""
    barred: str = ""
    """Why the keen engine is not taken any more."""
    weighty: str = ""
    """A task whose engine has weights."""

    def choose(self, task: Task, wanted: EngineId) -> Choice:
        if wanted not in {AUTO, BUILTIN, FAKE, KEEN}:
            raise UsageError(f"there is no engine {wanted} for {task.value}; known are: fake")
        if task == self.keen and wanted != FAKE and not self.barred:
            return Choice(replace(INFO, id=KEEN, weights_sha256="a" * 64))
        if wanted == KEEN:
            raise EngineError(task.value, KEEN, self.barred)
        if task == self.weighty:
            return Choice(replace(INFO, weights_sha256="b" * 64))
        version = dict(self.versions).get(task.value, 1)
        reason = f"{KEEN} {self.barred}" if task == self.keen and wanted == AUTO else None
        return Choice(replace(INFO, version=version), reason)

    def without(self, task: Task, engine: str, reason: str) -> "FakeEngines":
        assert (task, engine) == (self.keen, KEEN)
        return replace(self, barred=reason)

    def release(self) -> None:
        """Holds nothing."""

    def faces(self, wanted):
        return FakeFaces(self.faces_found)

    def restore(self, wanted):
        return FakeRestore()

    def upscale(self, wanted):
        return FakeUpscale()

    def colourise(self, wanted):
        return FakeColourise()

    def rebuild(self, wanted):
        return FakeRebuild()

    def identity(self, wanted):
        return FakeIdentity()

    def matte(self, wanted):
        keen = self.choose(Task.MATTE, wanted).info.id == KEEN
        return KeenMatte() if keen else FakeMatte()

    def depth(self, wanted):
        return FakeDepth()

    def plate(self, wanted):
        return FakePlate()

    def animate(self, wanted):
        return FakeAnimate(self.seconds, self.fault, self.spoiled)

    def interpolate(self, wanted):
        return FakeInterpolate()

    def judge(self, wanted):
        return FakeJudge(self.sees)
