"""A picture prepared so that shifting it by parts of a pixel costs no sharpness.

A cubic lookup at half a pixel takes a good part of the finest detail away, so a picture that drifts
would pulse between sharp and soft. Looked up in a picture of twice the resolution, made once by a
long filter, the same kernel keeps almost all of it; a test measures how much.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import TypeAlias

import numpy as np

from frame_app.base.arrays import FieldF32, ImageF32, ImageU8, MaskU8

_LOBES = 8
_OFFSETS = np.arange(-_LOBES + 1, _LOBES + 1) - 0.5
_TAPS = np.sinc(_OFFSETS) * np.sinc(_OFFSETS / _LOBES)
_HALFWAY = (_TAPS / _TAPS.sum()).astype(np.float32)
"""Lanczos with eight lobes, at the point between two pixels."""

_GRAIN_PX = 1.0
_GRAIN_SIGMAS = 2.0
_BAND_PX = 32
_STRIPE_PX = 256
_SAMPLE_PX = 1024
_LEAST_NOISE = 0.8  # grey levels; below that nobody sees grain, and what is fine is detail
_NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_MAD_TO_SIGMA = 1.4826  # of a normal distribution

Region: TypeAlias = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the picture."""


class FineSource:
    """A picture and its matte at twice their size; pixel `i` of the picture is pixel `2 i` here.

    Patches may be painted over it for one frame; one frame at a time, so not for several threads.
    """

    def __init__(self, picture: ImageU8, matte: MaskU8, cv2: ModuleType) -> None:
        self._cv2, self._still, self._matte = cv2, picture.copy(), matte.copy()
        self._fine = _doubled(picture, cv2)
        height, width = matte.shape
        across = np.arange(2 * width, dtype=np.float32) / 2
        down = np.arange(2 * height, dtype=np.float32) / 2
        self._fine_matte = cv2.remap(
            matte, *np.meshgrid(across, down), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        self._places = np.stack(
            np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)),
            axis=-1,
        ) * np.float32(2)
        self._undo: list[tuple[Region, ImageU8]] = []

    def patch(self, picture: ImageU8, region: Region) -> None:
        """Take one region from another version of the picture until `restore`."""
        x0, y0, x1, y1 = region
        a, b = max(0, x0 - _LOBES), max(0, y0 - _LOBES)
        fine = _doubled(picture[b : y1 + _LOBES, a : x1 + _LOBES], self._cv2)
        place = np.s_[2 * y0 : 2 * y1, 2 * x0 : 2 * x1]
        self._undo.append((region, self._fine[place].copy()))
        self._fine[place] = fine[2 * (y0 - b) :, 2 * (x0 - a) :][: 2 * (y1 - y0), : 2 * (x1 - x0)]

    def restore(self) -> None:
        """Take all patches off again."""
        while self._undo:
            (x0, y0, x1, y1), before = self._undo.pop()
            self._fine[2 * y0 : 2 * y1, 2 * x0 : 2 * x1] = before

    def warped(self, back: FieldF32, bands: list[Region]) -> tuple[ImageU8, MaskU8]:
        """Picture and matte moved inside `bands`, as they are elsewhere.

        Args:
            back: Where each pixel comes from, as an offset in pixels; on any coarser grid.
            bands: Regions to move.
        """
        cv2 = self._cv2
        height, width = self._matte.shape
        places = cv2.resize(2 * back, (width, height), interpolation=cv2.INTER_CUBIC)
        places = cv2.add(places, self._places, dst=places)
        colour, matte = self._still.copy(), self._matte.copy()
        border = cv2.BORDER_REPLICATE
        for x0, y0, x1, y1 in bands:
            part = np.s_[y0:y1, x0:x1]
            at = places[part]
            colour[part] = cv2.remap(self._fine, at, None, cv2.INTER_CUBIC, borderMode=border)
            matte[part] = cv2.remap(self._fine_matte, at, None, cv2.INTER_LINEAR, borderMode=border)
        return colour, matte


def bands_of(matte: MaskU8, reach_px: float, cv2: ModuleType) -> list[Region]:
    """Rows of the picture cut to where the subject is or may come to within `reach_px`."""
    size = 2 * int(reach_px) + 1
    near = cv2.dilate((matte > 0).astype(np.uint8), np.ones((size, size), np.uint8))
    bands: list[Region] = []
    for y0 in range(0, len(near), _BAND_PX):
        columns = np.flatnonzero(near[y0 : y0 + _BAND_PX].any(axis=0))
        if len(columns):
            y1 = min(y0 + _BAND_PX, len(near))
            bands.append((int(columns[0]), y0, int(columns[-1]) + 1, y1))
    return bands


def split_grain(picture: ImageU8, cv2: ModuleType) -> tuple[ImageU8, ImageU8, ImageU8]:
    """Part film grain and canvas from what the picture shows.

    Grain is fine detail no stronger than the picture's own noise; lines and edges are stronger and
    go with the face. Grain does not, it stays on the film.

    Returns:
        The clean picture, and what to add to and subtract from it to get the picture back exactly.
    """
    noise = _noise(picture, cv2)
    clean = picture.copy()
    if noise > _LEAST_NOISE:
        for rows, inside in _stripes(len(picture)):
            levels = picture[rows].astype(np.float32)
            fine = levels - cv2.GaussianBlur(levels, (0, 0), _GRAIN_PX)
            grain: ImageF32 = fine * np.exp(-((fine / (_GRAIN_SIGMAS * noise)) ** 2))
            less = np.clip(np.round(levels - grain), 0, 255).astype(np.uint8)
            clean[rows][inside] = less[inside]
    return clean, cv2.subtract(picture, clean), cv2.subtract(clean, picture)


def _noise(picture: ImageU8, cv2: ModuleType) -> float:
    """Standard deviation of the grain in the middle of a picture.

    Blind to edges and to what an enlarged picture shows: Immerkaer, CVIU 1996, with medians.
    """
    height, width = picture.shape[:2]
    top, left = max(0, (height - _SAMPLE_PX) // 2), max(0, (width - _SAMPLE_PX) // 2)
    middle = picture[top : top + _SAMPLE_PX, left : left + _SAMPLE_PX].astype(np.float32)
    pure = cv2.filter2D(middle, -1, _NOISE_KERNEL, borderType=cv2.BORDER_REFLECT_101)
    return float(np.median(np.abs(pure))) * _MAD_TO_SIGMA / 6


def _stripes(height: int) -> Iterator[tuple[slice, slice]]:
    """Rows of a picture a part at a time with what filters need around, and the part in them.

    Floating-point copies of a whole 4K picture would be the largest thing in memory.
    """
    for start in range(0, height, _STRIPE_PX):
        stop, low = min(start + _STRIPE_PX, height), max(0, start - _LOBES)
        yield slice(low, min(height, stop + _LOBES)), slice(start - low, stop - low)


def _doubled(picture: ImageU8, cv2: ModuleType) -> ImageU8:
    height, width = picture.shape[:2]
    doubled = np.empty((2 * height, 2 * width, 3), np.uint8)
    anchor, border = _LOBES - 1, cv2.BORDER_REPLICATE
    for rows, inside in _stripes(height):
        levels = picture[rows].astype(np.float32)
        wide = np.empty((len(levels), 2 * width, 3), np.float32)
        wide[:, 0::2] = levels
        between = cv2.filter2D(levels, -1, _HALFWAY[None], anchor=(anchor, 0), borderType=border)
        wide[:, 1::2] = between
        below = cv2.filter2D(wide, -1, _HALFWAY[:, None], anchor=(0, anchor), borderType=border)
        start = 2 * (rows.start + inside.start)
        stop = 2 * (rows.start + inside.stop)
        doubled[start:stop:2] = np.clip(wide[inside] + 0.5, 0, 255)
        doubled[start + 1 : stop : 2] = np.clip(below[inside] + 0.5, 0, 255)
    return doubled
