"""In-between frames by RIFE and FILM.

RIFE (arXiv:2011.06294): any time at once; the matte moves along the same flow as the colours. FILM
(arXiv:2202.04901), for large movements: best in the middle, so times are found by halving; the
matte is a second pass, since what happens inside the file is its own. Neither is asked across a
cut, about frames that are the same, or about what stands still.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskU8
from prerender.engines.base import ActorFrame
from prerender.engines.inbetween import between_pairs
from prerender.engines.neural.contract import need_bytes_of
from prerender.engines.neural.rife_network import MULTIPLE, build_rife, in_between
from prerender.engines.neural.torch_runtime import Module, TorchModel, TorchNet
from prerender.engines.neural.torch_weights import read_checkpoint, read_script
from prerender.engines.neural.workbench import Workbench
from prerender.engines.weights import OpenWeights, weights_room

_FILM_MULTIPLE = 64
_MIDDLE = Fraction(1, 2)

_F32 = npt.NDArray[np.float32]


class Rife:
    """`InterpolateEngine` with RIFE; loads when first used, holds two frames at a time."""

    version = 1
    generative = False  # it moves and mixes the pixels there are

    def __init__(self, model: str, bench: Workbench) -> None:
        weights = weights_room().open(model)
        self.info = weights_room().info(model, self.version, generative=self.generative)
        file = weights.files["weights"]
        net = TorchNet(
            model, lambda: build_rife(model, read_checkpoint(file)), need_bytes_of(model)
        )
        self._net = TorchModel(net, bench)

    def close(self) -> None:
        """Free the memory."""
        self._net.close()

    def between(self, frames: Iterable[ActorFrame], factor: int) -> Iterator[ActorFrame]:
        """See `InterpolateEngine.between`."""
        return between_pairs(frames, factor, self._pair)

    def _pair(self, first: ActorFrame, second: ActorFrame, factor: int) -> Iterator[ActorFrame]:
        height, width = first.matte.shape
        # right and below, as its authors do; continued, not black, for the border has to hold
        room = ((0, -height % MULTIPLE), (0, -width % MULTIPLE))
        colours = np.stack([_planes(frame.colour, room) for frame in (first, second)])
        mattes = np.stack([_planes(frame.matte, room) for frame in (first, second)])
        for step in range(1, factor):
            time = step / factor
            colour, matte = self._net.run(
                colours, mattes, call=lambda net, a, b, at=time: in_between(net, a, b, at)
            )
            yield ActorFrame(
                _levels(colour[0, :, :height, :width]).transpose(1, 2, 0).copy(),
                _levels(matte[0, 0, :height, :width]),
            )


class Film:
    """`InterpolateEngine` with FILM; loads when first used, holds one pair and its frames."""

    version = 1
    generative = True

    def __init__(self, model: str, bench: Workbench) -> None:
        weights = weights_room().open(model)
        self.info = weights_room().info(model, self.version, generative=self.generative)
        net = TorchNet(model, lambda: _film(weights), need_bytes_of(model))
        self._net = TorchModel(net, bench)

    def close(self) -> None:
        """Free the memory."""
        self._net.close()

    def between(self, frames: Iterable[ActorFrame], factor: int) -> Iterator[ActorFrame]:
        """See `InterpolateEngine.between`."""
        return between_pairs(frames, factor, self._pair)

    def _pair(self, first: ActorFrame, second: ActorFrame, factor: int) -> Iterator[ActorFrame]:
        colours = self._halved([_planes(frame.colour) for frame in (first, second)], factor)
        if np.array_equal(first.matte, second.matte):
            mattes = [_planes(first.matte)] * (factor + 1)
        else:  # its three channels alike: the network knows pictures only
            grey = [_planes(np.dstack([frame.matte] * 3)) for frame in (first, second)]
            mattes = self._halved(grey, factor)
        for colour, matte in zip(colours[1:-1], mattes[1:-1], strict=True):
            yield ActorFrame(_levels(colour).transpose(1, 2, 0).copy(), _levels(matte.mean(axis=0)))

    def _halved(self, ends: list[_F32], factor: int) -> list[_F32]:
        """(3, H, W) at every step from one end to the other."""
        found = {0: ends[0], factor: ends[1]}
        for wanted, low, high in halving(factor):
            time = np.array([[(wanted - low) / (high - low)]], np.float32)
            found[wanted] = self._middle(found[low], found[high], time)
        return [found[step] for step in range(factor + 1)]

    def _middle(self, first: _F32, second: _F32, time: _F32) -> _F32:
        height, width = first.shape[1:]
        down, right = -height % _FILM_MULTIPLE, -width % _FILM_MULTIPLE
        top, left = down // 2, right // 2
        room = ((0, 0), (top, down - top), (left, right - left))
        padded = [np.pad(side, room)[np.newaxis] for side in (first, second)]  # black, as it learnt
        (answer,) = self._net.run(*padded, time)
        return np.clip(answer[0, :, top : top + height, left : left + width], 0.0, 1.0)


def halving(factor: int) -> Iterator[tuple[int, int, int]]:
    """Steps between 0 and `factor` in the order they are made, each with the two it lies between.

    The next one is always that which lies nearest the middle of its two neighbours.
    """
    there, open_steps = [0, factor], list(range(1, factor))
    while open_steps:
        _, wanted, low, high = min(
            (abs(Fraction(step - low, high - low) - _MIDDLE), step, low, high)
            for low, high in pairwise(there)
            for step in open_steps
            if low < step < high
        )
        yield wanted, low, high
        there = sorted([*there, wanted])
        open_steps.remove(wanted)


def _film(weights: OpenWeights) -> Module:
    network = read_script(weights.files["weights"], weights.digests["weights"])
    return network.float()  # the half-precision file is for GPUs, and half as good on them


def _planes(picture: ImageU8 | MaskU8, room: Any = None) -> _F32:  # noqa: ANN401 (np.pad's)
    """(C, H, W) 0..1, with room below and to the right if wanted."""
    values = picture if picture.ndim == 3 else picture[..., np.newaxis]
    if room is not None:
        values = np.pad(values, (*room, (0, 0)), mode="edge")
    return np.ascontiguousarray(values.transpose(2, 0, 1), np.float32) / np.float32(255)


def _levels(values: _F32) -> npt.NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(values * 255), 0, 255), np.uint8)
