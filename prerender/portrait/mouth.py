"""Parting lips: the one place of a face where a smooth warp must tear.

The neutral picture is cut along the line between the lips. What lies above moves up a little, what
lies below goes down with the jaw, and the gap shows a mouth painted in the picture's own colours:
dark at the back, a hint of the tongue, the wet side of the lower lip. Teeth that the photo shows
stay with the upper jaw; none are invented.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, LandmarksF32, MaskF32
from frame_app.base.optional import require
from prerender.portrait.anatomy import (
    CHIN,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    MOUTH_CORNERS,
    NOSE_TIP,
    OUTER_LOWER_LIP,
    FaceFrame,
)
from prerender.portrait.blend import over, sampled
from prerender.portrait.eye_shape import rising
from prerender.portrait.grid import smoothstep
from prerender.portrait.zone import Zone

_OPEN = 0.12  # face widths between the lips at 1
_UPPER_SHARE = 0.2  # of it, made by the upper lip
_CORNER = 0.86  # of the way to the corners: where the lips stay together
_DARK, _WARM = 0.22, 0.13  # of the colours between closed lips and of the lips, at the back
_TONGUE, _TONGUE_SHOWS = 0.66, 0.9  # of the lips' colour; how plainly at most
_NARROW, _NARROW_SHADE = 0.02, 0.4  # face widths between lips that touch almost; of their colour
_RIM, _WET = 0.018, 0.8  # face widths of the lower lip's wet side; of the lips' colour
_COMES_DOWN = 0.45  # of the opening: the upper lip's part when lips close over teeth
_SEAM = 0.008  # face widths; half width of the line between closed lips
_JAW_WIDE = 2.2  # half mouths: so far to the sides the jaw takes the cheeks along
_LINE = 0.025  # face widths; half height of what is looked at for the line between the lips
_SAMPLES = 65
_EDGE = 0.006  # face widths; half the softness of a lip's edge
_TEETH = 0.035  # face widths between the lips from which the photo shows teeth
# Powers of a bow over the mouth: how soon lips part beside its corners. The upper lip is drawn up
# in its middle; the lower one hangs like a bowl, but stays at the corners where it bared teeth.
_UP_BOW, _BOWL, _TEETH_BOWL = 1.3, 0.95, 1.2


class MouthLayer:
    """The mouth of one portrait."""

    def __init__(self, picture: ImageU8, landmarks: LandmarksF32, frame: FaceFrame) -> None:
        points = landmarks[:, :2].astype(np.float64)
        start, end = points[list(MOUTH_CORNERS)]
        self._half = max(float(np.linalg.norm(end - start)) / 2, 1.0)
        self._across = (end - start) / (2 * self._half)
        self._down = np.array([-self._across[1], self._across[0]])
        self._centre = (start + end) / 2
        self._unit = frame.unit
        self._edge = max(0.8, _EDGE * frame.unit)
        self._nose = float((points[NOSE_TIP] - self._centre) @ self._down)
        self._chin = float((points[CHIN] - self._centre) @ self._down)
        self.roi = self._region(picture.shape[1], picture.shape[0])
        x0, y0, x1, y1 = self.roi
        u, v, places = self._axes()
        base = self._base = picture[y0:y1, x0:x1].astype(np.float32)
        curves = self._curve(points, INNER_UPPER_LIP), self._curve(points, INNER_LOWER_LIP)
        self.teeth_px = float((curves[1] - curves[0]).max())
        """Opening between the lips in the photo; what it shows moves with the upper jaw."""
        has_teeth = self.teeth_px > _TEETH * frame.unit
        upper, lower = (_along(curve, u) for curve in curves)
        tear = lower if has_teeth else (upper + lower) / 2
        self._lip = _lip_colour(base, u, v, (curves[1], self._curve(points, OUTER_LOWER_LIP)))
        dark = _dark(base[(np.abs(v - tear) < _LINE * frame.unit) & (np.abs(u) < 0.7)])
        self._deep = np.maximum(_DARK * dark + _WARM * self._lip, _black(picture))
        # What an opening mouth moves, and what a closing one.
        lowest = self._chin + 0.45 * self._unit
        moves = (np.abs(u) < _CORNER) | (v - tear > -self._edge - 1)
        moves &= (v < lowest) & (np.abs(u) < _JAW_WIDE)
        self._parts = _Lips.of(Zone(moves, v - tear), base, u, v, v - tear, places)
        moves = (lower > upper) & (v - lower < self._chin)
        self._meets = _Lips.of(Zone(moves, v - upper), base, u, v, v - upper, places)
        self._between = self._meets.zone.taken(lower - upper)
        u, v = self._parts.u, self._parts.v
        bow = np.clip(1 - (u / _CORNER) ** 2, 0, 1)
        self._up_profile = bow**_UP_BOW
        self._down_profile = bow ** (_TEETH_BOWL if has_teeth else _BOWL)
        # How far to the sides, and how far down, the jaw goes along.
        self._wide = 1 - smoothstep(0.5, _JAW_WIDE, np.abs(u))
        self._faded = 1 - smoothstep(0.9 * self._chin, lowest, v)

    def paint(self, picture: ImageU8, amount: float) -> None:
        """Part the lips in `picture`, in place; touches nothing outside `roi`."""
        edge, lips, zone = self._edge, self._parts, self._parts.zone
        gap = np.float32(amount * _OPEN * self._unit)
        up_px, down_px = _UPPER_SHARE * gap, (1 - _UPPER_SHARE) * gap
        # The upper lip, the lower one, and both with what is between them.
        high = zone.between(-math.inf, float(down_px) + edge)
        low = zone.between(-float(up_px) - edge, math.inf)
        both = slice(low.start, high.stop)
        up = up_px * self._up_profile[high]
        upper = self._sampled(up * self._fade_up(-lips.height[high] - up), lips, high)
        down = down_px * self._down_profile[low]
        lower = self._sampled(-self._jaw_way(down_px, down, low), lips, low)
        up, down = up[both.start :], down[: both.stop - both.start]
        above, below = -lips.height[both] - up, lips.height[both] - down
        lip_below, lip_above = lower[: len(up)], upper[both.start :]
        out = over(
            self._inside(lips.u[both], above, below, gap),
            lip_above,
            smoothstep(-edge, edge, above),
        )
        # Where the lips still touch there is no gap to show.
        closed = over(lip_above, lip_below, smoothstep(-edge, edge, -above))
        out = over(out, lip_below, smoothstep(-edge, edge, below))
        out = over(closed, out, smoothstep(0.0, 2.5, up + down))
        out = np.concatenate((upper[: both.start], out, lower[len(up) :]))
        self._put(picture, lips, out)

    def close(self, picture: ImageU8, share: float) -> None:
        """Lay the lips over the teeth that the photo shows; 1 closes them, `roi` bounds it."""
        edge, lips, chin = self._edge, self._meets, self._chin
        way = np.float32(share) * self._between
        comes = _COMES_DOWN * way
        above, below = comes - lips.height, lips.height - self._between + way - comes
        out = lips.base.copy()
        high = lips.zone.between(-math.inf, float(comes.max(initial=0)) + edge)
        skin = self._sampled(-comes[high] * self._fade_up(above[high]), lips, high)
        out[high] = over(out[high], skin, smoothstep(-edge, edge, above[high]))
        low = lips.zone.between(-edge, math.inf)
        fades = 1 - smoothstep(0.2 * chin, chin, np.maximum(below[low], 0))
        skin = self._sampled((way - comes)[low] * fades, lips, low)
        out[low] = over(out[low], skin, smoothstep(-edge, edge, below[low]))
        # Between lips that meet there is a line, and no teeth.
        far = 4 * _SEAM * self._unit
        part = lips.zone.between(-far, self.teeth_px + far)
        seam = np.exp(-(((below[part] - above[part]) / (2 * _SEAM * self._unit)) ** 2))
        seam *= 0.8 * smoothstep(0.5, 1.0, np.array([share], np.float32))
        seam *= smoothstep(0, 2, self._between[part])
        out[part] = over(out[part], 0.5 * (self._deep + self._lip), seam)
        self._put(picture, lips, out)

    def _put(self, picture: ImageU8, lips: "_Lips", out: ImageF32) -> None:
        """Only what changes, so that patches which overlap do not undo one another."""
        x0, y0, x1, y1 = self.roi
        lips.zone.add(out - lips.base, picture[y0:y1, x0:x1])

    def _axes(self) -> tuple[MaskF32, MaskF32, tuple[MaskF32, MaskF32]]:
        """Of all pixels of the patch: u, v, and where a lookup finds them."""
        x0, y0, x1, y1 = self.roi
        x, y = np.meshgrid(
            np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32) + 0.5
        )
        dx, dy = x - self._centre[0], y - self._centre[1]
        u = (dx * self._across[0] + dy * self._across[1]) / self._half
        v = dx * self._down[0] + dy * self._down[1]
        return u.astype(np.float32), v.astype(np.float32), (x - x0 - 0.5, y - y0 - 0.5)

    def _region(self, width: int, height: int) -> tuple[int, int, int, int]:
        corners = [
            self._centre + u * 2.3 * self._half * self._across + v * self._down
            for u in (-1, 1)
            for v in (self._nose, self._chin + 0.5 * self._unit)
        ]
        low, high = np.min(corners, axis=0), np.max(corners, axis=0)
        x0, y0 = max(0, int(low[0])), max(0, int(low[1]))
        return x0, y0, min(width, int(high[0]) + 1), min(height, int(high[1]) + 1)

    def _curve(
        self, points: npt.NDArray[np.float64], ids: tuple[int, ...]
    ) -> npt.NDArray[np.float64]:
        u = (points[list(ids)] - self._centre) @ self._across / self._half
        v = (points[list(ids)] - self._centre) @ self._down
        nodes, values = rising(np.r_[-1.05, u, 1.05], 1e-4), np.r_[0.0, v, 0.0]
        smooth = require("scipy.interpolate").PchipInterpolator(nodes, values)
        return np.asarray(smooth(np.linspace(-1, 1, _SAMPLES)))

    def _fade_up(self, above: MaskF32) -> MaskF32:
        """The upper lip moves as a whole; the skin under the nose gives way."""
        room = -self._nose
        return 1 - smoothstep(0.25 * room, 0.95 * room, np.maximum(above, 0))

    def _jaw_way(self, gap: np.float32, down: MaskF32, part: slice) -> MaskF32:
        """Lower lip and chin go down together; wider and wider below the lip."""
        below = self._parts.height[part] - down
        deep = smoothstep(0.0, 0.75 * self._chin, np.maximum(below, 0))
        way = gap * self._wide[part]
        way -= down
        way *= deep
        way += down
        way *= self._faded[part]
        return way

    def _sampled(self, down: MaskF32, lips: "_Lips", part: slice) -> ImageF32:
        x, y = (np.float32(each) for each in self._down)
        return sampled(self._base, lips.x[part] + down * x, lips.y[part] + down * y)

    def _inside(self, u: MaskF32, above: MaskF32, below: MaskF32, gap: np.float32) -> ImageF32:
        """What an open mouth shows: dark at the back, the tongue, and the wet side of the lip.

        Args:
            u: Across the mouth.
            above: How far above the upper lip's edge, in pixels.
            below: How far below the lower one's.
            gap: Between the lips in their middle.
        """
        open_px = -above - below
        height = np.maximum(open_px, 1.0)
        down = np.clip(-above / height, 0, 1)
        beside = np.minimum(np.abs(u) / _CORNER, 1)
        # The upper lip throws its shadow, and the cheeks stand close at the corners.
        light = (0.55 + 0.45 * smoothstep(0.0, 0.4, down)) * (1 - 0.45 * beside**2)
        # Through a narrow gap, as beside the corners, one sees the lips' own shadow.
        narrow = np.exp(-np.maximum(open_px, 0) / (_NARROW * self._unit))[..., None]
        shade = np.maximum(_NARROW_SHADE * self._lip, self._deep)
        inside = (self._deep + (shade - self._deep) * narrow) * light[..., None]
        room = float(gap) / self._unit
        tongue = smoothstep(0.25, 0.9, down) * (1 - smoothstep(0.3, 0.8, beside))
        tongue *= _TONGUE_SHOWS * smoothstep(0.01, 0.055, np.array([room], np.float32))
        groove = 1 - 0.25 * np.exp(-((u / 0.08) ** 2)) * down
        inside = over(inside, (_TONGUE * self._lip) * groove[..., None], tongue)
        rim = np.minimum(_RIM * self._unit, 0.3 * height)
        wet = np.exp(-np.maximum(-below, 0) / rim) * (1 - beside**2)
        return over(inside, _WET * self._lip, np.float32(0.8) * wet)


@dataclass(frozen=True, slots=True, eq=False)
class _Lips:
    """Pixels that lips may move."""

    zone: Zone
    base: ImageF32
    u: MaskF32
    v: MaskF32
    height: MaskF32
    """Below the line that they are ordered by."""
    x: MaskF32
    """Where a lookup in the patch finds them."""
    y: MaskF32

    @classmethod
    def of(
        cls,
        zone: Zone,
        base: ImageF32,
        u: MaskF32,
        v: MaskF32,
        height: MaskF32,
        places: tuple[MaskF32, MaskF32],
    ) -> "_Lips":
        """Take them out of maps of the whole patch."""
        return cls(zone, *map(zone.taken, (base, u, v, height, *places)))


def _along(curve: npt.NDArray[np.float64], u: MaskF32) -> MaskF32:
    return np.interp(u, np.linspace(-1, 1, _SAMPLES), curve).astype(np.float32)


def _dark(colours: ImageF32) -> ImageF32:
    """(3,) the darkest of some pixels."""
    luma = colours.mean(axis=1)
    return np.asarray(colours[luma <= np.percentile(luma, 15)].mean(axis=0), np.float32)


def _lip_colour(
    base: ImageF32,
    u: MaskF32,
    v: MaskF32,
    lip: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
) -> ImageF32:
    """(3,) the middle of the lower lip between its upper and lower line."""
    top, bottom = lip
    low = _along(0.7 * top + 0.3 * bottom, u)
    high = _along(0.2 * top + 0.8 * bottom, u)
    on_lip = (v > low) & (v < high) & (np.abs(u) < 0.5)
    colours = base[on_lip if on_lip.any() else np.abs(v) < 2]
    return np.asarray(np.median(colours, axis=0), np.float32)


def _black(picture: ImageU8) -> ImageF32:
    """(3,) the darkest there is: a faded print has nothing darker to show inside a mouth either."""
    pixels = picture[::4, ::4].reshape(-1, 3).astype(np.float32)
    luma = pixels.mean(axis=1)
    return np.asarray(pixels[luma <= np.percentile(luma, 1)].mean(axis=0), np.float32)
