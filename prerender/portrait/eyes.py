"""Lids and irises: layers painted into the neutral picture before the head moves.

The upper lid is a layer in front of the eyeball. Its skin stretches down along the eye's columns,
most just above the lashes, where the fold unrolls; what would be stretched to a smear is replaced
by the lid's own colour with the shading of a sphere. The lash line is carried as it is. The iris is
a disc that slides over a sclera filled in from what is visible of it, clipped by the lids.

Only pixels that a lid or an iris may change are worked on, see `Zone`; heights are from the upper
lash line at rest.
"""

import math
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from frame_app.base.arrays import ImageF32, ImageU8, MaskF32
from prerender.portrait.blend import edge, over, sampled, thrice
from prerender.portrait.eye_shape import SAMPLES, EyePatch, EyeShape
from prerender.portrait.eyeball import Eyeball
from prerender.portrait.grid import smoothstep
from prerender.portrait.lid_skin import EDGE_PX, LASH_ABOVE, LidSkin
from prerender.portrait.zone import Zone

_MEET = 1.0  # of the opening: where the upper lid arrives, over the lower one
_LOWER_BLINK, _LOWER_SQUINT = 0.20, 0.20  # of the opening, at 1
_WIDE = 0.5  # of the fold's length that the upper lid may rise
_FOLD = 0.26  # of the opening: depth over which the lid's stretch fades
_LASH_BELOW = 0.06  # half eye widths carried rigidly with the lash line
_IN_CORNER = 0.8  # iris radii between a corner and the middle of an iris that looks that way
_FOLLOW_DOWN, _FOLLOW_UP, _FOLLOW_LOWER = 1.0, 0.8, 0.45  # of the iris's way, by the lids
_LASH_WIDTH, _LASH_END = 0.12, 0.07  # half eye widths: in the middle, at the corners
_LASH_THIN = 0.4  # share of the lashes' colour that their tips have
_LASHES_REACH = 8.0  # of their widths, on both sides: beyond that nothing is left of them
_RIM_REACH = 0.14  # half eye widths that the wet rim of the lower lid is high
_RIM_DARK = 0.6  # share of the lashes' colour at the moving lid's rim
_CREASE = 0.7  # of the opening: from the lashes to the crease, where the brow leaves the room
_LEAST_SLOPE = 0.3  # of the mean: how much of itself the skin next to the lashes shows
_WIDENED = 2.5  # of the crease's height: up to where skin gives way to a lid that rises
_BELOW = 1.1  # of the opening under the eye: down to where skin goes with the lower lid
_WING = 0.12  # of the opening: how far the outer corner's lashes sink with the lid
_CLIMB = 0.6, 1.6  # down over along: where lashes begin to end, and end


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


@dataclass(frozen=True, slots=True, eq=False)
class _Lids:
    """Where both lids are, for all pixels of the row."""

    drop: MaskF32
    """Pixels that the upper lid has come down in a pixel's column."""
    rise: MaskF32
    """Pixels that the lower one has come up."""
    below: MaskF32
    """How far below the upper lash line a pixel now lies."""
    under: MaskF32
    """How far below the lower one."""
    going: MaskF32
    """1 where the upper lid is plainly on its way down."""
    least: float
    """Of `drop`."""
    most: float


class EyeLayer:
    """One eye of one portrait."""

    def __init__(self, picture: ImageU8, shape: EyeShape, cv2: ModuleType, reach: float) -> None:
        """Prepare an eye of a picture; `reach` is the eyeball's radius in pixels, to the iris."""
        self._shape, self._reach, self._aperture = shape, reach, shape.aperture
        self._lash = LASH_ABOVE * shape.half
        room = max(float(shape.upper.min()) - shape.brow, 0.0) / self._aperture
        self._crease_px = np.float32(self._aperture * min(max(room, 0.3), _CREASE))
        self.roi = self._region(picture.shape[1], picture.shape[0])
        patch = EyePatch.of(picture, self.roi, shape)
        self._base = patch.base
        zone = self._zone = self._reached(patch)
        self._own = own = patch.taken(zone)
        self._x, self._y = map(zone.taken, patch.places)
        self._below, self._under = own.v - own.upper, own.v - own.lower
        self._skin = LidSkin(patch, shape, float(self._crease_px), zone, cv2)
        self._ball = Eyeball(patch, shape, self._skin.picture, zone, cv2)
        self._corner = self._outer_corner(own.u)
        self._share = own.opening / self._aperture
        wing = np.float32(_WING * self._aperture) * self._corner
        self._way = np.float32(_MEET) * np.maximum(own.opening, wing)
        self._most = np.maximum(np.float32(1.1) * own.opening, wing)
        self._edge_shows = 0.85 * smoothstep(0.0, 0.25, self._share)
        self._rim_shows = _RIM_DARK * smoothstep(0.1, 0.4, self._share)
        self._prepare_lashes(own.u)

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
        shift = self._iris_shift(pose)
        lids = self._lids(pose, shift)
        out = self._own.base.copy()
        self._add_eyeball(out, shift, lids)
        self._add_lower_skin(out, lids)
        self._add_lash_edge(out, lids)
        self._add_upper_lid(out, lids)
        self._add_lashes(out, lids)
        # Only what changes, so that patches which overlap do not undo one another.
        x0, y0, x1, y1 = self.roi
        self._zone.add(out - self._own.base, picture[y0:y1, x0:x1])

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

    def _reached(self, patch: EyePatch) -> Zone:
        """The pixels that lids and iris may change, by their height below the upper lash line."""
        aperture, free = self._aperture, float(self._crease_px)
        far = self._reach / 2  # farther no iris looks, and no lid follows it
        below, under = patch.v - patch.upper, patch.v - patch.lower
        up = self._lash + _WIDENED * free + 2 * _WIDE * _FOLD * aperture + 1
        moves = (patch.opening > 0) | (self._outer_corner(patch.u) > 0)
        moves &= (below > -up) & (under < _BELOW * aperture + _FOLLOW_LOWER * far + 1)
        return Zone(moves, below)

    def _iris_shift(self, pose: EyePose) -> tuple[float, float]:
        """Way of the iris in picture pixels."""
        shape = self._shape
        way_x, way_y = (
            math.sin(math.radians(gaze)) * self._reach for gaze in (pose.gaze_x, -pose.gaze_y)
        )
        # Far from straight ahead the corner hides part of the iris, never more than half of it.
        at_rest = float((shape.iris - shape.centre) @ shape.across)
        room = max(shape.half - _IN_CORNER * shape.radius, 0.0)
        way_x = min(max(way_x, min(0.0, -room - at_rest)), max(0.0, room - at_rest))
        across, down = shape.across, shape.down
        x, y = (way_x * float(across[i]) + way_y * float(down[i]) for i in (0, 1))
        return x, y

    def _lids(self, pose: EyePose, shift: tuple[float, float]) -> _Lids:
        fold = _FOLD * self._aperture
        sink = float(np.dot(shift, self._shape.down))
        closed = max(pose.blink, 0.0)
        follow = sink * (_FOLLOW_DOWN if sink > 0 else _FOLLOW_UP) * (1 - closed)
        widen = min(pose.blink, 0.0) * _WIDE * 2 * fold
        drop = closed * self._way + (follow + widen) * self._share
        drop = np.minimum(np.maximum(drop, -_WIDE * fold * self._share), self._most)
        up = _LOWER_BLINK * closed + _LOWER_SQUINT * max(pose.squint, 0.0)
        rise = up * self._own.opening - _FOLLOW_LOWER * sink * (1 - closed) * self._share
        return _Lids(
            drop=drop,
            rise=rise,
            below=self._below - drop,
            under=self._under + rise,
            going=smoothstep(0.03, 0.2, drop / self._aperture),
            least=float(drop.min()),
            most=float(drop.max()),
        )

    def _add_eyeball(self, out: ImageF32, shift: tuple[float, float], lids: _Lids) -> None:
        lowest = self._aperture - float(lids.rise.min())
        part = self._zone.between(lids.least - EDGE_PX, lowest + EDGE_PX)
        opened = np.maximum(-lids.drop[part], -lids.rise[part])
        ball = self._ball.looking(shift, opened, part)
        if lids.most > 0:  # the lid's shadow on the eyeball goes with the lid
            depth = np.maximum(lids.below[part], 0) / (-0.22 * self._aperture)
            shadow = 0.22 * np.exp(depth) * np.clip(lids.drop[part] / self._aperture, 0, 1)
            ball *= thrice(1 - shadow, ball)
        out[part] = ball

    def _add_lower_skin(self, out: ImageF32, lids: _Lids) -> None:
        """Skin under the eye that comes up with the lower lid, less and less farther down."""
        part = self._zone.between(-EDGE_PX - float(lids.rise.max()), math.inf)
        under = lids.under[part]
        goes = 1 - smoothstep(0, _BELOW * self._aperture, np.maximum(under, 0))
        skin = self._sampled(lids.rise[part] * goes, part)
        out[part] = over(out[part], skin, edge(under, EDGE_PX))

    def _add_lash_edge(self, out: ImageF32, lids: _Lids) -> None:
        """The dark underside of the lashes, carried rigidly; it may only darken."""
        reach = max(_LASH_BELOW * self._shape.half, 1.0)
        part = self._zone.between(lids.least - EDGE_PX, lids.most + 1.6 * reach)
        drop = lids.drop[part]
        alpha = 1 - smoothstep(0.2 * reach, 1.6 * reach, lids.below[part])
        alpha *= np.minimum(np.abs(drop), 1) * self._edge_shows[part]
        below = out[part]
        out[part] = over(below, np.minimum(self._sampled(-drop, part), below), alpha)

    def _add_upper_lid(self, out: ImageF32, lids: _Lids) -> None:
        """Skin above the moved lash line.

        The lashes go down as they are, the crease stays, and what is between is stretched: most
        next to the lashes, not at all at the crease. No height is shown twice.
        """
        lash, free = np.float32(self._lash), self._crease_px
        highest = -lash - free if lids.least >= 0 else lids.least - lash - _WIDENED * free
        part = self._zone.between(float(highest) - 1, lids.most + EDGE_PX)
        above = -lids.below[part]
        drop, fallen = lids.drop[part], np.maximum(lids.drop[part], 0)
        height = np.maximum(above - lash, 0)
        # The mean slope of source over shown heights, the least one, and how fast it gets to one.
        full = free + fallen
        mean = free / full
        least = _LEAST_SLOPE * mean
        power = (1 - mean) / ((1 - _LEAST_SLOPE) * mean)
        t = np.minimum(height / full, 1)
        bent = (1 - least) * np.exp(power * np.log(np.maximum(t, 1e-12)))
        source = height + (least * t + bent * t / (power + 1) - t) * full
        source += np.minimum(above, lash)
        if lids.least < 0:
            source -= np.minimum(drop, 0) * smoothstep(0, _WIDENED * float(free), height)
        down = -self._below[part] - source
        skin = self._sampled(down, part)
        if lids.most > 0:
            slope, is_skin = least + bent, edge(above - lash, EDGE_PX)
            # Fine detail drawn out along a column would show as scratches.
            plain = smoothstep(0.1, 0.4, np.float32(1) - slope) * is_skin
            plain *= smoothstep(0, 1, drop / (0.1 * self._aperture))
            skin = over(skin, self._sampled(down, part, self._skin.picture), plain)
            drawn_out = smoothstep(1.25, 2.5, 1 / slope) * is_skin
            skin = self._with_lid_colour(skin, part, lids, drawn_out)
        out[part] = over(out[part], skin, edge(above, EDGE_PX))

    def _with_lid_colour(
        self, skin: ImageF32, part: slice, lids: _Lids, drawn_out: MaskF32
    ) -> ImageF32:
        """Replace what is stretched too far by the lid's own colour, rounded like the eyeball."""
        lash, above, drop = self._lash, -lids.below[part], lids.drop[part]
        down = 1 - (above - lash) / np.maximum(drop + self._crease_px, 1)
        down = np.minimum(np.maximum(down, 0), 1)
        lid = self._skin.to_bulge[part] * thrice(smoothstep(0.0, 0.5, down), skin)
        lid += self._skin.crease[part]
        lid *= thrice(1 - 0.12 * down**3, skin)
        lid += self._skin.grain[part]
        blend = drawn_out * smoothstep(0.5 * lash, 1.6 * lash, above)
        # Lashes that stick out over the outer corner would bunch up there.
        bunch = self._corner[part] * np.clip(drop / (self._aperture * _WING), 0, 1)
        bunch *= smoothstep(0.6 * lash, 1.4 * lash, above)
        bunch *= 0.8 * (1 - smoothstep(0.3, 0.8, above / self._aperture))
        # Of the strip that is carried as it is, only the lashes show: the light on an open lid's
        # edge would ride down as a bright line.
        strip = lids.going[part] * (1 - smoothstep(1.6 * lash, 2.4 * lash, above))
        skin = over(skin, np.minimum(skin, lid), strip)
        return over(skin, lid, np.maximum(blend, bunch))

    def _prepare_lashes(self, u: MaskF32) -> None:
        """Where lashes stand along the eye; they are thinner towards the corners."""
        half, along = self._shape.half, u * self._shape.outer
        ends = smoothstep(-1.0, -0.3, along) * (1 - smoothstep(0.5, 1.15, along))
        width = half * (_LASH_END + (_LASH_WIDTH - _LASH_END) * ends)
        self._lash_width = np.maximum(width * self._skin.lash_width, 0.8)
        self._lashes_show = smoothstep(-1.0, -0.7, along) * (1 - smoothstep(0.95, 1.15, along))
        self._lashes_show *= self._where_level(u)
        self._wet_shows = 1 - smoothstep(1.0, 1.2, np.abs(along))

    def _add_lashes(self, out: ImageF32, lids: _Lids) -> None:
        """The lashes of both lids together, where they meet.

        They also hide the bright rims of the lids, which a closed eye does not show.
        """
        if lids.most <= 0.03 * self._aperture:
            return
        half = self._shape.half
        thin = 0.035 * half
        meeting = smoothstep(0.6, 1.0, lids.drop / np.maximum(self._way, 1))
        meet = bool(meeting.any())
        far = _LASHES_REACH * max(_LASH_WIDTH * half, 0.8) if meet else 4 * thin
        part = self._zone.between(lids.least - far, lids.most + far)
        below = lids.below[part]
        # On the way down the bright rim of the opened eye must not ride on the lashes.
        line = np.exp(-((below / thin) ** 2)) * lids.going[part] * self._rim_shows[part]
        shown = out[part]
        if meet:
            width, together = self._lash_width[part], meeting[part]
            # Roots side by side, and the lashes before them, through which the skin is seen.
            roots = np.exp(-(((below - 0.3 * width) / width) ** 2))
            tips = np.exp(-(((below - 1.2 * width) / (2.2 * width)) ** 2))
            lashes = np.maximum(roots, _LASH_THIN * tips) * together * self._lashes_show[part]
            line = np.maximum(line, lashes)
            # The wet rim of the lower lid is bright, and is not seen of a closed eye.
            reach = _RIM_REACH * half
            wet = smoothstep(-0.5 * reach, 0.0, below) * (1 - smoothstep(reach, 2 * reach, below))
            wet *= together * self._wet_shows[part]
            shown = over(shown, np.minimum(self._skin.plain[part], shown), wet)
        out[part] = over(shown, np.minimum(self._skin.lashes, shown), line)

    def _sampled(self, down: MaskF32, part: slice, source: ImageF32 | None = None) -> ImageF32:
        """The picture, or another, at points `down` pixels further along v."""
        across, along = (np.float32(each) for each in self._shape.down)
        x, y = self._x[part] + down * across, self._y[part] + down * along
        return sampled(self._base if source is None else source, x, y)

    def _outer_corner(self, u: MaskF32) -> MaskF32:
        """1 at the outer corner, 0 a third of the eye away: there the lashes come along."""
        away = (u * self._shape.outer - 1) / 0.32
        return np.asarray(np.clip(1 - away**2, 0, 1) ** 2, np.float32)

    def _where_level(self, u: MaskF32) -> MaskF32:
        """1 where the lids meet along the eye, 0 where their line climbs to the corner.

        Of a head turned away the far corner lies behind the eyeball, and no lashes lead up to it.
        """
        shape = self._shape
        steep = np.abs(np.gradient(shape.lower, 2 * shape.half / (SAMPLES - 1)))
        return 1 - smoothstep(*_CLIMB, shape.along(steep, u))
