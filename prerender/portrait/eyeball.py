"""One eyeball: a sclera filled in from what is visible of it, and an iris that slides over it."""

import math
from types import ModuleType

import numpy as np

from frame_app.base.arrays import ImageF32, MaskF32
from prerender.portrait.blend import band, over, sampled
from prerender.portrait.eye_shape import EyePatch, EyeShape
from prerender.portrait.grid import smoothstep
from prerender.portrait.zone import Zone

_RIM = 1.2  # iris radii: what is farther from its middle is sclera
_BLENDED = 0.8  # iris radii beyond that, over which what is filled in passes into what is seen
_RINGS = 12  # per iris radius, in which the iris is averaged
_AT_REST = 0.35  # iris radii over which the picture itself gives way to the layers
_SOFT_PX = 0.9  # of a lid's edge
_OPENED_PX = 1.5  # by which a lid leaves the edge that it had in the picture
_LIGHT = 0.25  # half eye widths over which the light on the eye is told from the skin's
_LIT = 0.7  # power of the skin's level that the white goes with: shadows of lashes stay on skin
_DARKEST = 8.0  # grey levels: nothing is told from darker skin


class Eyeball:
    """What is between the lids of one eye."""

    def __init__(
        self, patch: EyePatch, shape: EyeShape, skin: ImageF32, zone: Zone, cv2: ModuleType
    ) -> None:
        """Prepare the eyeball in a patch.

        Args:
            patch: The eye.
            shape: Its outline.
            skin: The patch with skin instead of the eye.
            zone: The pixels of the patch that will be asked for.
            cv2: The module.
        """
        self._patch, self._shape, self._cv2 = patch, shape, cv2
        away = np.hypot(patch.x - shape.iris[0], patch.y - shape.iris[1]) / shape.radius
        bare = self._fill_sclera(away.astype(np.float32), skin)
        sclera = self._keep_seen(bare, away.astype(np.float32))
        self._iris, self._iris_alpha = self._cut_iris(away.astype(np.float32))
        # Wider than the opening by a lid's edge, so that a lid at rest blends like with like.
        slack = 2 * _SOFT_PX
        inside = band(patch.v, patch.upper - slack, patch.lower + slack, _SOFT_PX)
        rest = (patch.base - over(sclera, self._iris, self._iris_alpha)) * inside[..., None]
        self._bare, self._sclera, self._rest = map(zone.taken, (bare, sclera, rest))
        self._own = patch.taken(zone)
        self._x, self._y = map(zone.taken, patch.places)
        # Where the lids meet, no eyeball may shine through the soft edges of both.
        self._is_eye = smoothstep(0.5, 2.5 * _SOFT_PX, self._own.opening)

    def looking(self, shift: tuple[float, float], opened: MaskF32, part: slice) -> ImageF32:
        """A part of the zone with the iris moved by x, y pixels; at rest it is the picture.

        Where the lids have `opened` by some pixels, what was their edge in the picture is eyeball.
        """
        own, sclera = self._own, self._sclera[part]
        if opened.max() > 0:
            sclera = over(sclera, self._bare[part], smoothstep(0.0, _OPENED_PX, opened))
        x, y = self._x[part] - shift[0], self._y[part] - shift[1]
        alpha = sampled(self._iris_alpha, x, y, linear=True)
        whole = over(sclera, sampled(self._iris, x, y), alpha)
        moved = math.hypot(*shift) / (_AT_REST * self._shape.radius)
        if moved < 1:
            whole += self._rest[part] * (1 - moved * moved * (3 - 2 * moved))
        return over(own.base[part], whole, self._is_eye[part])

    def _fill_sclera(self, away: MaskF32, skin: ImageF32) -> ImageF32:
        """The eyeball without its iris, in the light that the skin around it gets."""
        patch, shape, cv2 = self._patch, self._shape, self._cv2
        slack = 0.12 * shape.aperture
        inside = (patch.v > patch.upper + slack) & (patch.v < patch.lower - 0.5 * slack)
        known = inside & (away > _RIM) & (np.abs(patch.u) < 0.93)
        brightness = patch.base.mean(axis=2)
        if known.sum() < 12:
            known = inside if inside.any() else patch.opening / shape.aperture > 0.5
        known = known & (brightness >= np.percentile(brightness[known], 35))
        weight = known.astype(np.float32)
        smooth = cv2.GaussianBlur(skin, (0, 0), _LIGHT * shape.half)
        light = np.maximum(smooth.mean(axis=2), _DARKEST)
        lit = light**_LIT
        filled = np.zeros_like(weight)
        total = np.full_like(weight, 1e-6)
        for sigma, trust in ((0.12, 1.0), (0.3, 0.05), (0.9, 0.002)):
            blur = (0, 0), sigma * shape.half, sigma * shape.half * 0.6
            filled += trust * cv2.GaussianBlur(brightness / lit * weight, *blur)
            total += trust * cv2.GaussianBlur(weight, *blur)
        filled *= lit / total
        shade = 1 - 0.25 * np.exp(-np.clip(patch.v - patch.upper, 0, None) / (0.2 * shape.aperture))
        shade *= 1 - 0.35 * np.clip(np.abs(patch.u) - 0.6, 0, 0.4) / 0.4  # it turns away there
        # One tint for all of it, half way to the colour of the skin: the little that is seen would
        # not bear more.
        colour = np.sqrt(smooth / light[..., None])
        tint = patch.base[known].mean(axis=0) / np.maximum(colour[known].mean(axis=0), 0.05)
        tint /= max(float(brightness[known].mean()), 1.0)
        sclera = (filled * shade)[..., None] * tint * colour
        return np.asarray(np.minimum(sclera, 255), np.float32)

    def _keep_seen(self, bare: ImageF32, away: MaskF32) -> ImageF32:
        """The same, but for what the picture shows of it."""
        patch = self._patch
        inside = band(patch.v, patch.upper, patch.lower, _SOFT_PX)
        seen = inside * smoothstep(_RIM, _RIM + _BLENDED, away)
        # What the iris's own rim and shadow darkened is no sclera.
        ratio = patch.base.mean(axis=2) / np.maximum(bare.mean(axis=2), 1.0)
        near = 1 - smoothstep(1.3, 1.7, away)
        seen *= 1 - near * (1 - smoothstep(0.55, 0.85, ratio.astype(np.float32)))
        return over(bare, patch.base, seen)

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
