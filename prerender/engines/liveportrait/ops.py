"""Layers as functions over the tensors of a state dict.

The networks are run straight from their tensors instead of from modules: what a file must hold is
said once, in `layout`, and nothing of torch is needed before a network is loaded.
"""

from collections.abc import Mapping
from types import ModuleType

from frame_app.base.optional import require
from prerender.engines.neural.torch_runtime import Tensor

_NORM_EPS = 1e-5  # of torch's batch and instance normalisations


class Layers:
    """The tensors of one network, and the layers that are named in it; batch first."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._torch: ModuleType = require("torch", extra="neural")
        self.f: ModuleType = require("torch.nn.functional", extra="neural")
        self._tensors = dict(tensors)

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tensors

    def to(self, device: str) -> None:
        """Move all tensors."""
        self._tensors = {name: value.to(device) for name, value in self._tensors.items()}

    def conv(self, x: Tensor, name: str, *, stride: int = 1, groups: int = 1) -> Tensor:
        """A convolution in two or three dimensions; what is not strided keeps its size."""
        weight, bias = self[f"{name}.weight"], self._tensors.get(f"{name}.bias")
        padding = weight.shape[-1] // 2 if stride == 1 else 0
        run = self.f.conv3d if weight.ndim == 5 else self.f.conv2d
        return run(x, weight, bias, stride=stride, padding=padding, groups=groups)

    def linear(self, x: Tensor, name: str) -> Tensor:
        """A matrix with a bias, on the last dimension."""
        return self.f.linear(x, self[f"{name}.weight"], self[f"{name}.bias"])

    def batch_norm(self, x: Tensor, name: str) -> Tensor:
        """Normalisation by what was seen in training."""
        mean, variance = self[f"{name}.running_mean"], self[f"{name}.running_var"]
        return self.f.batch_norm(
            x, mean, variance, self[f"{name}.weight"], self[f"{name}.bias"], eps=_NORM_EPS
        )

    def layer_norm(self, x: Tensor, name: str, eps: float) -> Tensor:
        """Normalisation over the last dimension."""
        weight = self[f"{name}.weight"]
        return self.f.layer_norm(x, tuple(weight.shape), weight, self[f"{name}.bias"], eps)

    def block(self, x: Tensor, name: str) -> Tensor:
        """Convolution and normalisation; the activation is the caller's."""
        return self.batch_norm(self.conv(x, f"{name}.conv"), f"{name}.norm")

    def fold_spectral(self) -> None:
        """Replace each `weight_orig` by the weight over its largest singular value, once.

        The state dicts are of the older spectral normalisation, which keeps the two singular
        vectors of the power iteration; in use the value is u' W v (Miyato et al. 2018).
        """
        for name in [name for name in self._tensors if name.endswith(".weight_orig")]:
            stem = name.removesuffix("_orig")
            original = self._tensors.pop(name)
            u, v = self._tensors.pop(f"{stem}_u"), self._tensors.pop(f"{stem}_v")
            sigma = self._torch.dot(u, self._torch.mv(original.flatten(1), v))
            self._tensors[stem] = original / sigma
