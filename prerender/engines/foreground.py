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
_WORK_PX = 1_500_000  # pixels the layers are estimated at; larger pictures add their own detail
_ROWS = 256  # rows composed at once, bounds memory
_SOLID = 0.995  # alpha from which the picture itself is the subject
_TRUSTED = 0.35  # alpha from which an estimate may be continued outward

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
        for _ in range(steps):
            front, back = _improve(colours, alpha, front, back)
    return front, back


def _improve(colours: _F32, alpha: _F32, front: _F32, back: _F32) -> tuple[_F32, _F32]:
    """One step: each pixel's pair of colours solved exactly with its neighbours held."""
    pull = np.zeros_like(alpha)
    front_sum, back_sum = np.zeros_like(front), np.zeros_like(back)
    for axis in (0, 1):
        for step in (1, -1):
            weight = _SMOOTHNESS + _GRADIENT * np.abs(alpha - _shifted(alpha, step, axis))
            pull += weight
            front_sum += weight[..., np.newaxis] * _shifted(front, step, axis)
            back_sum += weight[..., np.newaxis] * _shifted(back, step, axis)
    # (a² + p) F + a(1-a) B = a I + Σ w F';  a(1-a) F + ((1-a)² + p) B = (1-a) I + Σ w B'
    rest = 1 - alpha
    a11, a12, a22 = alpha * alpha + pull, alpha * rest, rest * rest + pull
    scale = np.asarray(1 / (a11 * a22 - a12 * a12), np.float32)[..., np.newaxis]
    right_front = alpha[..., np.newaxis] * colours + front_sum
    right_back = rest[..., np.newaxis] * colours + back_sum
    a12_ = a12[..., np.newaxis]
    new_front = (a22[..., np.newaxis] * right_front - a12_ * right_back) * scale
    new_back = (a11[..., np.newaxis] * right_back - a12_ * right_front) * scale
    return np.clip(new_front, 0, 1), np.clip(new_back, 0, 1)


def _shifted(values: _F32, step: int, axis: int) -> _F32:
    """The neighbour of every pixel; border pixels are their own."""
    if values.shape[axis] < 2:
        return values
    moved = np.roll(values, step, axis=axis)
    edge = [slice(None)] * values.ndim
    edge[axis] = slice(0, 1) if step > 0 else slice(-1, None)
    moved[tuple(edge)] = values[tuple(edge)]
    return moved
