"""Laying one picture over another with soft edges."""

import numpy as np

from frame_app.base.arrays import ImageF32, MaskF32
from frame_app.base.optional import require
from prerender.portrait.grid import smoothstep


def over(below: ImageF32, above: ImageF32, alpha: MaskF32) -> ImageF32:
    """`above` where `alpha` is 1, `below` where it is 0; any range of levels."""
    out = np.subtract(above, below, dtype=np.float32)
    # Three equal channels: numpy takes four times as long to spread one over three.
    out *= require("cv2").merge((alpha, alpha, alpha))
    out += below
    return out


def edge(distance: MaskF32, soft: float) -> MaskF32:
    """0 before an edge, 1 behind it, smooth over `soft` pixels on both sides."""
    return smoothstep(-soft, soft, distance)


def band(v: MaskF32, low: MaskF32, high: MaskF32, soft: float) -> MaskF32:
    """1 where `v` lies between `low` and `high`."""
    return edge(v - low, soft) * edge(high - v, soft)
