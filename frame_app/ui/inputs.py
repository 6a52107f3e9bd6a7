"""Keys and the pointer, as gestures and as the viewer, until a camera is there."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtQuick import QQuickItem

from frame_app.base.hooks import Hook
from frame_app.config.live import LiveSettings
from frame_app.show.clock import Clock
from frame_app.show.window import EyePosition
from frame_app.states.vocabulary import FrameState
from frame_app.ui.controller import FrameController
from frame_app.ui.engine import FrameWindow, quit_loop
from frame_app.ui.night import Night
from frame_app.ui.player import Player

_TURNS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
_FIXED = (
    *("Left, Right", "previous, next portrait", "Space", "pause", "M, F1", "settings"),
    *("Z", "sleep, wake", "?", "this list", "Esc, Q", "leave"),
)


_REACH = 2.0
"""How far beyond the panel's edge the pointer at its edge stands: people walk past, not along."""


class Inputs:
    """Translates keys and pointer for the controller; UI thread."""

    def __init__(
        self,
        controller: FrameController,
        player: Player,
        settings: LiveSettings,
        clock: Clock,
        gestures: Callable[[], dict[str, str]],
        night: Night,
    ) -> None:
        self.menu_wanted = Hook[[]]()
        """Somebody wants the settings panel."""
        self._controller = controller
        self._player = player
        self._settings = settings
        self._clock = clock
        self._gestures = gestures
        self._night = night
        self._moved_s: float | None = None
        self._is_watched: Callable[[], bool] = lambda: False
        self._root: QQuickItem | None = None
        player.beat.add(self._on_beat)

    def connect_window(self, window: FrameWindow, *, has_pointer: bool) -> None:
        """Listen to a window; without its pointer where a script is the viewer."""
        self._root = root = window.rootObject()
        root.setProperty("keyEntries", self.key_entries())
        self._controller.notice_changed.add(lambda text: root.setProperty("noticeText", text))
        self._player.lit.add(lambda light: root.setProperty("light", light))
        window.key_pressed.add(self.press)
        window.pointer_pressed.add(self._night.stir)
        # Whoever uses the settings at night is not sent to sleep by closing them.
        window.touched.add(lambda: self._night.stir() if window.has_panel else None)
        window.resized.add(self._player.lay_out)
        self._settings.changed.add(lambda _: self._turn())
        self._turn()
        window.closed.add(quit_loop)
        if has_pointer:
            window.pointer_moved.add(self.point)
            window.pointer_left.add(self.leave)

    def yield_to(self, is_watched: Callable[[], bool]) -> None:
        """The pointer is no viewer while this says that a camera watches."""
        self._is_watched = is_watched

    def _turn(self) -> None:
        if self._root is not None:
            self._root.setProperty("turn", self._settings.now.picture.turn)

    def press(self, key: int, text: str) -> None:
        """A key went down."""
        if key in {Qt.Key.Key_Escape, Qt.Key.Key_Q}:
            quit_loop()
        elif self._controller.state is FrameState.ASLEEP:
            self._night.stir()
        elif text.lower() == "z":
            self._night.toggle()
        elif text == " ":
            self._controller.pause(on=not self._controller.is_paused)
        elif key in _TURNS:
            self._controller.turn(_TURNS[Qt.Key(key)])
        elif text == "?":
            self._toggle_help()
        elif key == Qt.Key.Key_F1 or text.lower() == "m":
            self.menu_wanted.fire()
        elif gesture := self._gestures().get(text.lower()):
            self._controller.gesture_made(gesture)

    def point(self, x: float, y: float) -> None:
        """The pointer is at this place of the window, 0..1 from the top left."""
        if self._is_watched():
            self._moved_s = None
            return
        self._moved_s = self._clock.now_s()
        width_m, height_m = self._player.screen_size_m
        x, y = _turned(x, y, self._settings.now.picture.turn)
        self._controller.viewer_moved(
            EyePosition(
                (x - 0.5) * width_m * _REACH,
                (0.5 - y) * height_m * _REACH,
                self._settings.now.window.pointer_distance_m,
            )
        )

    def leave(self) -> None:
        """The pointer is outside of the window."""
        if self._moved_s is not None:
            self._moved_s = None
            self._controller.viewer_left()

    def key_entries(self) -> list[str]:
        """Key and meaning in turn, for the list."""
        gestures = [
            word
            for key, gesture in self._gestures().items()
            for word in (key.upper(), gesture.replace("_", " "))
        ]
        return [*gestures, *_FIXED]

    def _toggle_help(self) -> None:
        if self._root is not None:
            self._root.setProperty("showsKeys", not self._root.property("showsKeys"))

    def _on_beat(self, now_s: float) -> None:
        """A pointer that rests for long has been left behind."""
        stays_s = self._settings.now.window.pointer_stays_s
        if self._moved_s is not None and now_s - self._moved_s > stays_s:
            self.leave()


def _turned(x: float, y: float, degrees: int) -> tuple[float, float]:
    """A place of the window as a place of the picture that is turned clockwise in it."""
    match degrees:
        case 90:
            return y, 1.0 - x
        case 180:
            return 1.0 - x, 1.0 - y
        case 270:
            return 1.0 - y, x
        case _:
            return x, y
