"""Tiny networks for matte, depth, plate and in-between frames; see `tests/fakes/tiny.py`."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from prerender.engines.neural.rife_network import _skeleton
from prerender.engines.neural.torch_runtime import Module
from prerender.engines.neural.transformers_library import load_transformers
from tests.fakes.weights import WeightsFolder

Maker = Callable[[WeightsFolder, Path], None]

SIDE = 64
"""Of the squares that tiny networks see."""

# as the published file has it, but for the size
PREPROCESSOR = {
    "do_normalize": True,
    "do_pad": False,
    "do_rescale": True,
    "do_resize": True,
    "ensure_multiple_of": 14,
    "image_mean": [0.485, 0.456, 0.406],
    "image_processor_type": "DPTImageProcessor",
    "image_std": [0.229, 0.224, 0.225],
    "keep_aspect_ratio": True,
    "resample": 3,
    "rescale_factor": 0.00392156862745098,
    "size_divisor": None,
}


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


class DepthSizes(NamedTuple):
    """How large a Depth Anything V2 is."""

    width: int
    layers: int
    heads: int
    side: int
    taken: tuple[int, ...]
    """Layers whose answers are taken."""
    necks: tuple[int, ...]
    fusion: int
    head: int


TINY_DEPTH = DepthSizes(32, 4, 2, 70, (1, 2, 3, 4), (8, 8, 16, 16), 8, 4)
SMALL_DEPTH = DepthSizes(384, 12, 6, 518, (3, 6, 9, 12), (48, 96, 192, 384), 64, 32)
"""As the published Small."""


def put_depth(
    weights: WeightsFolder, folder: Path, model: str, sizes: DepthSizes = TINY_DEPTH
) -> None:
    """Depth Anything V2, written by transformers itself; untrained."""
    torch = pytest.importorskip("torch")
    library = load_transformers()
    torch.manual_seed(0)
    backbone = library.Dinov2Config(
        hidden_size=sizes.width,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        image_size=sizes.side,
        patch_size=14,
        out_indices=list(sizes.taken),
        reshape_hidden_states=False,
        apply_layernorm=True,
    )
    config = library.DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=sizes.width,
        patch_size=14,
        neck_hidden_sizes=list(sizes.necks),
        fusion_hidden_size=sizes.fusion,
        head_hidden_size=sizes.head,
    )
    network = library.DepthAnythingForDepthEstimation(config)
    for name, values in network.named_parameters():
        if (values.ndim > 1 and "head" in name) or "neck" in name:
            torch.nn.init.normal_(values, std=0.3)  # untrained, it would answer nearly nothing
    torch.nn.init.constant_(network.head.conv3.bias, 1.0)  # no dead answer behind the last ReLU
    network.save_pretrained(folder / model)
    size = {"size": {"height": sizes.side, "width": sizes.side}}
    (folder / model / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR | size))
    files = {
        "weights": folder / model / "model.safetensors",
        "config": folder / model / "config.json",
        "preprocessor": folder / model / "preprocessor_config.json",
    }
    weights.put(model, files)


def depth_maker(model: str) -> Maker:
    """A maker of a depth network; see `put_depth`."""
    return lambda weights, folder: put_depth(weights, folder, model)


def tiny_rife(widths: tuple[int, ...] = (8, 8, 8, 8, 8)) -> Module:
    """RIFE with few channels; all zero, so that it sees no movement and mixes half and half."""
    torch = pytest.importorskip("torch")
    net = _skeleton(torch, 4, list(widths))
    for values in net.parameters():
        torch.nn.init.zeros_(values)
    return net


def put_rife(weights: WeightsFolder, folder: Path, net: Module | None = None) -> None:
    """A checkpoint as its authors publish it: wrapped, and with branches only training needs."""
    torch = pytest.importorskip("torch")
    net = net or tiny_rife()
    state = {f"module.{name}": value for name, value in net.state_dict().items()}
    state["module.teacher.conv.weight"] = torch.zeros(2, 2)
    state["epoch"] = torch.tensor(7)
    torch.save(state, folder / "rife.pkl")
    weights.put("rife-4-26", {"weights": folder / "rife.pkl"})


def put_film(weights: WeightsFolder, folder: Path) -> None:
    """A script that fades from one frame to the other, and takes only what FILM takes."""
    torch = pytest.importorskip("torch")

    class Fade(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, first, second, time):
            assert first.shape[2] % 64 == 0
            assert first.shape[3] % 64 == 0
            return first + (second - first) * time.reshape(-1, 1, 1, 1)

    example = torch.zeros(1, 3, 64, 64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would rather see other formats
        script = torch.jit.trace(Fade(), (example, example, torch.zeros(1, 1)))
        torch.jit.save(script, str(folder / "film.pt"))
    weights.put("film", {"weights": folder / "film.pt"})


_HEAT = 7  # steps of the blur that stands in for LaMa; each carries colour four pixels inward


def put_lama(weights: WeightsFolder, folder: Path) -> None:
    """A script that lets the surroundings bleed into the hole; takes only what LaMa takes."""
    torch = pytest.importorskip("torch")

    class Bleed(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, image, mask):
            assert image.shape[2] % 8 == 0
            assert image.shape[3] % 8 == 0
            known = 1 - mask
            found, mass = image * known, known
            for _ in range(_HEAT):
                wide = torch.nn.functional.avg_pool2d(found * mass, 9, 1, 4)
                weight = torch.nn.functional.avg_pool2d(mass, 9, 1, 4)
                found = known * image + mask * wide / (weight + 1e-6)
                mass = torch.maximum(known, (weight > 0).float())
            return found

    example = (torch.zeros(1, 3, 64, 64), torch.zeros(1, 1, 64, 64))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would rather see other formats
        torch.jit.save(torch.jit.trace(Bleed(), example), str(folder / "lama.pt"))
    weights.put("lama", {"weights": folder / "lama.pt"})


def put_lama_onnx(weights: WeightsFolder, folder: Path) -> None:
    """The mean of what is known, everywhere, 0..255: the signature of LaMa's ONNX file."""
    pytest.importorskip("onnx")
    from tests.fakes.onnx_files import save_net  # needs onnx

    path = save_net(
        folder / "lama.onnx",
        [
            ("Sub", ("one", "mask"), "known", {}),
            ("Mul", ("image", "known"), "seen", {}),
            ("ReduceMean", ("seen",), "sum", {"axes": [2, 3]}),
            ("ReduceMean", ("known",), "mass", {"axes": [2, 3]}),
            ("Div", ("sum", "mass"), "mean", {}),
            ("Mul", ("mean", "levels"), "flat", {}),
            ("Mul", ("image", "nothing"), "shape", {}),
            ("Add", ("flat", "shape"), "output", {}),
        ],
        {"image": ["batch", 3, SIDE, SIDE], "mask": ["batch", 1, SIDE, SIDE]},
        {"output": ["batch", 3, SIDE, SIDE]},
        {
            "one": np.ones((1,), np.float32),
            "levels": np.full((1,), 255, np.float32),
            "nothing": np.zeros((1,), np.float32),
        },
    )
    weights.put("lama-onnx", {"weights": path}, {"side": SIDE})


MAP_MAKERS: dict[str, Maker] = {
    "birefnet-portrait": matte_maker("birefnet-portrait", "logits"),
    "birefnet-general": matte_maker("birefnet-general", "logits"),
    "birefnet-general-lite": matte_maker("birefnet-general-lite", "logits"),
    "rmbg-2": matte_maker("rmbg-2", "alpha"),
    "isnet-general-use": matte_maker("isnet-general-use", "alpha"),
    "u2net-human-seg": matte_maker("u2net-human-seg", "alpha"),
    "depth-anything-v2-small": depth_maker("depth-anything-v2-small"),
    "depth-anything-v2-base": depth_maker("depth-anything-v2-base"),
    "depth-anything-v2-large": depth_maker("depth-anything-v2-large"),
    "rife-4-26": put_rife,
    "film": put_film,
    "lama": put_lama,
    "lama-onnx": put_lama_onnx,
}
"""By engine id."""
