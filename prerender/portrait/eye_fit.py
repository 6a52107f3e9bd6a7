"""Corrects an eye's outline by what the picture shows.

Landmarks of painted and of small eyes are often some pixels off, and a lid that starts some pixels
off doubles the lash line or drags the iris along. The iris is found with the integro-differential
operator of Daugman (IEEE PAMI 1993), the lids by their edges along the eye's columns. Corrections
are low-order and small, and cost: without a clear edge the landmarks stand.
"""

import dataclasses
from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskF32
from prerender.portrait.eye_shape import SAMPLES, EyeShape

Floats = npt.NDArray[np.float64]

_LID_REACH = 0.38  # of the opening: how far a lid may be moved
_CORNER_REACH = 1.4  # half eye widths from its middle: farther out a lit nose is as white
_WHITE_OVER_SKIN = 30.0  # levels: by how much an eye's white has to be told from skin
_WHITE_SHARE = 0.45  # of the way from skin to white: from here on it is white
_WHITE_ABOVE = 0.35  # of the opening: how far above a lid's curve white is looked for
_LID_PRICE = 10.0  # grey levels of edge that a full correction has to bring
_RIM_DARK = 0.6  # of the skin's level: what is darker behind glasses is their rim
_LASH_DEPTH = 0.035  # half eye widths from the lash line's upper edge to its middle
_STEPS = np.linspace(-1, 1, 17)
_FEW = np.linspace(-1, 1, 7)
_RIM_WIDTHS = (0.14, 0.06)  # iris radii on both sides of its rim: the wide one leads the fine one
_ANGLES = np.radians([*range(-40, 61, 10), *range(120, 221, 10)])  # lids hide top and often bottom


def fitted(picture: ImageU8, shape: EyeShape, cv2: ModuleType) -> EyeShape:
    """The same eye with iris and lids moved to their edges."""
    shape = _with_inner_corner(picture, shape, cv2)
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    luma = cv2.GaussianBlur(luma, (0, 0), max(0.05 * shape.half, 0.6))
    shape = _with_iris(luma, shape, cv2)
    shape = _with_white_above(picture, _with_upper(luma, shape, cv2), cv2)
    return _with_lower(luma, shape, cv2)


def below_rim(picture: ImageU8, shape: EyeShape, cv2: ModuleType) -> EyeShape:
    """The same eye, its lid's skin ending below the rim of the glasses over it."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    top = float(shape.upper.min())
    heights = np.linspace(0.2 * shape.aperture, max(top - shape.brow, shape.aperture), 32)
    skin = _column(luma, shape, shape.upper[None] - heights[:, None], cv2)
    level = np.median(skin[:, np.abs(np.linspace(-1, 1, SAMPLES)) < 0.5], axis=1)
    dark = np.flatnonzero(level < _RIM_DARK * np.percentile(level, 80))
    if not len(dark):
        return shape
    return dataclasses.replace(shape, brow=top - float(heights[max(dark[0] - 1, 0)]))


def _with_inner_corner(picture: ImageU8, shape: EyeShape, cv2: ModuleType) -> EyeShape:
    """Move the corner at the nose to where the white ends, if landmarks end before."""
    white, least = _whiteness(picture, shape, cv2)
    if least is None:
        return shape
    out, v = np.linspace(1, _CORNER_REACH, 24), np.linspace(-0.4, 0.4, 33) * shape.aperture
    x, y = (
        shape.centre[i]
        - shape.outer * out[None] * shape.half * shape.across[i]
        + v[:, None] * shape.down[i]
        for i in (0, 1)
    )
    is_white = _at(white, x, y, cv2) > least
    ends = np.flatnonzero(~is_white.any(axis=0))
    last = int(ends[0]) - 1 if len(ends) else 0  # white to the end of the reach is no eye's
    if last < 1:
        return shape
    rise = float(v[is_white[:, last]].mean())
    return _stretched(shape, float(out[last]), rise)


def _with_white_above(picture: ImageU8, shape: EyeShape, cv2: ModuleType) -> EyeShape:
    """Raise the upper lid beside the iris to where the white ends, if its curve ends before.

    White left above the curve would come down with the lid, as a part of its skin.
    """
    white, least = _whiteness(picture, shape, cv2)
    if least is None:
        return shape
    heights = np.linspace(0, _WHITE_ABOVE * shape.aperture, 25)
    is_white = _column(white, shape, shape.upper[None] - heights[:, None], cv2) > least
    ends = np.argmin(is_white, axis=0)  # 0 where nothing is white, or all: that is lit skin
    u = np.linspace(-1, 1, SAMPLES)
    middle = float((shape.iris - shape.centre) @ shape.across) / shape.half
    beside = np.abs(u - middle) > shape.radius / shape.half
    rise = np.where(beside, heights[ends], 0.0).astype(np.float32)
    # No spike of a few columns, and no step: a crack of the paint is no lid.
    rise = cv2.erode(rise[None], np.ones((1, 3), np.uint8))
    rise = cv2.dilate(rise, np.ones((1, 5), np.uint8))
    rise = cv2.GaussianBlur(rise, (0, 0), SAMPLES / 32, borderType=cv2.BORDER_REPLICATE)[0]
    return dataclasses.replace(shape, upper=shape.upper - rise * (1 - u**8))


def _whiteness(picture: ImageU8, shape: EyeShape, cv2: ModuleType) -> tuple[MaskF32, float | None]:
    """How white each pixel is, and from where on it is an eye's white; None if skin is as white.

    White is told from skin by the weakest of the three colours, which in grey pictures is the grey.
    """
    white = cv2.GaussianBlur(picture.min(axis=2).astype(np.float32), (0, 0), 1.0)
    inside = np.linspace(0.15, 0.85, 12)[:, None] * (shape.lower - shape.upper)
    bright = float(np.percentile(_column(white, shape, shape.upper + inside, cv2), 90))
    below = shape.lower + np.linspace(0.4, 1.0, 12)[:, None] * shape.aperture
    skin = float(np.percentile(_column(white, shape, below, cv2), 75))
    if bright - skin < _WHITE_OVER_SKIN:
        return white, None
    return white, skin + _WHITE_SHARE * (bright - skin)


def _stretched(shape: EyeShape, reach: float, down_px: float) -> EyeShape:
    """The eye with its inner half drawn out to `reach`, and its corner moved down."""
    u = np.linspace(-1, 1, SAMPLES)
    share = np.clip(-u * shape.outer, 0, 1)  # 1 at the inner corner
    along = shape.half * u * (1 + (reach - 1) * share)
    upper, lower = (
        shape.centre
        + along[:, None] * shape.across
        + (curve + down_px * share**2)[:, None] * shape.down
        for curve in (shape.upper, shape.lower)
    )
    start, end = upper[0], upper[-1]
    half = float(np.linalg.norm(end - start)) / 2
    across, centre = (end - start) / (2 * half), (start + end) / 2
    down = np.array([-across[1], across[0]])

    def curve(points: Floats) -> Floats:
        return np.interp(u, (points - centre) @ across / half, (points - centre) @ down)

    brow = shape.brow - float((centre - shape.centre) @ down)
    return dataclasses.replace(
        shape,
        centre=centre,
        across=across,
        down=down,
        half=half,
        upper=curve(upper),
        lower=curve(lower),
        brow=brow,
    )


def _with_iris(luma: MaskF32, shape: EyeShape, cv2: ModuleType) -> EyeShape:
    grid = np.linspace(-0.45, 0.45, 13)
    dx, dy, grow = np.meshgrid(grid, 0.8 * grid, np.linspace(0.8, 1.25, 10), indexing="ij")
    dx, dy, grow = dx.ravel(), dy.ravel(), grow.ravel()
    rim = np.zeros(len(dx))
    for angle in _ANGLES:
        for near in _RIM_WIDTHS:
            inner, outer = (
                _at(
                    luma,
                    shape.iris[0] + shape.radius * (dx + grow * k * np.cos(angle)),
                    shape.iris[1] + shape.radius * (dy + grow * k * np.sin(angle)),
                    cv2,
                )
                for k in (1 - near, 1 + near)
            )
            rim += np.clip(outer - inner, -10, 60)
    price = 10 * (dx**2 + dy**2) / 0.2 + 8 * (grow - 1) ** 2 / 0.06
    best = int(np.argmax(rim / (len(_ANGLES) * len(_RIM_WIDTHS)) - price))
    moved = shape.iris + shape.radius * np.array([dx[best], dy[best]])
    return dataclasses.replace(shape, iris=moved, radius=float(shape.radius * grow[best]))


def _with_upper(luma: MaskF32, shape: EyeShape, cv2: ModuleType) -> EyeShape:
    """Find skin above dark: the upper edge of the lash line."""
    u = np.linspace(-1, 1, SAMPLES)
    a, b, c = (m.ravel() for m in np.meshgrid(_STEPS, 0.5 * _FEW, 0.7 * _FEW, indexing="ij"))
    way = a[:, None] + b[:, None] * u + c[:, None] * (u * u - 0.3)
    way *= _LID_REACH * shape.aperture * (1 - u**4)  # the corners stay
    v = shape.upper[None] + way
    span = max(0.05 * shape.half, 1.0)
    edge = np.clip(
        _column(luma, shape, v - span, cv2) - _column(luma, shape, v + span, cv2), -20, 50
    )
    weight = np.where(np.abs(u) < 0.85, 1.0, 0.0)
    gain = (edge * weight).sum(axis=1) / weight.sum()
    price = _LID_PRICE * (a**2 + b**2 + c**2)
    best = int(np.argmax(gain - price))
    upper = v[best] + _LASH_DEPTH * shape.half
    return dataclasses.replace(shape, upper=upper, lower=np.maximum(shape.lower, upper))


def _with_lower(luma: MaskF32, shape: EyeShape, cv2: ModuleType) -> EyeShape:
    """Find the lower rim of the iris against the lid, and shift the lid to it."""
    u = np.linspace(-1, 1, SAMPLES)
    middle = float((shape.iris - shape.centre) @ shape.across) / shape.half
    weight = np.where(np.abs(u - middle) < 0.7 * shape.radius / shape.half, 1.0, 0.0)
    if not weight.any():
        return shape
    bulge = np.clip(1 - u * u, 0, 1)
    way = _LID_REACH * shape.aperture * _STEPS[:, None] * bulge[None]
    v = shape.lower[None] + way
    span = max(0.05 * shape.half, 1.0)
    edge = np.clip(
        _column(luma, shape, v + span, cv2) - _column(luma, shape, v - span, cv2), -20, 50
    )
    gain = (edge * weight).sum(axis=1) / weight.sum()
    # Up is dearer: below a fully visible iris comes white, and that edge is no lid.
    price = _LID_PRICE * _STEPS**2 * np.where(_STEPS < 0, 4, 1)
    best = int(np.argmax(gain - price))
    return dataclasses.replace(shape, lower=np.maximum(v[best], shape.upper))


def _column(luma: MaskF32, shape: EyeShape, v: Floats, cv2: ModuleType) -> Floats:
    """Grey levels at (n, SAMPLES) heights v, one for each u."""
    u = np.linspace(-1, 1, SAMPLES) * shape.half
    x = shape.centre[0] + u[None] * shape.across[0] + v * shape.down[0]
    y = shape.centre[1] + u[None] * shape.across[1] + v * shape.down[1]
    return _at(luma, x, y, cv2)


def _at(luma: MaskF32, x: Floats, y: Floats, cv2: ModuleType) -> Floats:
    found = cv2.remap(
        luma,
        np.atleast_2d(x - 0.5).astype(np.float32),
        np.atleast_2d(y - 0.5).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, np.float64).reshape(x.shape)
