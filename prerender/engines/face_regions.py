"""Parts of faces as masks, so that corrections can keep away from what makes a person."""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import LandmarksF32, MaskF32
from frame_app.base.optional import require
from prerender.engines.base import Face
from prerender.engines.builtin_faces import FACE_OVAL

RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
RIGHT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
LEFT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
NOSTRILS = (48, 64, 98, 97, 2, 326, 327, 294, 278, 440, 275, 4, 45, 220)
_FEATURES = (RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, LIPS, NOSTRILS)
_FEATHER = 0.04  # face heights: sigma of the way from a face into what is around it
_MARGIN = 0.045  # of the face's height: lashes and lip edges reach beyond the landmarks

_U8 = npt.NDArray[np.uint8]


def feature_mask(faces: tuple[Face, ...], shape: tuple[int, int]) -> _U8:
    """255 on eyes with lashes, brows, lips with teeth, and nostrils."""
    cv2 = require("cv2")
    mask = np.zeros(shape, np.uint8)
    for face in faces:
        own = np.zeros(shape, np.uint8)
        for indices in _FEATURES:
            cv2.fillPoly(own, [_outline(face.landmarks, indices)], 255)
        radius = max(1, round(_MARGIN * face.box.height))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        mask |= cv2.dilate(own, kernel)
    return mask


def face_mask(faces: tuple[Face, ...], shape: tuple[int, int], margin: float = 0.0) -> _U8:
    """255 inside the outlines of the faces, grown by `margin` face heights."""
    cv2 = require("cv2")
    mask = np.zeros(shape, np.uint8)
    for face in faces:
        outline = _outline(face.landmarks, FACE_OVAL)
        cv2.fillPoly(mask, [outline], 255)
        width = 2 * round(margin * face.box.height)
        if width > 0:
            cv2.polylines(mask, [outline], isClosed=True, color=255, thickness=min(width, 32767))
    return mask


def soft_face_mask(faces: tuple[Face, ...], shape: tuple[int, int]) -> MaskF32:
    """1 on the faces, passing softly into 0 around them; `faces` are not empty."""
    sigma = max(2.0, _FEATHER * max(face.box.height for face in faces))
    soft = require("cv2").GaussianBlur(face_mask(faces, shape), (0, 0), sigma)
    return np.asarray(soft, np.float32) / np.float32(255)


def _outline(landmarks: LandmarksF32, indices: tuple[int, ...]) -> npt.NDArray[np.int32]:
    hull = require("cv2").convexHull(landmarks[list(indices), :2].astype(np.float32))
    return np.asarray(np.rint(hull - 0.5), np.int32)
