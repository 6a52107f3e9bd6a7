"""Real-ESRGAN and every other enlarging network that spandrel knows, in tiles without seams.

Contract: models.md section 3. RGB in 0..1, any size; the authors' tool prints an error when memory
runs out and goes on with the tile before. Here the tile is halved and done again.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.builtin_upscale import BuiltinUpscale
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.spandrel_nets import network
from prerender.engines.neural.torch_runtime import Tensor, TorchModel, TorchNet
from prerender.engines.neural.torch_weights import EXTRA, StateDict, read_state_dict
from prerender.engines.neural.workbench import NetworkError, OutOfMemoryError, Workbench
from prerender.engines.weights import weights_room
from prerender.media.tiling import Tile, tiles

log = logging.getLogger(__name__)

# px. Always the same, whatever memory there is: a tile's size shows in the last bits of the result.
# The last layers of RRDBNet hold 64 channels at the size of the result: 270 MB each for a tile of
# 192 with its margin at four times, and as much for 384 at twice. SRVGG stays at the input's size.
_RESULT_SIDE = 768
_COMPACT_TILE = 512
_LEAST_TILE = 32
_MARGIN = 32  # seams stay below 1/255 from about here on (models.md 3.3)
_COMPACT = "Compact"
_HALF = frozenset({"ESRGAN", _COMPACT, "RealESRGAN Compact"})  # supports_half in spandrel
# Convolutions and nothing else: with the channels innermost they take a fifth less processor time
# and none of the page faults of the copies between (Compact and RRDBNet, tests/bench). Other
# networks of spandrel's may look at their tensors as rows, which such an order forbids.
_CHANNELS_INSIDE = frozenset({"ESRGAN", _COMPACT})


class SpandrelUpscale:
    """`UpscaleEngine` over a network of a fixed scale; the rest of the way is plain resizing."""

    version = 2
    generative = True

    def __init__(self, model: str, bench: Workbench) -> None:
        room = weights_room()
        self._weights = room.open(model)
        self.info = room.info(model, self.version, generative=self.generative)
        self._name = model
        self._need = need_bytes_of(model)
        self._bench = bench
        self._plain = BuiltinUpscale()
        self._denoise = -1.0  # what `_model` was built for
        self._model: TorchModel | None = None

    def close(self) -> None:
        """Free the network."""
        if self._model is not None:
            self._model.close()
            self._model = None

    def upscale(self, image: ImageU8, width: int, height: int, denoise: float = 0.5) -> ImageU8:
        """See `UpscaleEngine.upscale`."""
        if width < 1 or height < 1:
            raise UsageError(f"a picture of {width} by {height} pixels does not exist")
        if width <= image.shape[1] and height <= image.shape[0]:
            return self._plain.upscale(image, width, height)
        large = self.enlarge(image, denoise)
        return self._plain.upscale(large, width, height)

    def enlarge(self, image: ImageU8, denoise: float = 0.5, tile: int = 0) -> ImageU8:
        """The picture at the network's own scale, `tile` pixels at a time; 0 is what suits it.

        Raises:
            OutOfMemoryError: not even a small tile fits into memory.
            NetworkError: the weights are of no network that enlarges colour pictures.
        """
        model = self._prepared(denoise)
        height, width = image.shape[:2]
        scale = int(model.module.scale)
        is_compact = model.module.architecture.id == _COMPACT
        tile = tile or (_COMPACT_TILE if is_compact else _RESULT_SIDE // scale)
        result = np.empty((height * scale, width * scale, 3), np.uint8)
        todo = list(tiles(height, width, tile))
        while todo:
            part = todo[0]
            try:
                pixels = self._tile(model, image, part, scale)
            except OutOfMemoryError:
                if tile // 2 < _LEAST_TILE:
                    raise
                pixels = None
            if pixels is None:
                tile //= 2
                log.warning("%s: out of memory; going on with tiles of %d px", self._name, tile)
                todo = [small for large in todo for small in _split(large, tile)]
                continue
            result[_inside(part, scale)] = pixels
            todo.pop(0)
        return result

    def _tile(self, model: TorchModel, image: ImageU8, part: Tile, scale: int) -> ImageU8:
        wide = part.grown(_MARGIN, image.shape[0], image.shape[1])
        pixels = image[wide.top : wide.bottom, wide.left : wide.right]
        batch = pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float32) / np.float32(255)
        (found,) = model.run(batch, call=_called)
        wanted = (1, 3, scale * pixels.shape[0], scale * pixels.shape[1])
        if found.shape != wanted:
            raise NetworkError(self._name, f"its answer has the shape {found.shape}, not {wanted}")
        top, left = scale * (part.top - wide.top), scale * (part.left - wide.left)
        inner = found[
            0,
            :,
            top : top + scale * (part.bottom - part.top),
            left : left + scale * (part.right - part.left),
        ]
        return np.asarray(np.clip(np.rint(inner.transpose(1, 2, 0) * 255), 0, 255), np.uint8)

    def _prepared(self, denoise: float) -> TorchModel:
        files = self._weights.files
        denoise = denoise if "denoising" in files else 0.0  # one network for every wish
        if self._model is None or self._denoise != denoise:
            self.close()
            architecture = str(self._weights.contract.get("architecture", ""))

            def build() -> Any:  # noqa: ANN401 (spandrel)
                return self._network(architecture, denoise)

            net = TorchNet(self._name, build, self._need, allows_half=architecture in _HALF)
            self._model, self._denoise = TorchModel(net, self._bench), denoise
        return self._model

    def _network(self, architecture: str, denoise: float) -> Any:  # noqa: ANN401 (spandrel)
        """What spandrel makes of it; called, it pads to what the network wants and cuts to 0..1."""
        files = self._weights.files
        state = read_state_dict(files["weights"])
        if "denoising" in files:
            state = interpolated(self._name, state, files["denoising"], denoise)
        found = network(state, self._name, architecture)
        channels = getattr(found, "input_channels", 0), getattr(found, "output_channels", 0)
        if channels != (3, 3) or found.purpose not in {"SR", "Restoration"}:
            raise NetworkError(self._name, "its network is none that enlarges colour pictures")
        if found.architecture.id in _CHANNELS_INSIDE:
            found.model.to(memory_format=require("torch", extra=EXTRA).channels_last)
        return found


def _called(net: Any, batch: Tensor) -> Tensor:  # noqa: ANN401 (spandrel)
    if net.architecture.id in _CHANNELS_INSIDE:
        batch = batch.contiguous(memory_format=require("torch", extra=EXTRA).channels_last)
    return net(batch)


def interpolated(model: str, state: StateDict, denoising: Path, denoise: float) -> StateDict:
    """The network between two twins: 0 keeps the noise, 1 takes out all it can.

    d · x4v3 + (1 - d) · wdn, tensor by tensor (Real-ESRGAN, inference_realesrgan.py).
    """
    twin = read_state_dict(denoising)
    if twin.keys() != state.keys():
        raise NetworkError(model, "its two weights files are of different networks")
    return {name: denoise * state[name] + (1 - denoise) * twin[name] for name in state}


def _split(tile: Tile, side: int) -> list[Tile]:
    return [
        Tile(tile.top + top, tile.top + bottom, tile.left + left, tile.left + right)
        for top, bottom, left, right in tiles(tile.bottom - tile.top, tile.right - tile.left, side)
    ]


def _inside(tile: Tile, scale: int) -> tuple[slice, slice]:
    return (
        slice(scale * tile.top, scale * tile.bottom),
        slice(scale * tile.left, scale * tile.right),
    )
