"""What is on screen: two hangings, the performers that play in them, and the beat.

The player knows pictures, not behaviours: the controller tells it what to do and is told what came
of it. All of it runs on the UI thread and never waits for a disk or a decoder.
"""

import logging
import math
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor
from PySide6.QtQuick import QQuickItem, QQuickWindow

from frame_app.base.hooks import Hook
from frame_app.cliplib.schema import Manifest, Parallax
from frame_app.config.live import LiveSettings
from frame_app.config.model import FrameSettings
from frame_app.show.clock import Clock, SystemWallClock, WallClock
from frame_app.show.counters import FrameCounters, Second
from frame_app.show.daylight import orbit
from frame_app.show.journal import Journal
from frame_app.show.lamp import Lamp, Lighting
from frame_app.show.performer import Performer, Started
from frame_app.show.portrait import Panel, Portrait
from frame_app.show.timeline import Vec2, approach, breath, drift, smoothstep
from frame_app.show.window import EyeFollower, EyePosition, gaze_of, shift_of
from frame_app.ui.hanging import Hanging
from frame_app.ui.pacer import Pacer
from frame_app.ui.textures import TextureStore

log = logging.getLogger(__name__)

_SOFTWARE_RATE_HZ = 30.0
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swr")
_REST = EyePosition(0.0, 0.0, 1.0)
_DRIFT_M = 0.35  # how far aside the wandering eye goes at full drift, one metre away
_BREATH_EASING_S = 1.0
_STEP_S = 0.1  # from one picture to the next, at most: what changes waits for a held-up machine
_WALL_S = 1.0  # between two looks at the wall clock


@dataclass(slots=True)
class _Act:
    """A portrait on the wall with what plays in it."""

    hanging: Hanging
    performer: Performer
    presence: float = 0.0
    breathing: float = 0.0
    is_new: bool = True
    """No actor was seen yet: the first one needs no dissolve, its first picture is the still."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a player is given: window, views, and the outside world."""

    window: QQuickWindow
    views: tuple[QQuickItem, QQuickItem]
    clock: Clock
    journal: Journal
    settings: LiveSettings
    rng: random.Random
    start_s: float
    """When the program was started, by `clock`."""
    wall: WallClock = field(default_factory=SystemWallClock)


class Player(QObject):
    """Draws the portrait in front, dissolves to another one, counts frames."""

    def __init__(self, stage: Stage, parent: QObject) -> None:
        super().__init__(parent)
        self.beat = Hook[[float]]()
        """Before each picture, with its time: what the world brought may be taken in."""
        self.finished = Hook[[]]()
        """The lane in front is over and nothing follows."""
        self.broke = Hook[[str]]()
        """A clip could not be played on, and why."""
        self.first_shown = Hook[[]]()
        """The first picture of a portrait is on screen."""
        self.counted = Hook[[Second]]()
        """What was drawn in the last second."""
        self.lit = Hook[[float]]()
        """How bright the picture is, 0..1; what lies over it is to be no brighter."""
        self.presented = Hook[[]]()
        """A picture is on screen."""
        self._stage = stage
        self._store = TextureStore(stage.window)
        self._spare = [Hanging(view, self._store) for view in stage.views]
        self._front: _Act | None = None
        self._leaving: _Act | None = None
        self._dissolve_since_s = 0.0
        self._retired: list[Portrait] = []
        self._eye = EyeFollower(_REST, stage.settings.now.window.easing_s)
        self._viewer: EyePosition | None = None
        self._lamp = Lamp()
        self._lighting = Lighting(1.0, 1.0, 1.0, 0.0)
        self._minute = 0.0
        self._minute_s = -math.inf
        self._rests_in_the_dark = False
        self._mat_shown = ("", -1.0, -1.0, -1.0)
        self._last_s: float | None = None
        self._python_ms = 0.0
        self._counters = FrameCounters()
        self._drawn: tuple[float, tuple[str, int], float, int] | None = None
        self._awaited: list[Started] = []
        self._has_shown = False
        self._swaps: deque[float] = deque(maxlen=64)
        self._has_moved = False
        self.driver = ""
        """What draws: the graphics chip, or a software renderer."""
        self._is_software = False  # until the first picture tells
        self._pacer = Pacer(stage.clock, self._wanted_rate(), self._draw, self)
        stage.settings.changed.add(self._adopt)
        stage.window.frameSwapped.connect(self._on_swapped, Qt.ConnectionType.DirectConnection)

    @property
    def clock(self) -> Clock:
        """By which it plays."""
        return self._stage.clock

    @property
    def portrait(self) -> Portrait | None:
        """The portrait in front."""
        return None if self._front is None else self._front.performer.portrait

    @property
    def performer(self) -> Performer | None:
        """What plays in front."""
        return None if self._front is None else self._front.performer

    @property
    def panel(self) -> Panel:
        """The window in device pixels, as the picture is turned."""
        window = self._stage.window
        ratio = window.devicePixelRatio()
        width, height = round(window.width() * ratio), round(window.height() * ratio)
        if self._stage.settings.now.picture.turn % 180:
            width, height = height, width
        return Panel(max(2, width), max(2, height))

    @property
    def pixel_ratio(self) -> float:
        """Device pixels per pixel of the scene."""
        return self._stage.window.devicePixelRatio()

    @property
    def screen_size_m(self) -> tuple[float, float]:
        """The panel in metres, width and height."""
        width = self._stage.settings.now.window.screen_width_m
        panel = self.panel
        return width, width * panel.height / panel.width

    @property
    def is_dark(self) -> bool:
        """Asleep, and what is on screen is black."""
        return self._has_shown and self._lamp.is_dark

    @property
    def is_dissolving(self) -> bool:
        """A portrait is on its way in."""
        return self._leaving is not None

    def start(self) -> None:
        """Begin to draw."""
        self._pacer.start()

    def stop(self) -> None:
        """Draw no more and let go of all portraits; their threads end soon after."""
        self._pacer.stop()
        for act in (self._front, self._leaving):
            if act is not None:
                self._close(act)

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads of what was stopped; False if one still runs."""
        return all(portrait.join(timeout_s) for portrait in self._retired)

    def hang(self, portrait: Portrait) -> None:
        """Bring a portrait to the front, dissolving over the one that is there."""
        if not self._spare:
            msg = "a portrait is on its way in; see is_dissolving"
            raise RuntimeError(msg)
        hanging = self._spare.pop()
        settings = self._stage.settings.now
        hanging.hang(portrait, self.panel, settings)
        while self._front is None and not hanging.is_ready:
            hanging.upload_next()  # nothing is on screen that could be held up
        if self._front is None:
            self._rehearse(hanging, on=True)
        performer = Performer(portrait, settings.motion, self._stage.rng, self.gaze_goal)
        self._leaving = self._front
        self._front = _Act(hanging, performer)
        self._dissolve_since_s = self._stage.clock.now_s()
        hanging.view.setZ(1.0)
        hanging.view.setOpacity(0.0 if self._leaving else 1.0)
        hanging.view.setVisible(True)
        if self._leaving is not None:
            self._leaving.hanging.view.setZ(0.0)

    def _rehearse(self, hanging: Hanging, *, on: bool) -> None:
        if self._spare and not self._has_shown:
            hanging.rehearse(self._spare[-1], on=on)

    def see(self, eye: EyePosition | None) -> None:
        """Where the viewer's eye is; None if nobody is there."""
        self._viewer = eye

    def sleep(self, *, asleep: bool, at_once: bool = False) -> None:
        """Doze off and then grow dark, `at_once` without being seen; or grow light again."""
        self._lamp.sleep(self._stage.clock.now_s(), asleep=asleep, at_once=at_once)

    def lay_out(self) -> None:
        """The window has another size."""
        for act in (self._front, self._leaving):
            if act is not None:
                act.hanging.lay_out(self.panel, self._stage.settings.now)

    def _adopt(self, _before: FrameSettings) -> None:
        """What is not read afresh for each picture follows other settings."""
        settings = self._stage.settings.now
        self._eye.ease(settings.window.easing_s)
        self._pacer.set_rate(self._wanted_rate())
        for act in (self._front, self._leaving):
            if act is not None:
                act.performer.adopt(settings.motion)
                act.hanging.lay_out(self.panel, settings)

    def gaze_goal(self) -> Vec2:
        """Yaw and pitch from the portrait's eyes to the viewer, in degrees."""
        portrait = self.portrait
        if self._viewer is None or portrait is None:
            return Vec2(0.0, 0.0)
        return gaze_of(self._viewer, self._eyes_on_glass(portrait.manifest))

    def _eyes_on_glass(self, manifest: Manifest) -> Vec2:
        """Where the portrait's eyes are, metres from the middle of the panel, y up."""
        if manifest.eyes is None or self._front is None:
            return Vec2(0.0, 0.0)
        x, y = self._front.hanging.place(
            0.5 * (manifest.eyes.left.x + manifest.eyes.right.x) / manifest.canvas.width,
            0.5 * (manifest.eyes.left.y + manifest.eyes.right.y) / manifest.canvas.height,
        )
        width_m, height_m = self.screen_size_m
        return Vec2((x - 0.5) * width_m, (0.5 - y) * height_m)

    def _wanted_rate(self) -> float:
        refresh_hz = self._stage.window.screen().refreshRate()
        rate_hz = min(refresh_hz or 60.0, self._stage.settings.now.picture.max_rate_hz)
        return min(rate_hz, _SOFTWARE_RATE_HZ) if self._is_software else rate_hz

    def _draw(self, now_s: float) -> None:
        """Put together the picture of `now_s`."""
        began = time.thread_time()
        self.beat.fire(now_s)
        elapsed_s = 0.0 if self._last_s is None else max(0.0, now_s - self._last_s)
        self._last_s = now_s
        if self.is_dark:
            self._rest()
            return
        self._rests_in_the_dark = False
        self._dissolve(now_s, elapsed_s)
        elapsed_s = min(elapsed_s, _STEP_S)
        shift = self._look_through(now_s, elapsed_s)
        self._lighting = self._lamp.step(
            now_s, elapsed_s, self._stage.settings.now, self._minute_of_day(now_s)
        )
        for act in (self._leaving, self._front):
            if act is not None and not act.hanging.is_still:
                self._play(act, now_s, elapsed_s, shift(act.performer.portrait.manifest.parallax))
        self._light_mat()
        self._count(now_s)
        self._python_ms += (time.thread_time() - began) * 1000.0

    def _rest(self) -> None:
        """Nothing is to be seen: decoders stop, and nothing is drawn until somebody wakes."""
        if not self._rests_in_the_dark:
            self._rests_in_the_dark = True
            self._counters.rest()
            for act in (self._leaving, self._front):
                if act is not None:
                    act.performer.rest(act.performer.pose)

    def _minute_of_day(self, now_s: float) -> float:
        """By the wall clock, read once a second."""
        if now_s - self._minute_s >= _WALL_S:
            self._minute_s = now_s
            for act in (self._front, self._leaving):
                if act is not None:
                    act.hanging.circle(orbit(now_s))
            wall = self._stage.wall.now()
            self._minute = wall.hour * 60.0 + wall.minute + wall.second / 60.0
        return self._minute

    def _play(self, act: _Act, now_s: float, elapsed_s: float, shift: Vec2) -> None:
        performer = act.performer
        picture = performer.advance(now_s)
        step = elapsed_s * 30.0 / self._stage.settings.now.motion.dissolve_frames
        has_actor = performer.front_name != ""
        if not has_actor:
            act.presence = approach(act.presence, 0.0, step)
        elif picture.slots != (None, None):
            act.presence = approach(act.presence, 1.0, 1.0 if act.is_new else step)
            act.is_new = False
        breathes = 1.0 if picture.breathes or not has_actor else 0.0
        act.breathing = approach(act.breathing, breathes, elapsed_s / _BREATH_EASING_S)
        depth = smoothstep(act.breathing) * breath(now_s)
        if act.hanging.show_actors(picture, act.presence):
            self._stage.window.update()  # a texture's contents are no property: Qt cannot know
        act.hanging.show_viewpoint(shift, depth, self._lighting)
        if act is self._front:
            self._report(act)

    def _report(self, act: _Act) -> None:
        performer = act.performer
        self._awaited.extend(performer.take_started())
        if problem := performer.take_problem():
            self.broke.fire(problem)
        if performer.is_finished:
            self.finished.fire()

    def _light_mat(self) -> None:
        """The window's own colour, which lies around the portraits, as bright as they are."""
        shown = (self._stage.settings.now.picture.mat, *self._lighting[:3])
        if shown != self._mat_shown:
            self._mat_shown = shown
            mat, red, green, blue = QColor(shown[0]), *shown[1:]
            self.lit.fire(max(red, green, blue))
            self._stage.window.setColor(
                QColor.fromRgbF(mat.redF() * red, mat.greenF() * green, mat.blueF() * blue)
            )

    def _look_through(self, now_s: float, elapsed_s: float) -> Callable[[Parallax], Vec2]:
        """Move the eye; returns what it means for a scene."""
        window = self._stage.settings.now.window
        goal = self._viewer
        if goal is None:
            way = drift(now_s)
            reach = _DRIFT_M * window.drift
            goal = EyePosition(way.x * reach, way.y * reach, 1.0)
        eye = self._eye.step(goal, elapsed_s)
        return lambda parallax: shift_of(eye, parallax, window.strength)

    def _dissolve(self, now_s: float, elapsed_s: float) -> None:
        if self._leaving is None or self._front is None:
            return
        if not self._front.hanging.is_ready:
            self._front.hanging.upload_next()
            self._dissolve_since_s = now_s
            return
        if self._is_software and not self._leaving.hanging.is_still:
            self._leaving.hanging.hold_still(still=True)  # not sooner: it lives until it fades
        late_s = elapsed_s - _STEP_S
        if late_s > 0.0:
            self._dissolve_since_s = min(now_s, self._dissolve_since_s + late_s)
        length_s = self._stage.settings.now.library.dissolve_s
        share = (now_s - self._dissolve_since_s) / length_s
        self._front.hanging.view.setOpacity(smoothstep(share))
        if not self._front.hanging.covers(self._leaving.hanging):
            # What the new portrait will not cover gives way to the mat, late, or it would shine
            # through both while they are half there.
            self._leaving.hanging.view.setOpacity(1.0 - smoothstep(2.0 * share - 1.0))
        if share >= 1.0:
            self._retire()

    def _retire(self) -> None:
        """The old portrait is covered: take it down."""
        if self._leaving is None:
            return
        act, self._leaving = self._leaving, None
        self._close(act)
        act.hanging.view.setVisible(False)
        act.hanging.hold_still(still=False)
        act.hanging.portrait = None
        self._spare.append(act.hanging)

    def _close(self, act: _Act) -> None:
        """Ask all threads of a portrait to end, and remember it until they have."""
        act.performer.close()
        act.performer.portrait.close()
        self._retired = [old for old in self._retired if not old.join(0.0)]
        self._retired.append(act.performer.portrait)

    def _count(self, now_s: float) -> None:
        if self._front is None:
            return
        performer = self._front.performer
        self._drawn = (now_s, performer.frame, performer.fps, performer.late_frames)
        second = self._counters.take(now_s)
        if second is not None:
            self.counted.fire(second)
            self._stage.journal.write(
                "frames",
                clip=performer.front_name,
                seconds=round(second.seconds, 3),
                due=second.due,
                shown=second.shown,
                dropped=second.dropped,
                repeated=second.repeated,
                drawn=second.drawn,
                python_p50_ms=round(second.python_p50_ms, 3),
                python_p99_ms=round(second.python_p99_ms, 3),
                longest_ms=round(second.longest_ms, 1),
            )

    def _on_swapped(self) -> None:
        """A picture was presented."""
        began = time.thread_time()
        now_s = self._stage.clock.now_s()
        self._swaps.append(now_s)
        if self._drawn is not None:  # counted when it is seen, not when it is put together
            self._counters.tick(*self._drawn)
            self._drawn = None
        self.presented.fire()
        if self._front is not None:
            self._announce(now_s)
        here_ms = (time.thread_time() - began) * 1000.0
        self._counters.drawn(now_s, self._python_ms + self._store.take_python_ms() + here_ms)
        self._python_ms = 0.0

    def _announce(self, now_s: float) -> None:
        start_s = self._stage.start_s
        if self._front is not None:
            self._rehearse(self._front.hanging, on=False)
        if not self._has_shown:
            self._has_shown = True
            self._settle_rate()
            self._stage.journal.write("picture", since_start_s=round(now_s - start_s, 3))
            self.first_shown.fire()
        for started in self._awaited:
            if not self._has_moved:
                self._has_moved = True
                self._stage.journal.write("start", first_moving_s=round(now_s - start_s, 3))
            self._stage.journal.write(
                "clip",
                name=started.name,
                decided_t=round(started.decided_s - start_s, 4),
                shown_t=round(now_s - start_s, 4),
                frames=sum(swap_s > started.decided_s for swap_s in self._swaps),
            )
        self._awaited.clear()

    def _settle_rate(self) -> None:
        """Software rendering gets half the rate of a GPU: the processor has clips to decode."""
        driver = self._stage.window.rhi().driverInfo()  # kept: its name dies with it
        name = bytes(driver.deviceName.data()).decode()
        self._is_software = any(word in name.lower() for word in _SOFTWARE)
        self._pacer.set_rate(self._wanted_rate())
        self.driver = name
        log.info("drawing by %s, %.0f pictures a second", name, 1.0 / self._pacer.period_s)
