"""The beat of the player: a grid of times, so that clips advance evenly."""

import math
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

from frame_app.show.clock import Clock


class Pacer(QObject):
    """Calls `on_beat(time)` once per picture, with the ideal time of the picture, not the real one.

    A real timer is a millisecond early or late; a clip of 30 frames a second read at such times
    would show frames twice and skip others. Beats that were missed are passed over.
    """

    def __init__(
        self, clock: Clock, rate_hz: float, on_beat: Callable[[float], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._on_beat = on_beat
        self._clock = clock
        self._period_s = 1.0 / rate_hz
        self._due_s = clock.now_s()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)

    def start(self) -> None:
        """Begin beating."""
        self._due_s = self._clock.now_s()
        self._timer.start(0)

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    def set_rate(self, rate_hz: float) -> None:
        """Beat at this rate from the next beat on."""
        self._period_s = 1.0 / rate_hz

    @property
    def period_s(self) -> float:
        """Time between two beats."""
        return self._period_s

    def _on_time(self) -> None:
        self._on_beat(self._due_s)
        late_s = self._clock.now_s() - self._due_s
        self._due_s += self._period_s * max(1, math.ceil(late_s / self._period_s))
        wait_s = self._due_s - self._clock.now_s()
        self._timer.start(max(0, round(wait_s * 1000.0)))
