"""The mesh of a face in the mirror.

A mesh read from a picture and one read from its mirror image differ by up to 3 % of the face's
width, most around the eyes of a turned head. Their mean is as good for either picture, and what is
made from it for one is the mirror of what is made for the other.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import LandmarksF32

_MIDDLE = (
    *(0, 1, 2, 4, 5, 6, *range(8, 20), 94, 151, 152, 164, 168, 175, 195, 197, 199, 200),
)  # of MediaPipe's canonical face model: x is 0
_FIRST_LEFT, _SKIN = 248, 468
_IRISES = (473, 476, 475, 474, 477, 468, 471, 470, 469, 472)
"""Twins of 468 to 477: middle, right, top, left and bottom of each."""


def _twins() -> npt.NDArray[np.intp]:
    """Index of each landmark's twin: the model counts both halves in the same order."""
    right = np.array([index for index in range(_FIRST_LEFT) if index not in _MIDDLE])
    left = np.arange(_FIRST_LEFT, _SKIN)
    twins = np.arange(_SKIN + len(_IRISES))
    twins[right], twins[left], twins[_SKIN:] = left, right, _IRISES
    return twins


_TWINS = _twins()


def mirrored(landmarks: LandmarksF32, width: float) -> LandmarksF32:
    """The landmarks of the mirror image of a picture that is `width` pixels wide."""
    twins = landmarks[_TWINS]
    twins[:, 0] = width - twins[:, 0]
    return twins
