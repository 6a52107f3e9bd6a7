"""Depth without a network: relief of the face, inflated body, a room behind."""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, EngineInfo, Face, Measured
from prerender.engines.pyramid import push_pull
from prerender.engines.relief import subject_height

_WORK_PX = 480  # long side of the picture the shape is made in; it is smooth, so it scales well
_MIDDLE = 0.62  # nearness of height 0
_PER_HEIGHT = 0.30  # nearness per face height
SUBJECT_FARTHEST = 0.44
"""No part of a subject is farther than this, no part of a plate nearer than `PLATE_NEAREST`."""
PLATE_NEAREST = 0.36
_WALL = 0.10
_FLOOR = 0.20  # the floor's nearness above the wall's, at the lower edge of the picture
_CORNERS = 0.06  # the room's sides come forward
_CONTINUED_PX = 1100  # long side of the picture in which depths are continued
_SOLID = 0.9  # alpha from which depth is the subject's alone
_EDGE = (0.10, 0.60)  # alpha between which nearness passes from plate to subject

_F32 = npt.NDArray[np.float32]


class BuiltinDepth:
    """`DepthEngine` on the CPU."""

    info = EngineInfo(id=BUILTIN, version=2)

    def __init__(self) -> None:
        self._cv2 = require("cv2")

    def estimate(
        self, image: ImageU8, matte: MaskF32, faces: tuple[Face, ...]
    ) -> tuple[DepthF32, Measured]:
        """See `DepthEngine.estimate`."""
        cv2 = self._cv2
        height, width = image.shape[:2]
        shrink = min(1.0, _WORK_PX / max(height, width))
        size = (max(2, round(width * shrink)), max(2, round(height * shrink)))
        small = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
        shape = subject_height(
            small, tuple(face.scaled(size[0] / width, size[0] / width) for face in faces)
        )
        nearness = layered(shape, room_behind(size[0], size[1]), matte)
        warnings = () if faces else ("no face: the depth is only the outline inflated",)
        return nearness, Measured(depth_scores(nearness, matte, faces), warnings)


def layered(height: DepthF32, behind: DepthF32, matte: MaskF32) -> DepthF32:
    """Nearness of a picture from the height of its subject and the nearness of what is behind it.

    Args:
        height: Of the subject, in face heights towards the viewer, at any size.
        behind: 0..1, at any size.
        matte: Of the picture, at its full size.
    """
    cv2 = require("cv2")
    size = (matte.shape[1], matte.shape[0])
    subject = _soft_clip(_MIDDLE + _PER_HEIGHT * height)
    subject = cv2.resize(subject, size, interpolation=cv2.INTER_CUBIC)
    room = cv2.resize(behind, size, interpolation=cv2.INTER_CUBIC)
    share = np.clip((matte - _EDGE[0]) / (_EDGE[1] - _EDGE[0]), 0.0, 1.0)
    return np.asarray(np.clip(room + share * (subject - room), 0.0, 1.0), np.float32)


def plate_depth(depth: DepthF32, matte: MaskF32) -> DepthF32:
    """Nearness of the picture without its subject: what lies around, continued behind it."""
    small, alpha = _reduced(depth, matte)
    around = (alpha <= 0.005).astype(np.float32)
    room = room_behind(small.shape[1], small.shape[0])
    behind = push_pull(small, around) if around.any() else room
    wide = _widened(_blurred(behind), depth.shape)
    return np.asarray(np.clip(wide, 0.0, PLATE_NEAREST), np.float32)


def subject_depth(depth: DepthF32, matte: MaskF32) -> DepthF32:
    """Nearness of the subject alone, continued smoothly beyond its outline."""
    small, alpha = _reduced(depth, matte)
    solid = (alpha >= _SOLID).astype(np.float32)
    if not solid.any():
        return np.full_like(depth, SUBJECT_FARTHEST)
    wide = _widened(push_pull(small, solid), depth.shape)
    return np.asarray(np.clip(wide, SUBJECT_FARTHEST, 1.0), np.float32)


def _reduced(depth: DepthF32, matte: MaskF32) -> tuple[_F32, _F32]:
    """Small enough to continue quickly; depth has no finer detail."""
    cv2 = require("cv2")
    shrink = min(1.0, _CONTINUED_PX / max(depth.shape))
    size = (max(1, round(depth.shape[1] * shrink)), max(1, round(depth.shape[0] * shrink)))
    alpha = cv2.resize(matte.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(depth, size, interpolation=cv2.INTER_AREA)), np.asarray(alpha)


def _widened(values: _F32, shape: tuple[int, ...]) -> _F32:
    cv2 = require("cv2")
    wide = cv2.resize(values, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(wide, np.float32)


def _blurred(values: _F32) -> _F32:
    cv2 = require("cv2")
    return np.asarray(cv2.GaussianBlur(values, (0, 0), max(1.0, 0.01 * max(values.shape))))


def room_behind(width: int, height: int) -> DepthF32:
    """A wall, a floor that comes forward, corners a little nearer than the middle."""
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height)[:, np.newaxis]
    x = ((np.arange(width, dtype=np.float32) + 0.5) / width)[np.newaxis]
    floor = _FLOOR * np.clip((y - 0.45) / 0.55, 0, 1) ** 2
    side = _CORNERS * ((2 * x - 1) ** 2 * 0.7 + (2 * y - 1) ** 2 * 0.3)
    return np.asarray(_WALL + floor + side, np.float32)


def _soft_clip(nearness: _F32) -> _F32:
    """Into `SUBJECT_FARTHEST`..1 without a kink that light would show."""
    middle = (SUBJECT_FARTHEST + 1.0) / 2
    half = (1.0 - SUBJECT_FARTHEST) / 2
    return np.asarray(middle + half * np.tanh((nearness - middle) / half), np.float32)


def depth_scores(nearness: DepthF32, matte: MaskF32, faces: tuple[Face, ...]) -> dict[str, float]:
    """What a report says of a depth."""
    scores = {"depth_subject": float(nearness[matte > 0.9].mean()) if (matte > 0.9).any() else 0.0}
    if faces:
        height, width = nearness.shape

        def at(index: int) -> float:
            x, y = faces[0].landmarks[index, :2]
            return float(nearness[min(max(int(y), 0), height - 1), min(max(int(x), 0), width - 1)])

        scores["depth_face_relief"] = at(1) - (at(234) + at(454)) / 2  # nose tip, both cheeks
    return scores
