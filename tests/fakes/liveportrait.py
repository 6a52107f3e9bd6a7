"""LivePortrait with a handful of channels: every name of the published files, tiny shapes."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from prerender.engines.liveportrait.files import ROLES
from prerender.engines.liveportrait.layout import COUNTER, NETS, Net, Sizes, layout
from tests.fakes.weights import WeightsFolder

TINY = Sizes(
    side_px=64,
    first=4,
    channels=4,
    depth=4,
    volume_blocks=1,
    blocks=(1, 1, 1, 1),
    widths=(4, 8, 8, 8),
    glass=4,
    glass_cap=8,
    glass_blocks=2,
    compressed=1,
    shade=4,
    middle=1,
    stitching=(8, 8),
    eye=(8, 8, 8),
    lip=(8, 8),
)
CONTRACT = {
    name: list(value) if isinstance(value, tuple) else value
    for name in Sizes.__slots__
    for value in (getattr(TINY, name),)
}
GROUPS = {"stitching": "retarget_shoulder", "lip": "retarget_mouth", "eye": "retarget_eye"}


def tensors(net: Net, sizes: Sizes = TINY) -> dict[str, npt.NDArray[Any]]:
    """Small numbers from a fixed seed; the motion network sees a plain face looking ahead."""
    dice = np.random.default_rng(zlib.crc32(net.encode()))
    made: dict[str, npt.NDArray[Any]] = {}
    for name, shape in layout(net, sizes).items():
        if name.endswith(COUNTER):
            made[name] = np.array(1, np.int64)
            continue
        fan = max(1, int(np.prod(shape[1:])))
        value = dice.normal(0, (1.0 / fan) ** 0.5, shape)
        if name.endswith("running_var") or (len(shape) == 1 and name.endswith("weight")):
            value = dice.uniform(0.7, 1.3, shape)
        elif name.endswith(("weight_u", "weight_v")):
            value = value / np.linalg.norm(value)
        elif len(shape) == 1:
            value = dice.normal(0, 0.02, shape)
        made[name] = value.astype(np.float32)
    if net == "motion":
        for head in ("kp", "scale", "pitch", "yaw", "roll", "t", "exp"):
            made[f"detector.fc_{head}.weight"] *= np.float32(0.02)
        made["detector.fc_scale.bias"][:] = 1.3
        points = dice.uniform(-0.35, 0.35, (sizes.keypoints, 3)) * (1, 1, 0.5)
        made["detector.fc_kp.bias"][:] = points.reshape(-1)
        made["detector.fc_exp.bias"][:] *= np.float32(0.05)
    if net in GROUPS:
        last = [name for name in made if name.startswith("mlp.")][-2:]
        for name in last:
            made[name] *= np.float32(0.01)
    return made


def save(folder: Path, suffix: str = ".pth", sizes: Sizes = TINY) -> dict[str, Path]:
    """The five files of the set by role, as published or as safetensors."""
    torch = pytest.importorskip("torch")
    nets = {
        net: {name: torch.from_numpy(value) for name, value in tensors(net, sizes).items()}
        for net in NETS
    }
    files = {role: folder / f"{role}{suffix}" for role in ROLES.values()}
    for net, role in ROLES.items():
        if net in GROUPS:
            continue
        _write(files[role], nets[net])
    if suffix == ".safetensors":
        whole = {
            f"{group}_module.{name}": value
            for net, group in GROUPS.items()
            for name, value in nets[net].items()
        }
    else:
        whole = {
            group: {f"module.{name}": value for name, value in nets[net].items()}
            for net, group in GROUPS.items()
        } | {"retarget_hair": {"module.mlp.0.weight": torch.zeros(3)}}
    _write(files["stitching"], whole)
    return files


def _write(path: Path, value: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    if path.suffix == ".safetensors":
        pytest.importorskip("safetensors.torch").save_file(value, path)
    else:
        torch.save(value, path)


def put(weights: WeightsFolder, folder: Path) -> None:
    """Install it as it is published."""
    weights.put("liveportrait", save(folder), CONTRACT)


def put_twin(weights: WeightsFolder, folder: Path) -> None:
    """Install it as safetensors."""
    weights.put("liveportrait-safetensors", save(folder, ".safetensors"), CONTRACT)


LIVEPORTRAIT_MAKERS = {"liveportrait": put, "liveportrait-safetensors": put_twin}
