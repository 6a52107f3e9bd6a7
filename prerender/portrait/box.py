"""Which rectangle of the canvas moves."""

import numpy as np

from frame_app.base.arrays import LandmarksF32, MaskF32
from prerender.portrait.anatomy import CHIN, FaceFrame

_ALIGN = 16  # one H.264 macroblock, so that the encoder pads nothing
_SIDE = 0.42  # face widths between the outline of the head and the border
_TOP = 0.3
_BELOW_CHIN = 1.05
_REACH = 1.25  # hair farther than this many face widths from the face is left to the falloff
_INSIDE = 0.5


def actor_box(
    matte: MaskF32, landmarks: LandmarksF32, frame: FaceFrame
) -> tuple[int, int, int, int]:
    """Rectangle around head, hair and shoulders as x, y, width, height.

    All are even, sizes multiples of 16 where the canvas allows. It is made as small as lets every
    motion fade out before the border.
    """
    height, width = matte.shape
    unit = frame.unit
    left, top = landmarks[:468, :2].min(axis=0)
    right = landmarks[:468, 0].max()
    chin = float(landmarks[CHIN, 1])
    limits = (left - _REACH * unit, top - _REACH * unit, right + _REACH * unit)
    head = _hair_extent(matte, limits, chin)
    left, top, right = min(left, head[0]), min(top, head[1]), max(right, head[2])
    x, box_width = aligned(left - _SIDE * unit, right + _SIDE * unit, width)
    y, box_height = aligned(top - _TOP * unit, chin + _BELOW_CHIN * unit, height)
    return x, y, box_width, box_height


def _hair_extent(
    matte: MaskF32, limits: tuple[float, float, float], chin: float
) -> tuple[float, float, float]:
    """Left, top and right of what the matte shows above the chin, within limits."""
    height, width = matte.shape
    x0, y0 = max(0, int(limits[0])), max(0, int(limits[1]))
    x1, y1 = min(width, int(limits[2])), min(height, int(chin))
    inside = matte[y0 : max(y0, y1), x0 : max(x0, x1)] > _INSIDE
    if not inside.any():
        return limits[2], chin, limits[0]
    columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    return x0 + float(columns[0]), y0 + float(rows[0]), x0 + float(columns[-1] + 1)


def aligned(low: float, high: float, limit: int) -> tuple[int, int]:
    """Start and length of an aligned interval inside 0..limit that covers as much as it can."""
    even = limit // 2 * 2
    start = max(0, int(low) // 2 * 2)
    length = int(np.ceil((min(high, even) - start) / _ALIGN)) * _ALIGN
    if length > even:
        length = even // _ALIGN * _ALIGN
    start = min(start, even - length)
    return start, length
