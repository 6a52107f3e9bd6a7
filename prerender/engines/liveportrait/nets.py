"""The five networks: a face to its feature volume and motion, the volume moved, and painted.

Architecture: LivePortrait (arXiv:2407.03168) after face-vid2vid (arXiv:2011.15126); the motion
network is ConvNeXt V2 (arXiv:2301.00808), the decoder SPADE (arXiv:1903.07291).
"""

from collections.abc import Mapping
from typing import NamedTuple, Self

from frame_app.base.optional import require
from prerender.engines.liveportrait.layout import (
    OFFICIAL,
    Sizes,
    decoder_blocks,
    glass_widths,
    heads,
)
from prerender.engines.liveportrait.ops import Layers
from prerender.engines.neural.torch_runtime import Tensor

_LAYER_EPS = 1e-6
_GRN_EPS = 1e-6
_SPREAD = 0.01  # variance of the bump that marks a keypoint, in volume units
_LEAK = 0.2  # slope below zero in the decoder; torch's own, 0.01, in front of it


class _Network:
    """What all have: tensors, sizes, and a device."""

    def __init__(self, tensors: Mapping[str, Tensor], sizes: Sizes = OFFICIAL) -> None:
        self._torch = require("torch", extra="neural")
        self._layers, self._sizes = Layers(tensors), sizes

    def to(self, device: str) -> Self:
        """Move it."""
        self._layers.to(device)
        return self


class Appearance(_Network):
    """F: a picture to a volume of features."""

    def __call__(self, picture: Tensor) -> Tensor:
        """(B, 3, S, S) RGB 0..1 to (B, C, D, S/4, S/4)."""
        layers, f, sizes = self._layers, self._layers.f, self._sizes
        x = f.relu(layers.block(picture, "first"))
        for step in range(sizes.downs):
            x = f.avg_pool2d(f.relu(layers.block(x, f"down_blocks.{step}")), 2)
        x = layers.conv(x, "second")
        x = x.reshape(x.shape[0], sizes.channels, sizes.depth, *x.shape[2:])
        for number in range(sizes.volume_blocks):
            name = f"resblocks_3d.3dr{number}"
            y = layers.conv(f.relu(layers.batch_norm(x, f"{name}.norm1")), f"{name}.conv1")
            y = layers.conv(f.relu(layers.batch_norm(y, f"{name}.norm2")), f"{name}.conv2")
            x = x + y
        return x


class Motion(_Network):
    """M: a picture to keypoints, head angles, expression, place and size."""

    def __call__(self, picture: Tensor) -> dict[str, Tensor]:
        """(B, 3, S, S) RGB 0..1 to the numbers of `layout.heads`; angles are still bins."""
        layers, top = self._layers, "detector"
        x = self._channels_norm(
            layers.conv(picture, f"{top}.downsample_layers.0.0", stride=4),
            f"{top}.downsample_layers.0.1",
        )
        for stage, count in enumerate(self._sizes.blocks):
            if stage:
                x = self._channels_norm(x, f"{top}.downsample_layers.{stage}.0")
                x = layers.conv(x, f"{top}.downsample_layers.{stage}.1", stride=2)
            for number in range(count):
                x = x + self._block(x, f"{top}.stages.{stage}.{number}")
        x = layers.layer_norm(x.mean(dim=(-2, -1)), f"{top}.norm", _LAYER_EPS)
        return {head: layers.linear(x, f"{top}.fc_{head}") for head in heads(self._sizes)}

    def _channels_norm(self, x: Tensor, name: str) -> Tensor:
        moved = self._layers.layer_norm(x.permute(0, 2, 3, 1), name, _LAYER_EPS)
        return moved.permute(0, 3, 1, 2)

    def _block(self, x: Tensor, name: str) -> Tensor:
        layers = self._layers
        x = layers.conv(x, f"{name}.dwconv", groups=x.shape[1]).permute(0, 2, 3, 1)
        x = layers.linear(layers.layer_norm(x, f"{name}.norm", _LAYER_EPS), f"{name}.pwconv1")
        x = layers.f.gelu(x)
        # Global response: each channel against the mean of all, over the whole picture.
        response = x.norm(p=2, dim=(1, 2), keepdim=True)
        share = response / (response.mean(dim=-1, keepdim=True) + _GRN_EPS)
        x = layers[f"{name}.grn.gamma"] * (x * share) + layers[f"{name}.grn.beta"] + x
        return layers.linear(x, f"{name}.pwconv2").permute(0, 3, 1, 2)


class Still(NamedTuple):
    """What of the warping network depends on the still picture only."""

    volume: Tensor
    """(1, C, D, H, W) features."""
    compressed: Tensor
    """(1, c, D, H, W) the same, reduced."""
    points: Tensor
    """(1, K, 3) its keypoints."""
    marks: Tensor
    """(1, K, D, H, W) a bump at each."""


class Warped(NamedTuple):
    """What the warping network says of a batch."""

    features: Tensor
    """(B, 256, H, W), for the decoder."""
    occlusion: Tensor
    """(B, 1, H, W) 1 where the still picture shows what is seen, 0 where it must be made up."""
    deformation: Tensor
    """(B, D, H, W, 3) where each place of the volume comes from, x, y, z in -1..1."""


class Warping(_Network):
    """W: moves the feature volume so that its keypoints come to lie on others."""

    def __call__(self, volume: Tensor, source: Tensor, driving: Tensor) -> Warped:
        """Move `volume` from the keypoints `source` to `driving`, both (B, K, 3)."""
        return self.moved(self.still(volume, source), driving)

    def still(self, volume: Tensor, source: Tensor) -> Still:
        """Do once what does not depend on the motion."""
        layers, top = self._layers, "dense_motion_network"
        compressed = layers.batch_norm(layers.conv(volume, f"{top}.compress"), f"{top}.norm")
        return Still(volume, layers.f.relu(compressed), source, self._marks(volume, source))

    def moved(self, still: Still, driving: Tensor) -> Warped:
        """Move it to `driving`, (B, K, 3)."""
        layers, f, sizes, top = self._layers, self._layers.f, self._sizes, "dense_motion_network"
        count = driving.shape[0]
        depth, height, width = still.volume.shape[2:]
        grid = self._grid(still.volume).expand(count, 1, depth, height, width, 3)
        shift = (still.points - driving)[:, :, None, None, None, :]
        motions = self._torch.cat([grid, grid + shift], dim=1)  # (B, K + 1, D, H, W, 3)
        # Each slot is the reduced volume moved as a whole, by one keypoint's way or not at all.
        slots = still.compressed.expand(count * sizes.slots, *still.compressed.shape[1:])
        if still.compressed.shape[0] == count > 1:
            slots = still.compressed.repeat_interleave(sizes.slots, dim=0)
        seen = self._sampled(slots, motions.reshape(-1, depth, height, width, 3))
        seen = seen.reshape(count, sizes.slots, sizes.compressed, depth, height, width)
        marks = self._marks(still.volume, driving) - still.marks
        marks = self._torch.cat([self._torch.zeros_like(marks[:, :1]), marks], dim=1)
        x = self._torch.cat([marks[:, :, None], seen], dim=2).flatten(1, 2)
        x = self._hourglass(x, f"{top}.hourglass")
        weight = layers.conv(x, f"{top}.mask").softmax(dim=1)
        deformation = (motions * weight[..., None]).sum(dim=1)
        occlusion = layers.conv(x.flatten(1, 2), f"{top}.occlusion").sigmoid()
        volume = still.volume.expand(count, *still.volume.shape[1:])
        out = f.leaky_relu(layers.block(self._sampled(volume, deformation).flatten(1, 2), "third"))
        return Warped(layers.conv(out, "fourth") * occlusion, occlusion, deformation)

    def _sampled(self, volume: Tensor, places: Tensor) -> Tensor:
        # The grid runs to the outermost centres, this lookup to the outermost edges: the weights
        # were trained with that mismatch, so it stays.
        return self._layers.f.grid_sample(
            volume, places, mode="bilinear", padding_mode="zeros", align_corners=False
        )

    def _grid(self, volume: Tensor) -> Tensor:
        """(1, 1, D, H, W, 3) x, y, z of each place, -1..1 between the outermost centres."""
        axes = [
            self._torch.linspace(-1, 1, size, dtype=self._torch.float32, device=volume.device)
            for size in volume.shape[2:]
        ]
        z, y, x = self._torch.meshgrid(*axes, indexing="ij")
        return self._torch.stack([x, y, z], dim=-1)[None, None]

    def _marks(self, volume: Tensor, points: Tensor) -> Tensor:
        """(B, K, D, H, W) a bump of the given spread at each keypoint."""
        away = self._grid(volume) - points[:, :, None, None, None, :]
        return self._torch.exp(-0.5 * (away**2).sum(dim=-1) / _SPREAD)

    def _hourglass(self, x: Tensor, name: str) -> Tensor:
        """Down and up again, in width and height; each level is laid beside its like."""
        layers, f = self._layers, self._layers.f
        levels = [x]
        steps = len(glass_widths(self._sizes)) - 1
        for step in range(steps):
            y = f.relu(layers.block(levels[-1], f"{name}.encoder.down_blocks.{step}"))
            levels.append(f.avg_pool3d(y, (1, 2, 2)))
        y = levels.pop()
        for step in range(steps):
            y = f.interpolate(y, scale_factor=(1, 2, 2))
            y = f.relu(layers.block(y, f"{name}.decoder.up_blocks.{step}"))
            y = self._torch.cat([y, levels.pop()], dim=1)
        return f.relu(layers.block(y, f"{name}.decoder"))


class Decoder(_Network):
    """G: paints moved features."""

    def __init__(self, tensors: Mapping[str, Tensor], sizes: Sizes = OFFICIAL) -> None:
        super().__init__(tensors, sizes)
        self._layers.fold_spectral()

    def __call__(self, features: Tensor) -> Tensor:
        """(B, 256, H, W) to (B, 3, 8H, 8W) RGB 0..1."""
        layers, f = self._layers, self._layers.f
        x = layers.conv(features, "fc")
        for name in decoder_blocks(self._sizes):
            if name.startswith("up_"):
                x = f.interpolate(x, scale_factor=2)
            x = self._block(x, features, name)
        x = layers.conv(f.leaky_relu(x, _LEAK), "conv_img.0")
        return f.pixel_shuffle(x, 2).sigmoid()

    def _block(self, x: Tensor, features: Tensor, name: str) -> Tensor:
        layers, f = self._layers, self._layers.f
        y = layers.conv(
            f.leaky_relu(self._spade(x, features, f"{name}.norm_0"), _LEAK), f"{name}.conv_0"
        )
        y = layers.conv(
            f.leaky_relu(self._spade(y, features, f"{name}.norm_1"), _LEAK), f"{name}.conv_1"
        )
        if f"{name}.conv_s.weight" in layers:
            x = layers.conv(self._spade(x, features, f"{name}.norm_s"), f"{name}.conv_s")
        return x + y

    def _spade(self, x: Tensor, features: Tensor, name: str) -> Tensor:
        """Normalised, then scaled and shifted place by place as the features say."""
        layers, f = self._layers, self._layers.f
        features = f.interpolate(features, size=x.shape[2:], mode="nearest")
        shared = f.relu(layers.conv(features, f"{name}.mlp_shared.0"))
        gain, offset = (layers.conv(shared, f"{name}.mlp_{part}") for part in ("gamma", "beta"))
        return f.instance_norm(x) * (1 + gain) + offset


class Perceptron(_Network):
    """S: corrections of keypoints, for stitching, eyes or lips."""

    def __init__(self, tensors: Mapping[str, Tensor], sizes: Sizes = OFFICIAL) -> None:
        super().__init__(tensors, sizes)
        self._names = sorted(
            (name.removesuffix(".weight") for name in tensors if name.endswith(".weight")),
            key=lambda name: int(name.rpartition(".")[2]),
        )

    def __call__(self, x: Tensor) -> Tensor:
        """(B, inputs) to (B, outputs)."""
        for name in self._names[:-1]:
            x = self._layers.f.relu(self._layers.linear(x, name))
        return self._layers.linear(x, self._names[-1])
