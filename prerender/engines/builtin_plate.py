"""The plate: the background goes on behind the subject, calm, with the picture's own grain.

Patches are searched in a small picture; the large one is then composed of its own pixels from the
places found, corrected to the small one's light. Deep inside a large hole, which parallax never
shows, the filling is smooth, so that nothing there looks like a thing.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, MaskU8
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, EngineInfo, Face, Measured
from prerender.engines.continuity import add_grain, even_seam, smoothstep
from prerender.engines.face_regions import face_mask
from prerender.engines.inpaint import Filled, fill_by_patches
from prerender.engines.segmentation import PeopleSegmenter

_SMALL_PX = 300  # long side of the picture that patches are searched in
_RIM = 0.05  # of the long side: width of the hole's rim that keeps full detail
_DEEP = 0.11  # of the long side: from here the filling is all smooth
_BLUR = 0.016  # of the long side: how smooth it is
_TONE = 0.1  # of colours 0..1: by which the light of two sources may differ and become one
_EVEN = 0.012  # of the long side: over which it does
_JUMP = 0.03  # of colours 0..1: by which the correction differs between two sources
_PEOPLE_PX = 480  # long side of the picture in which other people are looked for
_AROUND = 0.35  # face heights around a face that are hair
_PERSON = 0.25  # probability from which a pixel may be one of them
_CRISP = 4  # exponent on the bilinear weights of the four nearest sources
_PIECE = 6  # small pixels: side of what is copied as one where colours allow it
_ALIKE = 0.08  # difference of colours 0..1 up to which they do
_AS_ROUGH = 1.5  # no rougher than this many times what was found, lest a thing's edge is copied
_WAVER = 0.3  # small pixels by which the borders between sources waver
_WAVER_PX = 1.5  # blur of that noise
_TORN = 0.12  # of colours 0..1: a step that does not waver
_ROWS = 256  # rows composed at once, bounds memory
_SEED = 20

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]
_Index = npt.NDArray[np.int64]


NO_BACKGROUND = "no background is left: the plate is one flat colour"


def flat_plate(image: ImageU8) -> ImageU8:
    """One colour, for a picture that is all hole."""
    return np.full_like(image, np.median(image, axis=(0, 1)).astype(np.uint8))


class BuiltinPlate:
    """`PlateEngine` on the CPU."""

    info = EngineInfo(id=BUILTIN, version=8)

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        self._segmenter: PeopleSegmenter | None = None

    def close(self) -> None:
        """Free the graph, if one was needed."""
        if self._segmenter is not None:
            self._segmenter.close()
            self._segmenter = None

    def fill(
        self, image: ImageU8, hole: MaskU8, others: tuple[Face, ...] = ()
    ) -> tuple[ImageU8, Measured]:
        """See `PlateEngine.fill`."""
        gap = hole > 0
        scores = {"plate_hole_share": float(gap.mean())}
        if not gap.any():
            return image.copy(), Measured(scores)
        if gap.all():
            return flat_plate(image), Measured(scores, (NO_BACKGROUND,))
        small, small_gap = self._reduced(image, gap)
        people = self._people(image, others, small_gap.shape)
        filled = fill_by_patches(small, small_gap, _SEED, people, _DEEP)
        light, detail = self._calmed(filled.image, small_gap)
        pieces = _in_pieces(filled, small_gap if people is None else small_gap | people)
        result = self._composed(image, gap, pieces, (light, detail))
        even_seam(result, gap)
        scores["plate_grain"] = add_grain(result, gap)
        return result, Measured(scores, plate_warnings(scores))

    def _people(
        self, image: ImageU8, others: tuple[Face, ...], shape: tuple[int, ...]
    ) -> _Bool | None:
        """Where other people are, who must not be copied, at the size of the search."""
        if not others:
            return None
        if self._segmenter is None:
            self._segmenter = PeopleSegmenter()
        cv2 = self._cv2
        height, width = image.shape[:2]
        shrink = min(1.0, _PEOPLE_PX / max(height, width))
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        scaled = tuple(face.scaled(size[0] / width, size[1] / height) for face in others)
        chance = self._segmenter.probability(small, scaled)
        chance[face_mask(scaled, (size[1], size[0]), _AROUND) > 0] = 1.0
        size = (shape[1], shape[0])
        return np.asarray(cv2.resize(chance, size, interpolation=cv2.INTER_AREA) > _PERSON)

    def _reduced(self, image: ImageU8, gap: _Bool) -> tuple[ImageF32, _Bool]:
        """Small enough to search; means over known pixels, so nothing of the subject gets in."""
        cv2 = self._cv2
        height, width = gap.shape
        shrink = min(1.0, _SMALL_PX / max(height, width))
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        known = (~gap).astype(np.uint8)
        mass = cv2.resize(known.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        masked = image * known[..., np.newaxis]
        summed = cv2.resize(masked, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        small = summed / np.maximum(mass, 1e-6)[..., np.newaxis]
        return np.clip(small, 0, 1).astype(np.float32), np.asarray(mass < 0.999)

    def _calmed(self, filled: ImageF32, gap: _Bool) -> tuple[ImageF32, _F32]:
        """The filling, smoother with every step inward, and its share of copied detail, 0..1."""
        cv2 = self._cv2
        longest = max(gap.shape)
        depth = cv2.distanceTransform(gap.astype(np.uint8), cv2.DIST_L2, 5) / longest
        calm = smoothstep((depth - _RIM) / (_DEEP - _RIM))
        # where two sources meet their light differs a little; what differs much is an edge
        even = cv2.bilateralFilter(filled, -1, _TONE, _EVEN * longest)
        filled = np.where(gap[..., np.newaxis], even, filled)
        smooth = cv2.GaussianBlur(filled, (0, 0), _BLUR * longest)
        light = filled + calm[..., np.newaxis] * (smooth - filled)
        return np.asarray(light, np.float32), np.asarray(1 - calm, np.float32)

    def _composed(
        self, image: ImageU8, gap: _Bool, filled: Filled, calm: tuple[ImageF32, _F32]
    ) -> ImageU8:
        """Full-size pixels from the sources found, with the light of the small filling."""
        result = image.copy()
        light, detail = calm
        size = (gap.shape[1], gap.shape[0])
        wide = self._cv2.resize(light * 255, size, interpolation=self._cv2.INTER_CUBIC)
        share = self._cv2.resize(detail, size, interpolation=self._cv2.INTER_LINEAR)
        drift = self._drift(filled.image, filled.source, light)
        waver = _wavering(gap.shape)
        waver *= self._calm(light, size)
        for start in range(0, gap.shape[0], _ROWS):
            part = slice(start, start + _ROWS)
            inside = gap[part]
            smooth = np.clip(np.rint(wide[part]), 0, 255).astype(np.uint8)
            np.copyto(result[part], smooth, where=inside[..., np.newaxis])
            rows, columns = np.nonzero(inside & (share[part] > 0))
            if filled.source is not None and len(rows):
                rows = rows + start
                lively = share[rows, columns][:, np.newaxis]
                copied = _gather(image, (rows, columns), filled.source, drift, waver)
                colours = lively * copied + (1 - lively) * wide[rows, columns]
                result[rows, columns] = np.clip(np.rint(colours), 0, 255).astype(np.uint8)
        return result

    def _calm(self, light: ImageF32, size: tuple[int, int]) -> _F32:
        """1 where the filling is even, 0 along its edges, which would look torn if they wavered."""
        around = np.ones((3, 3), np.uint8)
        even = self._cv2.GaussianBlur(light, (0, 0), _WAVER_PX)  # texture has no edges to tear
        steps = self._cv2.dilate(even, around) - self._cv2.erode(even, around)
        calm = 1 - smoothstep(steps.max(axis=-1) / _TORN)
        return np.asarray(self._cv2.resize(calm, size, interpolation=self._cv2.INTER_LINEAR))

    def _drift(self, filled: ImageF32, source: _Index | None, light: ImageF32) -> _F32:
        """What has to be added to a copied pixel to give it the light of its new place, 0..255."""
        if source is None:
            return np.zeros_like(light)
        copied = filled[source[..., 0], source[..., 1]]
        # smooth within a source; from one source to the next it jumps as they do
        drift = self._cv2.bilateralFilter(light - copied, 5, _JUMP, 0.8)
        return np.asarray(drift * 255, np.float32)


def _in_pieces(filled: Filled, barred: _Bool) -> Filled:
    """Sources that lie together for pixels that lie together, where the colours allow it.

    The search often gives all pixels of a calm place the same few sources, and their fine detail,
    repeated at every pixel, would be a weave.

    Args:
        filled: What the search found.
        barred: The hole, and all that must not be copied.
    """
    if filled.source is None:
        return filled
    cv2 = require("cv2")
    height, width = barred.shape
    rows, columns = np.mgrid[0:height, 0:width]
    own = np.stack([rows, columns], axis=-1)
    offset = filled.source - own
    is_filled = (offset != 0).any(axis=-1)
    # a piece goes where the filled pixel nearest its middle goes
    down, across = -(-height // _PIECE), -(-width // _PIECE)
    members = np.zeros((down * _PIECE, across * _PIECE), bool)
    members[:height, :width] = is_filled
    members = members.reshape(down, _PIECE, across, _PIECE).swapaxes(1, 2).reshape(down, across, -1)
    at = np.mgrid[0:_PIECE, 0:_PIECE].reshape(2, -1) - (_PIECE - 1) / 2
    order = np.argsort((at**2).sum(axis=0), kind="stable")
    first = order[np.argmax(members[..., order], axis=-1)]
    lead = first[rows // _PIECE, columns // _PIECE]
    row = np.minimum(rows // _PIECE * _PIECE + lead // _PIECE, height - 1)
    column = np.minimum(columns // _PIECE * _PIECE + lead % _PIECE, width - 1)
    moved = own + offset[row, column]
    moved[..., 0] = np.clip(moved[..., 0], 0, height - 1)
    moved[..., 1] = np.clip(moved[..., 1], 0, width - 1)
    to, found = (moved[..., 0], moved[..., 1]), (filled.source[..., 0], filled.source[..., 1])
    around = np.ones((3, 3), np.uint8)
    reach = np.ones((5, 5), np.uint8)  # large pixels may be copied from beside their small one
    rough = (cv2.dilate(filled.image, around) - cv2.erode(filled.image, around)).max(axis=-1)
    fits = is_filled & (cv2.dilate(barred.astype(np.uint8), reach)[to] == 0)
    fits &= np.abs(filled.image[to] - filled.image[found]).max(axis=-1) < _ALIKE
    fits &= rough[to] < np.maximum(_ALIKE / 2, _AS_ROUGH * rough[found])
    return Filled(filled.image, np.where(fits[..., np.newaxis], moved, filled.source))


def _gather(
    image: ImageU8,
    places: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    sources: _Index,
    drift: _F32,
    waver: _F32,
) -> _F32:
    """Colours 0..255 at `places`: a blend of the copies the four nearest small pixels point to."""
    height, width = image.shape[:2]
    small_height, small_width = drift.shape[:2]
    scale_y, scale_x = height / small_height, width / small_width
    # the borders between sources waver: straight ones would show as a weave of sharp and blurred
    y = (places[0] + 0.5) / scale_y - 0.5 + waver[0][places]
    x = (places[1] + 0.5) / scale_x - 0.5 + waver[1][places]
    y, x = np.clip(y, -0.5, small_height - 0.5), np.clip(x, -0.5, small_width - 0.5)
    total = np.zeros((len(y), 3), np.float32)
    mass = np.zeros((len(y), 1), np.float32)
    top, left = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    for down in (0, 1):
        for right in (0, 1):
            row = np.clip(top + down, 0, small_height - 1)
            column = np.clip(left + right, 0, small_width - 1)
            share_y = np.abs(1 - down - (y - top))
            share_x = np.abs(1 - right - (x - left))
            source = sources[row, column]
            from_y = places[0] + np.rint((source[:, 0] - row) * scale_y).astype(np.int64)
            from_x = places[1] + np.rint((source[:, 1] - column) * scale_x).astype(np.int64)
            colour = image[np.clip(from_y, 0, height - 1), np.clip(from_x, 0, width - 1)]
            # mostly one source: a mean of several would wash the texture out
            weight = (((share_y * share_x) + 1e-3) ** _CRISP).astype(np.float32)[:, np.newaxis]
            total += weight * (colour + drift[row, column])
            mass += weight
    return np.asarray(total / mass, np.float32)


def _wavering(shape: tuple[int, ...]) -> _F32:
    """(2, H, W) smooth noise in pixels of the small picture, down and across."""
    cv2 = require("cv2")
    generator = np.random.default_rng(_SEED)
    noise = generator.standard_normal((2, *shape), np.float32)
    soft = np.stack([cv2.GaussianBlur(plane, (0, 0), _WAVER_PX) for plane in noise])
    waver = soft * (_WAVER / max(float(soft.std()), 1e-6))
    return np.asarray(np.clip(waver, -2 * _WAVER, 2 * _WAVER), np.float32)


def plate_warnings(scores: dict[str, float]) -> tuple[str, ...]:
    """What a report says of a plate."""
    if scores["plate_hole_share"] > 0.85:
        return ("little background is left: what parallax uncovers is mostly guessed",)
    return ()
