"""What can be measured on a finished clip, picture by picture and in constant memory."""

import numpy as np

from frame_app.base.arrays import ImageU8, MaskU8
from prerender.media.frames import LUMA_RANGE, psnr_db, split, stacked
from prerender.media.image import over
from prerender.portrait.tremble import TrembleMeter

_BORDER = 32  # one part of this many of the shorter side, along the border, has to stand still
_STORED = np.arange(256, dtype=np.float64) - 16
_LEVEL = _STORED * LUMA_RANGE
"""Of luma as stored, in grey levels; looking it up is faster than working it out."""
_WEIGHT = np.clip(_STORED / 219, 0, 1)
"""Of a matte as stored."""


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
    """Watches the luma of one clip go by; keeps a few small pictures and sums."""

    def __init__(self, height: int, width: int, fps: float) -> None:
        """Prepare for a clip of an actor box of this size."""
        self._band = max(2, min(height, width) // _BORDER)
        size = height * width - (height - 2 * self._band) * (width - 2 * self._band)
        self._sum, self._squares = np.zeros(size), np.zeros(size)
        self._tremble, self._fps = TrembleMeter(), fps
        self._count = 0

    def add(self, luma: MaskU8) -> None:
        """The next picture: colour above, matte below, as stored."""
        height = luma.shape[0] // 2
        colour, matte = luma[:height], luma[height:]
        edge = _LEVEL.take(self._border(colour)) * _WEIGHT.take(self._border(matte))
        self._sum += edge
        edge *= edge
        self._squares += edge
        self._tremble.add(colour, matte)
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
        """See `TrembleMeter.tremble_px`."""
        return self._tremble.tremble_px(self._fps)

    @property
    def grain_flicker(self) -> float:
        """See `TrembleMeter.grain_flicker`."""
        return self._tremble.grain_flicker

    def _border(self, grey: MaskU8) -> MaskU8:
        """What has to stand still, as one row of pixels."""
        band = self._band
        middle = grey[band:-band]
        strips = (grey[:band], grey[-band:], middle[:, :band], middle[:, -band:])
        return np.concatenate([strip.ravel() for strip in strips])


def _shown(frame: ImageU8) -> ImageU8:
    colour, matte = split(frame)
    return over(colour, matte, np.full_like(colour, 128))
