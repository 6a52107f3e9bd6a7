"""What can be measured on a finished clip, picture by picture and in constant memory."""

import math

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.optional import require
from prerender.media.frames import psnr_db, split, stacked
from prerender.media.image import over

_BORDER = 32  # one part of this many of the shorter side, along the border, has to stand still
_RANGE = 255.0 / 219.0  # of luma, which is stored as 16..235
_STORED = np.arange(256, dtype=np.float64) - 16
_LEVEL = _STORED * _RANGE
"""Of luma as stored, in grey levels; looking it up is faster than working it out."""
_WEIGHT = np.clip(_STORED / 219, 0, 1)
"""Of a matte as stored."""
_SOLID = 200  # of 255: where the subject covers what is behind it
_LONGEST_PX = 500  # side of the small pictures that are held against each other
_PLAIN = 0.5  # of 255 per pixel: a picture flatter than this cannot be seen to tremble

_Grey = npt.NDArray[np.float32]


def likeness_db(decoded: ImageU8, colour: ImageU8, matte: MaskU8) -> float:
    """Signal-to-noise ratio of a decoded frame against a still, both over the same grey."""
    shown, still = _shown(decoded), _shown(stacked(colour, matte))
    return round(psnr_db(shown, still), 2)


def edge_error(decoded: ImageU8, colour: ImageU8, matte: MaskU8) -> float:
    """Mean difference from a still along the outline, of 255, both over the same grey."""
    rim = (matte > 0) & (matte < 255)
    if not rim.any():
        return 0.0
    shown, still = _shown(decoded), _shown(stacked(colour, matte))
    difference = np.abs(shown[rim].astype(np.int16) - still[rim].astype(np.int16))
    return round(float(difference.mean()), 3)


class ClipMeter:
    """Watches the luma of one clip go by; keeps three small pictures and a few sums."""

    def __init__(self, colour: ImageU8, matte: MaskU8) -> None:
        """Prepare for the clip of a still: the actor box at rest."""
        self._cv2 = require("cv2")
        height, width = matte.shape
        self._band = max(2, min(height, width) // _BORDER)
        size = self._border(matte).size
        self._sum, self._squares = np.zeros(size), np.zeros(size)
        self._shrink = max(2, math.ceil(max(height, width) / _LONGEST_PX))
        self._solid = self._small(matte) > _SOLID
        still = self._small(self._cv2.cvtColor(colour, self._cv2.COLOR_RGB2GRAY))
        slopes = np.abs(np.diff(still, axis=1))[:, :][self._solid[:, 1:]]
        self._slope = max(_PLAIN, float(slopes.mean())) if slopes.size else _PLAIN
        self._recent: list[_Grey] = []
        self._shakes: list[float] = []
        self._count = 0

    def add(self, luma: MaskU8) -> None:
        """The next picture: colour above, matte below, as stored."""
        height = luma.shape[0] // 2
        colour, matte = luma[:height], luma[height:]
        edge = _LEVEL.take(self._border(colour)) * _WEIGHT.take(self._border(matte))
        self._sum += edge
        edge *= edge
        self._squares += edge
        self._recent = [*self._recent[-2:], self._small(colour)]
        if len(self._recent) == 3:
            before, now, after = self._recent
            jerk = np.abs(before - 2 * now + after)[self._solid]
            self._shakes.append(float(jerk.mean()) * _RANGE / 2 if jerk.size else 0.0)
        self._count += 1

    @property
    def still_deviation(self) -> float:
        """Deviation over time of what has to stand still, along the border, of 255."""
        count = max(self._count, 1)
        mean = self._sum / count
        deviation = np.sqrt(np.maximum(self._squares / count - mean * mean, 0))
        return round(float(deviation.mean()), 3)

    @property
    def tremble_px(self) -> float:
        """How far the subject jumps back and forth from frame to frame, in most of its frames.

        The second difference in time over the slope of the picture: 0 for even motion, 1 for a
        picture that moves by a pixel and back. The median over time, since blinks and saccades are
        sudden by nature. In pixels of a box of 1000 at most: a larger one holds the same motion.
        """
        if not self._shakes:
            return 0.0
        # Slopes are those of the small picture, of which a pixel counts as two.
        return round(2 * float(np.median(self._shakes)) / self._slope, 4)

    def _border(self, grey: MaskU8) -> MaskU8:
        """What has to stand still, as one row of pixels."""
        band = self._band
        middle = grey[band:-band]
        strips = (grey[:band], grey[-band:], middle[:, :band], middle[:, -band:])
        return np.concatenate([strip.ravel() for strip in strips])

    def _small(self, grey: MaskU8) -> _Grey:
        height, width = grey.shape
        size = max(1, width // self._shrink), max(1, height // self._shrink)
        small = self._cv2.resize(grey, size, interpolation=self._cv2.INTER_AREA)
        return np.asarray(small, np.float32)


def _shown(frame: ImageU8) -> ImageU8:
    colour, matte = split(frame)
    return over(colour, matte, np.full_like(colour, 128))
