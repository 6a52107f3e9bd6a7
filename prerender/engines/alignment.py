"""Faces cut out as networks know them: turned upright, one size, eyes and mouth in known places.

Method: a similarity through five points (eyes, nose, mouth corners), by least median of squares, as
facexlib and InsightFace do. Matrices are OpenCV's: they map pixel indices, in which the centre of a
pixel is a whole number, while landmarks count from the picture's corner (`base/arrays.py`).
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, LandmarksF32, PointsF32
from frame_app.base.optional import require

Affine = npt.NDArray[np.float64]
"""(2, 3)."""

FFHQ_512: PointsF32 = np.array(
    [
        (192.98138, 239.94708),
        (318.90277, 240.19360),
        (256.63416, 314.01935),
        (201.26117, 371.41043),
        (313.08905, 371.15118),
    ],
    np.float32,
)
"""In a square of 512: eye, eye, nose, mouth corner, mouth corner; the one on the left first.
facexlib, utils/face_restoration_helper.py."""

ARCFACE_112: PointsF32 = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ],
    np.float32,
)
"""The same in a square of 112. InsightFace, utils/face_align.py."""

# An eye is the middle of its corners and lids: where the iris looks must not turn the head.
_POINTS = ((33, 133, 159, 145), (362, 263, 386, 374), (4,), (61,), (291,))
_OUTSIDE = (132.0, 133.0, 135.0)  # RGB: what the networks were shown beyond the picture
_SOFT = 0.5  # sigma per source pixel that falls into one of the crop, beyond the first


def five_points(landmarks: LandmarksF32) -> PointsF32:
    """The points of the templates, in pixel indices."""
    points = np.stack([landmarks[list(group), :2].mean(axis=0) for group in _POINTS])
    return np.asarray(points - 0.5, np.float32)


def similarity(points: PointsF32, template: PointsF32) -> Affine | None:
    """What maps `points` onto a template; None if they lie on one another."""
    cv2 = require("cv2")
    matrix, _ = cv2.estimateAffinePartial2D(points, template, method=cv2.LMEDS)
    if matrix is None or not np.isfinite(matrix).all() or scale_of(matrix) < 1e-6:
        return None
    return np.asarray(matrix, np.float64)


def scale_of(matrix: Affine) -> float:
    """By how much a matrix enlarges."""
    return float(abs(np.linalg.det(matrix[:, :2])) ** 0.5)


def enlarged(matrix: Affine, x: float, y: float) -> Affine:
    """The matrix with its results in a picture that is `x` times as wide and `y` times as high."""
    grow = np.diag([x, y])
    shift = np.array([(x - 1) / 2, (y - 1) / 2])  # pixel centres, not corners, keep their places
    return np.hstack([grow @ matrix[:, :2], (grow @ matrix[:, 2] + shift)[:, np.newaxis]])


def inverse(matrix: Affine) -> Affine:
    """The way back."""
    back = np.linalg.inv(matrix[:, :2])
    return np.hstack([back, (-back @ matrix[:, 2])[:, np.newaxis]])


def cut_out(image: ImageU8, matrix: Affine, side: int) -> ImageF32:
    """The square that `matrix` maps the picture to, 0..1; what lies outside is grey."""
    cv2 = require("cv2")
    shrink = 1 / scale_of(matrix)
    # a reduction by more than a little would alias: what the crop cannot hold is taken out first
    source = cv2.GaussianBlur(image, (0, 0), _SOFT * shrink) if shrink > 1.3 else image
    crop = cv2.warpAffine(
        source,
        matrix,
        (side, side),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_OUTSIDE,
    )
    return np.asarray(crop, np.float32) / np.float32(255)
