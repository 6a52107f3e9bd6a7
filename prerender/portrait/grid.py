"""Coarse displacement fields over the actor box.

Everything that moves does so smoothly, so fields are kept on a coarse grid, summed and inverted
there, and only then brought up to the size of the picture.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, MaskF32

_SHARE = 0.75  # of a step of the inversion
_COARSE_ROUNDS, _FINE_ROUNDS = 14, 2
_ENOUGH_PX = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Nodes in the middle of square cells that tile the actor box."""

    x: int
    y: int
    width: int
    height: int
    step: int
    """Side of a cell in pixels; divides width and height."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of nodes."""
        return self.height // self.step, self.width // self.step

    def nodes(self) -> tuple[MaskF32, MaskF32]:
        """Canvas coordinates x and y of all nodes, each (rows, columns)."""
        rows, columns = self.shape
        across = self.x + (np.arange(columns, dtype=np.float32) + 0.5) * self.step
        down = self.y + (np.arange(rows, dtype=np.float32) + 0.5) * self.step
        x, y = np.meshgrid(across, down)
        return x, y


def window(grid: Grid, margin_px: float) -> MaskF32:
    """1 inside, falling smoothly over `margin_px` to 0 on the two outer rows of nodes."""
    x, y = grid.nodes()
    left, top = x - grid.x, y - grid.y
    edges = (left, grid.width - left, top, grid.height - top)
    product = np.ones_like(x)
    for edge in edges:
        product *= smoothstep(1.6 * grid.step, margin_px, edge)
    return product


def smoothstep(low: float, high: float, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """0 below `low`, 1 above `high`, with a smooth cubic between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def inverse(forward: FieldF32, step: int, cv2: ModuleType) -> FieldF32:
    """Where each node comes from: `b` with `b(x) = -forward(x + b(x))`, by iteration."""
    rows, columns = forward.shape[:2]
    x = np.broadcast_to(np.arange(columns, dtype=np.float32)[None, :], (rows, columns))
    y = np.broadcast_to(np.arange(rows, dtype=np.float32)[:, None], (rows, columns))
    back = -forward
    linear, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    for _ in range(_COARSE_ROUNDS):
        u, v = x + back[..., 0] / step, y + back[..., 1] / step
        missing = back + cv2.remap(forward, u, v, linear, borderMode=border)
        # Full steps would swing ever wider where the picture is stretched to more than twice.
        back = back - _SHARE * missing
        if float(np.abs(missing).max()) < _ENOUGH_PX:
            break
    # OpenCV rounds places to 32nds of a cell, which shows as a hatch where the picture is
    # stretched; the last rounds do not.
    for _ in range(_FINE_ROUNDS):
        u, v = x + back[..., 0] / step, y + back[..., 1] / step
        back = back - _SHARE * (back + _bilinear(forward, u, v))
    return np.asarray(back, np.float32)


def _bilinear(field: FieldF32, u: MaskF32, v: MaskF32) -> FieldF32:
    """The field at column u and row v."""
    rows, columns = field.shape[:2]
    u, v = np.clip(u, 0, columns - 1.001), np.clip(v, 0, rows - 1.001)
    i, j = u.astype(np.int32), v.astype(np.int32)
    at = j * columns + i
    right, low = u - i, v - j
    # Both components as one complex number: half the look-ups.
    flat = np.ascontiguousarray(field, np.float32).view(np.complex64).ravel()
    top, bottom = flat.take(at), flat.take(at + columns)
    top += (flat.take(at + 1) - top) * right
    bottom += (flat.take(at + (columns + 1)) - bottom) * right
    top += (bottom - top) * low
    return top.view(np.float32).reshape(*top.shape, 2)


def min_jacobian(field: FieldF32, step: int) -> float:
    """Smallest determinant of `x + field(x)`; above 0 the map folds nowhere."""
    dxy, dxx = np.gradient(field[..., 0], step)
    dyy, dyx = np.gradient(field[..., 1], step)
    return float(((1 + dxx) * (1 + dyy) - dxy * dyx).min())
