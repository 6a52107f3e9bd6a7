"""A face out of the picture, rebuilt, and back into it without a seam.

Method: the crop of `alignment`; what comes back takes the colours of the picture (a grey photo
stays grey, a brown one brown), is blended in over the outline of the face only, so that hair, ears
and collar stay what they were, and gets the grain that the picture has there.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.alignment import (
    FFHQ_512,
    Affine,
    cut_out,
    enlarged,
    five_points,
    inverse,
    scale_of,
    similarity,
)
from prerender.engines.base import Face
from prerender.engines.builtin_faces import FACE_OVAL
from prerender.engines.noise import noise_sigma

SIDE = 512
"""px: of the crop that networks rebuild."""

_FEATHER = 11.0  # px of the crop: sigma, applied twice, as facexlib blurs its mask
_INSET = 2.0 * _FEATHER  # px of the crop that the outline moves inwards, so that it fades inside
_RIM = 10  # px of the crop that never come back
_MOST_SPREAD = 1.4  # how far the spread of colours may be corrected
_TINT_BINS = 16
_INSIDE = 0.25  # of the mask from which a pixel is the rebuilt face's
_MOST_GRAIN = 8.0  # 0..255: more is damage, and was not meant to come back
_SEED = 20

_F32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A face as networks want it."""

    pixels: ImageF32
    """(SIDE, SIDE, 3), 0..1."""
    mask: MaskF32
    """Where a rebuilt face may go back."""
    to_crop: Affine
    """From the picture it was cut out of."""

    def to_canvas(self, x: float, y: float) -> Affine:
        """From the crop to a picture that is `x` times as wide and `y` times as high."""
        return enlarged(inverse(self.to_crop), x, y)


def crop_face(image: ImageU8, face: Face) -> Crop | None:
    """Cut a face out; None if its points lie on one another."""
    matrix = similarity(five_points(face.landmarks), FFHQ_512)
    if matrix is None:
        return None
    return Crop(cut_out(image, matrix, SIDE), _mask(face, matrix), matrix)


def _mask(face: Face, matrix: Affine) -> MaskF32:
    cv2 = require("cv2")
    outline = face.landmarks[list(FACE_OVAL), :2].astype(np.float64) - 0.5
    outline = outline @ matrix[:, :2].T + matrix[:, 2]
    filled = np.zeros((SIDE, SIDE), np.uint8)
    hull = cv2.convexHull(outline.astype(np.float32))
    cv2.fillPoly(filled, [np.rint(hull).astype(np.int32)], 255)
    filled[:_RIM], filled[-_RIM:], filled[:, :_RIM], filled[:, -_RIM:] = 0, 0, 0, 0
    inside = cv2.distanceTransform(filled, cv2.DIST_L2, 5)
    soft = (inside > _INSET).astype(np.float32)
    for _ in range(2):
        soft = cv2.GaussianBlur(soft, (0, 0), _FEATHER)
    soft[:_RIM], soft[-_RIM:], soft[:, :_RIM], soft[:, -_RIM:] = 0, 0, 0, 0
    return np.asarray(soft, np.float32)


def in_tone(rebuilt: ImageF32, crop: Crop, *, is_monochrome: bool) -> ImageF32:
    """The rebuilt face in the colours of the picture."""
    if is_monochrome:
        return _tinted(rebuilt, crop)
    cv2 = require("cv2")
    inside = crop.mask > 0.5
    had = cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2YCrCb)
    has = cv2.cvtColor(np.ascontiguousarray(rebuilt, np.float32), cv2.COLOR_RGB2YCrCb)
    if not inside.any():
        return rebuilt
    for channel in range(3):
        old, new = had[..., channel][inside], has[..., channel][inside]
        spread = float(old.std()) / max(float(new.std()), 1e-4) if channel else 1.0
        spread = min(_MOST_SPREAD, max(1 / _MOST_SPREAD, spread))
        has[..., channel] = (has[..., channel] - new.mean()) * spread + old.mean()
    return np.asarray(np.clip(cv2.cvtColor(has, cv2.COLOR_YCrCb2RGB), 0, 1), np.float32)


def _tinted(rebuilt: ImageF32, crop: Crop) -> ImageF32:
    """Lightness of the rebuilt face, with the one tint per lightness that the picture has."""
    old, new = _luma(crop.pixels), _luma(rebuilt)
    inside = crop.mask > 0.5
    if inside.any():
        new = np.clip(new + (float(old[inside].mean()) - float(new[inside].mean())), 0, 1)
    bins = np.minimum((old * _TINT_BINS).astype(np.int64), _TINT_BINS - 1).ravel()
    counts = np.bincount(bins, minlength=_TINT_BINS)
    levels = (np.arange(_TINT_BINS) + 0.5) / _TINT_BINS
    known = counts > 0
    result = np.empty_like(crop.pixels)
    for channel in range(3):
        offset = (crop.pixels[..., channel] - old).ravel()
        tint = np.bincount(bins, offset, _TINT_BINS)[known] / counts[known]
        result[..., channel] = new + np.interp(new, levels[known], tint)
    return np.clip(result, 0, 1)


def _luma(image: ImageF32) -> _F32:
    """Lightness; of a grey pixel exactly its value."""
    red, green, blue = (image[..., channel] for channel in range(3))
    return np.asarray(green + 0.299 * (red - green) + 0.114 * (blue - green), np.float32)


def paste(canvas: ImageU8, rebuilt: ImageF32, crop: Crop, matrix: Affine, strength: float) -> None:
    """Blend a rebuilt face into the picture, in place.

    Args:
        canvas: The picture, maybe enlarged since the crop was taken.
        rebuilt: The crop anew, 0..1.
        crop: As it was cut out.
        matrix: From crop to `canvas`; see `Crop.to_canvas`.
        strength: 0..1, how much of it.
    """
    cv2 = require("cv2")
    corners = np.array([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)], np.float64)
    reach = corners @ matrix[:, :2].T + matrix[:, 2]
    left, top = np.maximum(np.floor(reach.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(reach.max(axis=0)).astype(int) + 1
    region = canvas[top:bottom, left:right]
    if region.size == 0:
        return
    local = matrix.copy()
    local[:, 2] -= (left, top)
    size = (region.shape[1], region.shape[0])
    mask = cv2.warpAffine(crop.mask, local, size, flags=cv2.INTER_LINEAR)
    new = cv2.warpAffine(
        rebuilt, local, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    old = region.astype(np.float32) / np.float32(255)
    grow = scale_of(matrix) * scale_of(crop.to_crop)
    new = np.clip(new + _missing_grain(old, new, mask, grow)[..., np.newaxis], 0, 1)
    mixed = old + strength * mask[..., np.newaxis] * (new - old)
    region[...] = np.clip(np.rint(mixed * 255), 0, 255).astype(np.uint8)


def _missing_grain(old: ImageF32, new: ImageF32, mask: MaskF32, grow: float) -> _F32:
    """Noise of two widths, 0..1: what the picture had of each, and the rebuilt face has not.

    Grain is as wide as the pixels of the picture before it was enlarged; wider still, features
    look like grain (measured on the demo portrait with noise of 0 to 8 added).
    """
    cv2 = require("cv2")
    height, width = mask.shape
    grain = np.zeros((height, width), np.float32)
    rows, columns = (np.flatnonzero((mask > _INSIDE).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return grain
    before, after = 255 * _luma(old), 255 * _luma(new)
    generator = np.random.default_rng(_SEED)
    for octave in (1, 2):
        step = octave * grow
        size = max(1, round(width / step)), max(1, round(height / step))
        box = (
            slice(int(rows[0] / step), int(rows[-1] / step) + 1),
            slice(int(columns[0] / step), int(columns[-1] / step) + 1),
        )
        had, has = (
            noise_sigma(cv2.resize(plane, size, interpolation=cv2.INTER_AREA)[box])
            for plane in (before, after + grain)
        )
        missing = max(min(had, _MOST_GRAIN) ** 2 - has**2, 0.0) ** 0.5
        noise = missing * generator.standard_normal(size[::-1], np.float32)
        grain += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return grain / np.float32(255)
