"""Lids and irises: layers painted into the neutral picture before the head moves.

The upper lid is a layer in front of the eyeball. Its skin stretches down along the eye's columns,
most just above the lashes, where the fold unrolls; what would be stretched to a smear is replaced
by the lid's own colour with the shading of a sphere. The lash line is carried as it is. The iris is
a disc that slides over a sclera filled in from what is visible of it, clipped by the lids.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from frame_app.base.arrays import ImageF32, ImageU8, MaskF32
from prerender.portrait.blend import band, edge, over
from prerender.portrait.eye_shape import SAMPLES, Curve, EyePatch, EyeShape
from prerender.portrait.eyeball import Eyeball
from prerender.portrait.grid import smoothstep

_MEET = 1.0  # of the opening: where the upper lid arrives, over the lower one
_LOWER_BLINK, _LOWER_SQUINT = 0.20, 0.20  # of the opening, at 1
_WIDE = 0.5  # of the fold's length that the upper lid may rise
_FOLD = 0.26  # of the opening: depth over which the lid's stretch fades
_LASH_ABOVE, _LASH_BELOW = 0.10, 0.06  # half eye widths carried rigidly with the lash line
_IN_CORNER = 0.8  # iris radii between a corner and the middle of an iris that looks that way
_FOLLOW_DOWN, _FOLLOW_UP, _FOLLOW_LOWER = 1.0, 0.8, 0.45  # of the iris's way, by the lids
_LASH_WIDTH, _LASH_END = 0.12, 0.07  # half eye widths: in the middle, at the corners
_LASH_THIN = 0.4  # share of the lashes' colour that their tips have
_RIM_REACH = 0.14  # half eye widths that the wet rim of the lower lid is high
_RIM_DARK = 0.6  # share of the lashes' colour at the moving lid's rim
_CREASE = 0.7  # of the opening: from the lashes to the crease, where the brow leaves the room
_LEAST_SLOPE = 0.3  # of the mean: how much of itself the skin next to the lashes shows
_WING = 0.12  # of the opening: how far the outer corner's lashes sink with the lid
_CLIMB = 0.6, 1.6  # down over along: where lashes begin to end, and end
_BULGE_LIGHT = 1.06  # of that skin: the eyeball holds the lid into the light
_SKIN_BELOW = 0.4  # share of the skin under the eye in the colour of the closed lid
_GRAIN_FROM = 2.1  # openings below a point: where the lid borrows its grain
_EDGE_PX = 0.9  # half width of a lid's edge


@dataclass(frozen=True, slots=True)
class EyePose:
    """What one eye does; see `pose.PARAMETERS`."""

    blink: float
    squint: float
    gaze_x: float
    gaze_y: float

    @property
    def is_still(self) -> bool:
        """Whether the eye looks as in the picture."""
        values = (self.blink, self.squint, self.gaze_x, self.gaze_y)
        return all(abs(value) < 1e-4 for value in values)


class EyeLayer:
    """One eye of one portrait."""

    def __init__(self, picture: ImageU8, shape: EyeShape, cv2: ModuleType, reach: float) -> None:
        """Prepare an eye of a picture; `reach` is the eyeball's radius in pixels, to the iris."""
        self._cv2, self._shape, self._reach = cv2, shape, reach
        self.roi = self._region(picture.shape[1], picture.shape[0])
        patch = self._patch = EyePatch.of(picture, self.roi, shape)
        # Where remap finds a pixel of the patch.
        self._x, self._y = patch.x - self.roi[0] - 0.5, patch.y - self.roi[1] - 0.5
        self._share = patch.opening / shape.aperture
        self._plain = self._plain_skin()
        self._ball = Eyeball(patch, shape, self._plain, cv2)
        self._corner = self._outer_corner()
        self._level = self._where_level()
        self._wing = np.float32(_WING * shape.aperture) * self._corner
        room = max(float(shape.upper.min()) - shape.brow, 0.0)
        self._crease_px = np.float32(shape.aperture * min(max(room / shape.aperture, 0.3), _CREASE))
        self._crease, self._lid = self._lid_colours()
        self._lash_colour = self._lashes_colour()
        self._lid_grain = self._grain()

    @property
    def radius(self) -> float:
        """Of the iris in pixels."""
        return self._shape.radius

    @property
    def looks_deg(self) -> tuple[float, float]:
        """Where the iris stands in the picture, to the viewer's right and up from the middle."""
        shape = self._shape
        off = (shape.iris - shape.centre) / self._reach
        x, y = np.clip([off @ shape.across, -(off @ shape.down)], -0.7, 0.7)
        return float(np.degrees(np.arcsin(x))), float(np.degrees(np.arcsin(y)))

    def paint(self, picture: ImageU8, pose: EyePose) -> None:
        """Paint the eye into `picture`, in place; touches nothing outside `roi`."""
        shape, v = self._shape, self._patch.v
        shift = self._iris_shift(pose)
        fold = _FOLD * shape.aperture
        drop, rise = self._lid_ways(pose, shift, fold)
        upper, lower = self._patch.upper + drop, self._patch.lower - rise
        skin_above, stretch = self._upper_skin(upper - v, drop)
        skin_below = self._lower_skin(v - lower, rise)
        ball = self._ball.looking(shift, np.maximum(-drop, -rise))
        # The lid's shadow on the eyeball goes with the lid.
        depth = np.clip(v - upper, 0, None) / (0.22 * shape.aperture)
        shadow = 0.22 * np.exp(-depth) * np.clip(drop / shape.aperture, 0, 1)
        out = ball * (1 - shadow[..., None])
        out = over(out, skin_below, edge(v - lower, _EDGE_PX))
        out = self._with_lash_edge(out, v - upper, drop)
        out = over(
            out,
            self._with_lid_colour(skin_above, upper - v, drop, stretch),
            edge(upper - v, _EDGE_PX),
        )
        out = self._with_lashes(out, v - upper, drop)
        # Only what changes, so that patches which overlap do not undo one another.
        x0, y0, x1, y1 = self.roi
        changed = picture[y0:y1, x0:x1] + (out - self._patch.base)
        picture[y0:y1, x0:x1] = np.clip(changed + 0.5, 0, 255).astype(np.uint8)

    def _region(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The patch that lids and brow skin need, clipped to the picture."""
        shape = self._shape
        up = max(1.7 * shape.aperture - float(shape.upper.min()), -0.85 * shape.brow)
        down = float(shape.lower.max()) + 1.2 * shape.aperture
        corners = [
            shape.centre + u * 1.25 * shape.half * shape.across + v * shape.down
            for u in (-1, 1)
            for v in (-up, down)
        ]
        low, high = np.min(corners, axis=0), np.max(corners, axis=0)
        x0, y0 = max(0, int(low[0]) - 1), max(0, int(low[1]) - 1)
        return x0, y0, min(width, int(high[0]) + 2), min(height, int(high[1]) + 2)

    def _iris_shift(self, pose: EyePose) -> tuple[float, float]:
        """Way of the iris in picture pixels."""
        way = np.sin(np.radians([pose.gaze_x, -pose.gaze_y])) * self._reach
        across, down = self._shape.across, self._shape.down
        # Far from straight ahead the corner hides part of the iris, never more than half of it.
        at_rest = float((self._shape.iris - self._shape.centre) @ across)
        room = max(self._shape.half - _IN_CORNER * self._shape.radius, 0.0)
        way[0] = np.clip(way[0], min(0.0, -room - at_rest), max(0.0, room - at_rest))
        moved = way[0] * across + way[1] * down
        return float(moved[0]), float(moved[1])

    def _lid_ways(
        self, pose: EyePose, shift: tuple[float, float], fold: float
    ) -> tuple[MaskF32, MaskF32]:
        """How far the upper lid comes down and the lower one up, per pixel column."""
        sink = float(np.dot(shift, self._shape.down))
        closed = max(pose.blink, 0.0)
        follow = sink * (_FOLLOW_DOWN if sink > 0 else _FOLLOW_UP) * (1 - closed)
        widen = min(pose.blink, 0.0) * _WIDE * 2 * fold
        drop = closed * _MEET * np.maximum(self._patch.opening, self._wing)
        drop = drop + (follow + widen) * self._share
        most = np.maximum(1.1 * self._patch.opening, self._wing)
        drop = np.clip(drop, -_WIDE * fold * self._share, most)
        up = _LOWER_BLINK * closed + _LOWER_SQUINT * max(pose.squint, 0.0)
        rise = up * self._patch.opening - _FOLLOW_LOWER * sink * (1 - closed) * self._share
        return drop.astype(np.float32), rise.astype(np.float32)

    def _upper_skin(self, above: MaskF32, drop: MaskF32) -> tuple[ImageF32, MaskF32]:
        """Skin at a height above the moved lash line, and how much it was stretched.

        The lashes go down as they are, the crease stays, and what is between is stretched: most
        next to the lashes, not at all at the crease. No height is shown twice.
        """
        lash = np.float32(_LASH_ABOVE * self._shape.half)
        free = self._crease_px
        # The mean slope of source over shown heights, the least one, and how fast it gets to one.
        mean = free / (free + np.maximum(drop, 0))
        least = _LEAST_SLOPE * mean
        power = (1 - mean) / np.maximum(mean - least, 1e-6)
        height = np.maximum(above - lash, 0)
        t = np.clip(height * mean / free, 0, 1)
        slope = least + (1 - least) * t**power
        taken = (least * t + (1 - least) * t ** (power + 1) / (power + 1)) * free / mean
        taken = np.where(height * mean > free, height - np.maximum(drop, 0), taken)
        widened = np.minimum(drop, 0) * smoothstep(0, 2.5 * float(free), height)
        source = np.where(above > lash, lash + taken - widened, above)
        stretch = np.where(above > lash, 1 / np.maximum(slope, 1e-3), 1.0)
        down = (self._patch.upper - source - self._patch.v).astype(np.float32)
        # Fine detail drawn out along a column would show as scratches.
        plain = smoothstep(0.1, 0.4, 1 - 1 / stretch.astype(np.float32))
        plain *= smoothstep(0, 1, (drop / (0.1 * self._shape.aperture)).astype(np.float32))
        skin = self._sampled(down)
        skin = over(skin, self._sampled(down, self._plain), plain)
        return skin, stretch.astype(np.float32)

    def _lower_skin(self, below: MaskF32, rise: MaskF32) -> ImageF32:
        reach = 1.1 * self._shape.aperture
        return self._sampled(rise * (1 - smoothstep(0, reach, np.maximum(below, 0))))

    def _sampled(self, down: MaskF32, source: ImageF32 | None = None) -> ImageF32:
        """The picture, or another, at points `down` pixels further along v."""
        axis = self._shape.down.astype(np.float32)
        cv2 = self._cv2
        taken = cv2.remap(
            self._patch.base if source is None else source,
            self._x + down * axis[0],
            self._y + down * axis[1],
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(taken, np.float32)

    def _with_lid_colour(
        self, skin: ImageF32, above: MaskF32, drop: MaskF32, stretch: MaskF32
    ) -> ImageF32:
        """Replace what is stretched too far by the lid's own colour, rounded like the eyeball."""
        lash = _LASH_ABOVE * self._shape.half
        down = np.clip(1 - (above - lash) / np.maximum(drop + self._crease_px, 1), 0, 1)
        down = np.asarray(down, np.float32)
        bulge = smoothstep(0.0, 0.5, down)[..., None]
        shade = (1.0 - 0.12 * down**3)[..., None]
        lid = (self._crease + (self._lid - self._crease) * bulge) * shade + self._lid_grain
        blend = smoothstep(1.25, 2.5, stretch) * smoothstep(0.5 * lash, 1.6 * lash, above)
        # Lashes that stick out over the outer corner would bunch up there.
        bunch = self._corner * np.clip(drop / self._shape.aperture / _WING, 0, 1)
        bunch = bunch * smoothstep(0.6 * lash, 1.4 * lash, above)
        bunch = bunch * (1 - smoothstep(0.3, 0.8, above / self._shape.aperture))
        # Of the strip that is carried as it is, only the lashes show: the light on an open lid's
        # edge would ride down as a bright line.
        going = smoothstep(0.03, 0.2, drop / self._shape.aperture)
        strip = going * (1 - smoothstep(1.6 * lash, 2.4 * lash, above))
        skin = over(skin, np.minimum(skin, lid), strip)
        return over(skin, lid, np.maximum(blend, 0.8 * bunch))

    def _with_lash_edge(self, out: ImageF32, below: MaskF32, drop: MaskF32) -> ImageF32:
        """The dark underside of the lashes, carried rigidly; it may only darken."""
        reach = max(_LASH_BELOW * self._shape.half, 1.0)
        carried = self._sampled(-drop)
        alpha = (1 - smoothstep(0.2 * reach, 1.6 * reach, below)) * np.clip(np.abs(drop), 0, 1)
        alpha = 0.85 * alpha * smoothstep(0.0, 0.25, self._share)
        return over(out, np.minimum(carried, out), alpha)

    def _with_lashes(self, out: ImageF32, below: MaskF32, drop: MaskF32) -> ImageF32:
        """The lashes of both lids together, where they meet; thinner towards the corners.

        It also hides the bright rims of the lids, which a closed eye does not show.
        """
        way = _MEET * np.maximum(self._patch.opening, self._wing)
        meeting = smoothstep(0.6, 1.0, drop / np.maximum(way, 1.0))
        along = self._patch.u * self._shape.outer
        ends = smoothstep(-1.0, -0.3, along) * (1 - smoothstep(0.5, 1.15, along))
        width = np.maximum(self._shape.half * (_LASH_END + (_LASH_WIDTH - _LASH_END) * ends), 0.8)
        # Roots side by side, and the lashes before them, through which the skin is seen.
        roots = np.exp(-(((below - 0.3 * width) / width) ** 2))
        tips = np.exp(-(((below - 1.2 * width) / (2.2 * width)) ** 2))
        line = np.maximum(roots, _LASH_THIN * tips) * meeting
        line *= smoothstep(-1.0, -0.7, along) * (1 - smoothstep(0.95, 1.15, along)) * self._level
        # The wet rim of the lower lid is bright, and is not seen of a closed eye.
        reach = _RIM_REACH * self._shape.half
        wet = smoothstep(-0.5 * reach, 0.0, below) * (1 - smoothstep(reach, 2 * reach, below))
        wet *= meeting * (1 - smoothstep(1.0, 1.2, np.abs(along)))
        out = over(out, np.minimum(self._plain, out), np.asarray(wet, np.float32))
        # On the way down the bright rim of the opened eye must not ride on the lashes.
        thin = 0.035 * self._shape.half
        going = smoothstep(0.03, 0.2, drop / self._shape.aperture)
        rim = np.exp(-((below / thin) ** 2)) * going * smoothstep(0.1, 0.4, self._share)
        line = np.maximum(line, _RIM_DARK * rim)
        return over(out, np.minimum(self._lash_colour, out), np.asarray(line, np.float32))

    def _lashes_colour(self) -> ImageF32:
        """(3,) the darkest of the lash line."""
        reach = _LASH_ABOVE * self._shape.half
        near = (np.abs(self._patch.v - self._patch.upper) < reach) & (self._share > 0.3)
        colours = self._patch.base[near] if near.any() else self._patch.base.reshape(-1, 3)
        luma = colours.mean(axis=1)
        dark = colours[luma <= np.percentile(luma, 15)].mean(axis=0)
        return np.asarray(dark, np.float32)

    def _outer_corner(self) -> MaskF32:
        """1 at the outer corner, 0 a third of the eye away: there the lashes come along."""
        away = (self._patch.u * self._shape.outer - 1) / 0.32
        return np.asarray(np.clip(1 - away**2, 0, 1) ** 2, np.float32)

    def _where_level(self) -> MaskF32:
        """1 where the lids meet along the eye, 0 where their line climbs to the corner.

        Of a head turned away the far corner lies behind the eyeball, and no lashes lead up to it.
        """
        shape = self._shape
        steep = np.abs(np.gradient(shape.lower, 2 * shape.half / (SAMPLES - 1)))
        return 1 - smoothstep(*_CLIMB, shape.along(steep, self._patch.u))

    def _lid_colours(self) -> tuple[ImageF32, ImageF32]:
        """Colours of the closed lid at each column: under the crease, and where it bulges.

        The crease is nearly as dark as the skin above the eye; the bulge catches the light that the
        brighter part of that skin and the skin under the eye get.
        """
        shape = self._shape
        lash = 1.3 * _LASH_ABOVE * shape.half
        room = 0.6 * (float(shape.upper.min()) - shape.brow)
        heights = -np.linspace(lash, max(room, 2 * lash), 16)
        above = self._skin(shape.upper, heights, brightest=8)
        below = self._skin(shape.lower, np.linspace(0.25, 0.8, 16) * shape.aperture, brightest=8)
        bulge = _BULGE_LIGHT * ((1 - _SKIN_BELOW) * above + _SKIN_BELOW * below)
        top = np.array([0.5, 0.7, 0.9]) * self._crease_px + lash
        crease = self._skin(shape.upper, -np.repeat(top, 5), brightest=15)
        return self._spread(crease), self._spread(bulge)

    def _plain_skin(self) -> ImageF32:
        """The skin without its fine detail, and without what the lashes and the eye would add."""
        cv2, patch, shape = self._cv2, self._patch, self._shape
        lash = 1.2 * _LASH_ABOVE * shape.half
        skin = 1 - band(patch.v, patch.upper - lash, patch.lower + 0.5 * lash, _EDGE_PX)
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
        x, y = self._x + np.float32(axis[0]), self._y + np.float32(axis[1])
        return np.asarray(
            cv2.remap(fine, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.float32
        )

    def _skin(self, curve: Curve, offsets: Curve, *, brightest: int) -> ImageF32:
        """(SAMPLES, 3) mean of the brightest of what lies at offsets from a lid's curve."""
        shape, cv2 = self._shape, self._cv2
        u = np.linspace(-1, 1, SAMPLES) * shape.half
        v = curve[None, :] + offsets[:, None]
        start = shape.centre - self.roi[:2] - 0.5
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
