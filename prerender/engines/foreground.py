"""Clean colours of a subject, at its edge and far beyond.

A pixel at the edge of hair shows hair and wall at once. Its hair colour is estimated together with
the wall's, coarse to fine, and continued outward, so that no warp of the subject can pull the old
background in. Method: Germer, Uelwer, Conrad, Harmeling, "Fast Multi-Level Foreground Estimation",
2020 (arXiv:2006.14970); here with simultaneous instead of sequential updates.
"""

import math

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.pyramid import push_pull

_SMOOTHNESS = 5e-3  # pull of neighbours where alpha is level
_GRADIENT = 0.1  # additional pull per step of alpha: across the edge colours are continued
_COARSE_PX = 32  # levels up to this side are iterated to convergence
_COARSE_STEPS = 12
_FINE_STEPS = 3
_WORK_PX = 600_000  # pixels the layers are estimated at; larger pictures add their own detail
_ROWS = 256  # rows composed at once, bounds memory
_SOLID = 0.995  # alpha from which the picture itself is the subject
_TRUSTED = 0.35  # alpha from which an estimate may be continued outward

_NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1))  # rows, columns

_F32 = npt.NDArray[np.float32]


def estimate_foreground(image: ImageU8, matte: MaskF32) -> ImageU8:
    """The subject's colours on the whole picture; equal to `image` where the matte is solid."""
    cv2 = require("cv2")
    height, width = matte.shape
    shrink = min(1.0, math.sqrt(_WORK_PX / (height * width)))
    small, alpha = image, matte.astype(np.float32)
    if shrink < 1.0:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    front, back = estimate_layers(small, alpha)
    trust = np.clip((alpha - _TRUSTED) / (0.9 - _TRUSTED), 0.0, 1.0).astype(np.float32)
    layers = [
        cv2.resize(_as_u8(layer), (width, height), interpolation=cv2.INTER_LINEAR)
        for layer in (front, back, push_pull(front, trust))
    ]
    result = np.empty_like(image)
    for start in range(0, height, _ROWS):
        rows = slice(start, start + _ROWS)
        bands = [layer[rows].astype(np.float32) for layer in layers]
        result[rows] = _detailed(image[rows], matte[rows, :, np.newaxis], bands)
    return result


def background_of(image: ImageU8, foreground: ImageU8, matte: MaskF32) -> ImageU8:
    """The picture with the subject taken off where it is translucent; means nothing where solid.

    `foreground` over it with `matte` gives `image` again, so the scene at rest is the picture.
    """
    result = image.copy()
    for start in range(0, image.shape[0], _ROWS):
        rows = slice(start, start + _ROWS)
        alpha = matte[rows, :, np.newaxis]
        rest = np.maximum(1 - alpha, 1 - _SOLID)
        behind = (image[rows] - alpha * foreground[rows]) / rest
        result[rows] = np.clip(np.rint(behind), 0, 255)
    return result


def _detailed(image: ImageU8, alpha: MaskF32, layers: list[_F32]) -> ImageU8:
    """The smallest change of the coarse layers that makes them blend to the picture exactly."""
    front, back, outward = layers
    rest = 1 - alpha
    missing = image - (alpha * front + rest * back)
    front = np.clip(front + alpha * missing / (alpha**2 + rest**2), 0, 255)
    shown = np.clip(alpha * 4, 0.0, 1.0)
    colours = np.rint(shown * front + (1 - shown) * outward).astype(np.uint8)
    return np.where(alpha >= _SOLID, image, colours)


def _as_u8(layer: _F32) -> ImageU8:
    return np.asarray(np.clip(np.rint(layer * 255), 0, 255), np.uint8)


def estimate_layers(image: ImageU8, matte: MaskF32) -> tuple[_F32, _F32]:
    """Colours 0..1 of subject and background that blend to `image`, each on the whole picture."""
    cv2 = require("cv2")
    height, width = matte.shape
    levels = max(1, int(np.ceil(np.log2(max(height, width)))))
    front = back = np.zeros((1, 1, 3), np.float32)
    for level in range(levels + 1):
        size = (
            max(1, round(width ** (level / levels))),
            max(1, round(height ** (level / levels))),
        )
        colours = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        alpha = cv2.resize(matte.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        front = cv2.resize(front, size, interpolation=cv2.INTER_LINEAR).reshape(*alpha.shape, 3)
        back = cv2.resize(back, size, interpolation=cv2.INTER_LINEAR).reshape(*alpha.shape, 3)
        if level == 0:
            mean = colours.mean(axis=(0, 1), keepdims=True)
            front, back = mean.astype(np.float32), mean.astype(np.float32)
        steps = _COARSE_STEPS if max(size) <= _COARSE_PX else _FINE_STEPS
        front, back = _improved(colours, alpha, (front, back), steps)
    return front, back


def _improved(
    colours: _F32, alpha: _F32, layers: tuple[_F32, _F32], steps: int
) -> tuple[_F32, _F32]:
    """Each pixel's pair of colours solved exactly with its neighbours held, `steps` times.

    Works on planes: a product with alpha along whole rows takes a third of the time of one that
    starts anew at every pixel's three channels.
    """
    around = np.pad(alpha, 1, mode="edge")
    weights = [_SMOOTHNESS + _GRADIENT * np.abs(alpha - _part(around, *way)) for way in _NEIGHBOURS]
    pull = sum(weights[1:], weights[0])
    # (a² + p) F + a(1-a) B = a I + Σ w F';  a(1-a) F + ((1-a)² + p) B = (1-a) I + Σ w B'
    rest = 1 - alpha
    a11, a12, a22 = alpha * alpha + pull, alpha * rest, rest * rest + pull
    scale = 1 / (a11 * a22 - a12 * a12)
    a11, a12, a22 = a11 * scale, a12 * scale, a22 * scale
    fronts, backs = (np.empty_like(layer) for layer in layers)
    for channel in range(3):
        front, back = (np.ascontiguousarray(layer[..., channel]) for layer in layers)
        own_front = alpha * colours[..., channel]
        own_back = colours[..., channel] - own_front
        for _ in range(steps):
            to_front = own_front + _around(front, weights)
            to_back = own_back + _around(back, weights)
            front = np.clip(a22 * to_front - a12 * to_back, 0, 1)
            back = np.clip(a11 * to_back - a12 * to_front, 0, 1)
        fronts[..., channel], backs[..., channel] = front, back
    return fronts, backs


def _around(layer: _F32, weights: list[_F32]) -> _F32:
    """Weighted sum of the four neighbours of every pixel; border pixels are their own."""
    wide = np.pad(layer, 1, mode="edge")
    total = np.zeros_like(layer)
    for weight, way in zip(weights, _NEIGHBOURS, strict=True):
        total += weight * _part(wide, *way)
    return total


def _part(padded: _F32, rows: int, columns: int) -> _F32:
    """What lies `rows`, `columns` beside each pixel of an array that was padded by 1."""
    height, width = padded.shape[0] - 2, padded.shape[1] - 2
    return padded[1 + rows : 1 + rows + height, 1 + columns : 1 + columns + width]
