"""Names and shapes of every tensor of the five networks.

Source: the published state dicts, as listed in the contract (LivePortrait, arXiv:2407.03168). A
file that holds these names in these shapes is the architecture that `nets` runs; nothing else is.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Shape: TypeAlias = tuple[int, ...]
Entry: TypeAlias = tuple[str, Shape]
Net: TypeAlias = str
"""One of `NETS`."""

NETS: Final[tuple[Net, ...]] = (
    "appearance",
    "motion",
    "warping",
    "decoder",
    "stitching",
    "eye",
    "lip",
)
COUNTER: Final = "num_batches_tracked"
"""Last part of the names of the only tensors that are whole numbers, which nothing reads."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Widths and depths of the networks; the defaults are those of the published weights."""

    side_px: int = 256
    """Of the square picture that the networks see; what they draw has twice that side."""
    first: int = 64
    """Channels after the first convolution; doubled by each of `downs` halvings."""
    downs: int = 2
    channels: int = 32
    """Of the feature volume."""
    depth: int = 16
    """Layers of the feature volume."""
    volume_blocks: int = 6
    keypoints: int = 21
    bins: int = 66
    """Of each head angle."""
    blocks: tuple[int, ...] = (3, 3, 9, 3)
    """Of the four stages of the motion network."""
    widths: tuple[int, ...] = (96, 192, 384, 768)
    glass: int = 32
    """First channels of the hourglass, and the most it may have."""
    glass_cap: int = 1024
    glass_blocks: int = 5
    compressed: int = 4
    """Channels that the feature volume is reduced to before it is moved once per keypoint."""
    shade: int = 128
    """Hidden channels of each spatially adaptive normalisation."""
    middle: int = 6
    stitching: tuple[int, ...] = (128, 128, 64)
    eye: tuple[int, ...] = (256, 256, 128, 128, 64)
    lip: tuple[int, ...] = (128, 128, 64)

    @property
    def inner(self) -> int:
        """Channels of the flat feature picture between the networks."""
        return self.first << self.downs

    @property
    def volume_side(self) -> int:
        """Width and height of the feature volume."""
        return self.side_px >> self.downs

    @property
    def slots(self) -> int:
        """Motions among which each place of the volume chooses: one per keypoint, and none."""
        return self.keypoints + 1

    @property
    def glass_in(self) -> int:
        """Channels that enter the hourglass."""
        return self.slots * (self.compressed + 1)

    @property
    def glass_out(self) -> int:
        """Channels that leave it: its own first ones, and what entered."""
        return self.glass + self.glass_in


OFFICIAL: Final = Sizes()
"""What was published."""


def layout(net: Net, sizes: Sizes = OFFICIAL) -> dict[str, Shape]:
    """Name and shape of every tensor of one network, in the order of its state dict."""
    entries = {
        "appearance": _appearance,
        "motion": _motion,
        "warping": _warping,
        "decoder": _decoder,
    }
    if net in entries:
        return dict(entries[net](sizes))
    points = 3 * sizes.keypoints
    inputs, hidden, outputs = {
        "stitching": (2 * points, sizes.stitching, points + 2),
        "eye": (points + 3, sizes.eye, points),
        "lip": (points + 2, sizes.lip, points),
    }[net]
    return dict(_perceptron((inputs, *hidden, outputs)))


def tensor_bytes(shapes: Mapping[str, Shape]) -> int:
    """What the tensors of a layout take in memory in single precision."""
    return sum((8 if name.endswith(COUNTER) else 4) * math.prod(s) for name, s in shapes.items())


def _affine(name: str, *shape: int) -> Iterator[Entry]:
    """A convolution or a matrix with its bias; `shape` is that of the weight."""
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def _pair(name: str, channels: int) -> Iterator[Entry]:
    """Gain and offset per channel."""
    yield from _affine(name, channels)


def _batch_norm(name: str, channels: int) -> Iterator[Entry]:
    yield from _pair(name, channels)
    yield f"{name}.running_mean", (channels,)
    yield f"{name}.running_var", (channels,)
    yield f"{name}.{COUNTER}", ()


def _block(name: str, inputs: int, outputs: int, kernel: Shape) -> Iterator[Entry]:
    """A convolution and its normalisation."""
    yield from _affine(f"{name}.conv", outputs, inputs, *kernel)
    yield from _batch_norm(f"{name}.norm", outputs)


def _appearance(s: Sizes) -> Iterator[Entry]:
    yield from _block("first", 3, s.first, (3, 3))
    for step in range(s.downs):
        inputs = s.first * 2**step
        yield from _block(f"down_blocks.{step}", inputs, 2 * inputs, (3, 3))
    yield from _affine("second", s.channels * s.depth, s.inner, 1, 1)
    for number in range(s.volume_blocks):
        name = f"resblocks_3d.3dr{number}"
        for conv in ("conv1", "conv2"):
            yield from _affine(f"{name}.{conv}", s.channels, s.channels, 3, 3, 3)
        for norm in ("norm1", "norm2"):
            yield from _batch_norm(f"{name}.{norm}", s.channels)


def _motion(s: Sizes) -> Iterator[Entry]:
    top = "detector"
    yield from _affine(f"{top}.downsample_layers.0.0", s.widths[0], 3, 4, 4)
    yield from _pair(f"{top}.downsample_layers.0.1", s.widths[0])
    for stage in range(1, len(s.widths)):
        before, after = s.widths[stage - 1], s.widths[stage]
        yield from _pair(f"{top}.downsample_layers.{stage}.0", before)
        yield from _affine(f"{top}.downsample_layers.{stage}.1", after, before, 2, 2)
    for stage, (count, width) in enumerate(zip(s.blocks, s.widths, strict=True)):
        for number in range(count):
            name = f"{top}.stages.{stage}.{number}"
            yield from _affine(f"{name}.dwconv", width, 1, 7, 7)
            yield from _pair(f"{name}.norm", width)
            yield from _affine(f"{name}.pwconv1", 4 * width, width)
            yield f"{name}.grn.gamma", (1, 1, 1, 4 * width)
            yield f"{name}.grn.beta", (1, 1, 1, 4 * width)
            yield from _affine(f"{name}.pwconv2", width, 4 * width)
    yield from _pair(f"{top}.norm", s.widths[-1])
    for head, outputs in heads(s).items():
        yield from _affine(f"{top}.fc_{head}", outputs, s.widths[-1])


def heads(s: Sizes) -> dict[str, int]:
    """What the motion network says of a face, and in how many numbers."""
    return {
        "kp": 3 * s.keypoints,
        "scale": 1,
        "pitch": s.bins,
        "yaw": s.bins,
        "roll": s.bins,
        "t": 3,
        "exp": 3 * s.keypoints,
    }


def glass_widths(s: Sizes) -> list[int]:
    """Channels of the hourglass at each of its resolutions, the finest first."""
    return [min(s.glass_cap, s.glass * 2**step) for step in range(s.glass_blocks + 1)]


def _warping(s: Sizes) -> Iterator[Entry]:
    top, widths, kernel = "dense_motion_network", glass_widths(s), (3, 3, 3)
    for step in range(s.glass_blocks):
        inputs = widths[step] if step else s.glass_in
        yield from _block(
            f"{top}.hourglass.encoder.down_blocks.{step}", inputs, widths[step + 1], kernel
        )
    for number, step in enumerate(reversed(range(s.glass_blocks))):
        inputs = widths[step + 1] * (1 if step == s.glass_blocks - 1 else 2)
        yield from _block(
            f"{top}.hourglass.decoder.up_blocks.{number}", inputs, widths[step], kernel
        )
    yield from _block(f"{top}.hourglass.decoder", s.glass_out, s.glass_out, kernel)
    yield from _affine(f"{top}.mask", s.slots, s.glass_out, 7, 7, 7)
    yield from _affine(f"{top}.compress", s.compressed, s.channels, 1, 1, 1)
    yield from _batch_norm(f"{top}.norm", s.compressed)
    yield from _affine(f"{top}.occlusion", 1, s.glass_out * s.depth, 7, 7)
    yield from _block("third", s.channels * s.depth, s.inner, (3, 3))
    yield from _affine("fourth", s.inner, s.inner, 1, 1)


def decoder_blocks(s: Sizes) -> dict[str, tuple[int, int]]:
    """Channels in and out of each residual block of the decoder."""
    wide = 2 * s.inner
    return {
        **{f"G_middle_{number}": (wide, wide) for number in range(s.middle)},
        "up_0": (wide, s.inner),
        "up_1": (s.inner, s.first),
    }


def _decoder(s: Sizes) -> Iterator[Entry]:
    yield from _affine("fc", 2 * s.inner, s.inner, 3, 3)
    for name, (inputs, outputs) in decoder_blocks(s).items():
        narrow = min(inputs, outputs)
        yield from _spectral(f"{name}.conv_0", narrow, inputs, 3, biased=True)
        yield from _spectral(f"{name}.conv_1", outputs, narrow, 3, biased=True)
        if inputs != outputs:
            yield from _spectral(f"{name}.conv_s", outputs, inputs, 1, biased=False)
        yield from _spade(f"{name}.norm_0", inputs, s)
        yield from _spade(f"{name}.norm_1", narrow, s)
        if inputs != outputs:
            yield from _spade(f"{name}.norm_s", inputs, s)
    yield from _affine("conv_img.0", 12, s.first, 3, 3)


def _spectral(
    name: str, outputs: int, inputs: int, kernel: int, *, biased: bool
) -> Iterator[Entry]:
    """A convolution whose weight is stored beside its two singular vectors."""
    if biased:
        yield f"{name}.bias", (outputs,)
    yield f"{name}.weight_orig", (outputs, inputs, kernel, kernel)
    yield f"{name}.weight_u", (outputs,)
    yield f"{name}.weight_v", (inputs * kernel * kernel,)


def _spade(name: str, channels: int, s: Sizes) -> Iterator[Entry]:
    yield from _affine(f"{name}.mlp_shared.0", s.shade, s.inner, 3, 3)
    yield from _affine(f"{name}.mlp_gamma", channels, s.shade, 3, 3)
    yield from _affine(f"{name}.mlp_beta", channels, s.shade, 3, 3)


def _perceptron(widths: Sequence[int]) -> Iterator[Entry]:
    """Matrices with a rectifier, which has no tensors, between any two."""
    for number in range(len(widths) - 1):
        yield from _affine(f"mlp.{2 * number}", widths[number + 1], widths[number])
