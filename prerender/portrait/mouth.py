"""Parting lips: the one place of a face where a smooth warp must tear.

The neutral picture is cut along the line between the lips. What lies above moves up a little, what
lies below goes down with the jaw, and the gap shows a mouth painted in the picture's own colours:
dark at the back, a hint of the tongue, the wet side of the lower lip. Teeth that the photo shows
stay with the upper jaw; none are invented.
"""

from types import ModuleType

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
from prerender.portrait.blend import over
from prerender.portrait.eye_shape import rising
from prerender.portrait.grid import smoothstep

_OPEN = 0.12  # face widths between the lips at 1
_UPPER_SHARE = 0.2  # of it, made by the upper lip
_CORNER = 0.86  # of the way to the corners: where the lips stay together
_DARK, _WARM = 0.22, 0.13  # of the colours between closed lips and of the lips, at the back
_TONGUE, _TONGUE_SHOWS = 0.66, 0.9  # of the lips' colour; how plainly at most
_NARROW, _NARROW_SHADE = 0.02, 0.4  # face widths between lips that touch almost; of their colour
_RIM, _WET = 0.018, 0.8  # face widths of the lower lip's wet side; of the lips' colour
_COMES_DOWN = 0.45  # of the opening: the upper lip's part when lips close over teeth
_SEAM = 0.008  # face widths; half width of the line between closed lips
_SAMPLES = 65
_EDGE = 0.006  # face widths; half the softness of a lip's edge
_TEETH = 0.035  # face widths between the lips from which the photo shows teeth
# Powers of a bow over the mouth: how soon lips part beside its corners. The upper lip is drawn up
# in its middle; the lower one hangs like a bowl, but stays at the corners where it bared teeth.
_UP_BOW, _BOWL, _TEETH_BOWL = 1.3, 0.95, 1.2


class MouthLayer:
    """The mouth of one portrait."""

    def __init__(
        self, picture: ImageU8, landmarks: LandmarksF32, frame: FaceFrame, cv2: ModuleType
    ) -> None:
        self._cv2 = cv2
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
        self._base: ImageF32 = picture[y0:y1, x0:x1].astype(np.float32)
        x, y = np.meshgrid(
            np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32) + 0.5
        )
        self._x, self._y = x - x0 - 0.5, y - y0 - 0.5
        dx, dy = x - self._centre[0], y - self._centre[1]
        self._u = ((dx * self._across[0] + dy * self._across[1]) / self._half).astype(np.float32)
        self._v = (dx * self._down[0] + dy * self._down[1]).astype(np.float32)
        upper, lower = self._curve(points, INNER_UPPER_LIP), self._curve(points, INNER_LOWER_LIP)
        self.teeth_px = float((lower - upper).max())
        """Opening between the lips in the photo; what it shows moves with the upper jaw."""
        has_teeth = self.teeth_px > _TEETH * frame.unit
        tear = lower if has_teeth else (upper + lower) / 2
        self._tear = np.interp(self._u, np.linspace(-1, 1, _SAMPLES), tear).astype(np.float32)
        bow = np.clip(1 - (self._u / _CORNER) ** 2, 0, 1)
        self._between = tuple(
            np.interp(self._u, np.linspace(-1, 1, _SAMPLES), curve).astype(np.float32)
            for curve in (upper, lower)
        )
        self._up_profile, self._down_profile = (
            (bow**power).astype(np.float32)
            for power in (_UP_BOW, _TEETH_BOWL if has_teeth else _BOWL)
        )
        self._lip = self._lip_colour(points)
        self._deep = np.maximum(self._dark(), _black(picture))

    def paint(self, picture: ImageU8, amount: float) -> None:
        """Part the lips in `picture`, in place; touches nothing outside `roi`."""
        edge = self._edge
        gap = np.float32(amount * _OPEN * self._unit)
        up = _UPPER_SHARE * gap * self._up_profile
        down = (1 - _UPPER_SHARE) * gap * self._down_profile
        top, bottom = self._tear - up, self._tear + down
        above, below = top - self._v, self._v - bottom
        upper = self._sampled(up * self._fade_up(above))
        lower = self._sampled(-self._jaw_way((1 - _UPPER_SHARE) * gap, down, below))
        out = over(self._inside(top, bottom, gap), upper, smoothstep(-edge, edge, above))
        # Where the lips still touch there is no gap to show.
        split = smoothstep(0.0, 2.5, up + down)
        closed = over(upper, lower, smoothstep(-edge, edge, -above))
        out = over(out, lower, smoothstep(-edge, edge, below))
        out = over(closed, out, split)
        # Only what changes, so that patches which overlap do not undo one another.
        x0, y0, x1, y1 = self.roi
        changed = picture[y0:y1, x0:x1] + (out - self._base)
        picture[y0:y1, x0:x1] = np.clip(changed + 0.5, 0, 255).astype(np.uint8)

    def close(self, picture: ImageU8, share: float) -> None:
        """Lay the lips over the teeth that the photo shows; 1 closes them, `roi` bounds it."""
        edge = self._edge
        upper, lower = self._between
        way = np.float32(share) * np.maximum(lower - upper, 0)
        top, bottom = upper + _COMES_DOWN * way, lower - (1 - _COMES_DOWN) * way
        above, below = top - self._v, self._v - bottom
        chin = self._chin
        rises = (1 - _COMES_DOWN) * way * (1 - smoothstep(0.2 * chin, chin, np.maximum(below, 0)))
        out = over(
            self._base,
            self._sampled(-_COMES_DOWN * way * self._fade_up(above)),
            smoothstep(-edge, edge, above),
        )
        out = over(out, self._sampled(rises), smoothstep(-edge, edge, below))
        # Between lips that meet there is a line, and no teeth.
        gap = np.maximum(bottom - top, 0)
        seam = np.exp(-(((self._v - (top + bottom) / 2) / (_SEAM * self._unit)) ** 2))
        seam *= smoothstep(0.5, 1.0, np.full_like(gap, share)) * smoothstep(0, 2, lower - upper)
        out = over(out, 0.5 * (self._deep + self._lip), np.asarray(0.8 * seam, np.float32))
        x0, y0, x1, y1 = self.roi
        changed = picture[y0:y1, x0:x1] + (out - self._base)
        picture[y0:y1, x0:x1] = np.clip(changed + 0.5, 0, 255).astype(np.uint8)

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

    def _jaw_way(self, gap: np.float32, down: MaskF32, below: MaskF32) -> MaskF32:
        """Lower lip and chin go down together; wider and wider below the lip."""
        chin = self._chin
        deep = smoothstep(0.0, 0.75 * chin, np.maximum(below, 0))
        wide = gap * (1 - smoothstep(0.5, 2.2, np.abs(self._u)))
        way = down + (wide - down) * deep
        faded = 1 - smoothstep(0.9 * chin, chin + 0.45 * self._unit, self._v)
        return np.asarray(way * faded, np.float32)

    def _sampled(self, down: MaskF32) -> ImageF32:
        axis = self._down.astype(np.float32)
        cv2 = self._cv2
        taken = cv2.remap(
            self._base,
            self._x + down * axis[0],
            self._y + down * axis[1],
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(taken, np.float32)

    def _inside(self, top: MaskF32, bottom: MaskF32, gap: np.float32) -> ImageF32:
        """What an open mouth shows: dark at the back, the tongue, and the wet side of the lip."""
        height = np.maximum(bottom - top, 1.0)
        down = np.clip((self._v - top) / height, 0, 1).astype(np.float32)
        beside = np.minimum(np.abs(self._u) / _CORNER, 1)
        # The upper lip throws its shadow, and the cheeks stand close at the corners.
        light = (0.55 + 0.45 * smoothstep(0.0, 0.4, down)) * (1 - 0.45 * beside**2)
        # Through a narrow gap, as beside the corners, one sees the lips' own shadow.
        narrow = np.exp(-np.maximum(bottom - top, 0) / (_NARROW * self._unit))[..., None]
        shade = np.maximum(_NARROW_SHADE * self._lip, self._deep)
        inside = (self._deep + (shade - self._deep) * narrow) * light[..., None]
        room = float(gap) / self._unit
        tongue = smoothstep(0.25, 0.9, down) * (1 - smoothstep(0.3, 0.8, beside))
        tongue *= _TONGUE_SHOWS * float(smoothstep(0.01, 0.055, np.array([room], np.float32))[0])
        groove = 1 - 0.25 * np.exp(-((self._u / 0.08) ** 2)) * down
        inside = over(inside, (_TONGUE * self._lip) * groove[..., None].astype(np.float32), tongue)
        rim = np.minimum(_RIM * self._unit, 0.3 * height)
        wet = np.exp(-np.maximum(bottom - self._v, 0) / rim) * (1 - beside**2)
        return over(inside, _WET * self._lip, np.asarray(0.8 * wet, np.float32))

    def _dark(self) -> ImageF32:
        """(3,) the back of the mouth: the darkest of the line between the lips, darker still."""
        near = (np.abs(self._v - self._tear) < 0.025 * self._unit) & (np.abs(self._u) < 0.7)
        colours = self._base[near]
        luma = colours.mean(axis=1)
        dark = colours[luma <= np.percentile(luma, 15)].mean(axis=0)
        return np.asarray(_DARK * dark + _WARM * self._lip, np.float32)

    def _lip_colour(self, points: npt.NDArray[np.float64]) -> ImageF32:
        """(3,) the middle of the lower lip."""
        top, bottom = self._curve(points, INNER_LOWER_LIP), self._curve(points, OUTER_LOWER_LIP)
        along = np.linspace(-1, 1, _SAMPLES)
        low = np.interp(self._u, along, 0.7 * top + 0.3 * bottom)
        high = np.interp(self._u, along, 0.2 * top + 0.8 * bottom)
        on_lip = (self._v > low) & (self._v < high) & (np.abs(self._u) < 0.5)
        colours = self._base[on_lip if on_lip.any() else np.abs(self._v) < 2]
        return np.asarray(np.median(colours, axis=0), np.float32)


def _black(picture: ImageU8) -> ImageF32:
    """(3,) the darkest there is: a faded print has nothing darker to show inside a mouth either."""
    pixels = picture[::4, ::4].reshape(-1, 3).astype(np.float32)
    luma = pixels.mean(axis=1)
    return np.asarray(pixels[luma <= np.percentile(luma, 1)].mean(axis=0), np.float32)
