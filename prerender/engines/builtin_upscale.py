"""Resizing: Lanczos with the detail that the grid can carry, area means on the way down."""

import math

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, EngineInfo
from prerender.engines.noise import noise_sigma

_SHARPEN = 0.55  # share of the lost contrast of edges that is given back
_ROWS = 512  # target rows worked on at once, bounds memory
_LEAST_CONTRAST = 1.5  # 0..255: fainter detail is left alone
_GRAIN_SIGMAS = 2.5  # and so is what lies within the grain
_OVERSHOOT = 0.25  # of what goes past the colours nearby that is kept
_MOST_SIGMA = 3.0  # px: wider than that no detail was in the small picture

_F32 = npt.NDArray[np.float32]


class BuiltinUpscale:
    """`UpscaleEngine` on the CPU."""

    info = EngineInfo(id=BUILTIN, version=1)

    def __init__(self) -> None:
        self._cv2 = require("cv2")

    def upscale(self, image: ImageU8, width: int, height: int, denoise: float = 0.5) -> ImageU8:
        """See `UpscaleEngine.upscale`; noise stays as it is."""
        del denoise
        if width < 1 or height < 1:
            raise UsageError(f"a picture of {width} by {height} pixels does not exist")
        old_height, old_width = image.shape[:2]
        if (old_width, old_height) == (width, height):
            return image.copy()
        cv2 = self._cv2
        factor = math.sqrt(width * height / (old_width * old_height))
        if width <= old_width and height <= old_height:
            down = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
            return np.asarray(down, np.uint8)
        large = cv2.resize(image, (width, height), interpolation=cv2.INTER_LANCZOS4)
        if factor > 1.0:
            self._sharpen(large, image, min(_MOST_SIGMA, 0.45 * factor))
        return np.asarray(large, np.uint8)

    def _sharpen(self, large: ImageU8, small: ImageU8, sigma: float) -> None:
        """Unsharp mask on luma, in place, never beyond what the small picture holds nearby."""
        cv2 = self._cv2
        height, width = large.shape[:2]
        luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        quiet = _LEAST_CONTRAST + _GRAIN_SIGMAS * noise_sigma(luma)
        around = np.ones((3, 3), np.uint8)
        size = (width, height)
        floor = cv2.resize(cv2.erode(luma, around), size, interpolation=cv2.INTER_LINEAR)
        ceiling = cv2.resize(cv2.dilate(luma, around), size, interpolation=cv2.INTER_LINEAR)
        margin = math.ceil(4 * sigma)
        source = large.copy()
        for start in range(0, height, _ROWS):
            stop = min(start + _ROWS, height)
            low, high = max(0, start - margin), min(height, stop + margin)
            band = cv2.cvtColor(source[low:high], cv2.COLOR_RGB2GRAY).astype(np.float32)
            detail = (band - cv2.GaussianBlur(band, (0, 0), sigma))[start - low : stop - low]
            band = band[start - low : stop - low]
            sharper = band + _SHARPEN * _beyond_noise(detail, quiet)
            # The limits stop halos; what goes past them is bent, not cut, which would show as
            # plateaus in soft skin.
            limited = np.clip(sharper, floor[start:stop], ceiling[start:stop])
            limited += _OVERSHOOT * (sharper - limited)
            change = (limited - band)[..., np.newaxis]
            mended = source[start:stop].astype(np.float32) + change
            large[start:stop] = np.clip(np.rint(mended), 0, 255).astype(np.uint8)


def _beyond_noise(detail: _F32, quiet: float) -> _F32:
    """Contrast below `quiet` fades to nothing, larger passes."""
    power = detail * detail
    return np.asarray(detail * power / (power + quiet * quiet), np.float32)
