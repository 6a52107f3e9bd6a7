"""Solid things that matting takes for half transparent ones.

A grey ring between a black coat and a white wall has a colour that is a mixture of both, so matting
gives it a level alpha of a third. A true mixture, such as a blurred edge or hair, changes from
pixel to pixel; a level region is one thing: solid, if an edge parts it from the background, and
background, if that flows into it and has its colours.

Method: regions of level, undecided alpha; a watershed over the picture (Meyer, "Color image
segmentation", 1992) lets subject and background flow into them and meet at the strongest edges.
"""

from typing import NamedTuple

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
_SAME = 5.0  # Lab units from a colour of the background nearby; folds and wisps differ by more
_NEARBY = 0.12  # face sizes around a region from which its background is taken
_SAMPLES = 400  # pixels of it that colours are compared with
_SOFT = 1.0  # px of blur in which grain is no edge
_REACH = 3  # px around a region in which its edges are looked for
_BESIDE = 0.1  # alpha by which the neighbourhood differs from the region

_Bool = npt.NDArray[np.bool_]


def decided_plateaus(image: ImageU8, alpha: MaskF32, face_px: float) -> MaskF32:
    """1 or 0 in regions that are solid or background in truth, NaN elsewhere.

    Args:
        image: The picture `alpha` was solved in.
        alpha: 0..1.
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
    seen = _Seen(alpha, _flooded(soft, alpha), cv2.cvtColor(soft, cv2.COLOR_RGB2LAB))
    reach = max(_REACH, round(_NEARBY * face_px))
    for region in large:
        x, y, wide, high = stats[region, :4]
        rows = slice(max(0, y - reach), y + high + reach)
        columns = slice(max(0, x - reach), x + wide + reach)
        inside = labels[rows, columns] == region
        value = _verdict(inside, seen.part(rows, columns))
        if value is not None:
            found[rows, columns][inside] = value
    return found


class _Seen(NamedTuple):
    """What is known of a part of the picture."""

    alpha: MaskF32
    flooded: npt.NDArray[np.int32]
    """1 where background flows to, 2 where the subject does."""
    lab: ImageU8

    def part(self, rows: slice, columns: slice) -> "_Seen":
        """The same of a smaller part."""
        at = rows, columns
        return _Seen(self.alpha[at], self.flooded[at], self.lab[at])


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


def _verdict(inside: _Bool, seen: _Seen) -> float | None:
    """1 for a solid region, 0 for background, None where it may be a true mixture."""
    if float((seen.flooded[inside] == 2).mean()) > _ONE_SIDED:
        return 1.0 if _parted(inside, seen) > _BARRIER else None
    if float((seen.flooded[inside] == 1).mean()) > _ONE_SIDED:
        return 0.0 if _strangeness(inside, seen) < _SAME else None
    return None


def _parted(inside: _Bool, seen: _Seen) -> float:
    """Change of colour per pixel, in Lab units, towards the background beside a region."""
    cv2 = require("cv2")
    around = cv2.dilate(inside.astype(np.uint8), np.ones((2 * _REACH + 1,) * 2)) > 0
    beside = around & ~inside & (seen.alpha < float(seen.alpha[inside].mean()) - _BESIDE)
    if not beside.any():
        return 0.0
    ways = [cv2.Sobel(seen.lab, cv2.CV_32F, dx, 1 - dx) / 8 for dx in (0, 1)]
    steps = np.sqrt(sum((way**2).sum(axis=2) for way in ways))
    return float(np.percentile(steps[beside], 75))


def _strangeness(inside: _Bool, seen: _Seen) -> float:
    """How far, in Lab units, most colours of a region are from all of the background nearby."""
    ground = seen.lab[seen.alpha < _SURE].astype(np.float32)
    if not len(ground):
        return np.inf
    ground = ground[:: -(-len(ground) // _SAMPLES)]
    own = seen.lab[inside].astype(np.float32)
    own = own[:: -(-len(own) // _SAMPLES)]
    apart = np.sqrt(((own[:, np.newaxis] - ground) ** 2).sum(axis=2))
    return float(np.median(apart.min(axis=1)))
