"""The black box: JSON lines of what was decided and what was shown."""

import json
import logging
import queue
import threading
from pathlib import Path
from typing import Protocol, TypeAlias

from frame_app.base.errors import StorageError
from frame_app.show.clock import Clock

log = logging.getLogger(__name__)

Detail: TypeAlias = str | int | float | bool | None


class Journal(Protocol):
    """Takes records; never blocks and never fails."""

    def write(self, kind: str, **details: Detail) -> None:
        """Add one record of what happened just now."""

    def close(self) -> None:
        """Bring everything to disk."""


class NoJournal:
    """For runs that nobody wants a record of."""

    def write(self, kind: str, **details: Detail) -> None:
        """See `Journal.write`."""

    def close(self) -> None:
        """See `Journal.close`."""


class FileJournal:
    """Appends lines `{"t": seconds since the start, "kind": …}` in a thread of its own.

    Raises:
        StorageError: the file cannot be opened.
    """

    def __init__(self, path: Path, clock: Clock, start_s: float) -> None:
        self._clock = clock
        self._start_s = start_s
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        try:
            self._stream = path.open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            raise StorageError(path, f"cannot be written ({error.strerror})") from error
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def write(self, kind: str, **details: Detail) -> None:
        """See `Journal.write`."""
        record = {"t": round(self._clock.now_s() - self._start_s, 4), "kind": kind, **details}
        self._lines.put(json.dumps(record))

    def close(self) -> None:
        """See `Journal.close`."""
        self._lines.put(None)
        self._thread.join()

    def _run(self) -> None:
        with self._stream as stream:
            try:
                while (line := self._lines.get()) is not None:
                    stream.write(line + "\n")
            except OSError as error:
                log.error("the journal ends here: %s", error)
