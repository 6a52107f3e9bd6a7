"""A print on a scanner, or on an album's page: found by its outline, straightened and cut out.

Everything around a print is one plain colour, whatever that colour is, and the print is a
rectangle, perhaps a little tilted. A head before a plain wall is none: its body reaches the border
of the picture, and its outline is no rectangle.
"""

import math

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require

_LOOK_PX = 800  # long side at which the outline is looked for
_RING = 0.008  # of the short side: width of the frame that must have one colour
_ALIKE = 16.0  # of 255: largest difference of a channel that is still the same colour
_PLAIN = 0.93  # part of each side of the frame that must have it
_RECTANGLE = 0.965  # hull over its smallest rectangle
_MOST_TILT_DEG = 12.0
_LEVEL_DEG = 0.15  # a tilt below needs no resampling
_LEAST_SHARE = 0.35  # of the picture: a smaller rectangle is a thing in it
_INSET = 0.006  # of the short side: a torn or soft edge
_LAYERS = 2  # an album's page, and the white margin of the print on it

_Bool = npt.NDArray[np.bool_]
_Outline = tuple[tuple[float, float], tuple[float, float], float]


def cut_out_print(pixels: ImageU8) -> ImageU8:
    """The print without what lies around it, upright; the same array if there is no such print."""
    for _ in range(_LAYERS):
        outline = _outline(pixels)
        if outline is None:
            break
        pixels = _straightened(pixels, outline)
    return pixels


def _outline(pixels: ImageU8) -> _Outline | None:
    """Centre, size and tilt in degrees of the one rectangle on plain ground."""
    cv2 = require("cv2")
    height, width = pixels.shape[:2]
    shrink = min(1.0, _LOOK_PX / max(height, width))
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    small = cv2.GaussianBlur(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), (0, 0), 1.2)
    other = _unlike_the_frame(small)
    if other is None:
        return None
    kernel = np.ones((5, 5), np.uint8)
    other = cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    points = cv2.findNonZero(other)
    if points is None:
        return None
    hull = cv2.convexHull(points)
    centre, (wide, high), tilt = cv2.minAreaRect(hull)
    if abs(tilt) > 45:  # OpenCV names the sides as it likes
        wide, high, tilt = high, wide, tilt - math.copysign(90, tilt)
    area = float(wide) * float(high)
    is_print = (
        area > _LEAST_SHARE * other.size
        and abs(tilt) <= _MOST_TILT_DEG
        and float(cv2.contourArea(hull)) > _RECTANGLE * area
    )
    if not is_print:
        return None
    x, y = ((centre[0] + 0.5) * width / size[0], (centre[1] + 0.5) * height / size[1])
    return (x, y), (wide * width / size[0], high * height / size[1]), float(tilt)


def _unlike_the_frame(small: ImageU8) -> _Bool | None:
    """Pixels of another colour than the picture's border; None if that border is not plain."""
    ring = max(2, round(_RING * min(small.shape[:2])))
    sides = [
        side.reshape(-1, 3).astype(np.float32)
        for side in (small[:ring], small[-ring:], small[:, :ring], small[:, -ring:])
    ]
    colour = np.median(np.concatenate(sides), axis=0)
    for side in sides:
        if float((np.abs(side - colour).max(axis=1) < _ALIKE).mean()) < _PLAIN:
            return None
    away: npt.NDArray[np.float32] = np.abs(small.astype(np.float32) - colour).max(axis=2)
    return np.asarray(away >= _ALIKE)


def _straightened(pixels: ImageU8, outline: _Outline) -> ImageU8:
    cv2 = require("cv2")
    (x, y), (wide, high), tilt = outline
    inset = 1 + _INSET * min(wide, high)
    size = (max(1, round(wide - 2 * inset)), max(1, round(high - 2 * inset)))
    if abs(tilt) < _LEVEL_DEG:
        left, top = max(0, round(x - size[0] / 2)), max(0, round(y - size[1] / 2))
        return np.ascontiguousarray(pixels[top : top + size[1], left : left + size[0]])
    turn = cv2.getRotationMatrix2D((x - 0.5, y - 0.5), tilt, 1.0)
    turn[:, 2] += (size[0] / 2 - x, size[1] / 2 - y)
    flags = cv2.INTER_CUBIC
    straight = cv2.warpAffine(pixels, turn, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(straight, np.uint8)
