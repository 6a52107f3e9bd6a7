"""Dust and scratches: found as small or thin marks on calm ground, then filled from around.

What is part of the picture looks much the same, so a mark must be foreign in three ways: far
outside the noise, smaller or thinner than things are, and alone on ground that is calm without it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.optional import require

_CONTRAST = 14.0  # 0..255: least difference to the ground
_SIGMAS = 5.0  # and in noise sigmas
_SPECK = 0.006  # of the long side: largest extent of dust
_SPECK_PX = 6.0  # and in small pictures
_THICK = 0.0035  # of the long side: widest scratch
_LONG = 0.05  # of the long side: shortest scratch
_THIN = 7.0  # least length over width of a scratch
_BEND = 0.03  # of its length: how far a scratch may bend
_BOTH_SIDES = 6.0  # 0..255: most difference between the grounds left and right of a scratch
_CALM = 7.0  # 0..255: roughness of ground on which a mark is believed
_SMOOTH = 4.0  # 0..255: roughness of walls and skies, on which dust shows beyond doubt
_DUSTY = 3  # specks on such ground that make a picture dusty; a clean one has lights instead
_BESIDE = 0.4  # share of a neighbourhood that must be unmarked to tell its texture
_SPREAD = 0.5  # of the density of specks on all calm ground that smooth ground must have
_ROUGH = 6.0  # 0..255: texture of cracked paint, whose lights are as small as dust
_BUSY = 1.5  # of the usual texture: from here a speck may be an ornament
_CLEAR = 1.4  # times the least difference: dust is nearly black or white
_CROWD = 4  # marks in one neighbourhood that are a texture, not dust

_Bool = npt.NDArray[np.bool_]
_F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
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
        features: 255 where nothing may be touched: eyes, lips, brows.
        face: 255 where no speck counts as dust, since moles and catchlights look like it.
    """
    cv2 = require("cv2")
    longest = max(image.shape[:2])
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    side = max(5, 2 * round(_THICK * longest * 1.5) + 1)
    ground = cv2.medianBlur(luma, min(side * 2 - 1, 31))
    calm = _roughness(ground.astype(np.float32), longest) < _CALM
    least = max(_CONTRAST, _SIGMAS * sigma)
    difference = luma.astype(np.float32) - ground
    # brush strokes and grain are rough without any mark: a mark must stand out of them, too
    bounded = np.clip(difference, -least, least)
    line_limit = np.maximum(least, _SIGMAS * _roughness(bounded, longest))
    # a speck would hide itself from that test: the texture beside it counts
    apart = cv2.dilate((np.abs(difference) > least).astype(np.uint8), np.ones((3, 3), np.uint8))
    texture = _roughness_beside(bounded, apart > 0, longest)
    limit = np.maximum(_CLEAR * least, _SIGMAS * texture)
    usual = float(np.median(texture[calm])) if calm.any() else 0.0
    usual = min(max(_SMOOTH, usual), _ROUGH)
    smooth = (texture < usual) & calm
    mask = np.zeros(luma.shape, np.uint8)
    specks = scratches = 0
    for way in (difference, -difference):
        marked = ((way > line_limit) & calm).astype(np.uint8)
        line_mask, found = _scratches(marked, luma)
        scratches += found
        mask |= line_mask
        clear = (way > limit) & calm
        every, sure = (
            _specks((clear & where).astype(np.uint8), marked, longest, face)[1]
            for where in (calm, smooth)
        )
        # dust falls everywhere alike; lights and ornaments sit where things are
        spread = sure * float(calm.mean()) / max(every * float(smooth.mean()), 1e-6)
        if sure >= _DUSTY and spread > _SPREAD:
            plain = (clear & (texture < _BUSY * usual)).astype(np.uint8)
            speck_mask, found = _specks(plain, marked, longest, face)
            specks += found
            mask |= speck_mask
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    mask[features > 0] = 0
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


def _roughness(level: _F32, longest: int) -> _F32:
    """Local standard deviation."""
    cv2 = require("cv2")
    radius = max(4, round(0.006 * longest))
    window = (2 * radius + 1, 2 * radius + 1)
    mean = cv2.boxFilter(level, -1, window)
    square = cv2.boxFilter(level * level, -1, window)
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), np.float32)


def _roughness_beside(level: _F32, apart: _Bool, longest: int) -> _F32:
    """Local standard deviation of what is not `apart`; where all is, that of all."""
    cv2 = require("cv2")
    radius = max(4, round(0.006 * longest))
    window = (2 * radius + 1, 2 * radius + 1)
    known = (~apart).astype(np.float32)
    mass = cv2.boxFilter(known, -1, window)
    inside = np.maximum(mass, 1e-3)
    mean = cv2.boxFilter(level * known, -1, window) / inside
    square = cv2.boxFilter(level * level * known, -1, window) / inside
    beside = np.sqrt(np.maximum(square - mean * mean, 0))
    return np.asarray(np.where(mass > _BESIDE, beside, _roughness(level, longest)), np.float32)


def _specks(marked: MaskU8, company: MaskU8, longest: int, face: MaskU8) -> tuple[MaskU8, int]:
    cv2 = require("cv2")
    count, labels, stats, centres = cv2.connectedComponentsWithStats(marked, connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    small = (extent <= max(_SPECK_PX, _SPECK * longest)) & (stats[:, cv2.CC_STAT_AREA] >= 2)
    small[0] = False
    place = np.clip(np.rint(centres), 0, None).astype(np.int64)
    rows = np.minimum(place[:, 1], marked.shape[0] - 1)
    columns = np.minimum(place[:, 0], marked.shape[1] - 1)
    small &= face[rows, columns] == 0
    reach = max(8, round(0.05 * longest))
    crowd = np.zeros(marked.shape, np.float32)
    # all marks make a crowd, not only small and clear ones
    near = np.clip(np.rint(cv2.connectedComponentsWithStats(company, connectivity=8)[3]), 0, None)
    beside = np.minimum(near[1:].astype(np.int64), np.array(marked.shape[::-1]) - 1)
    np.add.at(crowd, (beside[:, 1], beside[:, 0]), 1.0)
    crowd = cv2.boxFilter(
        crowd, -1, (reach, reach), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    small &= crowd[rows, columns] <= _CROWD
    return np.asarray(small[labels], np.uint8), int(small[:count].sum())


def _scratches(marked: MaskU8, luma: npt.NDArray[np.uint8]) -> tuple[MaskU8, int]:
    cv2 = require("cv2")
    longest = max(luma.shape)
    joined = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    mask = np.zeros_like(marked)
    found = 0
    spans = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    for label in np.flatnonzero(spans >= _LONG * longest):
        if label == 0 or label >= count:
            continue
        x, y, w, h, _ = (int(value) for value in stats[label])
        part = labels[y : y + h, x : x + w] == label
        if _is_scratch(np.argwhere(part) + np.array([y, x]), luma):
            mask[y : y + h, x : x + w] |= part.astype(np.uint8)
            found += 1
    return mask, found


def _is_scratch(points: npt.NDArray[np.int64], luma: npt.NDArray[np.uint8]) -> bool:
    """Thin, long, nearly straight, and with the same ground on both sides: an edge has not."""
    centre = points.mean(axis=0)
    centred = points - centre
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
    step = float(np.median(np.abs(beside[0] - beside[1])))
    wander = float(np.ptp(np.percentile(beside[0], (10, 90))))
    return step < _BOTH_SIDES and wander < 0.8 * float(np.abs(np.median(on - beside[0]))) + 6
