"""Which engines exist for which task, and which of them a recipe gets.

A recipe names one engine, `auto`, or several in order of preference: "film, rife-4-26, auto". One
that is named and cannot be had stops the run unless another name follows; what is taken instead
carries the reason, and the log says it. Neural engines are in `specs.py`.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Generic, TypeVar, cast

from frame_app.base.errors import EngineError, UsageError
from prerender.engines.base import (
    AUTO,
    BUILTIN,
    AnimateEngine,
    ColouriseEngine,
    DepthEngine,
    Engine,
    EngineId,
    EngineInfo,
    FaceEngine,
    IdentityEngine,
    InterpolateEngine,
    JudgeEngine,
    MatteEngine,
    PlateEngine,
    RebuildEngine,
    RestoreEngine,
    UpscaleEngine,
)
from prerender.engines.builtin_animate import BuiltinAnimate
from prerender.engines.builtin_colourise import BuiltinColourise
from prerender.engines.builtin_depth import BuiltinDepth
from prerender.engines.builtin_faces import BuiltinFaces
from prerender.engines.builtin_identity import BuiltinIdentity
from prerender.engines.builtin_interpolate import FlowInterpolate
from prerender.engines.builtin_judge import (
    LANDMARKER,
    BuiltinJudge,
    LandmarkerJudge,
    landmarker_info,
    landmarker_missing,
)
from prerender.engines.builtin_matte import BuiltinMatte
from prerender.engines.builtin_plate import BuiltinPlate
from prerender.engines.builtin_rebuild import BuiltinRebuild
from prerender.engines.builtin_restore import BuiltinRestore
from prerender.engines.builtin_upscale import BuiltinUpscale
from prerender.engines.neural.workbench import Compute, Workbench

log = logging.getLogger(__name__)

EngineT_co = TypeVar("EngineT_co", covariant=True)


class Task(StrEnum):
    """What engines are for."""

    FACES = "faces"
    RESTORE = "restore"
    COLOURISE = "colourise"
    UPSCALE = "upscale"
    REBUILD = "rebuild"
    IDENTITY = "identity"
    MATTE = "matte"
    DEPTH = "depth"
    PLATE = "plate"
    ANIMATE = "animate"
    INTERPOLATE = "interpolate"
    JUDGE = "judge"


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An engine that exists, whether it can be had here or not."""

    task: Task
    id: EngineId
    summary: str
    make: "Callable[[EngineRegistry], Engine]"
    missing: Callable[[], str] = lambda: ""
    """Why it cannot be had now, as a sentence that says what to do; empty if it can."""
    rank: int = 0
    """`auto` takes the highest rank that can be had; built-in engines have 0."""
    info: Callable[[], EngineInfo] | None = None
    """Its identity without building it, for cache keys; None if only the built engine can tell."""


@dataclass(frozen=True, slots=True)
class Chosen(Generic[EngineT_co]):
    """An engine, and why it is not the one that was asked for."""

    engine: EngineT_co
    wanted: EngineId
    reason: str = ""
    """Empty if this is what was asked for."""

    @property
    def is_fallback(self) -> bool:
        """Whether another engine was asked for by name, or failed before."""
        return bool(self.reason)


BUILTIN_SPECS: tuple[EngineSpec, ...] = (
    EngineSpec(
        Task.FACES,
        BUILTIN,
        "MediaPipe detection and mesh",
        lambda _: BuiltinFaces(),
        info=lambda: BuiltinFaces.info,
    ),
    EngineSpec(
        Task.RESTORE,
        BUILTIN,
        "dust, noise, fading",
        lambda _: BuiltinRestore(),
        info=lambda: BuiltinRestore.info,
    ),
    EngineSpec(
        Task.COLOURISE,
        BUILTIN,
        "leaves the picture as it is",
        lambda _: BuiltinColourise(),
        info=lambda: BuiltinColourise.info,
    ),
    EngineSpec(
        Task.UPSCALE,
        BUILTIN,
        "Lanczos, sharpened",
        lambda _: BuiltinUpscale(),
        info=lambda: BuiltinUpscale.info,
    ),
    EngineSpec(
        Task.REBUILD,
        BUILTIN,
        "leaves faces as they are",
        lambda _: BuiltinRebuild(),
        info=lambda: BuiltinRebuild.info,
    ),
    EngineSpec(
        Task.IDENTITY,
        BUILTIN,
        "shape of the landmarks",
        lambda registry: BuiltinIdentity(registry.faces().engine),
        info=lambda: BuiltinIdentity.info,
    ),
    EngineSpec(
        Task.MATTE,
        BUILTIN,
        "MediaPipe segmentation, closed-form matting",
        lambda _: BuiltinMatte(),
        info=lambda: BuiltinMatte.info,
    ),
    EngineSpec(
        Task.DEPTH,
        BUILTIN,
        "face relief, inflated body, room",
        lambda _: BuiltinDepth(),
        info=lambda: BuiltinDepth.info,
    ),
    EngineSpec(
        Task.PLATE,
        BUILTIN,
        "patches of the surroundings",
        lambda _: BuiltinPlate(),
        info=lambda: BuiltinPlate.info,
    ),
    EngineSpec(Task.ANIMATE, BUILTIN, "mesh animator", lambda _: BuiltinAnimate()),
    EngineSpec(
        Task.INTERPOLATE,
        BUILTIN,
        "optical flow, DIS",
        lambda _: FlowInterpolate(),
        info=lambda: FlowInterpolate.info,
    ),
    EngineSpec(
        Task.JUDGE,
        BUILTIN,
        "MediaPipe mesh",
        lambda _: BuiltinJudge(),
        info=lambda: BuiltinJudge.info,
    ),
    EngineSpec(
        Task.JUDGE,
        LANDMARKER,
        "MediaPipe landmarker with blendshapes",
        lambda _: LandmarkerJudge(),
        missing=landmarker_missing,
        rank=1,
        info=landmarker_info,
    ),
)
"""What works right after installation."""


class EngineRegistry:
    """Builds engines late and once each; closes those that want it. One thread."""

    def __init__(
        self, specs: tuple[EngineSpec, ...] = BUILTIN_SPECS, compute: Compute | None = None
    ) -> None:
        self.bench = Workbench(compute)
        """What networks may use, and which are in memory."""
        self.barred: Mapping[tuple[Task, EngineId], str] = {}
        """Engines that failed in this run, and how; they count as missing. Set by whoever knows."""
        self._specs = specs
        self._built: dict[tuple[Task, EngineId], Engine] = {}

    def __enter__(self) -> "EngineRegistry":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free all engines; those built later are new ones."""
        for engine in reversed(self._built.values()):
            close = getattr(engine, "close", None)  # only engines with native parts have it
            if close is not None:
                close()
        self._built.clear()

    def specs(self, task: Task) -> tuple[EngineSpec, ...]:
        """All engines of a task, the best first."""
        own = [spec for spec in self._specs if spec.task is task]
        return tuple(sorted(own, key=lambda spec: spec.rank, reverse=True))

    def resolve(self, task: Task, wanted: EngineId = AUTO) -> tuple[EngineSpec, str]:
        """The spec that will serve, and the reason if it is not the wanted one; builds nothing.

        Args:
            task: What for.
            wanted: An id, `auto`, or several with commas, the preferred one first.

        Raises:
            UsageError: no engine of that name exists.
            EngineError: none of those that were named can be had.
        """
        specs = self.specs(task)
        refusals: dict[EngineId, str] = {}
        names = self._names(specs, task, wanted)
        for name in names:
            for spec in specs if name == AUTO else [spec for spec in specs if spec.id == name]:
                refusal = self._refusal(spec)
                if not refusal:
                    reasons = [f"{who} cannot be had ({why})" for who, why in refusals.items()]
                    instead = [*reasons, f"{spec.id} is used instead"]
                    return spec, f"{task}: {'; '.join(instead)}" if reasons else ""
                if name != AUTO or (task, spec.id) in self.barred:
                    refusals[spec.id] = refusal
        reasons = [why if who == wanted else f"{who}: {why}" for who, why in refusals.items()]
        raise EngineError(task, wanted, "; ".join(reasons) or "none can be had here")

    def _names(
        self, specs: tuple[EngineSpec, ...], task: Task, wanted: str
    ) -> tuple[EngineId, ...]:
        known = [AUTO, *(spec.id for spec in specs)]
        names = tuple(EngineId(name.strip()) for name in wanted.split(","))
        for name in names:
            if name not in known:
                raise UsageError(
                    f"no {task} engine is called {name}; there are: {', '.join(known)}"
                )
        return names

    def _refusal(self, spec: EngineSpec) -> str:
        return self.barred.get((spec.task, spec.id), "") or spec.missing()

    def better_missing(self, task: Task) -> tuple[tuple[EngineSpec, str], ...]:
        """Engines that `auto` would rather take, with what each of them lacks."""
        taken, _ = self.resolve(task)
        better = [spec for spec in self.specs(task) if spec.rank > taken.rank]
        return tuple((spec, self._refusal(spec)) for spec in better)

    def faces(self, wanted: EngineId = AUTO) -> Chosen[FaceEngine]:
        """A face finder."""
        return cast(Chosen[FaceEngine], self._choose(Task.FACES, wanted))

    def restore(self, wanted: EngineId = AUTO) -> Chosen[RestoreEngine]:
        """A restorer."""
        return cast(Chosen[RestoreEngine], self._choose(Task.RESTORE, wanted))

    def colourise(self, wanted: EngineId = AUTO) -> Chosen[ColouriseEngine]:
        """A colouriser."""
        return cast(Chosen[ColouriseEngine], self._choose(Task.COLOURISE, wanted))

    def upscale(self, wanted: EngineId = AUTO) -> Chosen[UpscaleEngine]:
        """An upscaler."""
        return cast(Chosen[UpscaleEngine], self._choose(Task.UPSCALE, wanted))

    def rebuild(self, wanted: EngineId = AUTO) -> Chosen[RebuildEngine]:
        """An engine that rebuilds faces."""
        return cast(Chosen[RebuildEngine], self._choose(Task.REBUILD, wanted))

    def identity(self, wanted: EngineId = AUTO) -> Chosen[IdentityEngine]:
        """Who tells whether a face is still the same."""
        return cast(Chosen[IdentityEngine], self._choose(Task.IDENTITY, wanted))

    def matte(self, wanted: EngineId = AUTO) -> Chosen[MatteEngine]:
        """A matting engine."""
        return cast(Chosen[MatteEngine], self._choose(Task.MATTE, wanted))

    def depth(self, wanted: EngineId = AUTO) -> Chosen[DepthEngine]:
        """A depth estimator."""
        return cast(Chosen[DepthEngine], self._choose(Task.DEPTH, wanted))

    def plate(self, wanted: EngineId = AUTO) -> Chosen[PlateEngine]:
        """A plate filler."""
        return cast(Chosen[PlateEngine], self._choose(Task.PLATE, wanted))

    def animate(self, wanted: EngineId = AUTO) -> Chosen[AnimateEngine]:
        """An animator."""
        return cast(Chosen[AnimateEngine], self._choose(Task.ANIMATE, wanted))

    def interpolate(self, wanted: EngineId = AUTO) -> Chosen[InterpolateEngine]:
        """An interpolator."""
        return cast(Chosen[InterpolateEngine], self._choose(Task.INTERPOLATE, wanted))

    def judge(self, wanted: EngineId = AUTO) -> Chosen[JudgeEngine]:
        """Who reads faces back from frames."""
        return cast(Chosen[JudgeEngine], self._choose(Task.JUDGE, wanted))

    def _choose(self, task: Task, wanted: EngineId) -> Chosen[Engine]:
        spec, reason = self.resolve(task, wanted)
        if reason:
            log.warning("%s", reason)
        key = (task, spec.id)
        if key not in self._built:
            self._built[key] = spec.make(self)
        return Chosen(self._built[key], wanted, reason)
