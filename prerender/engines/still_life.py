"""What a picture without a face is about: its subject, or nothing but the depth of the scene.

There is no network for pets and flowers in the plain install. What stands out is therefore cut by
colour (GrabCut, Rother et al. 2004) from a guess that MediaPipe's segmentation of people makes (it
takes statues, dolls, and many an animal for one) or that saliency makes (Montabone and Soto 2010).
A cut is believed only if it looks like one thing before a background; otherwise the picture stays
whole, since a wrong outline tears in the parallax where smooth depth only bends a little.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.closed_form import solve_alpha
from prerender.engines.pyramid import guided_upsample
from prerender.engines.segmentation import PeopleSegmenter

_CUT_PX = 360  # long side of the picture that colours cut
_MATTE_PX = 520  # long side at which the outline is refined
_ROUNDS = 6
_SURE_PERSON = 0.85  # mean probability inside what counts as a person
_SHARE = (0.035, 0.7)  # of the picture: a subject is neither a speck nor everything
_SIDES = 0.22  # of the left, right and upper border that a subject may touch
_SOLID = 0.5  # of its hull that one thing fills
_WHOLE = 0.8  # of the cut that its largest part makes up
_EDGE = 1.5  # contrast along the outline against that of the picture elsewhere
_APART = 16.0  # CIELAB: between subject and background beside the outline
_ALIKE = 10.0  # CIELAB: where inside and outside differ by less, an outline runs through one thing
_BAND = 0.012  # of the long side: doubt along the outline
_RANGE = (0.46, 0.92)  # nearness of a scene without a subject, from its farthest to its nearest

_Bool = npt.NDArray[np.bool_]
_U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class StillSubject:
    """What was cut out."""

    matte: MaskF32
    """The picture's size; 1 everywhere if nothing was found."""
    is_found: bool


def find_subject(image: ImageU8) -> StillSubject:
    """Cut out what the picture is about, if it is about one thing."""
    cv2 = require("cv2")
    height, width = image.shape[:2]
    shrink = _CUT_PX / max(height, width)
    size = (max(16, round(width * shrink)), max(16, round(height * shrink)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    guesses = (guess for guess in (_people(small), _salient(small)) if guess is not None)
    cuts = [cut for cut in (_cut(small, guess) for guess in guesses) if _is_one_thing(small, cut)]
    if cuts:
        best = min(cuts, key=lambda cut: _open_share(small, cut))
        return StillSubject(_refined(image, best), is_found=True)
    return StillSubject(np.ones((height, width), np.float32), is_found=False)


def as_in_video(colour: ImageU8) -> ImageU8:
    """With colour at half resolution, as 4:2:0 video keeps it.

    Of a person the small box of the face changes between still and clip, of a still life everything
    does: petals and grass would flare up with each clip (measured: 38.5 dB without).
    """
    cv2 = require("cv2")
    height, width = colour.shape[:2]
    planes = cv2.cvtColor(colour, cv2.COLOR_RGB2YCrCb)
    size = ((width + 1) // 2, (height + 1) // 2)
    half = cv2.resize(planes[..., 1:], size, interpolation=cv2.INTER_AREA)
    planes[..., 1:] = cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB), np.uint8)


def scene_depth(image: ImageU8) -> DepthF32:
    """Nearness of a scene without a subject: what is lower is nearer, and what stands out a bit.

    It is smooth, so that a wrong guess bends and never tears.
    """
    cv2 = require("cv2")
    height, width = image.shape[:2]
    shrink = _CUT_PX / max(height, width)
    size = (max(16, round(width * shrink)), max(16, round(height * shrink)))
    stands_out = _saliency(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    stands_out = cv2.GaussianBlur(stands_out, (0, 0), 0.08 * max(size))
    stands_out /= max(float(stands_out.max()), 1e-6)
    down = (np.arange(size[1], dtype=np.float32)[:, np.newaxis] + 0.5) / size[1]
    ground = np.clip((down - 0.25) / 0.75, 0, 1) ** 1.4
    nearness = 0.7 * ground + 0.3 * stands_out
    low, high = _RANGE
    nearness = low + (high - low) * np.clip(nearness, 0, 1)
    wide = cv2.resize(nearness, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(wide, low, high), np.float32)


def _people(small: ImageU8) -> _U8 | None:
    """GrabCut's guess from the segmentation of people; None if it sees nobody clearly."""
    segmenter = PeopleSegmenter()
    try:
        chance = segmenter.probability(small, ())
    finally:
        segmenter.close()
    inside = chance > 0.5
    if not _SHARE[0] < float(inside.mean()) < _SHARE[1]:
        return None
    if float(chance[inside].mean()) < _SURE_PERSON:
        return None
    return _marked(chance > 0.95, chance > 0.5, chance < 0.05)


def _salient(small: ImageU8) -> _U8:
    """GrabCut's guess from what stands out, most of all in the middle."""
    stands_out = _saliency(small)
    height, width = stands_out.shape
    limit = float(np.percentile(stands_out, 72))
    sure = stands_out > float(np.percentile(stands_out, 93))
    ring = np.ones((height, width), bool)
    rim = max(2, round(0.04 * min(height, width)))
    ring[rim:, rim:-rim] = False  # a subject may stand on the lower border
    return _marked(sure & ~ring, stands_out > limit, ring)


def _marked(sure: _Bool, likely: _Bool, never: _Bool) -> _U8:
    cv2 = require("cv2")
    marks = np.full(sure.shape, cv2.GC_PR_BGD, np.uint8)
    marks[likely] = cv2.GC_PR_FGD
    marks[sure] = cv2.GC_FGD
    marks[never] = cv2.GC_BGD
    return marks


def _saliency(small: ImageU8) -> MaskF32:
    """How far each pixel is from the colours of the border, times how near to the middle it is."""
    cv2 = require("cv2")
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    height, width = lab.shape[:2]
    rim = max(2, round(0.05 * min(height, width)))
    border = np.concatenate(
        [lab[:rim].reshape(-1, 3), lab[:, :rim].reshape(-1, 3), lab[:, -rim:].reshape(-1, 3)]
    )
    flags = cv2.KMEANS_PP_CENTERS
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    cv2.setRNGSeed(1)  # the same picture, the same cut
    _, _, centres = cv2.kmeans(border, 6, None, criteria, 2, flags)
    away = np.min([np.linalg.norm(lab - centre, axis=2) for centre in centres], axis=0)
    fine = cv2.saliency.StaticSaliencyFineGrained_create().computeSaliency(small)[1]
    detail = cv2.GaussianBlur(fine.astype(np.float32), (0, 0), 0.02 * max(height, width))
    y = (np.arange(height, dtype=np.float32)[:, np.newaxis] + 0.5) / height - 0.55
    x = (np.arange(width, dtype=np.float32)[np.newaxis] + 0.5) / width - 0.5
    middle = np.exp(-(x * x + y * y) / (2 * 0.28**2))
    mixed = (cv2.GaussianBlur(away.astype(np.float32), (0, 0), 2.0) / 60 + detail) * middle
    return np.asarray(mixed, np.float32)


def _cut(small: ImageU8, marks: _U8) -> _Bool:
    cv2 = require("cv2")
    marks = marks.copy()
    known = {int(value) for value in np.unique(marks)}
    if not known & {cv2.GC_FGD, cv2.GC_PR_FGD} or not known & {cv2.GC_BGD, cv2.GC_PR_BGD}:
        return np.zeros(marks.shape, bool)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, marks, None, *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    inside = ((marks & 1) > 0).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    inside = cv2.morphologyEx(cv2.morphologyEx(inside, cv2.MORPH_OPEN, disc), cv2.MORPH_CLOSE, disc)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=4)
    if count < 2:
        return np.zeros(marks.shape, bool)
    areas = stats[1:, cv2.CC_STAT_AREA]
    largest = int(areas.argmax()) + 1
    if areas.max() < _WHOLE * areas.sum():
        return np.zeros(marks.shape, bool)  # many things, or none
    kept = (labels == largest).astype(np.uint8)
    outlines, _ = cv2.findContours(kept, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(kept, outlines, -1, 1, cv2.FILLED) > 0)


def _is_one_thing(small: ImageU8, cut: _Bool) -> bool:
    """Whether a cut has size, place, shape and edge of one thing before a background."""
    cv2 = require("cv2")
    if not _SHARE[0] < float(cut.mean()) < _SHARE[1]:
        return False
    if max(float(side.mean()) for side in (cut[0], cut[:, 0], cut[:, -1])) > _SIDES:
        return False
    points = cv2.findNonZero(cut.astype(np.uint8))
    if float(cut.sum()) < _SOLID * cv2.contourArea(cv2.convexHull(points)):
        return False
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.5), cv2.COLOR_RGB2LAB).astype(np.float32)
    slope = np.hypot(*(cv2.Sobel(lab[..., 0], cv2.CV_32F, *way) for way in ((1, 0), (0, 1))))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    mask = cut.astype(np.uint8)
    near_in = cut & (cv2.erode(mask, disc, borderValue=1) == 0)
    near_out = ~cut & (cv2.dilate(mask, disc) > 0)
    rim = (cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0) & ~cut
    rest = ~(near_in | near_out)
    if not (near_in.any() and near_out.any() and rest.any()):
        return False
    crisp = float(slope[rim].mean()) > _EDGE * float(slope[rest].mean())
    apart = np.linalg.norm(lab[near_in].mean(axis=0) - lab[near_out].mean(axis=0))
    return crisp and float(apart) > _APART


def _open_share(small: ImageU8, cut: _Bool) -> float:
    """Share of the outline that runs through one thing: a saucer's half is no better than none."""
    cv2 = require("cv2")
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 1.5), cv2.COLOR_RGB2LAB).astype(np.float32)
    mask, disc = cut.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    sides = (cv2.erode(mask, disc, borderValue=1) > 0, cv2.dilate(mask, disc) == 0)
    means = []
    for side in sides:
        weight = side.astype(np.float32)
        mass = np.maximum(cv2.GaussianBlur(weight, (0, 0), 3.0), 1e-4)[..., np.newaxis]
        means.append(cv2.GaussianBlur(lab * weight[..., np.newaxis], (0, 0), 3.0) / mass)
    rim = (cv2.dilate(mask, np.ones((3, 3), np.uint8)) > 0) & ~cut
    return float((np.linalg.norm(means[0] - means[1], axis=2)[rim] < _ALIKE).mean())


def _refined(image: ImageU8, cut: _Bool) -> MaskF32:
    """The cut with fur and leaves: closed-form matting in a narrow band, at the picture's size."""
    cv2 = require("cv2")
    height, width = image.shape[:2]
    shrink = min(1.0, _MATTE_PX / max(height, width))
    size = (max(16, round(width * shrink)), max(16, round(height * shrink)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    wide = cv2.resize(cut.astype(np.float32), size, interpolation=cv2.INTER_CUBIC) > 0.5
    radius = max(2, round(_BAND * max(size)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    mask = wide.astype(np.uint8)
    known = np.full(mask.shape, np.nan, np.float32)
    known[cv2.erode(mask, disc, borderValue=1) > 0] = 1.0
    known[cv2.dilate(mask, disc) == 0] = 0.0
    prior = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), radius / 2)
    alpha, _ = solve_alpha(small.astype(np.float32) / 255, known, prior, 2e-3)
    if alpha.shape != (height, width):
        alpha = guided_upsample(alpha, image, radius=2, epsilon=1e-4)
    return np.clip((alpha - 0.04) / 0.92, 0.0, 1.0).astype(np.float32)


def is_whole(matte: MaskF32) -> bool:
    """Whether a matte cuts nothing out: the subject is the picture."""
    return math.isclose(float(matte.min()), 1.0)
