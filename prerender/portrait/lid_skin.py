"""What a shut lid is made of: the skin around one eye, without its fine detail and its lashes."""

from types import ModuleType

import numpy as np

from frame_app.base.arrays import ImageF32
from prerender.portrait.blend import band, thrice
from prerender.portrait.eye_shape import SAMPLES, Curve, EyePatch, EyeShape
from prerender.portrait.grid import smoothstep
from prerender.portrait.resample import MAD_TO_SIGMA
from prerender.portrait.zone import Zone

LASH_ABOVE = 0.10
"""Half eye widths above the lash line: so far up what is seen belongs to the lashes."""
EDGE_PX = 0.9
"""Half width of a lid's edge."""

_BULGE_LIGHT = 1.06  # of that skin: the eyeball holds the lid into the light
_SKIN_BELOW = 0.4  # share of the skin under the eye in the colour of the closed lid
_OUT_OF_SHADOW = 0.75  # of the cheek's light that a lid has at least: it stands out of a deep orbit
_CHEEK = 0.5, 1.2  # openings under the eye: where the cheek begins, and is looked at
_LASHES_LEAST = 0.2  # of the lid's light: lashes are hairs, no black line
_FULL_CONTRAST = 0.62  # of lashes against the lid: from here on the line gets finer
_GRAIN_FROM = 2.1  # openings below a point: where the lid borrows its grain
_NO_GRAIN = 2.0, 4.0  # standard deviations of the fine detail: what is stronger is less and less


class LidSkin:
    """Colours of one eye's lids."""

    def __init__(
        self, patch: EyePatch, shape: EyeShape, crease_px: float, zone: Zone, cv2: ModuleType
    ) -> None:
        """Look at the skin around an eye.

        Args:
            patch: The eye.
            shape: Its outline.
            crease_px: From the lashes to the crease.
            zone: The pixels of the patch that will be asked for.
            cv2: The module.
        """
        self._patch, self._shape, self._cv2 = patch, shape, cv2
        self._crease_px = crease_px
        self.picture = self._plain_skin()
        """The patch without its fine detail, and without what the lashes and the eye would add."""
        self.plain = zone.taken(self.picture)
        """(N, 3) the same in the zone, as all that follows."""
        self.crease, bulge = map(zone.taken, self._lid_colours())
        """Colour under the crease of the closed lid."""
        self.to_bulge = bulge - self.crease
        """What is added to that where it bulges."""
        self.grain = zone.taken(self._grain())
        """Added to both."""
        self.lashes = self._lashes_colour()
        """(3,) the darkest of the lash line."""
        contrast = 1 - float(self.lashes.mean()) / max(float(bulge.mean()), 1.0)
        self.lash_width = min(1.0, _FULL_CONTRAST / max(contrast, 0.1))
        """Share of their usual width: black lashes on light skin are drawn finer."""

    def _lid_colours(self) -> tuple[ImageF32, ImageF32]:
        """Colours of the closed lid at each column: under the crease, and where it bulges.

        The crease is nearly as dark as the skin above the eye; the bulge catches the light that the
        brighter part of that skin and the skin under the eye get. Where all of these lie in the
        orbit's own shadow, it still comes forward into the light that the cheek gets.
        """
        shape = self._shape
        lash = 1.3 * LASH_ABOVE * shape.half
        room = 0.6 * (float(shape.upper.min()) - shape.brow)
        heights = -np.linspace(lash, max(room, 2 * lash), 16)
        above = self._skin(shape.upper, heights, brightest=8)
        below = self._skin(shape.lower, np.linspace(0.25, 0.8, 16) * shape.aperture, brightest=8)
        bulge = _BULGE_LIGHT * ((1 - _SKIN_BELOW) * above + _SKIN_BELOW * below)
        cheek = self._skin(shape.lower, np.linspace(*_CHEEK, 16) * shape.aperture, brightest=8)
        light = cheek.mean(axis=1, keepdims=True)
        missing = np.maximum(_OUT_OF_SHADOW * light - bulge.mean(axis=1, keepdims=True), 0)
        towards_corners = 1 - np.linspace(-1, 1, SAMPLES)[:, None] ** 2
        bulge += missing * towards_corners * cheek / np.maximum(light, 1)
        top = np.array([0.5, 0.7, 0.9]) * self._crease_px + lash
        crease = self._skin(shape.upper, -np.repeat(top, 5), brightest=15)
        return self._spread(crease), self._spread(bulge)

    def _plain_skin(self) -> ImageF32:
        """The skin without its fine detail, and without what the lashes and the eye would add."""
        cv2, patch, shape = self._cv2, self._patch, self._shape
        lash = 1.2 * LASH_ABOVE * shape.half
        skin = 1 - band(patch.v, patch.upper - lash, patch.lower + 0.5 * lash, EDGE_PX)
        skin = np.maximum(skin, smoothstep(1.0, 1.15, np.abs(patch.u)))
        filled, total = np.zeros_like(patch.base), np.full_like(patch.v, 1e-6)
        for sigma, trust in ((0.09, 1.0), (0.25, 0.02), (0.7, 0.0005)):
            blur = (0, 0), max(sigma * shape.half, 1.0)
            filled += trust * cv2.GaussianBlur(patch.base * skin[..., None], *blur)
            total += trust * cv2.GaussianBlur(skin, *blur)
        return np.asarray(filled / total[..., None], np.float32)

    def _spread(self, colours: ImageF32) -> ImageF32:
        """Colours along u, (SAMPLES, 3), as a picture of the patch."""
        places = np.clip((self._patch.u + 1) / 2 * (SAMPLES - 1), 0, SAMPLES - 1)
        return np.stack(
            [np.interp(places, np.arange(SAMPLES), colours[:, i]) for i in range(3)], axis=-1
        ).astype(np.float32)

    def _grain(self) -> ImageF32:
        """Grain and brush strokes for the lid, borrowed from the skin under the eye."""
        cv2, axis = self._cv2, self._shape.down * _GRAIN_FROM * self._shape.aperture
        plain = cv2.GaussianBlur(self._patch.base, (0, 0), max(0.09 * self._shape.half, 1.0))
        fine = self._patch.base - plain
        loudest = np.abs(fine).max(axis=2)
        usual = MAD_TO_SIGMA * float(np.median(np.abs(fine)))
        # A rim of glasses, a hair or a highlight is no grain.
        low, high = (sigmas * max(usual, 0.1) for sigmas in _NO_GRAIN)
        fine *= thrice(1 - smoothstep(low, high, loudest), fine)
        x, y = self._patch.places
        x, y = x + np.float32(axis[0]), y + np.float32(axis[1])
        return np.asarray(
            cv2.remap(fine, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.float32
        )

    def _skin(self, curve: Curve, offsets: Curve, *, brightest: int) -> ImageF32:
        """(SAMPLES, 3) mean of the brightest of what lies at offsets from a lid's curve."""
        shape, cv2 = self._shape, self._cv2
        u = np.linspace(-1, 1, SAMPLES) * shape.half
        v = curve[None, :] + offsets[:, None]
        start = shape.centre - (self._patch.x[0, 0], self._patch.y[0, 0])
        x = start[0] + u[None] * shape.across[0] + v * shape.down[0]
        y = start[1] + u[None] * shape.across[1] + v * shape.down[1]
        skin = cv2.remap(
            self._patch.base,
            x.astype(np.float32),
            y.astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        # The very brightest may be a glint.
        order = np.argsort(skin.mean(axis=2), axis=0)[-brightest:-2]
        colour = np.take_along_axis(skin, order[..., None], axis=0).mean(axis=0)
        replicate = cv2.BORDER_REPLICATE
        smooth = cv2.GaussianBlur(colour[None], (0, 0), SAMPLES / 9, borderType=replicate)
        return np.asarray(smooth[0], np.float32)

    def _lashes_colour(self) -> ImageF32:
        """(3,) the darkest of the lash line."""
        reach = LASH_ABOVE * self._shape.half
        near = np.abs(self._patch.v - self._patch.upper) < reach
        near &= self._patch.opening / self._shape.aperture > 0.3
        colours = self._patch.base[near] if near.any() else self._patch.base.reshape(-1, 3)
        luma = colours.mean(axis=1)
        dark = colours[luma <= np.percentile(luma, 15)].mean(axis=0)
        lid = (self.crease + self.to_bulge).mean(axis=0)
        missing = _LASHES_LEAST * lid.mean() - dark.mean()
        if missing > 0:
            dark += (lid - dark) * missing / (lid - dark).mean()
        return np.asarray(dark, np.float32)
