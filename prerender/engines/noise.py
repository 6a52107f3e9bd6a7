"""Noise: how much there is, what of it may go, and how to take part of it away.

Estimate: median absolute deviation of the finest diagonal wavelet, Donoho and Johnstone 1994, on
flat ground only. Removal: non-local means, Buades, Coll, Morel 2005, firmer on colour than light.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require

_FLAT_SHARE = 0.4  # of the blocks: the flattest ones are measured
_COARSER = 1.68  # of texture: sigma of the next coarser scale against the finest
_PAINTED = (4.5, 7.0)  # kurtosis between which grain passes into paint
_GRAIN_SHARE = 0.6  # of what is grain of the plate that may be taken for noise
_LEAST = 64  # blocks a measurement needs
_H_LUMA = 1.6  # filter strength per sigma: less leaves worms of grain between smooth places
_H_CHROMA = 1.6
_MOST_H = 32.0

_F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grain:
    """What is rough on flat ground, as standard deviations of luma, 0..255."""

    sigma: float
    """All of it in the finest scale."""
    removable: float
    """The part that is no texture of paint."""


def grain_of(plane: npt.NDArray[np.uint8]) -> Grain:
    """Noise told from texture by how both go on in the next coarser scale.

    White noise keeps its sigma per coefficient there, brush strokes, cracks and the grain of old
    plates have about 1.7 times as much (measured on paintings and an old photograph; noise of 8.0
    added to three of them came out as 6.7 to 8.2). What is left is grain if it is symmetric like a
    sum of many, and paint if it is rare and strong.
    """
    cv2 = require("cv2")
    sigma = noise_sigma(plane)
    if sigma == 0.0:
        return Grain(0.0, 0.0)
    half = cv2.resize(plane.astype(np.float32), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    power, coarse = sigma**2, (2 * noise_sigma(half)) ** 2
    white = min(max((_COARSER**2 * power - coarse) / (_COARSER**2 - 1), 0.0), power)
    low, high = _PAINTED
    grainy = _GRAIN_SHARE * min(1.0, max(0.0, (high - _kurtosis(plane)) / (high - low)))
    return Grain(sigma, (white + grainy**2 * (power - white)) ** 0.5)


def _kurtosis(plane: npt.NDArray[np.uint8]) -> float:
    """Of fine detail on flat ground: 3 for a sum of many, more for few strong strokes."""
    cv2 = require("cv2")
    level = plane.astype(np.float32)
    detail = level - cv2.GaussianBlur(level, (0, 0), 1.0)
    smooth = cv2.GaussianBlur(level, (0, 0), 3.0)
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    flat = detail[(slope <= np.quantile(slope, _FLAT_SHARE)) & (level > 4) & (level < 251)]
    if len(flat) < _LEAST:
        return 3.0
    flat = flat.astype(np.float64) - float(flat.mean())
    return float((flat**4).mean() / max(float((flat**2).mean()) ** 2, 1e-9))


def noise_sigma(plane: npt.NDArray[np.uint8] | _F32) -> float:
    """Standard deviation of noise in one channel, 0..255; 0 if nothing can be measured."""
    cv2 = require("cv2")
    height, width = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    if height * width < 16:
        return 0.0
    grey = plane[:height, :width].astype(np.float32)
    a, b, c, d = grey[::2, ::2], grey[::2, 1::2], grey[1::2, ::2], grey[1::2, 1::2]
    diagonal = (a - b - c + d) / 2
    mean = (a + b + c + d) / 4
    smooth = cv2.GaussianBlur(mean, (0, 0), 2.0)
    slope = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    usable = (mean > 4) & (mean < 251)  # clipping hides noise
    if int(usable.sum()) < _LEAST:
        return 0.0
    flat = usable & (slope <= np.quantile(slope[usable], _FLAT_SHARE))
    return float(np.median(np.abs(diagonal[flat])) / 0.6745)


def denoise(image: ImageU8, sigma: float, share: npt.NDArray[np.float32]) -> ImageU8:
    """Part of the noise taken out.

    Args:
        image: The picture.
        sigma: Of its luma noise, 0..255.
        share: (H, W) how much of the denoised picture is mixed in, 0..1.
    """
    cv2 = require("cv2")
    planes = list(cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)))
    h_luma = min(_MOST_H, _H_LUMA * sigma)
    clean = [cv2.fastNlMeansDenoising(planes[0], None, h_luma, 5, 15)]
    for plane in planes[1:]:
        rough = noise_sigma(plane)
        firm = min(_MOST_H, _H_CHROMA * max(rough, 0.3 * sigma))
        clean.append(cv2.fastNlMeansDenoising(plane, None, firm, 5, 11))
    result = cv2.cvtColor(cv2.merge(clean), cv2.COLOR_YCrCb2RGB)
    return mix(image, result, share)


def mix(first: ImageU8, second: ImageU8, share: _F32) -> ImageU8:
    """`first` where `share` is 0, `second` where it is 1; channel by channel to save memory."""
    result = np.empty_like(first)
    for channel in range(3):
        one, two = first[..., channel].astype(np.float32), second[..., channel].astype(np.float32)
        blend = one + (two - one) * share
        result[..., channel] = np.clip(np.rint(blend), 0, 255).astype(np.uint8)
    return result
