"""Laying one picture over another with soft edges; pixels in a row are as good as a picture."""

from functools import cache
from types import ModuleType

import numpy as np

from frame_app.base.arrays import ImageF32, MaskF32
from frame_app.base.optional import require
from prerender.portrait.grid import smoothstep

_LONGEST = 32_000  # pixels in a row that OpenCV looks up at once


def over(below: ImageF32, above: ImageF32, alpha: MaskF32) -> ImageF32:
    """`above` where `alpha` is 1, `below` where it is 0; any range of levels."""
    out = np.subtract(above, below, dtype=np.float32)
    # Three equal channels: numpy takes four times as long to spread one over three.
    out *= thrice(alpha, out)
    out += below
    return out


def thrice(values: MaskF32, like: ImageF32) -> ImageF32:
    """The same values for each colour of a picture."""
    return np.asarray(_cv2().merge((values, values, values)), np.float32).reshape(like.shape)


@cache
def _cv2() -> ModuleType:
    """Looked for once: that takes as long as a small picture."""
    return require("cv2")


def sampled(source: ImageF32, x: MaskF32, y: MaskF32, *, linear: bool = False) -> ImageF32:
    """A picture or map at places in a row, (N,) each; 0, 0 is the middle of its first pixel."""
    cv2 = _cv2()
    how = cv2.INTER_LINEAR if linear else cv2.INTER_CUBIC
    parts = [
        cv2.remap(source, a, b, how, borderMode=cv2.BORDER_REPLICATE)
        for a, b in (
            (x[np.newaxis, i : i + _LONGEST], y[np.newaxis, i : i + _LONGEST])
            for i in range(0, len(x), _LONGEST)
        )
    ]
    if not parts:
        return np.empty((0, *source.shape[2:]), np.float32)
    row = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return np.asarray(row[0], np.float32)


def edge(distance: MaskF32, soft: float) -> MaskF32:
    """0 before an edge, 1 behind it, smooth over `soft` pixels on both sides."""
    return smoothstep(-soft, soft, distance)


def band(v: MaskF32, low: MaskF32, high: MaskF32, soft: float) -> MaskF32:
    """1 where `v` lies between `low` and `high`."""
    return edge(v - low, soft) * edge(high - v, soft)
