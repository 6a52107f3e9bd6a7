"""Dust and scratches: found where a picture itself has nothing like them, then filled from around.

Texture, lace, cracked paint and the blocks of a JPEG have small and thin things, too. Dust and
scratches differ from them in two ways that were measured on clean and on damaged portraits: they
print as white as paper or as black as nothing, and what lies around them is calm. A few such things
are lights of the picture; many are damage.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.optional import require

_OUTLINE = 0.06  # of the scale: where a mark ends...
_OUTLINE_PX = 10.0  # ...but at least so much, 0..255
_CONTRAST = 0.13  # of the scale: least difference of a mark to its ground...
_CONTRAST_PX = 24.0  # ...but at least so much, 0..255
_SIGMAS = 5.0  # and in noise sigmas
_SCALE = (0.5, 99.5)  # percentiles: the ends of a picture's scale
_EXTREME = 0.8  # of the scale: a mark is at least so white, or so black
_SPECK = 0.006  # of the long side: largest extent of dust
_SPECK_PX = 6.0  # and in small pictures
_RING = (2, 6)  # px beyond a mark between which its surroundings are looked at
_RING_REST = 95.0  # percentile of the ring's differences from its median that tells how calm it is
_SURE = (
    4.0  # contrast over that: clean portraits have 3 such specks at most, dusty ones 24 and more
)
_DUSTY = 5  # so many prove dust...
_LIKELY = 3.0  # ...and then these are dust, too
_IN_FACE = 6.0  # but in a face only these: moles, lights and stubble are people's own
_THICK = 0.0035  # of the long side: widest scratch
_LONG = 0.05  # of the long side: shortest scratch
_PROOF = 0.12  # of the long side: clean portraits have no line like a scratch so long
_OWN = 0.5  # of a line within eyes, lips, brows: more is a lash, a hair or a light of theirs
_THIN = 7.0  # least length over width of a scratch
_BEND = 0.055  # of its length: how far a scratch may bend
_UNEVEN = 0.3  # of its contrast: most difference between the grounds left and right of a scratch
_RIDGE = (15.0, 0.7)  # percentile of its contrast to both sides, and its part of the least contrast

_Bool = npt.NDArray[np.bool_]
_F32 = npt.NDArray[np.float32]
_U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Blemishes:
    """What was found."""

    mask: MaskU8
    specks: int
    scratches: int


def find_blemishes(image: ImageU8, sigma: float, features: MaskU8, face: MaskU8) -> Blemishes:
    """Marks that are no part of the picture.

    Args:
        image: The picture.
        sigma: Of its luma noise, 0..255.
        features: 255 where no speck is touched, and no scratch that does not go on beyond: eyes,
            lips, brows.
        face: 255 where only what is dust beyond doubt is touched.
    """
    cv2 = require("cv2")
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    side = max(5, 2 * round(_THICK * max(luma.shape) * 1.5) + 1)
    ground = cv2.medianBlur(luma, min(side * 2 - 1, 31)).astype(np.float32)
    low, high = (float(end) for end in np.percentile(luma, _SCALE))
    scale = max(high - low, 1.0)
    least = max(_CONTRAST_PX, _CONTRAST * scale, _SIGMAS * sigma)
    outline = max(_OUTLINE_PX, _OUTLINE * scale, 0.5 * least)
    mask = np.zeros(luma.shape, np.uint8)
    specks = scratches = 0
    for contrast, whiteness in ((luma - ground, luma - low), (ground - luma, high - luma)):
        marked = contrast > outline
        core = (contrast > least) & (whiteness > _EXTREME * scale)
        lines, found = _scratches(core, marked, luma, least, features)
        scratches += found
        dust, found = _specks(core & (features == 0), marked, luma, face)
        specks += found
        mask |= lines | dust
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    return Blemishes(np.where(mask > 0, 255, 0).astype(np.uint8), specks, scratches)


def fill_blemishes(image: ImageU8, mask: MaskU8, sigma: float) -> ImageU8:
    """The picture with the marks filled from around, with the picture's noise on top."""
    cv2 = require("cv2")
    if not mask.any():
        return image.copy()
    filled = cv2.inpaint(image, mask, 3, cv2.INPAINT_NS)
    where = mask > 0
    grain = np.random.default_rng(0).normal(0.0, sigma, int(where.sum()))[:, np.newaxis]
    filled[where] = np.clip(np.rint(filled[where] + grain), 0, 255).astype(np.uint8)
    return np.asarray(filled, np.uint8)


def _specks(core: _Bool, marked: _Bool, luma: _U8, face: MaskU8) -> tuple[_U8, int]:
    """Small marks on calm ground, if there are so many that the picture must be dusty."""
    cv2 = require("cv2")
    _, labels, stats, centres = cv2.connectedComponentsWithStats(marked.astype(np.uint8))
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    small = (extent <= max(_SPECK_PX, _SPECK * max(luma.shape))) & (stats[:, cv2.CC_STAT_AREA] >= 2)
    small[0] = False
    has_core = np.zeros(len(stats), bool)
    has_core[labels[core]] = True
    chosen, clear = np.flatnonzero(small & has_core), []
    for label in chosen:
        x, y, width, height = (int(value) for value in stats[label, :4])
        rows, columns = _around((y, height), luma.shape[0]), _around((x, width), luma.shape[1])
        clear.append(_clearness(labels[rows, columns] == label, luma[rows, columns]))
    clearness = np.array(clear)
    middle = np.clip(np.rint(centres[chosen]), 0, np.array(luma.shape[::-1]) - 1).astype(np.int64)
    own = face[middle[:, 1], middle[:, 0]] > 0
    mask = np.zeros(luma.shape, np.uint8)
    if int(((clearness > _SURE) & ~own).sum()) < _DUSTY:
        return mask, 0
    dust = chosen[clearness > np.where(own, _IN_FACE, _LIKELY)]
    return np.isin(labels, dust).astype(np.uint8), len(dust)


def _around(span: tuple[int, int], size: int) -> slice:
    """Rows or columns of a mark and its ring."""
    start, length = span
    return slice(max(0, start - _RING[1]), min(size, start + length + _RING[1]))


def _clearness(mark: _Bool, luma: _U8) -> float:
    """How much a mark stands out of its ring, against how much the ring does of itself."""
    kernel = np.ones((2 * _RING[0] + 1, 2 * _RING[0] + 1), np.uint8)
    ring = luma[require("cv2").dilate(mark.astype(np.uint8), kernel) == 0].astype(np.float32)
    if not len(ring):
        return 0.0
    ground = float(np.median(ring))
    rest = float(np.percentile(np.abs(ring - ground), _RING_REST))
    return float(np.abs(luma[mark] - ground).max()) / max(rest, 1.0)


def _scratches(
    core: _Bool, marked: _Bool, luma: _U8, least: float, features: MaskU8
) -> tuple[_U8, int]:
    """Long thin marks with what lies around them in shades, if one is too long for a thing."""
    cv2 = require("cv2")
    around = np.ones((3, 3), np.uint8)
    joined = cv2.morphologyEx(core.astype(np.uint8), cv2.MORPH_CLOSE, around)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    mask = np.zeros(luma.shape, np.uint8)
    spans = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    lengths = []
    spans[0] = 0.0  # the ground
    for label in np.flatnonzero(spans >= _LONG * max(luma.shape)):
        x, y, w, h = (int(value) for value in stats[label, :4])
        part = labels[y : y + h, x : x + w] == label
        if (features[y : y + h, x : x + w][part] > 0).mean() > _OWN:
            continue
        if _is_scratch(np.argwhere(part) + np.array([y, x]), luma, least):
            mask[y : y + h, x : x + w] |= part.astype(np.uint8)
            lengths.append(float(spans[label]))
    if max(lengths, default=0.0) < _PROOF * max(luma.shape):
        return np.zeros_like(mask), 0
    shaded = (cv2.dilate(mask, around) > 0) & marked
    return np.asarray(mask | shaded, np.uint8), len(lengths)


def _is_scratch(points: npt.NDArray[np.int64], luma: _U8, least: float) -> bool:
    """Thin, long, nearly straight, and apart from the same ground on both sides: an edge is not."""
    centred = points - points.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    along, off = centred @ axes[:, 1], centred @ axes[:, 0]
    length = float(np.ptp(along)) + 1
    width = len(points) / length
    is_thin = width <= max(2.0, _THICK * max(luma.shape)) and length / width >= _THIN
    if not is_thin or float(np.abs(off).max()) > _BEND * length:
        return False
    on = luma[points[:, 0], points[:, 1]].astype(np.float64)
    beside = []
    for side in (-1, 1):
        place = np.rint(points + side * (width / 2 + 3) * axes[:, 0]).astype(np.int64)
        place = np.clip(place, 0, np.array(luma.shape) - 1)
        beside.append(luma[place[:, 0], place[:, 1]].astype(np.float64))
    sign = np.sign(np.median(on - beside[0]))
    ridge = np.minimum(sign * (on - beside[0]), sign * (on - beside[1]))
    percentile, share = _RIDGE
    uneven = float(np.median(np.abs(beside[0] - beside[1]))) / max(float(np.median(ridge)), 1.0)
    return float(np.percentile(ridge, percentile)) >= share * least and uneven <= _UNEVEN
