"""How much memory a command and all its workers hold at the same time."""

import threading
from pathlib import Path

_EVERY_S = 0.1


class Peak:
    """Watches a process and its descendants."""

    def __init__(self, pid: int) -> None:
        self.total_bytes = 0
        self._pid = pid
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._is_over.wait(_EVERY_S):
            self.total_bytes = max(self.total_bytes, sum(_held(pid) for pid in _tree(self._pid)))

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._is_over.set()
        self._thread.join()


def _tree(pid: int) -> list[int]:
    """A process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


def _held(pid: int) -> int:
    """Resident bytes of a process; what n processes share counts 1 / n in each (Linux's Pss)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
