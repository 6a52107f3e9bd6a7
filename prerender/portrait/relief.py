"""How far each part of the head stands in front of its turning axis."""

from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import LandmarksF32, MaskF32
from frame_app.base.optional import require
from prerender.portrait.anatomy import FACE_OVAL, FaceFrame
from prerender.portrait.grid import Grid

_MESH = 468  # landmarks of the skin; the irises behind them have a depth of their own
_REACH = 0.42  # face widths over which the relief sinks to the axis outside the mesh
_DEPTH = 1.2  # the mesh is flatter than a head: turns read back at 0.75 of their angle without
_SLOPE = 1.7  # steeper than this, a turn of 15 degrees squeezes the cheek's edge to a line
_ROUND = 0.035  # face widths; rounds off the mesh's facets and its rim


def relief(grid: Grid, landmarks: LandmarksF32, frame: FaceFrame, cv2: ModuleType) -> MaskF32:
    """Height over the turning axis in pixels at every node, larger is nearer to the viewer.

    Inside the mesh it is the landmarks' own depth. Hair and neck continue it and sink back towards
    the axis, so that a turn moves the face most and the outline of the head least.
    """
    x, y = grid.nodes()
    mesh = landmarks[:_MESH].astype(np.float64)
    surface = require("scipy.interpolate").LinearNDInterpolator(
        mesh[:, :2], _DEPTH * (frame.axis[2] - mesh[:, 2])
    )
    heights = surface(x, y)
    oval = (landmarks[list(FACE_OVAL), :2] - (grid.x, grid.y)) / grid.step - 0.5
    inside = np.zeros(grid.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(oval * 16).astype(np.int32)], 1, shift=4)
    known = (inside > 0) & np.isfinite(heights)
    filled = _continued(np.where(known, heights, 0).astype(np.float32), known, cv2)
    away = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 5) * grid.step
    sunk = filled * np.exp(-((away / (_REACH * frame.unit)) ** 2))
    sunk = _slope_limited(sunk.astype(np.float32), grid.step)
    sigma = _ROUND * frame.unit / grid.step
    return np.asarray(cv2.GaussianBlur(sunk, (0, 0), sigma), np.float32)


def _slope_limited(heights: MaskF32, step: int) -> MaskF32:
    """Raise what lies beside a steep slope until no slope is steeper than `_SLOPE`.

    Raising, not lowering: the face keeps its shape, and the hair beside a cheek comes along.
    """
    raised = heights.copy()
    for _ in range(max(heights.shape)):
        before = raised
        padded = np.pad(before, 1, mode="edge")
        sides = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
        corners = (padded[:-2, :-2], padded[2:, 2:], padded[2:, :-2], padded[:-2, 2:])
        raised = np.maximum(before, np.max(sides, axis=0) - _SLOPE * step)
        raised = np.maximum(raised, np.max(corners, axis=0) - _SLOPE * step * np.sqrt(2))
        if np.allclose(raised, before, atol=0.01):
            break
    return np.asarray(raised, np.float32)


def _continued(values: MaskF32, known: npt.NDArray[np.bool_], cv2: ModuleType) -> MaskF32:
    """Fill what is unknown from its surroundings, near ones first (normalised convolution)."""
    weight = known.astype(np.float32)
    filled, done = values.copy(), known.copy()
    sigma = 1.5
    while not done.all() and sigma < 4 * max(values.shape):
        share = cv2.GaussianBlur(weight, (0, 0), sigma)
        mean = cv2.GaussianBlur(values * weight, (0, 0), sigma) / np.maximum(share, 1e-6)
        new = ~done & (share > 0.02)
        filled[new] = mean[new]
        done |= new
        sigma *= 2
    return filled
