"""Plain borders of scans."""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8


def straight_border(pixels: ImageU8) -> tuple[int, int, int, int]:
    """How many uniform white or black rows and columns frame a scan: left, top, right, bottom.

    A side counts only if it ends in a straight edge, so that a head before a white wall keeps its
    wall, and only together with its opposite, since scanners and letter boxes make pairs.
    """
    grey = pixels.astype(np.float32).mean(axis=2)
    left, right = _run(grey.T), _run(grey.T[::-1])
    top, bottom = _run(grey), _run(grey[::-1])
    if not (left and right):
        left = right = 0
    if not (top and bottom):
        top = bottom = 0
    height, width = grey.shape
    if (width - left - right) * (height - top - bottom) < 0.4 * width * height:
        return 0, 0, 0, 0
    return left, top, right, bottom


_WHITE, _BLACK = 238.0, 18.0  # of 255: paper under a scanner lamp, and the lid above it
_LEVEL = 10.0  # of 255: noise of a scanned border
_STRAIGHT = 0.6  # part of the line that must change where the picture begins


def _run(grey: npt.NDArray[np.float32]) -> int:
    """Uniform rows from the top until a straight edge; 0 if there are none or no such edge."""
    limit = int(grey.shape[0] * 0.35)
    colour = float(np.median(grey[0]))
    if _BLACK < colour < _WHITE:
        return 0
    off = np.abs(grey[: limit + 1] - colour) > _LEVEL
    busy = np.flatnonzero(off.mean(axis=1) > 0.02)
    if busy.size == 0 or busy[0] == 0:
        return 0
    first = int(busy[0])
    reach = max(3, grey.shape[0] // 100)  # a tilted or soft edge takes a few rows
    changed = (np.abs(grey[first : first + reach] - colour) > _LEVEL).any(axis=0)
    return min(first + reach // 2, limit) if float(changed.mean()) >= _STRAIGHT else 0
