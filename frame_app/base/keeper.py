"""Small files that change often, written whole and in a thread of their own."""

import logging
import queue
import threading
from pathlib import Path

from frame_app.base.atomic import storage_errors, write_atomic
from frame_app.base.errors import StorageError

log = logging.getLogger(__name__)

_CALM_S = 0.3  # a slider that is dragged changes many times a second; its file once


class Keeper:
    """Writes files for callers that must not wait, above all the UI thread.

    What is kept for the same file again before it was written replaces the older content. `close`
    writes the rest, so that a change made just before the end survives.
    """

    def __init__(self) -> None:
        self._wanted: dict[Path, bytes] = {}  # guarded by _changed, as is _is_closed
        self._is_closed = False
        self._changed = threading.Condition()
        self._problems: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def keep(self, path: Path, data: bytes) -> None:
        """Write `data` to `path` soon; missing folders are made. Returns at once."""
        with self._changed:
            self._wanted[path] = data
            self._changed.notify()

    def take_problem(self) -> str:
        """One sentence about a file that could not be written, or an empty string."""
        try:
            return self._problems.get_nowait()
        except queue.Empty:
            return ""

    def close(self, timeout_s: float) -> bool:
        """Write what waits and end; False if the disk takes longer than `timeout_s`."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._is_closed)
                self._changed.wait_for(lambda: self._is_closed, _CALM_S)
                wanted, self._wanted = self._wanted, {}
                is_last = self._is_closed
            for path, data in wanted.items():
                self._write(path, data)
            if is_last:
                return

    def _write(self, path: Path, data: bytes) -> None:
        try:
            with storage_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(path, data)
        except StorageError as error:
            log.error("%s", error)
            self._problems.put(str(error))
