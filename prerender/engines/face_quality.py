"""What can be measured on the pixels of one face: sharpness, light, damage, what covers it.

Every measure looks at the face at one standard height, so that a large scan and a small one of the
same print get the same answer.
"""

import math

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, LandmarksF32
from frame_app.base.optional import require
from prerender.engines.base import Face
from prerender.engines.deblock import blockiness
from prerender.engines.face_regions import LEFT_EYE, RIGHT_EYE, face_mask, feature_mask
from prerender.engines.noise import noise_sigma

_STANDARD_PX = 192  # face height at which everything is measured
_FINE = 0.8  # pixels: blur of the finest of three levels of detail, each next one twice that
_NOISE_OF_FINE = 0.237  # of white noise that a difference of blurs by 0.8 and 1.6 px lets through
_MEAN_OF_SIGMA = 0.798  # mean absolute value of a normal distribution
_TRUST = 0.8  # of the measured noise, which holds some brush strokes and pores
_FOREIGN = 26.0  # CIELAB distance from the skin's own colour that is something else
_CREASE = 0.06  # of the skin's level per standard pixel: an edge that no cheek has
_LENS = 0.5  # of the distance of the eyes: a rim of glasses is within, and covers nothing
_NOSE = (168, 193, 417, 122, 351, 196, 419, 236, 456, 48, 278, 64, 294, 98, 327, 2, 4, 195)
_SHADE = 0.5  # of the cheek's level: skin under the eye that is darker lies behind dark glass
_FLAT = 0.4  # of the cheek's level: a white of the eye shows above it

_F64 = npt.NDArray[np.float64]
_U8 = npt.NDArray[np.uint8]


def sharpness(image: ImageU8, face: Face) -> float:
    """0..1: finest against coarser detail; blur takes the finest away, noise is taken off."""
    cv2 = require("cv2")
    luma = _standard(image, face)
    if luma is None:
        return 0.0
    levels = [cv2.GaussianBlur(luma, (0, 0), _FINE * 2**level) for level in range(3)]
    fine = float(np.abs(levels[0] - levels[1]).mean())
    coarse = float(np.abs(levels[1] - levels[2]).mean())
    factor = _STANDARD_PX / max(face.box.height, 1.0)
    noise = _TRUST * _noise(image, face) * min(1.0, factor) * _NOISE_OF_FINE * _MEAN_OF_SIGMA
    fine = math.sqrt(max(fine**2 - noise**2, 0.0))
    return _unit((fine / (coarse + 0.3) - 0.25) / 0.40)


def lighting(image: ImageU8, face: Face) -> tuple[float, str]:
    """0..1, and what is wrong."""
    cv2 = require("cv2")
    inside = face_mask((face,), (image.shape[0], image.shape[1])) > 0
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[inside]
    if not len(luma):
        return 0.0, "the face lies outside the picture"
    middle = float(np.median(luma))
    low, high = (float(value) for value in np.percentile(luma, (5, 95)))
    lost = float(((luma < 6) | (luma > 251)).mean())
    level = _unit(min((middle - 15) / 55, (250 - middle) / 35))
    contrast = _unit((high - low) / 60)
    score = level * (0.4 + 0.6 * contrast) * _unit(1.15 - 2.2 * lost)
    if middle < 60:
        return score, (
            "the face is very dark; a smile will hardly be seen. Brighten the picture first, or "
            "choose another"
        )
    if lost > 0.15 or middle > 215:
        return score, (
            "the face is so bright that it is white in places; there is nothing left that could "
            "move. Look for a darker print or copy"
        )
    return score, (
        "the face is pale, with little difference between light and shadow; movement will look "
        "flat. Raise the contrast first, or choose another"
    )


def cleanness(image: ImageU8, face: Face) -> tuple[float, str]:
    """0..1: free of noise and of the blocks of strong compression; and what is wrong."""
    lattice = blockiness(image)
    noise = _noise(image, face) * min(1.0, _STANDARD_PX / max(face.box.height, 1.0))
    blocks = _unit(1 - (lattice - 1.35) / 2.2)
    grain = _unit(1 - (noise - 5.0) / 16.0)
    if blocks <= grain:
        return blocks, (
            "the file is squeezed very small, as messengers do; its small squares will flicker. "
            "Ask for the original file"
        )
    return grain, (
        "the picture is very grainy; the face will look restless. Scan it again, or choose another"
    )


def uncovered(image: ImageU8, face: Face) -> float:
    """0..1: free of foreign colours (a mask, a glove) and of edges that no cheek has (fingers)."""
    cv2 = require("cv2")
    standard = _standard_face(image, face)
    if standard is None:
        return 0.0
    crop, face_ = standard
    shape = (crop.shape[0], crop.shape[1])
    inner = cv2.erode(face_mask((face_,), shape), _square(21)) > 0  # its outline is an edge, too
    skin = inner & (feature_mask((face_,), shape) == 0)
    if int(skin.sum()) < 200:
        return 0.0
    smooth = cv2.bilateralFilter(cv2.GaussianBlur(crop, (0, 0), 2.0), 9, 30, 5)
    lab = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.float64)
    away = np.abs(lab[skin] - np.median(lab[skin], axis=0)) * (100 / 255 * 0.5, 1.0, 1.0)
    foreign = float((np.hypot(away[:, 0], np.hypot(away[:, 1], away[:, 2])) > _FOREIGN).mean())
    cheeks = skin & _cheeks(face_, shape)
    return _unit(1 - (foreign - 0.05) / 0.4) * _unit(1 - (_creases(smooth, cheeks) - 0.02) / 0.05)


def _cheeks(face: Face, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Smooth skin: below eyes and glasses, beside nose and mouth."""
    cv2 = require("cv2")
    busy = feature_mask((face,), shape)
    nose = cv2.convexHull(np.rint(face.landmarks[list(_NOSE), :2]).astype(np.int32))
    cv2.fillConvexPoly(busy, nose, 255)
    free = cv2.dilate(busy, _square(9)) == 0
    for iris in (468, 473):
        x, y = (round(float(value)) for value in face.landmarks[iris, :2])
        lens = np.zeros(shape, np.uint8)
        cv2.circle(lens, (x, y), max(1, round(_LENS * face.interocular_px)), 255, -1)
        free &= lens == 0
    free[: max(0, round(float(face.landmarks[[468, 473], 1].mean())))] = False
    return np.asarray(free)


def _creases(smooth: _U8, skin: npt.NDArray[np.bool_]) -> float:
    """Share of the skin that lies on edges which no cheek has.

    Measured on five portraits: up to 0.02 bare, 0.035 with a moustache, from 0.03 behind fingers.
    """
    cv2 = require("cv2")
    if not skin.any():
        return 0.0
    luma = cv2.cvtColor(smooth, cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Scharr(luma, cv2.CV_32F, 1, 0), cv2.Scharr(luma, cv2.CV_32F, 0, 1)) / 32
    level = max(float(np.median(luma[skin])), 20.0)
    return float((slope[skin] > _CREASE * level).mean())


def _square(side: int) -> _U8:
    return np.ones((side, side), np.uint8)


def dark_glasses(image: ImageU8, face: Face) -> bool:
    """Whether both eyes lie behind dark glass: no white of the eye, and dark skin under it."""
    cv2 = require("cv2")
    standard = _standard_face(image, face)
    if standard is None:
        return False
    crop, face_ = standard
    luma = cv2.GaussianBlur(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    points = face_.landmarks[:, :2]
    for eye, below, cheek in ((RIGHT_EYE, (230, 229, 231), 50), (LEFT_EYE, (450, 449, 451), 280)):
        level = max(_at(luma, points[cheek]), 1.0)
        under = float(np.median([_at(luma, points[index]) for index in below]))
        mask = np.zeros(luma.shape, np.uint8)
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points[list(eye)]).astype(np.int32)), 1)
        white = float(np.percentile(luma[mask > 0], 90)) if mask.any() else level
        if under > _SHADE * level or white > _FLAT * level:
            return False
    return True


def eye_opening(landmarks: LandmarksF32) -> float:
    """Height over width of the wider open eye."""
    return max(_aspect(landmarks, RIGHT_EYE), _aspect(landmarks, LEFT_EYE))


def lips_apart(landmarks: LandmarksF32) -> float:
    """Gap between the lips over the mouth's width."""
    gap = float(np.hypot(*(landmarks[13, :2] - landmarks[14, :2])))
    width = float(np.hypot(*(landmarks[61, :2] - landmarks[291, :2])))
    return gap / max(width, 1e-6)


def _aspect(landmarks: LandmarksF32, indices: tuple[int, ...]) -> float:
    """Height over width of an eye, along its own axis."""
    points = landmarks[list(indices), :2].astype(np.float64)
    axis = points[8] - points[0]
    width = float(np.hypot(*axis))
    if width < 1e-6:
        return 0.0
    normal = np.array([-axis[1], axis[0]]) / width
    return float(np.ptp((points - points[0]) @ normal)) / width


def _at(luma: _U8, point: npt.NDArray[np.float32]) -> float:
    x = min(max(round(float(point[0])), 2), luma.shape[1] - 3)
    y = min(max(round(float(point[1])), 2), luma.shape[0] - 3)
    return float(luma[y - 2 : y + 3, x - 2 : x + 3].mean())


def _noise(image: ImageU8, face: Face) -> float:
    """Sigma of 255, of the face alone: a grainy wall behind it disturbs nobody."""
    cv2 = require("cv2")
    crop = _crop(image, face)
    if min(crop.shape[:2]) < 16:
        return 0.0
    return noise_sigma(cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY))


def _standard_face(image: ImageU8, face: Face) -> tuple[_U8, Face] | None:
    """The face cut out at its standard height, and its landmarks there."""
    cv2 = require("cv2")
    crop = _crop(image, face)
    if min(crop.shape[:2]) < 8:
        return None
    left, top = max(0, int(face.box.x)), max(0, int(face.box.y))
    factor = _STANDARD_PX / crop.shape[0]
    size = (max(8, round(crop.shape[1] * factor)), _STANDARD_PX)
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    moved = face.landmarks - np.array([left, top, 0], np.float32)
    own = Face(moved.astype(np.float32), face.box, face.score).scaled(factor, factor)
    return np.asarray(cv2.resize(crop, size, interpolation=how), np.uint8), own


def _standard(image: ImageU8, face: Face) -> npt.NDArray[np.float32] | None:
    """Luma of the face at its standard height."""
    cv2 = require("cv2")
    standard = _standard_face(image, face)
    if standard is None:
        return None
    return np.asarray(cv2.cvtColor(standard[0], cv2.COLOR_RGB2GRAY), np.float32)


def _crop(image: ImageU8, face: Face) -> ImageU8:
    height, width = image.shape[:2]
    box = face.box
    top, left = max(0, int(box.y)), max(0, int(box.x))
    return image[
        top : min(height, int(box.y + box.height)), left : min(width, int(box.x + box.width))
    ]


def _unit(value: float) -> float:
    return max(0.0, min(1.0, value))
