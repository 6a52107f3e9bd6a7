"""The plate by LaMa: large holes filled with structure that goes on, in the picture's own grain.

Network: Suvorov et al., WACV 2022 (arXiv:2109.07161), as TorchScript for any size, or as ONNX for
512 x 512. It was trained on small pictures and repeats itself in large holes, so the hole is first
filled in a small picture; its rim, which parallax uncovers, is then painted again at full size.
"""

import logging
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, MaskU8
from frame_app.base.optional import require
from prerender.engines.base import EngineInfo, Face, Measured
from prerender.engines.builtin_plate import NO_BACKGROUND, flat_plate, plate_warnings
from prerender.engines.continuity import add_grain, even_seam, smoothstep
from prerender.engines.neural.contract import Terms, need_bytes_of, terms_of
from prerender.engines.neural.onnx_runtime import OnnxModel, OnnxNet, Port
from prerender.engines.neural.torch_runtime import TorchModel, TorchNet
from prerender.engines.neural.torch_weights import read_script
from prerender.engines.neural.workbench import OutOfMemoryError, Workbench
from prerender.engines.weights import OpenWeights, weights_room

log = logging.getLogger(__name__)

_SIDE = 1024  # long side that the whole hole is filled at, where the network takes any
_LEAST_SIDE = 256  # what it was trained at: smaller is no use
_CONTEXT = 0.3  # of the hole's box: how much around it the network sees
_REACH = 3  # px of the network's picture by which its hole is wider: the rim is mixed colours
_RIM = 0.05  # of the long side: width of the rim that is painted again at full size
_BLUNT = 0.8  # reduction from which that is worth it
_STRIDE = 0.75  # of a tile, to the next one

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]


class ScriptTerms(Terms):
    """What the TorchScript file expects and answers."""

    multiple_of: int
    output_max: float


class OnnxTerms(Terms):
    """What the ONNX file expects and answers."""

    side: int
    output_max: float


class Painter(Protocol):
    """The network behind one size of canvas."""

    @property
    def side(self) -> int:
        """Longest side it paints at."""
        ...

    def paint(self, image: ImageF32, hole: _Bool) -> ImageF32:
        """A picture no larger than `side`, with an answer for every pixel, 0..1."""
        ...

    def close(self) -> None:
        """Free the memory."""
        ...


@dataclass(slots=True)
class ScriptPainter:
    """Any size that is a multiple of a few pixels."""

    net: TorchModel
    terms: ScriptTerms
    side: int = _SIDE
    """Written by `paint`: halved where memory does not reach."""

    def paint(self, image: ImageF32, hole: _Bool) -> ImageF32:
        """See `Painter.paint`."""
        height, width = hole.shape
        of = self.terms.multiple_of
        picture, mask = _inputs(image, hole, (-height % of, -width % of))
        (answer,) = self.net.run(picture, mask)
        return _painted(answer, self.terms.output_max, height, width)

    def close(self) -> None:
        """See `Painter.close`."""
        self.net.close()


@dataclass(slots=True)
class OnnxPainter:
    """Squares of one size."""

    net: OnnxModel
    terms: OnnxTerms

    @property
    def side(self) -> int:
        """See `Painter.side`."""
        return self.terms.side

    def paint(self, image: ImageF32, hole: _Bool) -> ImageF32:
        """See `Painter.paint`."""
        height, width = hole.shape
        room = (self.terms.side - height, self.terms.side - width)
        (answer,) = self.net.run(*_inputs(image, hole, room))
        return _painted(answer, self.terms.output_max, height, width)

    def close(self) -> None:
        """See `Painter.close`."""
        self.net.close()


class LamaPlate:
    """`PlateEngine` with LaMa; loads when first used."""

    version = 3
    generative = True

    def __init__(self, model: str, bench: Workbench) -> None:
        weights = weights_room().open(model)
        self.info: EngineInfo = weights_room().info(model, self.version, generative=self.generative)
        is_onnx = weights.files["weights"].suffix == ".onnx"
        self._painter = (_onnx if is_onnx else _script)(model, weights, bench)

    def close(self) -> None:
        """Free the memory."""
        self._painter.close()

    def fill(
        self, image: ImageU8, hole: MaskU8, others: tuple[Face, ...] = ()
    ) -> tuple[ImageU8, Measured]:
        """See `PlateEngine.fill`; `others` are not looked at: the network copies nobody's face."""
        del others
        gap = hole > 0
        scores = {"plate_hole_share": float(gap.mean())}
        if not gap.any():
            return image.copy(), Measured(scores)
        if gap.all():
            return flat_plate(image), Measured(scores, (NO_BACKGROUND,))
        result = image.copy()
        part = _box(gap)
        scale = self._whole(result, gap, part)
        if scale < _BLUNT:
            self._rim(result, gap, part)
        even_seam(result, gap)
        scores["plate_grain"] = add_grain(result, gap)
        return result, Measured(scores, plate_warnings(scores))

    def _whole(self, result: ImageU8, gap: _Bool, part: tuple[slice, slice]) -> float:
        """Fill the hole by way of a small picture, in place; returns how small it was."""
        while (scale := self._tried(result, gap, part)) is None:
            log.warning(
                "%s: not enough memory; going on at %d px", self.info.id, self._painter.side
            )
        return scale

    def _tried(self, result: ImageU8, gap: _Bool, part: tuple[slice, slice]) -> float | None:
        """As `_whole`; None if there was too little memory, and half the side may do."""
        cv2 = require("cv2")
        height, width = gap[part].shape
        painter = self._painter
        scale = min(1.0, painter.side / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(result[part], size, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(gap[part].astype(np.float32), size, interpolation=cv2.INTER_AREA)
        try:
            painted = painter.paint(_unit(small), mask > 0)
        except OutOfMemoryError:
            if not isinstance(painter, ScriptPainter) or painter.side // 2 < _LEAST_SIDE:
                raise
            painter.side //= 2
            return None
        wide = cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC)
        np.copyto(result[part], _levels(wide), where=gap[part][..., np.newaxis])
        return scale

    def _rim(self, result: ImageU8, gap: _Bool, part: tuple[slice, slice]) -> None:
        """Paint the rim of the hole again, tile by tile at full size, in place."""
        depth = require("cv2").distanceTransform(gap.astype(np.uint8), 2, 5)
        width = max(4.0, _RIM * max(gap.shape))
        ring = gap & (depth < width)
        share = (1 - smoothstep((depth / width - 0.5) * 2)).astype(np.float32)
        for tile in _tiles(part, gap.shape, self._painter.side):
            here = ring[tile]
            if not here.any() or here.all():
                continue
            painted = self._painter.paint(_unit(result[tile]), here)
            weight = (share[tile] * here)[..., np.newaxis]
            before = _unit(result[tile])
            np.copyto(
                result[tile],
                _levels(before + weight * (painted - before)),
                where=here[..., np.newaxis],
            )


def _script(model: str, weights: OpenWeights, bench: Workbench) -> Painter:
    file, digest = weights.files["weights"], weights.digests["weights"]
    net = TorchNet(model, lambda: read_script(file, digest), need_bytes_of(model))
    return ScriptPainter(TorchModel(net, bench), terms_of(model, weights, ScriptTerms))


def _onnx(model: str, weights: OpenWeights, bench: Workbench) -> Painter:
    terms = terms_of(model, weights, OnnxTerms)
    side = terms.side
    net = OnnxNet(
        model,
        weights.files["weights"],
        (Port((None, 3, side, side), "image"), Port((None, 1, side, side), "mask")),
        (Port((None, 3, side, side)),),
        need_bytes_of(model),
    )
    return OnnxPainter(OnnxModel(net, bench), terms)


def _box(gap: _Bool) -> tuple[slice, slice]:
    """The hole with surroundings."""
    sides = []
    for at, length in zip(np.nonzero(gap), gap.shape, strict=True):
        low, high = int(at.min()), int(at.max()) + 1
        room = max(16, round(_CONTEXT * (high - low)))
        sides.append(slice(max(0, low - room), min(length, high + room)))
    return sides[0], sides[1]


def _tiles(
    part: tuple[slice, slice], shape: tuple[int, ...], side: int
) -> list[tuple[slice, slice]]:
    """Squares that cover a part of a picture, each reaching into the next."""
    starts = []
    for where, length in zip(part, shape, strict=True):
        last = max(where.start, min(where.stop, length) - side)
        step = max(1, round(_STRIDE * side))
        starts.append(sorted({*range(where.start, last, step), last}))
    return [
        (slice(y, min(y + side, shape[0])), slice(x, min(x + side, shape[1])))
        for y in starts[0]
        for x in starts[1]
    ]


def _inputs(image: ImageF32, hole: _Bool, room: tuple[int, int]) -> tuple[_F32, _F32]:
    """(1, 3, H, W) and (1, 1, H, W) with room below and to the right, mirrored."""
    cv2 = require("cv2")
    kernel = np.ones((2 * _REACH + 1,) * 2, np.uint8)
    mask = cv2.dilate(hole.astype(np.uint8), kernel).astype(np.float32)
    # what the hole held must not matter, whatever a file does with it
    picture = image * (1 - mask[..., np.newaxis])
    pads = ((0, room[0]), (0, room[1]))
    picture = np.pad(picture, (*pads, (0, 0)), mode="symmetric")
    mask = np.pad(mask, pads, mode="symmetric")
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[np.newaxis]), mask[
        np.newaxis, np.newaxis
    ]


def _painted(answer: _F32, most: float, height: int, width: int) -> ImageF32:
    values = answer[0, :, :height, :width].transpose(1, 2, 0) / np.float32(most)
    return np.asarray(np.clip(values, 0.0, 1.0), np.float32)


def _unit(image: ImageU8) -> ImageF32:
    return image.astype(np.float32) / np.float32(255)


def _levels(image: ImageF32) -> ImageU8:
    return np.asarray(np.clip(np.rint(image * 255), 0, 255), np.uint8)
