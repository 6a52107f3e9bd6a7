"""How far each part of the head stands in front of its turning axis."""

from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import LandmarksF32, MaskF32
from frame_app.base.optional import require
from prerender.portrait.anatomy import FACE_OVAL, FaceFrame
from prerender.portrait.grid import Grid, smoothstep

_MESH = 468  # landmarks of the skin; the irises behind them have a depth of their own
_REACH = 0.42  # face widths over which the relief sinks to the axis outside the mesh
_DEPTH = 1.2  # the mesh is flatter than a head: turns read back at 0.75 of their angle without
_SLOPE = 1.7  # steeper than this, a turn of 15 degrees squeezes the cheek's edge to a line
_ROUND = 0.035  # face widths; rounds off the mesh's facets and its rim
# Of a face that is turned already: its far outline, and how much of it counts by degrees of turn.
_TURNED_DEG = 8.0, 20.0
_ROWS = 64  # in which the outline is looked for
_ROW = 0.06  # face widths; half the height of a row
_ALONG = 0.5  # face widths along the outline over which its height is evened out
_ENDS = 0.1  # face widths over which that begins and ends at forehead and chin
_INWARD, _OUTWARD = 0.2, 0.3  # face widths over which it fades into the face and beyond it
_JUST_INSIDE = 0.02  # face widths from the outline, where its height is read


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
    sunk = sunk + _evened(sunk, grid, landmarks, frame, cv2)
    sigma = _ROUND * frame.unit / grid.step
    return np.asarray(cv2.GaussianBlur(sunk, (0, 0), sigma), np.float32)


def _evened(
    heights: MaskF32, grid: Grid, landmarks: LandmarksF32, frame: FaceFrame, cv2: ModuleType
) -> MaskF32:
    """What to add so that the far outline of a turned face moves as one line.

    That outline runs over forehead, cheekbone, lips and chin, whose heights differ; a turn would
    dent it where a head that really turns shows a new, round outline from behind.
    """
    away = abs(frame.yaw_deg)
    share = float(smoothstep(*_TURNED_DEG, np.array([away], np.float32))[0])
    if share == 0:
        return np.zeros_like(heights)
    far, unit = float(np.sign(frame.yaw_deg)), frame.unit
    offset = (landmarks[:_MESH, :2] - frame.axis[:2]) / unit
    across, down = far * offset @ frame.across, offset @ frame.down
    rows = np.linspace(down.min(), down.max(), _ROWS)
    smooth = require("scipy.ndimage").gaussian_filter1d
    outline = np.array([across[np.abs(down - row) < _ROW].max() for row in rows])
    outline = smooth(outline, _ROUND / (rows[1] - rows[0]), mode="nearest")
    inside = far * (outline - _JUST_INSIDE)
    places = frame.axis[:2] + unit * (inside[:, None] * frame.across + rows[:, None] * frame.down)
    places = ((places - (grid.x, grid.y)) / grid.step - 0.5).astype(np.float32)[:, None]
    replicate = cv2.BORDER_REPLICATE
    read = cv2.remap(heights, places, None, cv2.INTER_LINEAR, borderMode=replicate)
    found = read[:, 0]
    even = smooth(found, _ALONG / (rows[1] - rows[0]), mode="nearest")
    ends = np.clip(np.minimum(rows - rows[0], rows[-1] - rows) / _ENDS, 0, 1)
    x, y = grid.nodes()
    nodes = np.stack([x - frame.axis[0], y - frame.axis[1]], axis=-1) / unit
    row = nodes @ frame.down
    more = np.interp(row, rows, share * ends * (even - found), left=0, right=0)
    inward = np.interp(row, rows, outline) - far * (nodes @ frame.across)
    weight = np.exp(-((inward / np.where(inward > 0, _INWARD, _OUTWARD)) ** 2))
    return np.asarray(more * weight, np.float32)


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
