"""The player's scene on a virtual screen, moved picture by picture by a clock of our own."""

import functools
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QGuiApplication, QImage

from frame_app.base.logs import RecentLog
from frame_app.base.paths import shipped
from frame_app.config.arrangement import Arrangement
from frame_app.config.behaviours import load_behaviours
from frame_app.config.live import LiveSettings
from frame_app.config.lock import PinLock
from frame_app.config.model import FrameSettings
from frame_app.show.lanes import ClipLane
from frame_app.show.shelf import Shelf
from frame_app.states.reactions import Reactions
from frame_app.ui.controller import FrameController, Parts
from frame_app.ui.engine import make_window, take_down, views_of
from frame_app.ui.errands import Errands
from frame_app.ui.language import Language
from frame_app.ui.panel_camera import Feed
from frame_app.ui.panel_parts import PanelParts
from frame_app.ui.panel_rules import Rules
from frame_app.ui.panel_window import hang_panel
from frame_app.ui.player import Player, Stage
from tests.fakes import synthetic_library
from tests.fakes.clock import ListJournal, ManualClock, ManualWallClock
from tests.fakes.virtual_screen import screen_environment, virtual_screen

Pixels = npt.NDArray[np.uint8]
SCALE = 1.0
WIDTH, HEIGHT = int(synthetic_library.WIDTH * SCALE), int(synthetic_library.HEIGHT * SCALE)
BEAT_S = 1.0 / 30.0
PLAIN = {
    "window": {"strength": 0.0},
    "motion": {"breathing": 0.0},
    "light": {"on": False},
    "picture": {"burn_in_shift": 0.0},
}
"""Settings under which a place of the canvas has its place on screen, to the pixel."""


@pytest.fixture(scope="session")
def application() -> Iterator[QGuiApplication]:
    with virtual_screen() as display:
        before = dict(os.environ)
        os.environ.update(screen_environment(display), QSG_RENDER_LOOP="basic")
        application = QGuiApplication([])
        yield application
        application.shutdown()  # before its screen goes
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def shared_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two portraits; tests must not change it."""
    root = tmp_path_factory.mktemp("library")
    synthetic_library.make_library(root, ("anna", "berta"))
    return root


class Wall:
    """A player whose time is moved by hand."""

    def __init__(
        self,
        application: QGuiApplication,
        library: Path,
        settings: FrameSettings,
        size: tuple[int, int] = (WIDTH, HEIGHT),
        feed: Feed | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.application = application
        self.clock = ManualClock()
        self.wall = ManualWallClock()
        self.watch = ManualClock()  # the panel's own: minutes that no clip has to play through
        self.journal = ListJournal()
        self.settings = live = LiveSettings(settings)
        self.arrangement = Arrangement(Path(), lambda _path, _data: None)
        self.shelf = Shelf(
            library, shipped("assets", "fallback", "fallback.jpg"), settings.decoding, 0.05
        )
        self.shelf.start()
        self.window = make_window()
        rng = random.Random(4)  # noqa: S311 - the same moods in each run
        stage = Stage(
            self.window,
            views_of(self.window),
            self.clock,
            self.journal,
            live,
            rng,
            self.clock.now_s(),
            self.wall,
        )
        self.player = Player(stage, self.window)
        behaviours = load_behaviours(shipped("config", "behaviours.toml"))
        self.controller = FrameController(
            Parts(
                self.player,
                self.shelf,
                Reactions(behaviours, rng),
                live,
                self.clock,
                self.journal,
                rng,
                self.arrangement,
                self.wall,
            )
        )
        self.notices: list[str] = []
        self.controller.notice_changed.add(self.notices.append)
        self.errands = Errands()
        self.language = Language(live)
        self.lock = PinLock(Path(), lambda _path, _data: None)
        self.panel = hang_panel(
            self.window,
            PanelParts(
                library, live, self.arrangement, self.lock, self.language, self.watch,
                self.player, self.controller, self.errands, RecentLog(), feed, rules,
            ),
        )  # fmt: skip
        self.window.resize(*size)
        self.window.show()
        self.wait(self.window.isExposed)

    def wait(self, is_true: Callable[[], bool], limit_s: float = 20.0) -> None:
        """Let the real world go on until something is so."""
        deadline = time.monotonic() + limit_s
        while not is_true():
            if time.monotonic() > deadline:
                pytest.fail("waited too long")
            self.application.processEvents()
            time.sleep(0.002)

    def step(self) -> Pixels:
        """One beat later: what is on screen. Waits for decoders, so that load does not matter."""
        self._await_decoders()
        self.player._draw(self.clock.advance(BEAT_S))
        picture = self.grab()
        self.player._on_swapped()
        return picture

    def steps(self, count: int) -> list[Pixels]:
        return [self.step() for _ in range(count)]

    def step_until(self, is_true: Callable[[], bool], limit: int = 600) -> Pixels:
        for _ in range(limit):
            picture = self.step()
            if is_true():
                return picture
            time.sleep(0.002)
        pytest.fail("it did not come")

    def begin(self) -> Pixels:
        """Until a portrait is on screen with everything decoded."""
        self.step_until(lambda: self.player.portrait is not None)
        portrait = self.player.portrait
        assert portrait is not None
        clips = portrait.manifest.clips
        self.wait(lambda: len(portrait.heads) + len(portrait.broken) == len(clips))
        return self.step()

    def grab(self) -> Pixels:
        image = self.window.grabWindow().convertToFormat(QImage.Format.Format_RGB888)
        flat = np.frombuffer(image.constBits(), np.uint8)
        rows = flat.reshape(image.height(), image.bytesPerLine())[:, : image.width() * 3]
        return rows.reshape(image.height(), image.width(), 3).copy()

    def code(self, picture: Pixels) -> tuple[int, int] | None:
        return synthetic_library.read_code(picture, 0.0, 0.0, SCALE)

    def _await_decoders(self) -> None:
        performer = self.player.performer
        if performer is None:
            return
        entries = [entry.lane for entry in (performer._entry, performer._queued) if entry]
        for lane in (performer._front, *entries):
            if isinstance(lane, ClipLane):
                due = min(lane._due(self.clock.now_s() + BEAT_S), lane._run.stop - 1)
                self.wait(functools.partial(lane._stream.reaches, due))
                if lane._next is not None:
                    run, following = lane._next
                    self.wait(functools.partial(following.reaches, run.start))

    def close(self) -> None:
        self.language.close()
        self.errands.close()
        self.player.stop()
        assert self.player.join(5.0)
        self.shelf.close()
        assert self.shelf.join(5.0)
        take_down(self.application, self.window)


@pytest.fixture
def make_wall(application: QGuiApplication) -> Iterator[Callable[..., Wall]]:
    walls: list[Wall] = []

    def make(library: Path, /, **tables: dict[str, object]) -> Wall:
        wall = Wall(
            application,
            library,
            FrameSettings.model_validate({"light": {"on": False}, **(tables or PLAIN)}),
        )
        walls.append(wall)
        return wall

    yield make
    for wall in walls:
        wall.close()
