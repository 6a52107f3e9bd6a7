"""The gaze sheet: any frame on demand, in a thread, the recent ones kept."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from frame_app.base.errors import VideoError
from frame_app.show.decode import Extent, Planes, Segment, decode_segment
from frame_app.show.priority import step_back

log = logging.getLogger(__name__)


class SheetReader:
    """Decodes cells of a gaze sheet, wanted ones first, then the rest as far as memory goes.

    Every frame is a key frame, so that one cell costs one frame. Cells that were asked for last
    stay; at most `budget_bytes` are held.
    """

    def __init__(self, path: Path, extent: Extent, budget_bytes: int) -> None:
        self.problem = ""  # written by the thread, once
        self._path = path
        self._extent = extent
        self._budget = budget_bytes
        self._cells: OrderedDict[int, Planes] = OrderedDict()
        self._held = 0
        self._wanted: list[int] = []
        self._backlog: list[int] = []
        self._wake = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="decode-gaze", daemon=True)
        self._thread.start()

    def find(self, index: int) -> Planes | None:
        """The picture of a cell if it is decoded. UI thread; never blocks."""
        with self._wake:
            planes = self._cells.get(index)
            if planes is not None:
                self._cells.move_to_end(index)
            return planes

    def want(self, indices: Iterable[int]) -> None:
        """Decode these next, in this order."""
        with self._wake:
            self._wanted = [index for index in indices if index not in self._cells]
            if self._wanted:
                self._wake.notify()

    def prefetch(self, indices: Iterable[int]) -> None:
        """Decode these in spare time, in this order, until memory is used up."""
        with self._wake:
            self._backlog = list(indices)[::-1]
            self._wake.notify()

    def close(self) -> None:
        """Ask the thread to end; returns at once, see `join`."""
        with self._wake:
            self._is_closed = True
            self._wake.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; False if it is still running."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        step_back()
        while (index := self._next()) is not None:
            cell = Segment("gaze", self._path, 0.0, index, index + 1)
            try:
                self._keep(next(iter(decode_segment(cell, self._extent))))
            except VideoError as error:
                log.warning("%s", error)
                self.problem = str(error)
                return

    def _next(self) -> int | None:
        """Wait for work; None once closed."""
        with self._wake:
            while not self._is_closed:
                if self._wanted:
                    return self._wanted.pop(0)
                while self._backlog and self._backlog[-1] in self._cells:
                    self._backlog.pop()
                if self._backlog and self._held + self._cell_bytes() <= self._budget:
                    return self._backlog.pop()
                self._wake.wait()
            return None

    def _keep(self, planes: Planes) -> None:
        with self._wake:
            if planes.index not in self._cells:
                self._held += planes.size_bytes
            self._cells[planes.index] = planes
            self._cells.move_to_end(planes.index)
            while self._held > self._budget and len(self._cells) > 1:
                _, oldest = self._cells.popitem(last=False)
                self._held -= oldest.size_bytes

    def _cell_bytes(self) -> int:
        return self._extent.width * self._extent.height * 5 // 2
