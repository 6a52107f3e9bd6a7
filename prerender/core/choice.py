"""Engines for stages: the registry, picklable, with each engine built once a process."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from frame_app.base.errors import PortraitError
from prerender.core.stage import Choice
from prerender.engines.base import (
    AnimateEngine,
    ColouriseEngine,
    DepthEngine,
    EngineId,
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
from prerender.engines.catalogue import known_models
from prerender.engines.neural.workbench import compute_of
from prerender.engines.registry import EngineRegistry, Task
from prerender.engines.specs import ALL_SPECS, own_specs


# Engines hold weights and native graphs, which cannot be sent to a worker and take seconds to load:
# each worker process builds its own, once.
@lru_cache(maxsize=1)
def _registry() -> EngineRegistry:
    return EngineRegistry((*ALL_SPECS, *own_specs()), compute_of(os.environ))


def network_bytes(choices: Iterable[tuple[Task, EngineId]]) -> dict[Task, int]:
    """Memory that the networks among the engines of these choices need, each about.

    Raises:
        UsageError: the environment names no device that exists.
    """
    registry, needs = _registry(), {}
    for task, wanted in choices:
        try:
            spec, _ = registry.resolve(task, wanted)
        except PortraitError:  # the run says so, where it knows for which photo
            continue
        model = known_models().model.get(str(spec.id))
        if model is not None:
            needs[task] = int(model.memory_gb * 1e9)
    return needs


@dataclass(frozen=True, slots=True)
class RegisteredEngines:
    """`core.stage.Engines` over the registry."""

    barred: tuple[tuple[Task, EngineId, str], ...] = ()
    """Engines that failed in this run, and how."""

    def without(self, task: Task, engine: str, reason: str) -> "RegisteredEngines":
        """See `Engines.without`."""
        return RegisteredEngines((*self.barred, (task, EngineId(engine), reason)))

    def _registry(self) -> EngineRegistry:
        registry = _registry()
        registry.barred = {(task, engine): reason for task, engine, reason in self.barred}
        return registry

    def choose(self, task: Task, wanted: EngineId) -> Choice:
        """See `Engines.choose`."""
        registry = self._registry()
        spec, reason = registry.resolve(task, wanted)
        info = spec.info() if spec.info is not None else spec.make(registry).info
        return Choice(info, reason or None)

    def release(self) -> None:
        """See `Engines.release`."""
        _registry().bench.clear()

    def faces(self, wanted: EngineId) -> FaceEngine:
        """See `Engines.faces`."""
        return self._registry().faces(wanted).engine

    def restore(self, wanted: EngineId) -> RestoreEngine:
        """See `Engines.restore`."""
        return self._registry().restore(wanted).engine

    def colourise(self, wanted: EngineId) -> ColouriseEngine:
        """See `Engines.colourise`."""
        return self._registry().colourise(wanted).engine

    def upscale(self, wanted: EngineId) -> UpscaleEngine:
        """See `Engines.upscale`."""
        return self._registry().upscale(wanted).engine

    def rebuild(self, wanted: EngineId) -> RebuildEngine:
        """See `Engines.rebuild`."""
        return self._registry().rebuild(wanted).engine

    def identity(self, wanted: EngineId) -> IdentityEngine:
        """See `Engines.identity`."""
        return self._registry().identity(wanted).engine

    def matte(self, wanted: EngineId) -> MatteEngine:
        """See `Engines.matte`."""
        return self._registry().matte(wanted).engine

    def depth(self, wanted: EngineId) -> DepthEngine:
        """See `Engines.depth`."""
        return self._registry().depth(wanted).engine

    def plate(self, wanted: EngineId) -> PlateEngine:
        """See `Engines.plate`."""
        return self._registry().plate(wanted).engine

    def animate(self, wanted: EngineId) -> AnimateEngine:
        """See `Engines.animate`."""
        return self._registry().animate(wanted).engine

    def interpolate(self, wanted: EngineId) -> InterpolateEngine:
        """See `Engines.interpolate`."""
        return self._registry().interpolate(wanted).engine

    def judge(self, wanted: EngineId) -> JudgeEngine:
        """See `Engines.judge`."""
        return self._registry().judge(wanted).engine
