"""What can be measured on a finished clip, frame by frame and in constant memory."""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskU8

_IDENTICAL_DB = 99.0
_BORDER = 32  # one part of this many of the shorter side, along the border, has to stand still


def closure_db(colour: ImageU8, matte: MaskU8, still_colour: ImageU8, still_matte: MaskU8) -> float:
    """Peak signal to noise ratio of a frame against a pose's still, both over black; at most 99."""
    error = float(
        ((_over_black(colour, matte) - _over_black(still_colour, still_matte)) ** 2).mean()
    )
    if error == 0:
        return _IDENTICAL_DB
    return min(_IDENTICAL_DB, float(10 * np.log10(255.0**2 / error)))


class ClipMeter:
    """Watches the frames of one clip go by; keeps a few grey pictures and nothing else."""

    def __init__(self, still_colour: ImageU8, still_matte: MaskU8) -> None:
        self._still = still_colour, still_matte
        height, width = still_matte.shape
        band = max(2, min(height, width) // _BORDER)
        self._border = np.ones((height, width), np.bool_)
        self._border[band:-band, band:-band] = False
        size = int(self._border.sum())
        self._sum, self._squares = np.zeros(size), np.zeros(size)
        self._recent: list[npt.NDArray[np.float32]] = []
        self._shake, self._count = 0.0, 0
        self._first_db = self._last_db = _IDENTICAL_DB

    def add(self, colour: ImageU8, matte: MaskU8) -> None:
        """The next frame of the clip."""
        luma = _luma(colour) * (matte.astype(np.float32) / 255)
        edge = luma[self._border].astype(np.float64)
        self._sum += edge
        self._squares += edge * edge
        self._recent = [*self._recent[-2:], luma]
        if len(self._recent) == 3:
            before, now, after = self._recent
            self._shake += float(np.abs(before - 2 * now + after).mean())
        self._last_db = closure_db(colour, matte, *self._still)
        if self._count == 0:
            self._first_db = self._last_db
        self._count += 1

    def scores(self) -> dict[str, float]:
        """Closure in dB; deviation over time along the border and mean jerk, both of 255."""
        count = max(self._count, 1)
        mean = self._sum / count
        deviation = np.sqrt(np.maximum(self._squares / count - mean * mean, 0))
        return {
            "closure_start_db": round(self._first_db, 2),
            "closure_end_db": round(self._last_db, 2),
            "border_deviation": round(float(deviation.max()), 3),
            "jerk": round(self._shake / max(self._count - 2, 1), 4),
        }


def _over_black(colour: ImageU8, matte: MaskU8) -> npt.NDArray[np.float32]:
    return colour.astype(np.float32) * (matte.astype(np.float32) / 255)[..., None]


def _luma(colour: ImageU8) -> npt.NDArray[np.float32]:
    return np.asarray(colour @ np.array([0.2126, 0.7152, 0.0722], np.float32), np.float32)
