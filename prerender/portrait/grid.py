"""Coarse displacement fields over the actor box.

Everything that moves does so smoothly, so fields are kept on a coarse grid, summed and inverted
there, and only then brought up to the size of the picture.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, MaskF32

_ROUNDS = 7  # of the inversion; its error shrinks by the field's steepness with each


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
    """1 inside, falling smoothly to 0 on the border of the box over `margin_px`."""
    x, y = grid.nodes()
    left, top = x - grid.x, y - grid.y
    edges = (left, grid.width - left, top, grid.height - top)
    product = np.ones_like(x)
    for edge in edges:
        product *= smoothstep(0.5 * grid.step, margin_px, edge)
    return product


def smoothstep(low: float, high: float, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """0 below `low`, 1 above `high`, with a smooth cubic between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def inverse(forward: FieldF32, step: int, cv2: ModuleType) -> FieldF32:
    """Where each node comes from: `b` with `b(x) = -forward(x + b(x))`, by iteration."""
    rows, columns = forward.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    back = -forward
    for _ in range(_ROUNDS):
        back = -cv2.remap(
            forward,
            x + back[..., 0] / step,
            y + back[..., 1] / step,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return np.asarray(back, np.float32)


def min_jacobian(field: FieldF32, step: int) -> float:
    """Smallest determinant of `x + field(x)`; above 0 the map folds nowhere."""
    dxy, dxx = np.gradient(field[..., 0], step)
    dyy, dyx = np.gradient(field[..., 1], step)
    return float(((1 + dxx) * (1 + dyy) - dxy * dyx).min())
