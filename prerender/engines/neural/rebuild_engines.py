"""GFPGAN, CodeFormer, RestoreFormer and ++: faces of 512 by 512 pixels, anew.

All work in -1..1, RGB. The traps of models.md 2.3: GFPGAN adds fresh noise unless told not to, and
has no knob; CodeFormer's fidelity is called `weight` in spandrel, and `w` is swallowed in silence.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.onnx_runtime import OnnxModel, OnnxNet, Port
from prerender.engines.neural.spandrel_nets import network
from prerender.engines.neural.torch_runtime import Module, Tensor, TorchModel, TorchNet
from prerender.engines.neural.torch_weights import read_state_dict
from prerender.engines.neural.workbench import Workbench
from prerender.engines.weights import weights_room

_FACE = Port((1, 3, 512, 512))

_F32 = npt.NDArray[np.float32]


def _gfpgan(net: Module, face: Tensor, fidelity: float) -> Tensor:
    del fidelity
    return net(face, return_rgb=False, randomize_noise=False)[0]


def _codeformer(net: Module, face: Tensor, fidelity: float) -> Tensor:
    return net(face, weight=fidelity)[0]


def _restoreformer(net: Module, face: Tensor, fidelity: float) -> Tensor:
    del fidelity
    return net(face)[0]


_CALLS: dict[str, Callable[[Module, Tensor, float], Tensor]] = {
    "GFPGAN": _gfpgan,
    "CodeFormer": _codeformer,
    "RestoreFormer": _restoreformer,
}


class SpandrelRebuild:
    """`RebuildEngine` over a network that spandrel knows."""

    version = 1
    generative = True

    def __init__(self, model: str, bench: Workbench) -> None:
        room = weights_room()
        weights = room.open(model)
        self.info = room.info(model, self.version, generative=self.generative)
        architecture = str(weights.contract["architecture"])
        self._call = _CALLS[architecture]

        def build() -> Any:  # noqa: ANN401 (torch.nn.Module)
            state = read_state_dict(weights.files["weights"])
            return network(state, model, architecture).model

        self._model = TorchModel(TorchNet(model, build, need_bytes_of(model)), bench)

    def close(self) -> None:
        """Free the network."""
        self._model.close()

    def rebuild(self, crop: ImageF32, fidelity: float) -> ImageF32:
        """See `RebuildEngine.rebuild`."""
        (face,) = self._model.run(
            to_network(crop), call=lambda net, face: self._call(net, face, fidelity)
        )
        return from_network(face)


class OnnxRebuild:
    """`RebuildEngine` over an export with one input and one output; no knob."""

    version = 1
    generative = True

    def __init__(self, model: str, bench: Workbench) -> None:
        room = weights_room()
        weights = room.open(model)
        self.info = room.info(model, self.version, generative=self.generative)
        net = OnnxNet(model, weights.files["weights"], (_FACE,), (_FACE,), need_bytes_of(model))
        self._model = OnnxModel(net, bench)

    def close(self) -> None:
        """Free the network."""
        self._model.close()

    def rebuild(self, crop: ImageF32, fidelity: float) -> ImageF32:
        """See `RebuildEngine.rebuild`."""
        del fidelity
        (face,) = self._model.run(to_network(crop))
        return from_network(face)


def to_network(crop: ImageF32) -> _F32:
    """0..1 becomes -1..1, channels first, one in a batch."""
    return np.ascontiguousarray((crop * 2 - 1).transpose(2, 0, 1)[np.newaxis], np.float32)


def from_network(face: _F32) -> ImageF32:
    """The way back, cut to the range."""
    image = np.clip((face[0].transpose(1, 2, 0) + 1) / 2, 0, 1)
    return np.ascontiguousarray(image, np.float32)
