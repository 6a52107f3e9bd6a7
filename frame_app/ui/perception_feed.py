"""What the camera saw, told to the controller; thin, on the UI thread, and never waiting."""

import logging
import math
import time

from frame_app.base.hooks import Hook
from frame_app.config.model import PerceptionSettings
from frame_app.perception.messages import (
    Adjust,
    CameraState,
    CameraStatus,
    Capture,
    Gesture,
    GestureMade,
    Mirror,
    MirrorPicture,
    Observation,
    Report,
    ViewersChanged,
    Watcher,
)
from frame_app.show.journal import Journal
from frame_app.show.window import EyePosition, Handover
from frame_app.states.vocabulary import FrameState
from frame_app.ui import notices
from frame_app.ui.controller import FrameController
from frame_app.ui.player import Player

log = logging.getLogger(__name__)

_GLIDE_S = 0.7  # from one viewer to the next
_LINGER_S = 4.0  # without a word from the camera for so long its viewer counts as gone
_RESTART_LINGER_S = (
    12.0  # while it is started again: 3 s until a stall is noticed, 2 to 6 s to load
)
_SETTLE_S = 1.5  # a process that just began to watch sees nobody until it looked twice
_TOLD_AGAIN_S = 12 * 3600.0  # a wall does not nag
_TURNS = {Gesture.SWIPE_LEFT: 1, Gesture.SWIPE_RIGHT: -1}  # as one turns pages


class PerceptionFeed:
    """Polls the watcher each beat; knows when the camera may watch."""

    def __init__(
        self,
        watcher: Watcher,
        controller: FrameController,
        player: Player,
        settings: PerceptionSettings,
        journal: Journal,
    ) -> None:
        self.camera_changed = Hook[[CameraState]]()
        """How the watching goes; the dot on screen is `CameraState.status.is_watching`."""
        self.viewers_changed = Hook[[int]]()
        """How many people are there."""
        self.observed = Hook[[Observation]]()
        """One camera picture was looked at: bars, cross-hair."""
        self.mirrored = Hook[[MirrorPicture]]()
        """A picture for the mirror, while it is on."""
        self.camera = CameraState(CameraStatus.OFF)
        """How the watching goes."""
        self.viewers = 0
        """How many people are there."""
        self._watcher = watcher
        self._controller = controller
        self._journal = journal
        self._settings = settings
        self._handover = Handover(_GLIDE_S)
        self._seen_s: float | None = None
        self._began_s = -math.inf
        self._has_watched = False
        self._told_s = -math.inf
        self._captures: bool | None = None
        self._mirrors = False
        player.beat.add(self._on_beat)

    def mirror(self, *, on: bool) -> None:
        """Ask for mirror pictures, or for no more; they cost time, so only while one is shown."""
        if on is not self._mirrors:
            self._mirrors = on
            self._watcher.say(Mirror(on))

    def adjust(self, settings: PerceptionSettings) -> None:
        """Use other settings from now on; off closes the camera."""
        if settings == self._settings:
            return
        self._settings = settings
        self._watcher.say(Adjust(settings))

    def _on_beat(self, now_s: float) -> None:
        captures = self._settings.enabled and self._controller.state is not FrameState.ASLEEP
        if captures is not self._captures:
            self._captures = captures
            self._watcher.say(Capture(captures))
        for report in self._watcher.poll():
            self._hear(report, now_s)
        if self._seen_s is None:
            return
        is_restarting = self.camera.status in {CameraStatus.LOST, CameraStatus.STARTING}
        linger_s = _RESTART_LINGER_S if is_restarting else _LINGER_S
        if now_s - max(self._seen_s, self._began_s) > linger_s or not self._captures:
            self._lose_viewer()
        elif self._handover.is_gliding:
            self._controller.viewer_moved(self._handover.eye_at(now_s))

    def _hear(self, report: Report, now_s: float) -> None:
        match report:
            case Observation():
                self._observe(report, now_s)
            case GestureMade():
                self._answer(report)
            case ViewersChanged():
                self._count(report.count)
            case CameraState():
                self._note_camera(report, now_s)
            case MirrorPicture():
                self.mirrored.fire(report)
            case _:  # heartbeats and remarks are the supervisor's
                pass

    def _observe(self, observation: Observation, now_s: float) -> None:
        self.observed.fire(observation)
        if observation.viewers == 0:
            if now_s - self._began_s > _SETTLE_S:
                self._lose_viewer()
            return
        if observation.eye is not None:
            self._handover.take(observation.viewer, EyePosition(*observation.eye), now_s)
            self._controller.viewer_moved(self._handover.eye_at(now_s))
        elif self._seen_s is None:
            self._controller.viewer_seen()
        self._seen_s = now_s

    def _answer(self, made: GestureMade) -> None:
        turn = _TURNS.get(made.gesture)
        if turn is None:
            self._controller.gesture_made(made.gesture.value)
        else:
            self._controller.turn(turn)

    def _lose_viewer(self) -> None:
        if self._seen_s is not None:
            self._seen_s = None
            self._handover.forget()
            self._controller.viewer_left()
        self._count(0)

    def _count(self, count: int) -> None:
        if count != self.viewers:
            self.viewers = count
            self._controller.viewers_counted(count)
            self.viewers_changed.fire(count)

    def _note_camera(self, state: CameraState, now_s: float) -> None:
        if state == self.camera:
            return
        if state.status is CameraStatus.RUNNING and self.camera.status is not CameraStatus.BLOCKED:
            self._began_s = now_s
        was, self.camera = self.camera.status, state
        ago_s = round(time.monotonic() - state.since_s, 4) if state.since_s else 0.0
        self._journal.write("camera", status=state.status.value, text=state.text, began_ago_s=ago_s)
        if state.status is CameraStatus.RUNNING:
            self._has_watched = True
        is_news = state.status is CameraStatus.ABSENT and state.text and was is not state.status
        # One that worked and is unplugged is missed by nobody before the wall: the dot goes, and
        # the panel says why. Watching that fails again and again is a fault, told now and then.
        is_fault = state.is_given_up or not self._has_watched
        if is_news and is_fault and now_s - self._told_s > _TOLD_AGAIN_S:
            self._told_s = now_s
            self._controller.notify(notices.no_camera(), state.text)
        self.camera_changed.fire(state)
