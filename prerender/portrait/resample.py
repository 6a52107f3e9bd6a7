"""A picture prepared so that shifting it by parts of a pixel costs no sharpness.

A cubic lookup at half a pixel takes a good part of the finest detail away, so a picture that drifts
would pulse between sharp and soft. Looked up in a picture of two or four times the resolution, made
once by long filters, even the linear kernel keeps almost all of it, and costs a third of the cubic
one; a test measures how much is kept.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, ImageF32, ImageU8, MaskU8

_LOBES = 8
_OFFSETS = np.arange(-_LOBES + 1, _LOBES + 1) - 0.5
_TAPS = np.sinc(_OFFSETS) * np.sinc(_OFFSETS / _LOBES)
_HALFWAY = (_TAPS / _TAPS.sum()).astype(np.float32)
"""Lanczos with eight lobes, at the point between two pixels."""
_HALFWAY_AGAIN = np.array([0.0246, -0.1382, 0.6136, 0.6136, -0.1382, 0.0246], np.float32)
"""The same between the pixels of a doubled picture. Straight on lows and mids, and 1.02 at the
finest detail there is, since the linear lookup takes some of that away again."""
_LARGE_PX = 6_000_000
"""A larger picture is kept at twice its size only, and looked up with the cubic kernel: slower, but
at four times its size it would not fit into memory."""

_SOFT_KEEPS = 0.95
"""Share of a picture's sharpness that is left by the linear kernel at twice its size, if that is to
be enough: half the memory to run through, which is what a lookup waits for. Of ten pictures those
that were enlarged keep 0.98, those with grain or craquelure 0.78 to 0.81."""

FILTERS_PX = _LOBES + 2
"""How far both filters together see."""

_GRAIN_PX = 1.0
_GRAIN_SIGMAS = 2.0
_BAND_PX = 32
_STRIPE_PX = 256
_SAMPLE_PX = 1024
_LEAST_NOISE = 0.8  # grey levels; below that nobody sees grain, and what is fine is detail
_NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
MAD_TO_SIGMA = 1.4826
"""Standard deviation of a normal distribution whose median absolute deviation is 1."""

Taps: TypeAlias = npt.NDArray[np.float32]
"""A filter for the point between two pixels."""
Region: TypeAlias = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the picture."""


class FineSource:
    """A picture and its matte at `n` times their size; pixel `i` of it is pixel `n i` here.

    Patches may be painted over it for one frame; one frame at a time, so not for several threads.
    """

    def __init__(self, picture: ImageU8, matte: MaskU8, cv2: ModuleType) -> None:
        self._cv2, self._still, self._matte = cv2, picture.copy(), matte.copy()
        height, width = matte.shape
        is_soft = _is_soft(picture, cv2)
        self._n = n = 2 if is_soft or matte.size > _LARGE_PX else 4
        self._kernel = cv2.INTER_LINEAR if is_soft or n == 4 else cv2.INTER_CUBIC
        # Colour and matte together: one lookup finds both.
        self._fine = np.empty((n * height, n * width, 4), np.uint8)
        self._enlarge(picture, self._fine)
        for rows, _ in _stripes(n * height):
            across = np.arange(n * width, dtype=np.float32) / n
            down = np.arange(rows.start, rows.stop, dtype=np.float32) / n
            self._fine[rows, :, 3] = cv2.remap(
                matte, *np.meshgrid(across, down), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
        self._places = np.stack(
            np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)),
            axis=-1,
        ) * np.float32(n)
        self._undo: list[tuple[Region, ImageU8]] = []

    @property
    def scale(self) -> int:
        """Size of what is looked up, over that of the picture."""
        return self._n

    def patch(self, picture: ImageU8, region: Region) -> None:
        """Take one region from another version of the picture until `restore`."""
        n, (x0, y0, x1, y1) = self._n, region
        a, b = max(0, x0 - FILTERS_PX), max(0, y0 - FILTERS_PX)
        part = picture[b : y1 + FILTERS_PX, a : x1 + FILTERS_PX]
        fine = np.empty((n * part.shape[0], n * part.shape[1], 4), np.uint8)
        self._enlarge(part, fine)
        fine = fine[n * (y0 - b) : n * (y1 - b), n * (x0 - a) : n * (x1 - a)]
        place = self._fine[n * y0 : n * y1, n * x0 : n * x1]
        self._undo.append((region, place.copy()))
        self._cv2.mixChannels([place], [fine], [3, 3])  # the matte stays
        place[:] = fine

    def restore(self) -> None:
        """Take all patches off again."""
        n = self._n
        while self._undo:
            (x0, y0, x1, y1), before = self._undo.pop()
            self._fine[n * y0 : n * y1, n * x0 : n * x1] = before

    def warped(self, back: FieldF32, bands: list[Region]) -> tuple[ImageU8, MaskU8]:
        """Picture and matte moved inside `bands`, as they are elsewhere.

        Args:
            back: Where each pixel comes from, as an offset in pixels; on any coarser grid.
            bands: Regions to move.
        """
        cv2 = self._cv2
        height, width = self._matte.shape
        places = cv2.resize(self._n * back, (width, height), interpolation=cv2.INTER_CUBIC)
        places = cv2.add(places, self._places, dst=places)
        colour, matte = self._still.copy(), self._matte.copy()
        for x0, y0, x1, y1 in bands:
            part = np.s_[y0:y1, x0:x1]
            at = places[part]
            moved = cv2.remap(self._fine, at, None, self._kernel, borderMode=cv2.BORDER_REPLICATE)
            cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB, colour[part])  # a third of mixChannels' time
            cv2.extractChannel(moved, 3, matte[part])
        return colour, matte

    def _enlarge(self, picture: ImageU8, into: ImageU8) -> None:
        """Fill the colours of `into`, and its fourth channel with anything."""
        cv2 = self._cv2
        plain = cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA)
        if self._n == 2:
            _double(plain, _HALFWAY, into, cv2)
            return
        height, width = picture.shape[:2]
        doubled = np.empty((2 * height, 2 * width, 4), np.uint8)
        _double(plain, _HALFWAY, doubled, cv2)
        _double(doubled, _HALFWAY_AGAIN, into, cv2)


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
    middle = _middle(picture).astype(np.float32)
    pure = cv2.filter2D(middle, -1, _NOISE_KERNEL, borderType=cv2.BORDER_REFLECT_101)
    return float(np.median(np.abs(pure))) * MAD_TO_SIGMA / 6


def _is_soft(picture: ImageU8, cv2: ModuleType) -> bool:
    """Whether twice the size is enough for the linear kernel: so it is if a picture was enlarged.

    Measured where a lookup takes most away, a quarter of a pixel from the nearest one.
    """
    middle = _middle(picture)
    plain = cv2.cvtColor(middle, cv2.COLOR_RGB2RGBA)
    doubled = np.empty((2 * len(middle), 2 * middle.shape[1], 4), np.uint8)
    _double(plain, _HALFWAY, doubled, cv2)
    across, down = (np.arange(size, dtype=np.float32) * 2 + 0.5 for size in middle.shape[1::-1])
    moved = cv2.remap(doubled, *np.meshgrid(across, down), cv2.INTER_LINEAR)
    detail = [cv2.Laplacian(one[..., :3], cv2.CV_32F).std() for one in (plain, moved)]
    return bool(detail[1] >= _SOFT_KEEPS * detail[0])


def _middle(picture: ImageU8) -> ImageU8:
    height, width = picture.shape[:2]
    top, left = max(0, (height - _SAMPLE_PX) // 2), max(0, (width - _SAMPLE_PX) // 2)
    return picture[top : top + _SAMPLE_PX, left : left + _SAMPLE_PX]


def _stripes(height: int) -> Iterator[tuple[slice, slice]]:
    """Rows of a picture a part at a time with what filters need around, and the part in them.

    Floating-point copies of a whole 4K picture would be the largest thing in memory.
    """
    for start in range(0, height, _STRIPE_PX):
        stop, low = min(start + _STRIPE_PX, height), max(0, start - _LOBES)
        yield slice(low, min(height, stop + _LOBES)), slice(start - low, stop - low)


def _double(picture: ImageU8, taps: Taps, into: ImageU8, cv2: ModuleType) -> None:
    """Write a picture of four channels at twice its size into `into`."""
    width, border = picture.shape[1], cv2.BORDER_REPLICATE
    anchor = len(taps) // 2 - 1
    pixels = into.view(np.uint32)[..., 0]  # one number a pixel copies faster than four
    for rows, inside in _stripes(len(picture)):
        part = np.ascontiguousarray(picture[rows])
        between = cv2.filter2D(part, -1, taps[None], anchor=(anchor, 0), borderType=border)
        wide = np.empty((len(part), 2 * width, 4), np.uint8)
        wide.view(np.uint32)[:, 0::2] = part.view(np.uint32)
        wide.view(np.uint32)[:, 1::2] = between.view(np.uint32)
        below = cv2.filter2D(wide, -1, taps[:, None], anchor=(0, anchor), borderType=border)
        start = 2 * (rows.start + inside.start)
        stop = 2 * (rows.start + inside.stop)
        pixels[start:stop:2] = wide[inside].view(np.uint32)[..., 0]
        pixels[start + 1 : stop : 2] = below[inside].view(np.uint32)[..., 0]
