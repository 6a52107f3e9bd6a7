"""Tiny networks for matte, depth, plate and in-between frames; see `tests/fakes/tiny.py`."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.fakes.weights import WeightsFolder

Maker = Callable[[WeightsFolder, Path], None]

SIDE = 64
"""Of the squares that tiny networks see."""


def person(side: int = SIDE) -> npt.NDArray[np.float32]:
    """1 in the middle and below it, 0 around: where a portrait has its person."""
    y, x = (np.mgrid[0:side, 0:side].astype(np.float32) + 0.5) / side
    head = np.hypot((x - 0.5) / 0.2, (y - 0.35) / 0.27) < 1
    body = np.hypot((x - 0.5) / 0.42, (y - 1.05) / 0.42) < 1
    return np.asarray(head | body, np.float32)


def matte_maker(model: str, output: str) -> Maker:
    """A maker of a segmentation network; see `put_matte`."""
    return lambda weights, folder: put_matte(weights, folder, model, output)


def put_matte(weights: WeightsFolder, folder: Path, model: str, output: str) -> None:
    """A network that sees the person where most portraits have one, and a little of the picture."""
    pytest.importorskip("onnx")
    from tests.fakes.onnx_files import save_net  # needs onnx

    plane = person()[np.newaxis, np.newaxis]
    plane = 16 * plane - 8 if output == "logits" else 0.05 + 0.9 * plane
    path = save_net(
        folder / f"{model}.onnx",
        [
            ("Conv", ("input_image", "w"), "trace", {}),
            ("Add", ("trace", "plane"), "output_image", {}),
        ],
        {"input_image": [1, 3, SIDE, SIDE]},
        {"output_image": [1, 1, SIDE, SIDE]},
        {"w": np.full((1, 3, 1, 1), 0.01, np.float32), "plane": plane},
    )
    weights.put(model, {"weights": path}, {"side": SIDE})


MAP_MAKERS: dict[str, Maker] = {
    "birefnet-portrait": matte_maker("birefnet-portrait", "logits"),
    "birefnet-general": matte_maker("birefnet-general", "logits"),
    "birefnet-general-lite": matte_maker("birefnet-general-lite", "logits"),
    "rmbg-2": matte_maker("rmbg-2", "alpha"),
    "isnet-general-use": matte_maker("isnet-general-use", "alpha"),
    "u2net-human-seg": matte_maker("u2net-human-seg", "alpha"),
}
"""By engine id."""
