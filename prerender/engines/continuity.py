"""What makes a filling belong: no step at its rim, and the grain of its surroundings.

Shared by all plate engines.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require

_SEAM = 0.012  # of the long side: width over which a step at the rim is evened out
_SEAM_PX = 1000  # long side of the picture in which that step is measured
_GRAIN_PX = (1.0, 2.2, 4.5)  # blurs between which grain is measured and made
_SEED = 20

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]


def even_seam(result: ImageU8, gap: _Bool) -> None:
    """Take a step between filling and surroundings out over a narrow rim, in place."""
    cv2 = require("cv2")
    longest = max(gap.shape)
    mask = gap.astype(np.uint8)
    grown = np.ones((3, 3), np.uint8)
    inner, outer = gap & (cv2.erode(mask, grown) == 0), ~gap & (cv2.dilate(mask, grown) > 0)
    outside, inside = _rim_mean(result, outer), _rim_mean(result, inner)
    step = np.nan_to_num(outside - inside)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    fade = (1 - smoothstep(depth / max(2.0, _SEAM * longest))) * mask
    size = (gap.shape[1], gap.shape[0])
    for channel in range(3):
        change = fade * cv2.resize(step[..., channel], size, interpolation=cv2.INTER_LINEAR)
        _add(result, channel, change, gap)


def _rim_mean(image: ImageU8, rim: _Bool) -> _F32:
    """Mean colour of the nearest part of a rim, in a small picture; NaN far from it."""
    cv2 = require("cv2")
    height, width = rim.shape
    shrink = min(1.0, _SEAM_PX / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    sigma = max(1.0, _SEAM * max(size) / 4)
    mass = cv2.resize(rim.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    mass = cv2.GaussianBlur(mass, (0, 0), sigma)
    mean = np.empty((*mass.shape, 3), np.float32)
    for channel in range(3):
        masked = image[..., channel] * rim.astype(np.float32)
        summed = cv2.resize(masked, size, interpolation=cv2.INTER_AREA)
        mean[..., channel] = cv2.GaussianBlur(summed, (0, 0), sigma) / np.maximum(mass, 1e-6)
    mean[mass < 1e-4] = np.nan
    return mean


def add_grain(result: ImageU8, gap: _Bool) -> float:
    """Add what the filling lacks of the surroundings' grain, in place; returns its sigma."""
    cv2 = require("cv2")
    generator = np.random.default_rng(_SEED)
    noise = generator.standard_normal(gap.shape, np.float32)
    grain = np.zeros(gap.shape, np.float32)
    # all from the filled picture: what the hole held must not leak into its rim
    plane = cv2.cvtColor(result, cv2.COLOR_RGB2GRAY).astype(np.float32)
    soft, soft_noise = plane, noise
    finest = 0.0
    for width in _GRAIN_PX:
        softer, softer_noise = (cv2.GaussianBlur(of, (0, 0), width) for of in (plane, noise))
        band, made = soft - softer, soft_noise - softer_noise
        soft, soft_noise = softer, softer_noise
        wanted = _sigma(band[~gap])
        finest = finest or wanted
        has = _local_mean(np.minimum(np.abs(band), 3 * wanted) ** 2)
        made *= np.sqrt(np.maximum(wanted**2 - has, 0.0)) / max(float(made.std()), 1e-6)
        grain += made
    for channel in range(3):
        _add(result, channel, grain, gap)
    return finest


def _local_mean(values: _F32) -> _F32:
    """Blurred widely, by way of a small picture."""
    cv2 = require("cv2")
    height, width = values.shape
    size = ((width + 3) // 4, (height + 3) // 4)
    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 3.0)
    wide = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, np.float32)


def _add(image: ImageU8, channel: int, change: _F32, where: _Bool) -> None:
    mended = np.clip(np.rint(image[..., channel] + change), 0, 255).astype(np.uint8)
    image[..., channel][where] = mended[where]


def smoothstep(value: _F32) -> _F32:
    """0 up to 0, 1 from 1, smooth between."""
    at = np.clip(value, 0.0, 1.0)
    return np.asarray(at * at * (3 - 2 * at), np.float32)


def _sigma(values: _F32) -> float:
    """Standard deviation from the median, which edges do not disturb."""
    return float(np.median(np.abs(values - np.median(values))) * 1.4826) if len(values) else 0.0
