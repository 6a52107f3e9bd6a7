"""One eyeball: a sclera filled in from what is visible of it, and an iris that slides over it."""

from types import ModuleType

import numpy as np

from frame_app.base.arrays import ImageF32, MaskF32
from prerender.portrait.blend import band, over
from prerender.portrait.eye_shape import EyePatch, EyeShape
from prerender.portrait.grid import smoothstep

_RIM = 1.2  # iris radii: what is farther from its middle is sclera
_RINGS = 12  # per iris radius, in which the iris is averaged
_AT_REST = 0.35  # iris radii over which the picture itself gives way to the layers
_SOFT_PX = 0.9  # of a lid's edge


class Eyeball:
    """What is between the lids of one eye."""

    def __init__(self, patch: EyePatch, shape: EyeShape, cv2: ModuleType) -> None:
        self._patch, self._shape, self._cv2 = patch, shape, cv2
        # Where the lids meet, no eyeball may shine through the soft edges of both.
        self._is_eye = smoothstep(0.5, 2.5 * _SOFT_PX, patch.opening)
        away = np.hypot(patch.x - shape.iris[0], patch.y - shape.iris[1]) / shape.radius
        self._sclera = self._fill_sclera(away.astype(np.float32))
        self._iris, self._iris_alpha = self._cut_iris(away.astype(np.float32))
        # Wider than the opening by a lid's edge, so that a lid at rest blends like with like.
        slack = 2 * _SOFT_PX
        inside = band(patch.v, patch.upper - slack, patch.lower + slack, _SOFT_PX)
        self._rest = (patch.base - self._layers((0.0, 0.0))) * inside[..., None]

    def looking(self, shift: tuple[float, float]) -> ImageF32:
        """The eyeball with its iris moved by x, y pixels; at rest it is the picture."""
        moved = np.hypot(*shift) / (_AT_REST * self._shape.radius)
        rest = 1 - smoothstep(0.0, 1.0, np.array([moved], np.float32))[0]
        return over(self._patch.base, self._layers(shift) + self._rest * rest, self._is_eye)

    def _fill_sclera(self, away: MaskF32) -> ImageF32:
        """The eyeball without its iris."""
        patch, shape, cv2 = self._patch, self._shape, self._cv2
        slack = 0.12 * shape.aperture
        inside = (patch.v > patch.upper + slack) & (patch.v < patch.lower - 0.5 * slack)
        known = inside & (away > _RIM) & (np.abs(patch.u) < 0.93)
        brightness = patch.base.mean(axis=2)
        if known.sum() < 12:
            known = inside if inside.any() else patch.opening / shape.aperture > 0.5
        known = known & (brightness >= np.percentile(brightness[known], 35))
        weight = known.astype(np.float32)
        filled = np.zeros_like(patch.base)
        total = np.full_like(weight, 1e-6)
        for sigma, trust in ((0.12, 1.0), (0.3, 0.05), (0.9, 0.002)):
            blur = (0, 0), sigma * shape.half, sigma * shape.half * 0.6
            share = cv2.GaussianBlur(weight, *blur)
            filled += trust * cv2.GaussianBlur(patch.base * weight[..., None], *blur)
            total += trust * share
        filled /= total[..., None]
        shade = 1 - 0.25 * np.exp(-np.clip(patch.v - patch.upper, 0, None) / (0.2 * shape.aperture))
        shade *= 1 - 0.35 * np.clip(np.abs(patch.u) - 0.6, 0, 0.4) / 0.4  # it turns away there
        filled *= shade[..., None].astype(np.float32)
        keep = cv2.GaussianBlur((inside & (away > _RIM)).astype(np.float32), (0, 0), 1.0)
        return over(filled, patch.base, keep)

    def _cut_iris(self, away: MaskF32) -> tuple[ImageF32, MaskF32]:
        """The iris as a full disc; what the lids hide is its mean at the same distance."""
        patch, shape = self._patch, self._shape
        seen = band(patch.v, patch.upper + 0.08 * shape.aperture, patch.lower, 1.0)
        rings = np.clip((away * _RINGS).astype(int), 0, 15)
        weight = np.bincount(rings.ravel(), seen.ravel(), 16) + 1e-6
        mean = np.stack(
            [
                np.bincount(rings.ravel(), (seen * patch.base[..., i]).ravel(), 16) / weight
                for i in range(3)
            ],
            axis=-1,
        )
        whole = np.stack(
            [np.interp(away * _RINGS - 0.5, np.arange(16), mean[:, i]) for i in range(3)], axis=-1
        ).astype(np.float32)
        alpha = 1 - smoothstep(0.9, 1.14, away)
        return over(whole, patch.base, seen), alpha

    def _layers(self, shift: tuple[float, float]) -> ImageF32:
        patch, cv2 = self._patch, self._cv2
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
        size = patch.base.shape[1], patch.base.shape[0]
        iris = cv2.warpAffine(
            self._iris, move, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        alpha = cv2.warpAffine(self._iris_alpha, move, size, flags=cv2.INTER_LINEAR)
        return over(self._sclera, iris, alpha)
