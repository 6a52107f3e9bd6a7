"""The shape of a subject from its face mesh and its outline, as a smooth height towards the viewer.

Heights are in face heights: 0 is about the plane of the temples, the nose stands out, the outline
lies behind. Where the mesh ends, the surface goes on over hair and neck to a body that is inflated
from the outline, since nearly everything about people is convex.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import DepthF32, MaskF32
from frame_app.base.optional import require
from prerender.engines.base import Face
from prerender.engines.builtin_faces import FACE_OVAL
from prerender.engines.pyramid import push_pull

RIM = -0.45
"""Height of the outline, in face heights: about where the ears are."""
_BODY = 0.62  # from the outline to the middle of the body
_BODY_RADIUS = 1.1  # face heights from the outline at which the body is flat
_LOWER = 0.1  # what is lower is nearer: per face height below the chin
_LOWEST = 0.45  # at most that much nearer
_HEAD = 0.42  # face heights around the face within which the surface bridges to the body
_SMOOTH = 0.03  # blur, in face heights, that takes the facets off the mesh

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]


def subject_height(
    matte: MaskF32, faces: tuple[Face, ...], body: DepthF32 | None = None
) -> DepthF32:
    """Height of the subject on the whole picture, continued smoothly beyond its outline.

    Args:
        matte: Of a small picture; a few hundred pixels are enough.
        faces: In pixels of that picture; may be empty.
        body: Height of all that is no face, where something better than the outline inflated is
            known.
    """
    cv2 = require("cv2")
    unit = max((face.box.height for face in faces), default=max(matte.shape) / 4)
    inside = matte > 0.5
    height = _body(inside, faces, float(unit)) if body is None else body
    known = inside.astype(np.float32)
    for face in faces:
        oval = _oval_mask(face, matte.shape)
        relief, meshed = face_height(face, matte.shape)
        # By distance: growing by a disc this large would cost more than all the rest.
        away = cv2.distanceTransform(1 - oval, cv2.DIST_L2, 5)
        around = away <= max(1.0, _HEAD * face.box.height)
        core = cv2.erode(oval, _disc(max(1, round(0.03 * face.box.height)))) > 0
        core &= meshed
        if body is not None and core.any():  # who stands farther back stays there
            relief = relief + np.float32(np.median(body[core] - relief[core]))
        known[around] = 0.0
        known[core] = 1.0
        height = np.where(core, relief, height)
        # the hair's outline keeps its height, so that the head is round to its edge
        rim = around & inside & ~_eroded(inside, max(1, round(0.06 * face.box.height))) & ~core
        known[rim] = 0.6
    filled = push_pull(height, known)
    sigma = max(0.8, _SMOOTH * float(unit))
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), sigma), np.float32)


def _body(inside: _Bool, faces: tuple[Face, ...], unit: float) -> _F32:
    """The outline inflated, and nearer the lower it is."""
    cv2 = require("cv2")
    # The picture's border is no outline: the body goes on behind the frame.
    pad = int(np.ceil(_BODY_RADIUS * unit)) + 1
    wide = np.pad(inside.astype(np.uint8), pad, mode="edge")
    away = cv2.distanceTransform(wide, cv2.DIST_L2, 5)[pad:-pad, pad:-pad]
    away = cv2.GaussianBlur(away, (0, 0), 0.12 * unit)
    bulge = np.sin(np.clip(away / (_BODY_RADIUS * unit), 0, 1) * (np.pi / 2))
    rows = np.arange(inside.shape[0], dtype=np.float32)[:, np.newaxis] + 0.5
    chin = max((face.box.y + face.box.height for face in faces), default=0.4 * inside.shape[0])
    below = np.clip((rows - chin) / unit, 0, None)
    lower = _LOWEST * np.tanh(below * _LOWER / _LOWEST)
    return np.asarray(RIM + _BODY * bulge + lower, np.float32)


def face_height(face: Face, shape: tuple[int, ...]) -> tuple[DepthF32, _Bool]:
    """Height of the mesh at each pixel, and where it has one."""
    points = face.landmarks[:468].astype(np.float64)
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    height = np.full(shape, np.nan)
    box = face.box
    top, left = max(0, int(box.y) - 2), max(0, int(box.x) - 2)
    bottom, right = int(box.y + box.height) + 3, int(box.x + box.width) + 3
    part = (slice(top, bottom), slice(left, right))
    if rows[part].size:
        where = np.stack([columns[part], rows[part]], axis=-1) + 0.5
        height[part] = _interpolated(points[:, :2], -points[:, 2] / box.height, where)
    meshed = np.isfinite(height)
    return np.nan_to_num(height).astype(np.float32), meshed


def _interpolated(
    points: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
    where: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Linear within the triangles between `points`, NaN beyond.

    `scipy.interpolate` gives the same bits, but takes 1.1 s to import instead of 0.7 s, each in
    a fresh process on two busy cores: more than all else of depth.
    """
    mesh = require("scipy.spatial").Delaunay(points)
    number = mesh.find_simplex(where)
    corner = mesh.transform[number]  # (..., 3, 2): inverse of two edges, and the third corner
    first = np.einsum("...ij,...j->...i", corner[..., :2, :], where - corner[..., 2, :])
    shares = np.concatenate([first, 1 - first.sum(axis=-1, keepdims=True)], axis=-1)
    level = (shares * values[mesh.simplices[number]]).sum(axis=-1)
    return np.where(number < 0, np.nan, level)


def _oval_mask(face: Face, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    cv2 = require("cv2")
    mask = np.zeros(shape, np.uint8)
    outline = np.rint(face.landmarks[list(FACE_OVAL), :2] - 0.5).astype(np.int32)
    cv2.fillPoly(mask, [outline], 1)
    return mask


def _eroded(mask: _Bool, radius: int) -> _Bool:
    cv2 = require("cv2")
    return np.asarray(cv2.erode(mask.astype(np.uint8), _disc(radius), borderValue=1) > 0)


def _disc(radius: int) -> npt.NDArray[np.uint8]:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= radius * radius + radius * 0.5, np.uint8)
