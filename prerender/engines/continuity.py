"""What makes a filling belong: no step at its rim, and the grain of its surroundings.

Shared by all plate engines.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from prerender.engines.pyramid import push_pull

_SEAM = 0.003  # of the long side: blur along the rim in which grain is no step
_SEAM_PX = 450  # long side of the picture in which the step at the rim is measured
_FADE = 0.11  # of the long side: depth at which nothing of that step is left
_SPREAD = 0.4  # blur of the step, in depths
_SPREADS = 6  # blurs made, each twice the one before
_GRAIN_PX = (1.0, 2.2, 4.5)  # blurs between which grain is measured and made
_ROOT_OF_NORMAL = 0.8222  # mean root of the size of a normal deviate of sigma 1
_SEED = 20

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]


def even_seam(result: ImageU8, gap: _Bool) -> None:
    """Take the step between filling and surroundings out, in place.

    What is missing at the rim goes on inward and is spread the more the deeper it gets: the trace
    of a narrow stripe is soon gone, a broad light fades slowly. A fade of one short width for all
    would let bright ground end in a bright tip.
    """
    cv2 = require("cv2")
    mask = gap.astype(np.uint8)
    grown = np.ones((3, 3), np.uint8)
    inner, outer = gap & (cv2.erode(mask, grown) == 0), ~gap & (cv2.dilate(mask, grown) > 0)
    (outside, near), (inside, _) = _rim_mean(result, outer), _rim_mean(result, inner)
    size = (near.shape[1], near.shape[0])
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    depth = cv2.distanceTransform((share > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    change = _spread(outside - inside, near, depth)
    change *= (1 - smoothstep(depth / (_FADE * max(size))))[..., np.newaxis]
    full = (gap.shape[1], gap.shape[0])
    for channel in range(3):
        wide = cv2.resize(change[..., channel], full, interpolation=cv2.INTER_LINEAR)
        _add(result, channel, wide, gap)


def _spread(step: _F32, rim: _F32, depth: _F32) -> _F32:
    """The step of the nearest rim at each place; a mean over `_SPREAD` of the way to it."""
    cv2 = require("cv2")
    level = np.clip(np.log2(np.maximum(_SPREAD * depth, 1.0)), 0, _SPREADS - 1)
    total, mass = np.zeros_like(step), np.full(rim.shape, 1e-9, np.float32)
    for number in range(_SPREADS):
        # the coarser of two blurs reaches where the finer one is all zeros: masses are mixed, too
        weight = np.clip(1 - np.abs(level - number), 0.0, 1.0).astype(np.float32)
        blurred = cv2.GaussianBlur(
            np.dstack([step * rim[..., np.newaxis], rim]), (0, 0), 2.0**number
        )
        total += weight[..., np.newaxis] * blurred[..., :3]
        mass += weight * blurred[..., 3]
    return np.asarray(total / mass[..., np.newaxis], np.float32)


def _rim_mean(image: ImageU8, rim: _Bool) -> tuple[_F32, _F32]:
    """Mean colour of the nearest part of a rim, in a small picture, and 1 where the rim is."""
    cv2 = require("cv2")
    height, width = rim.shape
    shrink = min(1.0, _SEAM_PX / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    sigma = max(1.0, _SEAM * max(size))
    share = cv2.resize(rim.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    mass = cv2.GaussianBlur(share, (0, 0), sigma)
    mean = np.empty((*mass.shape, 3), np.float32)
    for channel in range(3):
        masked = image[..., channel] * rim.astype(np.float32)
        summed = cv2.resize(masked, size, interpolation=cv2.INTER_AREA)
        mean[..., channel] = cv2.GaussianBlur(summed, (0, 0), sigma) / np.maximum(mass, 1e-6)
    return mean, (share > 0).astype(np.float32)


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
        size = np.minimum(np.abs(band, out=band), 3 * wanted, out=band)
        lack: _F32 = np.square(np.minimum(_beside(size, gap), wanted))
        size *= size
        lack -= _local_mean(size)
        made *= np.sqrt(np.maximum(lack, 0.0, out=lack), out=lack) / max(float(made.std()), 1e-6)
        grain += made
    for channel in range(3):
        _add(result, channel, grain, gap)
    return finest


def _beside(size: _F32, gap: _Bool) -> _F32:
    """Sigma of what is known nearby: a wall is calm although the carpet before it is not.

    From the mean of roots, which a few edges do not disturb.
    """
    cv2 = require("cv2")
    height, width = size.shape
    shape = ((width + 3) // 4, (height + 3) // 4)
    known = cv2.resize((~gap).astype(np.float32), shape, interpolation=cv2.INTER_AREA)
    roots = np.sqrt(size)
    roots[gap] = 0
    roots = cv2.resize(roots, shape, interpolation=cv2.INTER_AREA)
    mean = push_pull(roots / np.maximum(known, 1e-6), known) / _ROOT_OF_NORMAL
    wide = cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)
    wide = np.maximum(wide, 0, out=wide)
    return np.asarray(np.square(wide, out=wide), np.float32)


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
