"""Weights for torch, read without ever running what is in a file.

Formats in order of preference (models.md 0.4): safetensors, state dicts through the restricted
reader of torch, TorchScript whose digest is pinned, since loading that one runs its code.
"""

import pickle
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from frame_app.base.errors import WeightsError
from frame_app.base.hashing import file_sha256
from frame_app.base.optional import require

EXTRA = "neural"
"""What brings torch."""

_SAFETENSORS = ".safetensors"
# Where trainers put the tensors; the averaged ones ("ema") are those that were published for use.
_WRAPPERS = ("params_ema", "params", "state_dict", "model_state_dict", "generator", "net")
_PREFIX = "module."  # of networks that were trained on several GPUs

StateDict = dict[str, Any]
"""Tensors by name; torch has no type that can be named without importing it."""


def read_state_dict(path: Path) -> StateDict:
    """The tensors of a `.safetensors` file or of a file of `torch.save`, on the CPU.

    Raises:
        WeightsError: it cannot be read, is cut short, or holds anything but tensors.
        MissingExtraError: torch or safetensors is not installed.
    """
    found = unwrapped(read_checkpoint(path))
    torch = require("torch", extra=EXTRA)
    tensors = {name: value for name, value in found.items() if torch.is_tensor(value)}
    if not tensors:
        raise WeightsError(path, "holds no tensors by name, so it is no network's weights")
    return tensors


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The whole file, for checkpoints that hold several networks or more than tensors.

    Raises:
        WeightsError: it cannot be read, is cut short, or holds code.
        MissingExtraError: torch or safetensors is not installed.
    """
    try:
        if path.suffix == _SAFETENSORS:
            return dict(require("safetensors.torch", extra=EXTRA).load_file(path))
        return _torch_load(path)
    except (FileNotFoundError, PermissionError) as error:
        raise WeightsError(path, f"cannot be read ({error.strerror or error})") from error
    except pickle.UnpicklingError as error:
        problem = "holds more than numbers, or is no file of torch; nothing of it was run"
        raise WeightsError(path, problem) from error
    except (OSError, EOFError, RuntimeError, ValueError, KeyError) as error:
        first = str(error).partition("\n")[0][:120] or type(error).__name__
        raise WeightsError(path, f"is damaged or of another format ({first})") from error
    except Exception as error:
        # safetensors raises a class of its own, with Exception as its only root
        if type(error).__module__.partition(".")[0] != "safetensors":
            raise
        raise WeightsError(path, f"is no whole safetensors file ({error})") from error


def read_script(path: Path, sha256: str, device: str = "cpu") -> Any:  # noqa: ANN401 (torch.jit)
    """A TorchScript network; its file must have the pinned digest, for loading runs its code.

    Raises:
        WeightsError: it is another file, or cannot be loaded.
        MissingExtraError: torch is not installed.
    """
    torch = require("torch", extra=EXTRA)
    try:
        found = file_sha256(path)
    except OSError as error:
        raise WeightsError(path, f"cannot be read ({error.strerror})") from error
    if found != sha256:
        problem = f"has sha256 {found[:12]}… instead of {sha256[:12]}…, so it is not loaded"
        raise WeightsError(path, problem)
    with warnings.catch_warnings():
        # the format is what the authors published; torch only says that new files should be others
        warnings.filterwarnings("ignore", message=r".*torch\.jit\.load.*", category=FutureWarning)
        warnings.filterwarnings(
            "ignore", message=r".*torch\.jit\.load.*", category=DeprecationWarning
        )
        try:
            return torch.jit.load(str(path), map_location=device).eval()
        except (RuntimeError, ValueError) as error:
            first = str(error).partition("\n")[0].partition(". ")[0][:120]
            raise WeightsError(path, f"is no TorchScript network ({first})") from error


def unwrapped(found: Mapping[str, Any]) -> dict[str, Any]:
    """What lies under the keys that trainers wrap weights in, without the prefix `module.`."""
    inner: Mapping[str, Any] = found
    for wrapper in _WRAPPERS:
        if isinstance(inner.get(wrapper), Mapping):
            inner = inner[wrapper]
            break
    if inner and all(str(name).startswith(_PREFIX) for name in inner):
        return {str(name).removeprefix(_PREFIX): value for name, value in inner.items()}
    return {str(name): value for name, value in inner.items()}


def _torch_load(path: Path) -> dict[str, Any]:
    torch = require("torch", extra=EXTRA)
    # Mapped, the file is read straight to where the network wants it; only archives can be mapped.
    is_archive = zipfile.is_zipfile(path)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Detected pickle protocol", category=UserWarning)
        warnings.filterwarnings("ignore", message=r"'torch\.load' received a zip file that looks")
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=is_archive)
    if not isinstance(found, Mapping):
        raise WeightsError(path, f"holds a {type(found).__name__} instead of named tensors")
    return dict(found)
