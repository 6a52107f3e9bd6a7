"""A clock that stands still until it is moved."""

from datetime import datetime


class ManualClock:
    """See `frame_app.show.clock.Clock`."""

    def __init__(self, now_s: float = 100.0) -> None:
        self._now_s = now_s

    def now_s(self) -> float:
        return self._now_s

    def advance(self, seconds: float) -> float:
        self._now_s += seconds
        return self._now_s


class ListJournal:
    """Keeps records instead of writing them."""

    def __init__(self) -> None:
        self.records: list[dict[str, object]] = []

    def write(self, kind: str, **details: object) -> None:
        self.records.append({"kind": kind, **details})

    def close(self) -> None:
        pass

    def of(self, kind: str) -> list[dict[str, object]]:
        return [record for record in self.records if record["kind"] == kind]


class ManualWallClock:
    """See `frame_app.show.clock.WallClock`; stands still until it is set."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 20, 12, 0)

    def now(self) -> datetime:
        return self.time
