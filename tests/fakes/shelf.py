"""Engines on tiny weights, as a run gets them, and the least each can be asked for."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from prerender.engines.base import ActorFrame, Face
from prerender.engines.catalogue import known_models
from prerender.engines.registry import EngineRegistry, EngineSpec, Task
from prerender.engines.specs import ALL_SPECS
from prerender.engines.weights import missing_package
from tests.fakes.tiny import MAKERS
from tests.fakes.weights import WeightsFolder

WIDTH, HEIGHT = 150, 182  # odd multiples of nothing a network likes


class Shelf:
    """Engines of one folder of weights."""

    def __init__(self, home: Path, built: Path) -> None:
        self.weights = WeightsFolder()
        self._home = home
        self._built = built
        self.registry = EngineRegistry(ALL_SPECS)

    def put(self, spec: EngineSpec) -> None:
        """Install tiny weights, or skip."""
        if not spec.missing():
            return
        model = known_models().model.get(str(spec.id))
        if model is not None and (absent := missing_package(model)):
            pytest.skip(absent)
        assert spec.id in MAKERS, f"{spec.id} has no maker of tiny weights in tests/fakes/tiny.py"
        built = self._built / str(spec.id)
        if not built.is_dir():  # tiny as they are, building them takes longer than most tests
            scratch = self._built / f"{spec.id}.scratch"
            scratch.mkdir()
            MAKERS[spec.id](self.weights, scratch)
            shutil.copytree(self._home, built)
        shutil.copytree(built, self._home, dirs_exist_ok=True)
        assert spec.missing() == ""

    def open(self, spec: EngineSpec) -> Any:
        """The engine, as a run gets it."""
        self.put(spec)
        return getattr(self.registry, spec.task.value)(spec.id).engine


def weights_specs() -> list[EngineSpec]:
    return [spec for spec in ALL_SPECS if str(spec.id) in known_models().model]


def use(engine: Any, task: Task, photo: ImageU8, faces: tuple[Face, ...]) -> None:
    """Ask an engine for the least that makes it look at its weights."""
    alpha = np.full(photo.shape[:2], 0.5, np.float32)
    hole = np.zeros(photo.shape[:2], np.uint8)
    hole[60:90, 40:80] = 255
    frame = ActorFrame(photo[:96, :80], np.full((96, 80), 255, np.uint8))
    moved = ActorFrame(photo[2:98, 2:82], np.full((96, 80), 255, np.uint8))
    asks: dict[Task, Callable[[], object]] = {
        Task.RESTORE: lambda: engine.restore(photo, faces, 1.0),
        Task.COLOURISE: lambda: engine.colourise(np.repeat(photo[..., :1], 3, axis=2)),
        Task.UPSCALE: lambda: engine.upscale(photo, WIDTH * 2, HEIGHT * 2),
        Task.REBUILD: lambda: engine.rebuild(np.zeros((512, 512, 3), np.float32), 0.5),
        Task.IDENTITY: lambda: engine.drift(photo, photo, faces),
        Task.MATTE: lambda: engine.matte(photo, faces),
        Task.DEPTH: lambda: engine.estimate(photo, alpha, faces),
        Task.PLATE: lambda: engine.fill(photo, hole),
        Task.INTERPOLATE: lambda: list(engine.between(iter([frame, moved]), 2)),
        Task.ANIMATE: lambda: list(
            engine.actor(photo, alpha, alpha, faces[0], 1).frames("idle", 30.0, 0, 1)
        ),
    }
    asks[task]()
