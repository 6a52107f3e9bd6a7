"""From a guess to a matte: closed-form matting where in doubt, faults mended, brought to full size.

Shared by all matte engines, whatever their guess comes from.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.base import Face, Measured
from prerender.engines.closed_form import solve_alpha
from prerender.engines.foreground import estimate_layers
from prerender.engines.noise import noise_sigma
from prerender.engines.plateaus import decided_plateaus
from prerender.engines.pyramid import guided_upsample

_WORK_PX = 640_000  # pixels the matting is solved at; larger pictures are refined by a guide
_MOST_UNKNOWN = 110_000  # pixels in doubt the solver gets, which bounds time and memory
_ISLAND = 0.1  # face sizes from the solid subject at which wisps end
_PINHOLE = 0.1  # face sizes: smaller holes are faults
_GRAINY = 1.5  # noise sigma, 0..255, from which the guide is smoothed
_JUDGED_PX = 120_000  # pixels the edge error is read at
_REVISED = 0.06  # face sizes around a decided plateau that are solved again
_PRIOR = 2e-3  # pull of the guess where colours say nothing

_Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Sitting:
    """A picture and its people at the size matting is done at."""

    image: ImageU8
    faces: tuple[Face, ...]
    """Whose matte is wanted."""
    others: tuple[Face, ...]
    """Who is in the picture too."""
    face_px: float
    hair: _Bool
    """Where hair may be."""
    anchor: _Bool
    """The insides of the faces: never transparent."""


def sitting_of(image: ImageU8, faces: tuple[Face, ...], others: tuple[Face, ...]) -> Sitting:
    """The picture no larger than matting can take."""
    cv2 = require("cv2")
    height, width = image.shape[:2]
    shrink = min(1.0, math.sqrt(_WORK_PX / (height * width)))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if shrink < 1 else image
    scaled = tuple(face.scaled(shrink, shrink) for face in faces)
    strangers = tuple(face.scaled(shrink, shrink) for face in others)
    hair, anchor = _places(scaled, size[1], size[0])
    face_px = max((max(f.box.width, f.box.height) for f in scaled), default=max(size) / 3)
    return Sitting(small, scaled, strangers, float(face_px), hair, anchor)


def matte_from(
    image: ImageU8, sitting: Sitting, guess: MaskF32, known: MaskF32
) -> tuple[MaskF32, Measured]:
    """The matte of `image`.

    Args:
        image: The picture at its full size.
        sitting: The same at working size.
        guess: Alpha at working size, 0..1, that the solution is drawn to where colours say nothing.
        known: 0 or 1 where sure, NaN between.
    """
    known = _bounded(known, guess)
    guide = _without_grain(sitting.image).astype(np.float32) / 255
    alpha, steps = solve_alpha(guide, known, guess, _PRIOR)
    alpha = _without_plateaus(alpha, guide, known, sitting)
    alpha = _cleaned(alpha, sitting)
    edge = _edge_error(sitting.image, alpha)
    if alpha.shape != image.shape[:2]:
        alpha = guided_upsample(alpha, image, radius=2, epsilon=1e-4)
        alpha = _stretched(alpha)
    scores = {
        "matte_coverage": float(alpha.mean()),
        "matte_soft_share": float(((alpha > 0.05) & (alpha < 0.95)).mean()),
        "matte_edge_error": edge,
        "matte_solver_steps": float(steps),
        "people_excluded": float(len(sitting.others)),
    }
    return alpha, Measured(scores, _warnings(scores))


def kept_parts(solid: _Bool, anchor: _Bool) -> _Bool:
    """The parts of `solid` that hang on a chosen face; without faces, the largest."""
    _, labels = require("cv2").connectedComponents(solid.astype(np.uint8), connectivity=4)
    wanted = np.unique(labels[anchor & solid])
    if not len(wanted):
        counts = np.bincount(labels.ravel())[1:]
        wanted = np.array([int(counts.argmax()) + 1]) if len(counts) else wanted
    return np.asarray(np.isin(labels, wanted) & solid)


def disc(radius: int) -> npt.NDArray[np.uint8]:
    """A round kernel."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= radius * radius + radius * 0.5, np.uint8)


def _without_grain(image: ImageU8) -> ImageU8:
    """Grain would become a matte full of dots."""
    cv2 = require("cv2")
    sigma = noise_sigma(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    if sigma < _GRAINY:
        return image
    return np.asarray(cv2.bilateralFilter(image, 7, min(3 * sigma, 40.0), 2.0), np.uint8)


def _bounded(known: MaskF32, guess: MaskF32) -> MaskF32:
    """`known` with so much of the doubt decided by the guess that the solver can take it."""
    doubt = np.isnan(known)
    excess = int(doubt.sum()) - _MOST_UNKNOWN
    if excess <= 0:
        return known
    cv2 = require("cv2")
    outside = cv2.distanceTransform((guess < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    inside = cv2.distanceTransform((guess >= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    away = np.maximum(outside, inside)
    limit = np.partition(away[doubt], _MOST_UNKNOWN)[_MOST_UNKNOWN]
    decided = doubt & (away >= limit)
    known = known.copy()
    known[decided] = (guess[decided] > 0.5).astype(np.float32)
    return known


def _without_plateaus(alpha: MaskF32, guide: ImageF32, known: MaskF32, sitting: Sitting) -> MaskF32:
    """Solved again, around solid things and background that came out half transparent."""
    cv2 = require("cv2")
    decided = decided_plateaus(sitting.image, alpha, sitting.face_px)
    sure = ~np.isnan(decided)
    if not sure.any():
        return alpha
    reach = disc(max(3, round(_REVISED * sitting.face_px)))
    near = cv2.dilate(sure.astype(np.uint8), reach) > 0
    open_again = near & np.isnan(known) & ~sure
    revised = np.where(sure, decided, np.where(open_again, np.nan, alpha)).astype(np.float32)
    guess = np.where(sure, decided, alpha).astype(np.float32)
    return solve_alpha(guide, revised, guess, _PRIOR)[0]


def _cleaned(alpha: MaskF32, sitting: Sitting) -> MaskF32:
    """Without islands away from the chosen faces, and without pinholes inside."""
    cv2 = require("cv2")
    kept = kept_parts(alpha > 0.5, sitting.anchor)
    reach = disc(max(3, round(_ISLAND * sitting.face_px)))
    around = cv2.dilate(kept.astype(np.uint8), reach) > 0
    alpha = np.where(around & (kept | (alpha <= 0.5)), alpha, 0.0)
    _, holes, stats, _ = cv2.connectedComponentsWithStats((alpha < 0.5).astype(np.uint8))
    small = stats[:, cv2.CC_STAT_AREA] < (_PINHOLE * sitting.face_px) ** 2
    small[0] = False
    alpha = np.where(small[holes], 1.0, alpha)
    return _stretched(alpha.astype(np.float32))


def _edge_error(image: ImageU8, alpha: MaskF32) -> float:
    """Mean difference, 0..1, between the picture and the blend of its two estimated layers."""
    cv2 = require("cv2")
    shrink = min(1.0, math.sqrt(_JUDGED_PX / alpha.size))
    size = tuple(max(1, round(side * shrink)) for side in alpha.shape[::-1])
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    soft = (alpha > 0.02) & (alpha < 0.98)
    if not soft.any():
        return 0.0
    front, back = estimate_layers(image, alpha)
    mix = alpha[..., np.newaxis] * front + (1 - alpha[..., np.newaxis]) * back
    return float(np.abs(mix - image.astype(np.float32) / 255)[soft].mean())


def _stretched(alpha: MaskF32) -> MaskF32:
    """Nearly 0 becomes 0 and nearly 1 becomes 1: a veil of 2 % shows on a moving picture."""
    return np.asarray(np.clip((alpha - 0.03) / 0.94, 0.0, 1.0), np.float32)


def _places(faces: tuple[Face, ...], height: int, width: int) -> tuple[_Bool, _Bool]:
    """Where hair may be, and the insides of the faces."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    hair = np.zeros((height, width), bool)
    anchor = np.zeros((height, width), bool)
    for face in faces:
        box = face.box
        across = (x - box.x - box.width / 2) / max(box.width, 1.0)
        down = (y - box.y - box.height / 2) / max(box.height, 1.0)
        hair |= ((across / 1.6) ** 2 + ((down - 0.1) / 1.5) ** 2 < 1) & (down < 0.8)
        anchor |= (across / 0.38) ** 2 + (down / 0.4) ** 2 < 1
    return hair, anchor


def _warnings(scores: dict[str, float]) -> tuple[str, ...]:
    found = []
    if scores["matte_coverage"] < 0.02:
        found.append("the subject is very small in the picture, or could not be told apart")
    if scores["matte_soft_share"] > 0.12:
        found.append("much of the outline is uncertain: a soft rim may show")
    return tuple(found)
