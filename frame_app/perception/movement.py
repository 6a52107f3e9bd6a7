"""Where a picture changed against the last one; a coarse map, cheap enough for every picture."""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.perception.landmarker import Region

_CELL_PX = 16  # of the picture
_LEAST = 9.0  # mean change of a cell, of 255, over what all of the picture changed by
_CELLS = 2  # so many cells make a movement
_LIGHT = 0.5  # a change of more than this part of the picture is the light's


class Movement:
    """Remembers a small grey picture and where it changed last."""

    def __init__(self) -> None:
        self._last: npt.NDArray[np.float32] | None = None
        self._seen_s: npt.NDArray[np.float64] | None = None
        self._cells: npt.NDArray[np.bool_] | None = None

    def take(self, picture: ImageU8, time_s: float) -> None:
        """Compare with the last picture."""
        small = _cells(picture)
        if self._last is None or self._seen_s is None or self._last.shape != small.shape:
            self._last = small
            self._seen_s = np.full(small.shape, -1e9)
            self._cells = np.zeros(small.shape, np.bool_)
            return
        change = np.abs(small - self._last)
        self._last = small
        cells = change > _LEAST + float(np.median(change))
        if cells.mean() > _LIGHT:
            cells[:] = False
        self._cells = cells
        self._seen_s[cells] = time_s

    def is_lately(self, now_s: float, within_s: float) -> bool:
        """Whether something moved anywhere."""
        return self._seen_s is not None and self._count(self._seen_s, now_s, within_s)

    def is_beside(self, region: Region, face: Region, now_s: float, within_s: float) -> bool:
        """Whether something moved in a region, the face in it left out."""
        if self._seen_s is None:
            return False
        part = self._seen_s.copy()
        part[_window(face, part.shape)] = -1e9
        return self._count(part[_window(region, part.shape)], now_s, within_s)

    def top_region(self, width: int, height: int) -> Region | None:
        """Where the head of what moves may be: the upper end of the latest changes."""
        if self._cells is None or self._cells.sum() < _CELLS:
            return None
        rows, columns = np.nonzero(self._cells)
        top = rows.min()
        near = columns[rows <= top + 3]
        side = min(width, height) * 0.42
        x, y = (float(near.mean()) + 0.5) * _CELL_PX, float(top) * _CELL_PX
        return Region(
            min(max(0.0, x - side / 2.0), width - side),
            min(max(0.0, y - 0.25 * side), height - side),
            side,
        )

    @staticmethod
    def _count(times: npt.NDArray[np.float64], now_s: float, within_s: float) -> bool:
        return int((times >= now_s - within_s).sum()) >= _CELLS


def _cells(picture: ImageU8) -> npt.NDArray[np.float32]:
    """Mean green of each cell: the channel with the least noise."""
    rows, columns = picture.shape[0] // _CELL_PX, picture.shape[1] // _CELL_PX
    # Every fourth pixel each way is enough, and sixteen times as quick.
    green = picture[: rows * _CELL_PX : 4, : columns * _CELL_PX : 4, 1].astype(np.float32)
    per = _CELL_PX // 4
    means: npt.NDArray[np.float32] = green.reshape(rows, per, columns, per).mean(axis=(1, 3))
    return means


def _window(region: Region, shape: tuple[int, ...]) -> tuple[slice, slice]:
    rows, columns = shape
    x0, y0 = int(region.x / _CELL_PX), int(region.y / _CELL_PX)
    x1 = int((region.x + region.side) / _CELL_PX) + 1
    y1 = int((region.y + region.side) / _CELL_PX) + 1
    return slice(max(0, y0), max(0, min(rows, y1))), slice(max(0, x0), max(0, min(columns, x1)))
