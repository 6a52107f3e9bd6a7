"""Networks of restoration and enlargement, found out from their weights by spandrel.

spandrel takes three names from torchvision while it is imported, and breaks where torchvision was
built for another torch (`operator torchvision::nms does not exist`, measured). They are lent to it
for that moment, so that neither its version nor its presence matters. Files are read by
`torch_weights`, never by spandrel.

spandrel's own calls of GFPGAN and CodeFormer leave out the step from 0..1 to -1..1 (models.md 2.3):
restoring engines call the network itself.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from types import ModuleType
from typing import Any

from frame_app.base.optional import require
from prerender.engines.neural.torch_weights import StateDict
from prerender.engines.neural.workbench import NetworkError

EXTRA = "spandrel"
"""What brings spandrel and the architectures beside it."""

_FUNCTIONAL = "torchvision.transforms.functional"
_LENT = ("torchvision", "torchvision.transforms", _FUNCTIONAL)
# Their code has licences of its own, so they come in a package of their own.
_EXTRA_ARCHES = frozenset({"CodeFormer", "DDColor"})


def network(state: StateDict, model: str, architecture: str = "") -> Any:  # noqa: ANN401 (spandrel)
    """What spandrel makes of a network's weights, with the network as `.model`; on the CPU.

    Args:
        state: Tensors by name.
        model: For errors.
        architecture: spandrel's id or name of the only one that will do; empty: any.

    Raises:
        NetworkError: the weights are of another network, or of none that is known.
        MissingExtraError: spandrel is not installed.
    """
    spandrel = load_spandrel(with_extra=architecture in _EXTRA_ARCHES or not architecture)
    try:
        found = spandrel.MAIN_REGISTRY.load(state)
    except spandrel.UnsupportedModelError as error:
        raise NetworkError(model, "its weights are of no network that is known") from error
    except (RuntimeError, KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        # each architecture reads its sizes from tensors that another one may not have
        first = str(error).partition("\n")[0][:120]
        raise NetworkError(
            model, f"its weights do not fit their architecture ({type(error).__name__}: {first})"
        ) from error
    kind = found.architecture
    if architecture and architecture not in {kind.id, kind.name}:
        raise NetworkError(model, f"its weights are of {kind.name}, not of {architecture}")
    return found


def load_spandrel(*, with_extra: bool = False) -> ModuleType:
    """spandrel, with the architectures of `spandrel_extra_arches` if asked for and installed."""
    with _torchvision(), warnings.catch_warnings():
        # some of its architectures are scripted as they are imported; nothing of ours can mend it
        warnings.filterwarnings("ignore", message=r".*torch\.jit\.script", category=FutureWarning)
        warnings.filterwarnings(
            "ignore", message=r".*torch\.jit\.script", category=DeprecationWarning
        )
        spandrel = require("spandrel", extra=EXTRA)
        if with_extra:
            more = require("spandrel_extra_arches", extra=EXTRA)
            more.install(ignore_duplicates=True)
    return spandrel


@contextmanager
def _torchvision() -> Iterator[None]:
    """Three names of torchvision for whoever imports it now; the real one where it is loaded."""
    if _FUNCTIONAL in sys.modules:
        yield
        return
    before = {name: sys.modules[name] for name in _LENT if name in sys.modules}
    lent = {name: ModuleType(name) for name in _LENT}
    lent[_FUNCTIONAL].__dict__.update(
        InterpolationMode=_InterpolationMode, normalize=_normalize, rotate=_rotate
    )
    sys.modules.update(lent)
    try:
        yield
    finally:
        for name in _LENT:
            del sys.modules[name]
        sys.modules.update(before)


class _InterpolationMode(Enum):
    NEAREST = "nearest"
    BILINEAR = "bilinear"


def _normalize(image: Any, mean: list[float], std: list[float]) -> Any:  # noqa: ANN401 (tensors)
    """(..., 3, H, W) minus the mean, by the deviation, per channel."""
    shape = (-1, 1, 1)
    return (image - image.new_tensor(mean).view(shape)) / image.new_tensor(std).view(shape)


def _rotate(
    image: Any,  # noqa: ANN401 (tensors)
    angle: Any,  # noqa: ANN401
    interpolation: _InterpolationMode = _InterpolationMode.NEAREST,
    fill: float = 0.0,
) -> Any:  # noqa: ANN401
    """(N, C, H, W) turned by degrees, anti-clockwise around its middle; 0 comes in from outside."""
    if fill:
        msg = "only 0 comes in from outside"
        raise ValueError(msg)
    torch = require("torch")
    height, width = image.shape[-2:]
    turn = torch.deg2rad(torch.as_tensor(angle, dtype=image.dtype, device=image.device))
    cos, sin = torch.cos(turn), torch.sin(turn)
    nought = torch.zeros_like(cos)
    # the grid counts halves of the sides, which differ: a turn in it is a turn in pixels
    rows = [cos, -sin * height / width, nought, sin * width / height, cos, nought]
    matrix = torch.stack([row.reshape(()) for row in rows]).view(1, 2, 3)
    grid = torch.nn.functional.affine_grid(
        matrix.expand(image.shape[0], 2, 3), list(image.shape), align_corners=False
    )
    return torch.nn.functional.grid_sample(
        image, grid, mode=interpolation.value, padding_mode="zeros", align_corners=False
    )
