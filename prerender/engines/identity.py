"""Whether a picture still shows the same face: the shape of its landmarks, free of scale and pose.

Method: ordinary Procrustes analysis (Gower 1975) of the 468 landmarks of the skin in space. What
rotation, shift and scale explain is pose; the rest is another face, or another expression.
"""

import numpy as np

from frame_app.base.arrays import LandmarksF32
from prerender.engines.base import Face

_SKIN = 468
_CHIN, _FOREHEAD = 152, 10


def shape_change(before: LandmarksF32, after: LandmarksF32) -> float:
    """Root mean square distance of the landmarks after alignment, in heights of the face."""
    one = before[:_SKIN].astype(np.float64)
    other = after[:_SKIN].astype(np.float64)
    height = float(np.linalg.norm(one[_CHIN] - one[_FOREHEAD]))
    one -= one.mean(axis=0)
    other -= other.mean(axis=0)
    # Kabsch's rotation, without the mirror image
    left, stretch, right = np.linalg.svd(other.T @ one)
    turn = np.ones(3)
    turn[2] = np.sign(np.linalg.det(left @ right))
    rotation = left @ np.diag(turn) @ right
    scale = float((stretch * turn).sum() / (other**2).sum())
    rest = one - scale * other @ rotation
    return float(np.sqrt((rest**2).sum(axis=1).mean())) / max(height, 1e-6)


def same_face(face: Face, found: tuple[Face, ...]) -> Face | None:
    """The one of `found` that lies where `face` lay; None if it is gone."""
    reach = 0.25 * max(face.box.width, face.box.height)
    centre = face.landmarks[:_SKIN, :2].mean(axis=0)
    for other in found:
        if float(np.hypot(*(other.landmarks[:_SKIN, :2].mean(axis=0) - centre))) < reach:
            return other
    return None
