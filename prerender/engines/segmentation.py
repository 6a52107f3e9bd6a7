"""Where the people are, roughly: probability of the chosen people, and who else stands there.

Model: MediaPipe selfie segmentation (Apache-2.0), which sees 256 x 256 px. It looks at the whole
picture and at crops around each face, since in a crop a person has the size it was trained on.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.base import Face
from prerender.engines.native import known_warnings, load_solutions, quiet_native

_VIEW_PX = 512
_CROPS = ((3.4, 0.5), (5.5, 1.2))  # side in face sizes; centre below the face's centre
_MOST_CROP = (
    1.25  # long sides: a crop that sees mostly beyond the picture shows the network nothing
)
_BORDER = 0.025  # of the short side: there the network sees no context, and doubts
_LIKELY = 0.65  # probability at the upper border, which leaves the choice to the colours
_LEAST_FACE = 0.12  # of the long side: below, the view of the whole picture knows little
_SQUEEZED = (
    1.8  # long over short side: past this people in the view of the whole picture are too thin
)
_BODY_LENGTH = 6.0  # face sizes from face to feet, as seen in pictures

_DECIDE_PX = 400  # long side of the picture that colour models cut
_INSIDE = 0.93  # probability that needs no colour model
_OUTSIDE = 0.06
_DISMISSED = 0.3  # the same where the network passes from inside to outside in a few pixels
_BELIEVED = 0.25  # mean probability of a cut-off region that counts as inside
_DISBELIEVED = 0.29  # mean probability below which colour alone does not make a subject
_TRUSTED = 0.7  # mean probability of a thick region that colours alone do not take away
_TIGHT = 0.12  # share of the picture that is face: little else can be there
_THICK_PX = 6  # of `_DECIDE_PX`: radius from which a region is more than a doubtful rim
_GUESS_SHARE = 0.002  # of the picture: smaller regions are left to the matting

_U8 = npt.NDArray[np.uint8]
_Bool = npt.NDArray[np.bool_]
_F32 = npt.NDArray[np.float32]


class PeopleSegmenter:
    """Probability maps of people; loads on construction."""

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        solutions = load_solutions()
        with quiet_native():
            self._graph = solutions.selfie_segmentation.SelfieSegmentation(model_selection=0)
            self._graph.process(np.zeros((64, 64, 3), np.uint8))

    def close(self) -> None:
        """Free the graph."""
        with quiet_native():
            self._graph.close()

    def probability(self, image: ImageU8, faces: tuple[Face, ...]) -> MaskF32:
        """Of a person at each pixel, 0..1, best around `faces`; the size of `image`."""
        height, width = image.shape[:2]
        total = np.zeros((height, width), np.float32)
        mass = np.zeros((height, width), np.float32)
        sizes = [max(face.box.width, face.box.height) for face in faces]
        largest = max(sizes, default=float(max(height, width)))
        weight = min(1.0, largest / (_LEAST_FACE * max(height, width))) ** 2
        weight *= min(1.0, _SQUEEZED * min(height, width) / max(height, width)) ** 4
        whole = (0.0, 0.0, float(width), float(height))
        self._look(image, whole, max(weight, 0.02), (total, mass))
        for face, size in zip(faces, sizes, strict=True):
            for side, below in _CROPS:
                x = face.box.x + face.box.width / 2
                y = face.box.y + face.box.height / 2 + below * size
                crop = _crop_around((x, y), side * size, (width, height))
                self._look(image, crop, 1.0, (total, mass))
        return _to_border(np.asarray(total / np.maximum(mass, 1e-6), np.float32))

    def _look(
        self,
        image: ImageU8,
        where: tuple[float, float, float, float],
        weight: float,
        sums: tuple[_F32, _F32],
    ) -> None:
        cv2 = self._cv2
        x, y, wide, high = where
        height, width = image.shape[:2]
        matrix = np.array([[_VIEW_PX / wide, 0, 0], [0, _VIEW_PX / high, 0]])
        matrix[:, 2] = (-x * matrix[0, 0], -y * matrix[1, 1])
        shrink = min(1.0, 1.5 * max(matrix[0, 0], matrix[1, 1]))
        source, reduced = image, matrix.copy()
        if shrink < 1.0:
            size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
            source = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            reduced[:, 0] /= size[0] / width
            reduced[:, 1] /= size[1] / height
        view = cv2.warpAffine(
            source, reduced, (_VIEW_PX, _VIEW_PX), borderMode=cv2.BORDER_REPLICATE
        )
        with known_warnings():
            seen = self._graph.process(view).segmentation_mask
        # A crop knows its middle; near its border it knows no context. The picture's own
        # border is no such place.
        fade = _window(_VIEW_PX, where, (width, height))
        flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
        sums[0][:] += weight * cv2.warpAffine(seen * fade, matrix, (width, height), flags=flags)
        sums[1][:] += weight * cv2.warpAffine(fade, matrix, (width, height), flags=flags)


def _to_border(probability: MaskF32) -> MaskF32:
    """Who stands close to the border goes on to it; below the upper one a hat may end, though."""
    band = min(max(1, round(_BORDER * min(probability.shape))), min(probability.shape) - 1)
    sides = probability, probability[::-1], probability.T, probability.T[::-1]
    for side, most in zip(sides, (_LIKELY, 1.0, 1.0, 1.0), strict=True):
        sure = np.where(side[band] > _INSIDE, np.minimum(side[band], most), 0.0)
        side[:band] = np.maximum(side[:band], sure)
    return probability


def _crop_around(
    centre: tuple[float, float], side: float, picture: tuple[int, int]
) -> tuple[float, float, float, float]:
    """A square about `centre` as x, y, width and height, moved and limited to what there is."""
    longest = max(picture)
    if side <= longest:
        return centre[0] - side / 2, centre[1] - side / 2, side, side
    side = min(side, _MOST_CROP * longest)
    room = (_MOST_CROP - 1) * longest / 2
    start = [
        min(max(at - side / 2, -room - (longest - length) / 2), length + room - side)
        if side < length + 2 * room
        else (length - side) / 2
        for at, length in zip(centre, picture, strict=True)
    ]
    return start[0], start[1], side, side


def _window(side: int, where: tuple[float, float, float, float], picture: tuple[int, int]) -> _F32:
    ramps = []
    for start, length, limit in (
        (where[0], where[2], picture[0]),
        (where[1], where[3], picture[1]),
    ):
        at = (np.arange(side) + 0.5) / side
        low = np.clip(at / 0.2, 0, 1) if start > 0 else np.ones(side)
        high = np.clip((1 - at) / 0.2, 0, 1) if start + length < limit else np.ones(side)
        ramps.append((low * high).astype(np.float32))
    return np.asarray(np.outer(ramps[1], ramps[0]) + 1e-4, np.float32)


def decide(image: ImageU8, probability: MaskF32, anchor: npt.NDArray[np.bool_]) -> _Bool:
    """Inside or outside for every pixel: what the network leaves open, colours decide.

    Method: Rother, Kolmogorov, Blake, "GrabCut", SIGGRAPH 2004, in a small picture. A region that
    colours cut off from the background although the network half believes in it is inside (a dark
    helmet before a dark coat).
    """
    cv2 = require("cv2")
    height, width = probability.shape
    shrink = min(1.0, _DECIDE_PX / max(height, width))
    size = (max(2, round(width * shrink)), max(2, round(height * shrink)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    chance = cv2.resize(probability, size, interpolation=cv2.INTER_AREA)
    labels = np.where(chance > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[chance > _INSIDE] = cv2.GC_FGD
    labels[(chance < _OUTSIDE) | ((chance < _DISMISSED) & ~_wide_doubt(chance))] = cv2.GC_BGD
    if len(np.unique(labels & 1)) == 2:
        cv2.setRNGSeed(0)  # its k-means draws from the global generator
        models = np.zeros((1, 65)), np.zeros((1, 65))
        smooth = cv2.GaussianBlur(small, (0, 0), 1.0)
        cv2.grabCut(smooth, labels, None, *models, 4, cv2.GC_INIT_WITH_MASK)
    inside = (labels & 1).astype(np.uint8)
    inside = _without_guesses(inside, chance)
    inside = _with_enclosed(inside, chance)
    inside = _with_trusted(inside, chance)
    if float(anchor.mean()) > _TIGHT:
        inside = _without_slits(inside)
    wide = cv2.resize(inside.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((wide > 0.5) | anchor)


def _wide_doubt(chance: MaskF32) -> _Bool:
    """Where the network knows no outline; elsewhere no edge of a wall may draw it outward."""
    cv2 = require("cv2")
    doubt = ((chance >= _OUTSIDE) & (chance <= _INSIDE)).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _THICK_PX + 1,) * 2)
    thick = cv2.erode(doubt, disc, borderValue=1)
    return np.asarray(cv2.dilate(thick, disc, iterations=2) > 0)


def _with_enclosed(inside: _U8, chance: MaskF32) -> _U8:
    """Background that colours cut off, but the network half takes for a person, is inside."""
    cv2 = require("cv2")
    count, regions, stats, _ = cv2.connectedComponentsWithStats(1 - inside, connectivity=4)
    main = int(stats[1:, cv2.CC_STAT_AREA].argmax()) + 1 if count > 1 else 0
    sums = np.bincount(regions.ravel(), chance.ravel(), count)
    believed = sums / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    filled = (believed > _BELIEVED) & (np.arange(count) != main)
    return np.asarray(inside | (filled[regions] & (inside == 0)), np.uint8)


def _with_trusted(inside: _U8, chance: MaskF32) -> _U8:
    """What the network is rather sure of stays, though its colour is rare: a scarf, a hat."""
    cv2 = require("cv2")
    lost = ((inside == 0) & (chance > 0.5)).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _THICK_PX + 1,) * 2)
    thick = cv2.dilate(cv2.erode(lost, disc, borderValue=1), disc) & lost
    count, regions, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
    sums = np.bincount(regions.ravel(), chance.ravel(), count)
    believed = sums / np.maximum(stats[:, cv2.CC_STAT_AREA], 1) > _TRUSTED
    believed[0] = False
    return np.asarray(inside | believed[regions], np.uint8)


def _without_slits(inside: _U8) -> _U8:
    """A face that fills the picture leaves no sliver of background along the border."""
    cv2 = require("cv2")
    reach = 2 * _THICK_PX
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _THICK_PX + 1,) * 2)
    wide = np.pad(inside, reach, constant_values=1)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, disc)[reach:-reach, reach:-reach]
    closed &= cv2.dilate(inside, disc, iterations=2)  # corners far away are rounded too
    result = inside.copy()
    for new, old in ((result, closed), (result[::-1], closed[::-1])):
        new[:reach] |= old[:reach]
        new[:, :reach] |= old[:, :reach]
        new[:, -reach:] |= old[:, -reach:]
    return result


def _without_guesses(inside: _U8, chance: MaskF32) -> _U8:
    """Regions that only their colour speaks for are not inside (rocks as brown as a sleeve)."""
    cv2 = require("cv2")
    weak = ((inside > 0) & (chance < 0.5)).astype(np.uint8)
    count, regions, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=4)
    sums = np.bincount(regions.ravel(), chance.ravel(), count)
    believed = sums / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    large = stats[:, cv2.CC_STAT_AREA] > _GUESS_SHARE * inside.size
    refused = (believed < _DISBELIEVED) & large
    refused[0] = False
    return np.asarray(inside & ~refused[regions], np.uint8)


def share_of(
    chosen: tuple[Face, ...], others: tuple[Face, ...], height: int, width: int
) -> MaskF32:
    """0..1: whether a person at this pixel is one of `chosen` rather than of `others`."""
    if not others:
        return np.ones((height, width), np.float32)
    near = np.min([_distance(face, height, width) for face in chosen], axis=0)
    far = np.min([_distance(face, height, width) for face in others], axis=0)
    return np.asarray(1 / (1 + np.exp(np.clip((near - far) * 12, -30, 30))), np.float32)


def _distance(face: Face, height: int, width: int) -> _F32:
    """To the face and the body that hangs below it, in face sizes; shoulders count as near."""
    size = max(face.box.width, face.box.height)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    across = (x - (face.box.x + face.box.width / 2)) / size
    down = (y - (face.box.y + face.box.height / 2)) / size
    below = np.clip(down, 0.0, _BODY_LENGTH)
    widening = 1.0 / (1.0 + 0.6 * np.clip(below, 0.0, 1.5))
    return np.asarray(np.hypot(across * widening, (down - below)), np.float32)
