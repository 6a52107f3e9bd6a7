"""Tells a camera that shows nothing: a black picture, or one that stands still."""

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8

_DARK, _FLAT = 14.0, 5.0  # mean and standard deviation, of 255: a cap, a shutter, a night
_AFTER_S = 3.0
_BLOCK_PX = 16
_CODING = 2.5  # of 255: a picture that was encoded again differs by less in the mean of every block
# (measured for H.264, MPEG-4 and MJPEG, most 2.2); who breathes before a camera, by 9 and more
_WAKING = 7.5  # of 255: what ends a standstill, since an encoder that starts anew differs by 4 to 6


_Blocks: TypeAlias = npt.NDArray[np.float32]
"""(rows, columns) of mean values, 0..255."""


class Health:
    """Watches the pictures themselves, not what is in them.

    A picture stands still when nothing in it moves and it also repeats itself to the byte now and
    then. The second tells a stream that froze, whose key frames still shimmer, from an empty or dim
    room: the sensor of a real camera is never silent, not even in the dark.
    """

    def __init__(self) -> None:
        self._last = b""
        self._blocks: _Blocks | None = None
        self._moved_s = math.inf
        self._is_frozen = False
        self._repeated_s = -math.inf
        self._light_s: float | None = None

    def take(self, picture: ImageU8, time_s: float) -> str:
        """What is wrong with the pictures of the last seconds, or an empty string."""
        sample = picture[::8, ::8]
        data = sample.tobytes()
        if data == self._last:
            self._repeated_s = time_s
        self._last = data
        blocks = _blocks(picture)
        bound = _WAKING if self._is_frozen else _CODING
        if self._blocks is None or _differ(blocks, self._blocks, bound):
            self._blocks, self._moved_s = blocks, time_s
        is_dark = float(sample.mean()) < _DARK and float(sample.std()) < _FLAT
        if not is_dark or self._light_s is None:
            self._light_s = time_s
        if is_dark and time_s - self._light_s >= _AFTER_S:
            return "The camera sees only black; is it covered?"
        if time_s - self._moved_s < _AFTER_S:
            self._is_frozen = False
        elif time_s - self._repeated_s < _AFTER_S:
            self._is_frozen = True
        return "The camera's picture stands still." if self._is_frozen else ""


def _blocks(picture: ImageU8) -> _Blocks:
    """Mean green of each block, (rows, columns); every second pixel is enough."""
    step = _BLOCK_PX // 2
    green = picture[::2, ::2, 1]
    rows, columns = (max(1, side // step) for side in green.shape)
    green = green[: rows * step, : columns * step].astype(np.float32)
    ends = np.add.reduceat(green, np.arange(0, green.shape[0], step), axis=0)
    sums = np.add.reduceat(ends, np.arange(0, green.shape[1], step), axis=1)
    means: _Blocks = sums / np.float32(step * step)
    return means


def _differ(blocks: _Blocks, others: _Blocks, bound: float) -> bool:
    if blocks.shape != others.shape:
        return True
    return bool(np.abs(blocks - others).max() > bound)
