"""Frames due, shown, dropped and repeated, and Python's time on the UI thread; per second."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Second:
    """What was counted in about one second."""

    seconds: float
    due: int
    """Clip frames whose time came."""
    shown: int
    """Different clip frames that were presented."""
    dropped: int
    """Clip frames passed over, since drawing was too slow."""
    repeated: int
    """Times a clip had to wait for its decoder."""
    drawn: int
    """Pictures presented, clip frame or not."""
    python_p50_ms: float
    """Processor time of our Python on the UI thread for a picture; waiting is not in it."""
    python_p99_ms: float
    longest_ms: float
    """Longest time between two pictures that were presented."""


@dataclass(slots=True)
class FrameCounters:
    """Mutable; the player adds to it on the UI thread and takes a `Second` now and then."""

    _since_s: float = -1.0
    _due: float = 0.0
    _shown: int = 0
    _dropped: int = 0
    _repeated: int = 0
    _drawn: int = 0
    _python_ms: list[float] = field(default_factory=list)
    _last: tuple[str, int] = ("", -1)
    _last_s: float = 0.0
    _last_late: int = 0
    _shown_s: float | None = None
    _longest_s: float = 0.0

    def tick(self, now_s: float, clip: tuple[str, int], fps: float, late_frames: int) -> None:
        """A picture was put together: clip and frame in front, index -1 if no clip is."""
        name, index = clip
        is_same_clip = index >= 0 and name == self._last[0] and self._last[1] >= 0
        if is_same_clip:
            self._due += (now_s - self._last_s) * fps
            gap = index - self._last[1]
            if gap != 0:
                self._shown += 1
            if 1 < gap <= fps:  # a larger gap is a jump of the clip's own
                self._dropped += gap - 1
            self._repeated += max(0, late_frames - self._last_late)
        self._last, self._last_s, self._last_late = clip, now_s, late_frames

    def drawn(self, now_s: float, python_ms: float) -> None:
        """A picture was presented, for which Python took this long."""
        self._drawn += 1
        self._python_ms.append(python_ms)
        if self._shown_s is not None:
            self._longest_s = max(self._longest_s, now_s - self._shown_s)
        self._shown_s = now_s

    def rest(self) -> None:
        """Nothing is drawn for a while, on purpose."""
        self._shown_s = None

    def take(self, now_s: float) -> Second | None:
        """The last second, once it is over."""
        if self._since_s < 0.0:
            self._since_s = now_s
        if now_s - self._since_s < 1.0:
            return None
        times = sorted(self._python_ms) or [0.0]
        second = Second(
            now_s - self._since_s,
            round(self._due),
            self._shown,
            self._dropped,
            self._repeated,
            self._drawn,
            times[len(times) // 2],
            times[min(len(times) - 1, int(len(times) * 0.99))],
            self._longest_s * 1000.0,
        )
        self._since_s = now_s
        self._due -= round(self._due)
        self._shown = self._dropped = self._repeated = self._drawn = 0
        self._longest_s = 0.0
        self._python_ms.clear()
        return second
