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
_SPECK = 0.004  # of the long side: largest extent of dust
_THICK = 0.0035  # of the long side: widest scratch
_LONG = 0.05  # of the long side: shortest scratch
_THIN = 7.0  # least length over width of a scratch
_BEND = 0.03  # of its length: how far a scratch may bend
_BOTH_SIDES = 6.0  # 0..255: most difference between the grounds left and right of a scratch
_CALM = 7.0  # 0..255: roughness of ground on which a mark is believed
_SMOOTH = 4.0  # 0..255: roughness of walls and skies, on which dust shows beyond doubt
_DUSTY = 3  # specks on such ground that make a picture dusty; a clean one has lights instead
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
    texture = _roughness(np.clip(difference, -least, least), longest)
    limit = np.maximum(least, _SIGMAS * texture)
    mask = np.zeros(luma.shape, np.uint8)
    specks = scratches = 0
    very_calm = (texture < _SMOOTH) & calm
    is_dusty = False
    for marks in (difference > limit, difference < -limit):
        marked = (marks & calm).astype(np.uint8)
        speck_mask, found = _specks(marked, longest, face)
        is_dusty |= _specks((marks & very_calm).astype(np.uint8), longest, face)[1] >= _DUSTY
        speck_mask *= is_dusty
        specks += found * is_dusty
        line_mask, found = _scratches(marked, luma)
        scratches += found
        mask |= speck_mask | line_mask
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


def _specks(marked: MaskU8, longest: int, face: MaskU8) -> tuple[MaskU8, int]:
    cv2 = require("cv2")
    count, labels, stats, centres = cv2.connectedComponentsWithStats(marked, connectivity=8)
    extent = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    small = (extent <= max(4.0, _SPECK * longest)) & (stats[:, cv2.CC_STAT_AREA] >= 2)
    small[0] = False
    place = np.clip(np.rint(centres), 0, None).astype(np.int64)
    rows = np.minimum(place[:, 1], marked.shape[0] - 1)
    columns = np.minimum(place[:, 0], marked.shape[1] - 1)
    small &= face[rows, columns] == 0
    reach = max(8, round(0.05 * longest))
    crowd = np.zeros(marked.shape, np.float32)
    np.add.at(crowd, (rows[1:], columns[1:]), 1.0)  # all marks make a crowd, not only small ones
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
