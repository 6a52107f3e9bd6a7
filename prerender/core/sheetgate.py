"""Which directions of a gaze sheet can be shown: what lies around the middle without a fault."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from prerender.core.readback import Look, direction_deg
from prerender.engines.base import GazeGrid

FOLDS = 0.12
"""See the limit of the score `jacobian`."""
LEAST_LINES = 3
"""Columns and rows: a smaller sheet looks nowhere."""
_STEP_BACK_DEG = (
    3.0  # a line this much less far out than its inner neighbour: over the judge's noise
)

_F64 = npt.NDArray[np.float64]
_Bool = npt.NDArray[np.bool_]


def kept(
    grid: GazeGrid, jacobians: Sequence[float], still: Look | None, looks: Sequence[Look | None]
) -> GazeGrid | None:
    """What is left of a sheet.

    Args:
        grid: What was rendered.
        jacobians: Of every frame.
        still: What the judge sees in the still; None if it sees no face, and can judge nothing.
        looks: What it sees in the cells with open lids, row by row.

    Returns:
        `grid` itself if all of it passes, None if too little does.
    """
    high, wide = len(grid.pitch_deg), len(grid.yaw_deg)
    bad = np.array(jacobians).reshape(-1, high, wide).min(axis=0) < FOLDS
    if still is not None:
        bad |= _unreadable(still, looks, grid)
    middle = nearest(grid.pitch_deg), nearest(grid.yaw_deg)
    rows, columns = _around(bad, middle)
    if min(len(rows), len(columns)) < LEAST_LINES:
        return None
    if (len(rows), len(columns)) == (high, wide):
        return grid
    return GazeGrid(
        tuple(grid.yaw_deg[i] for i in columns), tuple(grid.pitch_deg[i] for i in rows), grid.lids
    )


def nearest(angles: Sequence[float]) -> int:
    """Index of the angle nearest to straight ahead."""
    return int(np.argmin(np.abs(angles)))


def _unreadable(still: Look, looks: Sequence[Look | None], grid: GazeGrid) -> _Bool:
    """Cells in which no face is seen, and lines that look less far out than their neighbours."""
    unseen = (np.nan, np.nan)
    seen = [direction_deg(still, look) if look is not None else unseen for look in looks]
    high, wide = len(grid.pitch_deg), len(grid.yaw_deg)
    across, up = np.array(seen).reshape(high, wide, 2).transpose(2, 0, 1)
    bad: _Bool = np.isnan(across)
    bad |= _turned_back(across.T, nearest(grid.yaw_deg))[np.newaxis, :]
    bad |= _turned_back(up, nearest(grid.pitch_deg))[:, np.newaxis]
    return bad


def _turned_back(lines: _F64, middle: int) -> _Bool:
    """Per line of cells whether it, or one between it and the middle, steps back."""
    angle = [float(np.nanmedian(line)) if np.isfinite(line).any() else np.nan for line in lines]
    turned = np.zeros(len(lines), np.bool_)
    for side, order in ((-1, range(middle - 1, -1, -1)), (1, range(middle + 1, len(lines)))):
        is_back = False
        for line in order:
            is_back |= side * (angle[line] - angle[line - side]) < -_STEP_BACK_DEG
            turned[line] = is_back
    return turned


def _around(bad: _Bool, middle: tuple[int, int]) -> tuple[range, range]:
    """Rows and columns around the middle without a bad cell; empty if the middle is bad."""
    if bad[middle]:
        return range(0), range(0)
    low, high = [0, 0], list(bad.shape)
    reach = [max(middle[axis], bad.shape[axis] - 1 - middle[axis], 1) for axis in (0, 1)]
    places = sorted(
        ((int(row), int(column)) for row, column in np.argwhere(bad)),
        key=lambda place: -max(abs(place[a] - middle[a]) / reach[a] for a in (0, 1)),
    )
    for place in places:  # the farthest out first: it costs least to do without
        if not all(low[axis] <= place[axis] < high[axis] for axis in (0, 1)):
            continue
        # Of its row and its column the one goes that has less to lose, or lies farther out.
        row, column = bad[place[0], low[1] : high[1]], bad[low[0] : high[0], place[1]]
        worth = [
            (float(line.mean()), abs(place[a] - middle[a]) / reach[a])
            for a, line in enumerate((row, column))
        ]
        axis = 0 if worth[0] > worth[1] else 1
        if place[axis] < middle[axis]:
            low[axis] = place[axis] + 1
        else:
            high[axis] = place[axis]
    return range(low[0], high[0]), range(low[1], high[1])
