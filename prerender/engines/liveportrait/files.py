"""Weight files to tensors, checked name by name against the architecture that runs them.

The published set: five state dicts, of which the last holds three small networks under the names of
their trainers; the safetensors twins hold the same tensors, there with the group as a prefix.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from frame_app.base.errors import WeightsError
from frame_app.base.optional import require
from prerender.engines.catalogue import Value
from prerender.engines.liveportrait.layout import COUNTER, OFFICIAL, Net, Shape, Sizes, layout
from prerender.engines.neural.torch_runtime import Tensor
from prerender.engines.neural.torch_weights import EXTRA, read_checkpoint, read_state_dict

ROLES: Mapping[Net, str] = {
    "appearance": "appearance",
    "motion": "motion",
    "warping": "warping",
    "decoder": "generator",
    "stitching": "stitching",
    "eye": "stitching",
    "lip": "stitching",
}
"""Which file of the model each network is in."""
_GROUPS: Mapping[Net, str] = {
    "stitching": "retarget_shoulder",
    "lip": "retarget_mouth",
    "eye": "retarget_eye",
}
_TRAINED_ON_SEVERAL = "module."
_NAMED = 3  # tensors that an error names


def sizes_of(contract: Mapping[str, Value]) -> Sizes:
    """The widths that a catalogue's contract gives; the published ones where it says nothing."""
    values: dict[str, Any] = {}
    for field in fields(Sizes):
        value = contract.get(field.name)
        if isinstance(value, (int, float)):
            values[field.name] = int(value)
        elif isinstance(value, list):
            values[field.name] = tuple(int(one) for one in value)
    return Sizes(**values)


def load_net(net: Net, files: Mapping[str, Path], sizes: Sizes = OFFICIAL) -> dict[str, Tensor]:
    """The tensors of one network, in single precision on the CPU.

    Raises:
        WeightsError: the file is damaged, or holds another network than this one.
        MissingExtraError: torch is not installed.
    """
    path = files[ROLES[net]]
    group = _GROUPS.get(net)
    found = read_state_dict(path) if group is None else _group(path, group)
    wanted = layout(net, sizes)
    if problem := _difference(found, wanted):
        raise WeightsError(path, f"is not the {net} network of LivePortrait: {problem}")
    torch = require("torch", extra=EXTRA)
    tensors = {name: found[name].float() for name in wanted if not name.endswith(COUNTER)}
    for name, value in tensors.items():
        if not bool(torch.isfinite(value).all()):
            raise WeightsError(path, f"is damaged: {name} holds values that are no numbers")
    return tensors


def _group(path: Path, group: str) -> dict[str, Tensor]:
    """One of the networks that share a file: a dictionary in one format, a prefix in the other."""
    whole = read_checkpoint(path)
    inner = whole.get(group)
    if not isinstance(inner, Mapping):
        prefixes = (f"{group}_module.", f"{group}.")
        inner = {
            name.removeprefix(prefix): value
            for prefix in prefixes
            for name, value in whole.items()
            if name.startswith(prefix)
        }
    return {str(name).removeprefix(_TRAINED_ON_SEVERAL): value for name, value in inner.items()}


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Shape]) -> str:
    """What is wrong with a set of tensors, in words; empty if they fit."""
    torch = require("torch", extra=EXTRA)
    strangers = [name for name, value in found.items() if not torch.is_tensor(value)]
    if strangers:
        return f"{strangers[0]} is no tensor"
    missing = [name for name in wanted if name not in found]
    surplus = [name for name in found if name not in wanted]
    if missing:
        return f"it lacks {len(missing)} of {len(wanted)} tensors ({_some(missing)})"
    if surplus:
        return f"it has {len(surplus)} tensors too many ({_some(surplus)})"
    for name, shape in wanted.items():
        if tuple(found[name].shape) != shape:
            return f"{name} has the shape {_size(found[name].shape)} instead of {_size(shape)}"
    return ""


def _some(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _size(shape: Shape) -> str:
    return " x ".join(str(side) for side in shape) or "one number"
