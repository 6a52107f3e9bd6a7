"""Solid things that matting takes for half transparent ones.

A grey ring between a black coat and a white wall has a colour that is a mixture of both, so matting
gives it a level alpha of a third. A true mixture, such as a blurred edge or hair, changes from
pixel to pixel; a level region is one thing, and belongs to the side that it has no edge against.

Method: regions of level, undecided alpha; a watershed over the picture (Meyer, "Color image
segmentation", 1992) lets subject and background flow into them and meet at the strongest edges.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskF32
from frame_app.base.optional import require

_UNDECIDED = (0.12, 0.88)  # alpha between which a region is questioned
_SURE = 0.05  # from 0 and from 1: alpha from which subject and background flow
_LEVEL = 0.06  # steps of alpha per pixel that count as level
_LEAST = 0.03  # face sizes: side of the smallest square that is a region
_ONE_SIDED = 0.8  # share of a region that one side must flood
_BARRIER = 10.0  # Lab units per pixel of an edge that keeps the background out of what is solid
_OPEN = 8.0  # the same, of the strongest edge between a region and the background it is part of
_DOUBTED = 0.45  # belief of the network from which a region without an edge is not background
_SOFT = 1.0  # px of blur in which grain is no edge
_REACH = 3  # px around a region in which its edges are looked for
_BESIDE = 0.1  # alpha by which the neighbourhood differs from the region

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]


def decided_plateaus(image: ImageU8, alpha: MaskF32, belief: MaskF32, face_px: float) -> MaskF32:
    """1 or 0 in regions that are solid or background in truth, NaN elsewhere.

    Args:
        image: The picture `alpha` was solved in.
        alpha: 0..1.
        belief: What a network believes of each pixel, 0..1: a dark fold before a dark wall has no
            edge, and is no background.
        face_px: Size of a face, which regions are measured by.
    """
    cv2 = require("cv2")
    found = np.full(alpha.shape, np.nan, np.float32)
    level = _level_regions(alpha)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(level, connectivity=8)
    least = max(9.0, (_LEAST * face_px) ** 2)
    large = [region for region in range(1, count) if stats[region, cv2.CC_STAT_AREA] >= least]
    if not large:
        return found
    soft = cv2.GaussianBlur(image, (0, 0), _SOFT)
    flooded = _flooded(soft, alpha)
    steps = _steps(soft)
    for region in large:
        x, y, wide, high = stats[region, :4]
        rows = slice(max(0, y - _REACH), y + high + _REACH)
        columns = slice(max(0, x - _REACH), x + wide + _REACH)
        part = (rows, columns)
        value = _verdict(labels[part] == region, alpha[part], flooded[part], steps[part])
        if value == 0.0 and float(belief[labels == region].mean()) > _DOUBTED:
            continue
        if value is not None:
            found[part][labels[part] == region] = value
    return found


def _level_regions(alpha: MaskF32) -> npt.NDArray[np.uint8]:
    cv2 = require("cv2")
    smooth = cv2.GaussianBlur(alpha, (0, 0), _SOFT)
    slope = np.hypot(*(cv2.Sobel(smooth, cv2.CV_32F, dx, 1 - dx) / 8 for dx in (0, 1)))
    low, high = _UNDECIDED
    level = (alpha > low) & (alpha < high) & (slope < _LEVEL)
    square = np.ones((3, 3), np.uint8)
    return np.asarray(cv2.morphologyEx(level.astype(np.uint8), cv2.MORPH_OPEN, square), np.uint8)


def _flooded(soft: ImageU8, alpha: MaskF32) -> npt.NDArray[np.int32]:
    """1 where background flows to, 2 where the subject does, -1 where they meet."""
    sides = np.zeros(alpha.shape, np.int32)
    sides[alpha < _SURE] = 1
    sides[alpha > 1 - _SURE] = 2
    return np.asarray(require("cv2").watershed(np.ascontiguousarray(soft), sides), np.int32)


def _steps(soft: ImageU8) -> _F32:
    """Change of colour per pixel, in Lab units of 8 bits."""
    cv2 = require("cv2")
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2LAB).astype(np.float32)
    ways = [cv2.Sobel(lab, cv2.CV_32F, dx, 1 - dx) / 8 for dx in (0, 1)]
    return np.asarray(np.sqrt(sum((way**2).sum(axis=2) for way in ways)), np.float32)


def _verdict(
    inside: _Bool, alpha: MaskF32, flooded: npt.NDArray[np.int32], steps: _F32
) -> float | None:
    """1 for a solid region, 0 for background, None where it may be a true mixture."""
    around = require("cv2").dilate(inside.astype(np.uint8), np.ones((2 * _REACH + 1,) * 2)) > 0
    mean = float(alpha[inside].mean())
    towards_ground = around & ~inside & (alpha < mean - _BESIDE)
    towards_subject = around & ~inside & (alpha > mean + _BESIDE)
    if not towards_ground.any() or not towards_subject.any():
        return None
    ground, subject = (
        float(np.percentile(steps[side], 75)) for side in (towards_ground, towards_subject)
    )
    if float((flooded[inside] == 2).mean()) > _ONE_SIDED and ground > _BARRIER:
        return 1.0
    if float((flooded[inside] == 1).mean()) > _ONE_SIDED and ground < min(_OPEN, subject):
        return 0.0
    return None
