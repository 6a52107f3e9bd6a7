"""A pipeline of fakes, in this process or driven from outside: python -m tests.fakes.runs ROOT."""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from PIL import Image

from prerender.core.pool import WorkerPool
from prerender.core.report import PortraitEntry
from prerender.pipeline import Pipeline, Settings
from prerender.recipe import load_recipe
from tests.fakes.engines import FakeEngines
from tests.fakes.executor import InlineExecutor

SMALL = (
    "clips=idle,smile",
    "intake.max_side_px=256",
    "upscale.min_side_px=256",
    "upscale.max_side_px=256",
)


class Watcher:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.todo: list[list[str]] = []
        self.made: list[str] = []

    def planned(self, plan, todo) -> None:
        self.todo.append([node.label for node in todo])

    def finished(self, plan, node, seal) -> None:
        self.made.append(node.label)


def make_photo(path: Path, seed: int = 1) -> Path:
    """A picture that decodes; the fake face finder sees a face in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (8, 6, 3)).astype(np.uint8)
    Image.fromarray(coarse).resize((192, 256), Image.Resampling.BICUBIC).save(path)
    return path


def make_pipeline(
    root: Path,
    engines: FakeEngines | None = None,
    *,
    changes: Sequence[str] = (),
    make_executor: Callable[[], Executor] = InlineExecutor,
    is_over: Callable[[], bool] = lambda: False,
    title: str = "",
) -> Pipeline:
    """A pipeline with library and store below `root`."""
    recipe = load_recipe("fast", [*SMALL, *changes])
    settings = Settings(root / "library", root / "store", jobs=2, title=title)
    return Pipeline(recipe, engines or FakeEngines(), settings, make_executor, is_over)


def run(pipeline: Pipeline, *photos: Path) -> tuple[list[PortraitEntry], Watcher]:
    """All entries of a run, and what was seen on the way."""
    watcher = Watcher()
    return list(pipeline.run(photos, watcher)), watcher


def tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder, but for locks."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


if __name__ == "__main__":
    where = Path(sys.argv[1])
    pipeline = make_pipeline(where, make_executor=lambda: WorkerPool(2))
    for entry in pipeline.run([where / "photo.png"], Watcher()):
        sys.stdout.write(f"{entry.status.value}\n")
