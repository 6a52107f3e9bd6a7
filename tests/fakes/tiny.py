"""Tiny weights for every engine that needs weights, by engine id.

Each maker trains nothing: it builds a network of the real architecture or signature with as few
channels as that allows, from a fixed seed, saves it in the real format below `folder`, and installs
it with `weights.put`. The contract tests run the same body over every engine of a task, and fail
for an engine that has no maker here. A maker is called only if the extra is installed.

    def put_my_model(weights: WeightsFolder, folder: Path) -> None:
        torch = pytest.importorskip("torch")
        ...
        weights.put("my-model", {"weights": folder / "my.onnx"}, {"side": 64})

    MAKERS = {"my-model": put_my_model, ...}
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.liveportrait import LIVEPORTRAIT_MAKERS
from tests.fakes.tiny_faces import FACE_MAKERS
from tests.fakes.tiny_maps import MAP_MAKERS
from tests.fakes.weights import WeightsFolder

Maker = Callable[[WeightsFolder, Path], None]


def put_landmarker(weights: WeightsFolder, folder: Path) -> None:
    """The real one: it is small, and beside the checkout on the machines that test."""
    task = Path(__file__).parents[3] / "shared" / "data" / "models" / "face_landmarker.task"
    if not task.is_file():
        pytest.skip("face_landmarker.task is not beside this checkout (../shared/data)")
    weights.put("face-landmarker", {"weights": task})


MAKERS: dict[str, Maker] = {
    **FACE_MAKERS,
    **LIVEPORTRAIT_MAKERS,
    **MAP_MAKERS,
    "landmarker": put_landmarker,
}
