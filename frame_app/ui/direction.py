"""Plays a scripted run: events, screenshots, film, end."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer

from frame_app.show.script import ScriptEvent, ScriptReader
from frame_app.show.window import EyePosition
from frame_app.ui.capture import Grabber, Recorder
from frame_app.ui.controller import FrameController
from frame_app.ui.engine import FrameWindow, quit_loop
from frame_app.ui.night import Night
from frame_app.ui.player import Player


@dataclass(frozen=True, slots=True)
class Run:
    """What a run was asked for."""

    events: tuple[ScriptEvent, ...]
    """In order of time."""
    grabs: Path
    """Folder for screenshots."""
    record: Path | None
    """Film of the run."""


class Direction:
    """Does what a run was asked for, at its times; UI thread."""

    def __init__(
        self,
        run: Run,
        window: FrameWindow,
        controller: FrameController,
        player: Player,
        night: Night,
    ) -> None:
        self._night = night
        self._script = ScriptReader(run.events)
        self._controller = controller
        self._window = window
        self._clock = player.clock
        self._zero_s: float | None = None
        self._record = run.record
        self._recorder: Recorder | None = None
        has_grabs = any(event.event == "grab" for event in run.events)
        self._grabber = Grabber(window, run.grabs) if has_grabs else None
        player.first_shown.add(self._begin)
        player.beat.add(self._on_beat)

    def close(self) -> None:
        """Finish what is being written."""
        if self._recorder is not None:
            self._recorder.close()
        if self._grabber is not None:
            self._grabber.close()

    def _begin(self) -> None:
        self._zero_s = self._clock.now_s()
        if self._record is not None:
            self._recorder = Recorder(self._window, self._record)

    def _on_beat(self, now_s: float) -> None:
        if self._zero_s is None:
            return
        for event in self._script.take_due(now_s - self._zero_s):
            self._do(event)

    def _do(self, event: ScriptEvent) -> None:
        controller = self._controller
        match event.event:
            case "gesture":
                controller.gesture_made(event.name)
            case "viewer_seen":
                controller.viewer_seen()
            case "viewer_left":
                controller.viewer_left()
            case "viewer_moved":
                controller.viewer_moved(EyePosition(event.x, event.y, event.z))
            case "next" | "previous":
                controller.turn(1 if event.event == "next" else -1)
            case "quiet_hours_began":
                self._night.send_to_sleep()
            case "quiet_hours_ended":
                self._night.stir()
            case _:
                self._do_outside(event)

    def _do_outside(self, event: ScriptEvent) -> None:
        """What concerns the window and the run, not the frame's behaviour."""
        if event.event == "quit":
            QTimer.singleShot(0, quit_loop)
        elif event.event == "key":
            self._window.key_pressed.fire(0, event.name)
        elif self._grabber is not None:
            # After the picture of this beat, so that a screenshot shows the time it is named for.
            QTimer.singleShot(0, lambda: self._grab(event.name))

    def _grab(self, name: str) -> None:
        if self._grabber is not None:
            self._grabber.grab(name)
