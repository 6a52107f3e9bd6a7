"""Smooth continuation of pictures into places that have no value.

Push-pull: known pixels are averaged down a pyramid, and holes take the value of the coarsest level
that knows one on the way up. Also the colour guided filter, which carries a mask from a small
picture to the edges of a large one.
Methods: Gortler et al., "The Lumigraph", 1996; He, Sun, Tang, "Guided Image Filtering", 2013, and
"Fast Guided Filter", 2015 (arXiv:1505.00996).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskF32
from frame_app.base.optional import require

_LEAST = 1e-6  # weight below which a mean is only rounding

_F32 = npt.NDArray[np.float32]


def push_pull(values: _F32, weight: MaskF32) -> _F32:
    """`values` where `weight` is 1, and a smooth continuation where it is 0.

    Args:
        values: (H, W) or (H, W, C).
        weight: 0..1 how well each pixel is known; all 0 returns zeros.
    """
    cv2 = require("cv2")
    flat = values.ndim == 2
    colours = values[..., np.newaxis] if flat else values
    filled = _pull(colours.astype(np.float32), weight.astype(np.float32), cv2)
    return filled[..., 0] if flat else filled


def _pull(values: _F32, weight: _F32, cv2: Any) -> _F32:  # noqa: ANN401 (module)
    height, width = weight.shape
    if min(height, width) <= 2:
        total = float(weight.sum())
        mean = (values * weight[..., np.newaxis]).sum(axis=(0, 1)) / max(total, 1e-9)
        known = np.clip(weight, 0.0, 1.0)[..., np.newaxis]
        return np.asarray(known * values + (1 - known) * mean, np.float32)
    size = ((width + 1) // 2, (height + 1) // 2)
    # Blurring before the reduction keeps the continuation free of block edges.
    mass = cv2.resize(cv2.GaussianBlur(weight, (5, 5), 1.0), size, interpolation=cv2.INTER_AREA)
    summed = cv2.resize(
        cv2.GaussianBlur(values * weight[..., np.newaxis], (5, 5), 1.0),
        size,
        interpolation=cv2.INTER_AREA,
    ).reshape(size[1], size[0], -1)
    coarse = _pull(
        (summed / np.maximum(mass, _LEAST)[..., np.newaxis]).astype(np.float32),
        np.where(mass > _LEAST, np.minimum(1.0, mass * 2), 0.0).astype(np.float32),
        cv2,
    )
    wide = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    wide = cv2.GaussianBlur(wide, (5, 5), 1.2).reshape(height, width, -1)  # no lattice of levels
    known = np.clip(weight, 0.0, 1.0)[..., np.newaxis]
    return np.asarray(known * values + (1 - known) * wide, np.float32)


def guided_upsample(mask: MaskF32, image: ImageU8, radius: int, epsilon: float) -> MaskF32:
    """`mask` of a smaller size, brought to the size of `image` along the edges of `image`.

    Args:
        mask: 0..1.
        image: The guide, larger than or as large as the mask.
        radius: Of the windows, in pixels of the mask.
        epsilon: Colour variance, 0..1 scale, below which a window counts as flat.
    """
    cv2 = require("cv2")
    height, width = mask.shape
    guide = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    guide = guide.astype(np.float32) / 255
    slope, offset = _coefficients(guide, mask.astype(np.float32), radius, epsilon)
    size = (image.shape[1], image.shape[0])
    out = cv2.resize(offset, size, interpolation=cv2.INTER_LINEAR)
    for channel in range(3):
        wide = cv2.resize(slope[..., channel], size, interpolation=cv2.INTER_LINEAR)
        out += wide * (image[..., channel].astype(np.float32) / 255)
    return np.asarray(np.clip(out, 0.0, 1.0), np.float32)


def _coefficients(guide: _F32, mask: _F32, radius: int, epsilon: float) -> tuple[_F32, _F32]:
    cv2 = require("cv2")
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(values: npt.NDArray[Any]) -> _F32:
        return np.asarray(cv2.boxFilter(values, -1, window, borderType=cv2.BORDER_REFLECT))

    planes = [np.ascontiguousarray(guide[..., channel]) for channel in range(3)]
    centre, level = [mean(plane) for plane in planes], mean(mask)
    a, b, c, d, e, f = (
        mean(planes[one] * planes[two]) - centre[one] * centre[two] + (one == two) * epsilon
        for one, two in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    )
    joint = [mean(planes[one] * mask) - centre[one] * level for one in range(3)]
    # the inverse of the symmetric covariance, by cofactors: LAPACK takes thrice as long
    aa, ab, ac = d * f - e * e, c * e - b * f, b * e - c * d
    bb, bc, cc = a * f - c * c, b * c - a * e, a * d - b * b
    scale = 1.0 / (a * aa + b * ab + c * ac)
    slopes = [
        scale * (row[0] * joint[0] + row[1] * joint[1] + row[2] * joint[2])
        for row in ((aa, ab, ac), (ab, bb, bc), (ac, bc, cc))
    ]
    offset = level.copy()
    for slope, middle in zip(slopes, centre, strict=True):
        offset -= slope * middle
    return np.dstack([mean(slope) for slope in slopes]), mean(offset)
