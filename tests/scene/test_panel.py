"""The settings panel, driven by keys, by the mouse and by touch, as somebody before it would."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from frame_app.cliplib.reader import open_library
from frame_app.config.lock import make_record
from frame_app.config.model import FrameSettings
from frame_app.perception.messages import CameraState, CameraStatus
from tests.fakes import synthetic_library as drawn
from tests.fakes.feed import FakeFeed, FakeRules
from tests.scene.conftest import Wall

_SIZE = (900, 640)
_PAGES = ("general", "portraits", "camera", "behaviours", "light", "diagnostics", "about")


class Visitor:
    """Uses the panel of a wall."""

    def __init__(self, wall: Wall) -> None:
        self.wall = wall
        self.panel = wall.panel
        wall.begin()

    def press(self, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(self.wall.window, key)
            self.live()

    def live(self, is_true: Callable[[], bool] = lambda: True, limit_s: float = 20.0) -> None:
        """Let beats pass, and the real time that loading takes."""
        deadline = time.monotonic() + limit_s
        while True:
            self.wall.step()
            self.wall.application.processEvents()
            if is_true():
                return
            if time.monotonic() > deadline:
                pytest.fail("waited too long")
            time.sleep(0.005)

    def open(self) -> None:
        self.panel.open()
        self.live(lambda: self.sheet() is not None)
        self.live(self._has_focus)

    def _has_focus(self) -> bool:
        """No window manager gives the focus to a new window here: it is asked for until it is."""
        if not self.wall.window.isActive():
            self.wall.window.requestActivate()
        return self.focused() is not None

    def sheet(self) -> QQuickItem | None:
        loader = self.wall.window.rootObject().findChild(QQuickItem, "sheet")
        return loader.childItems()[0] if loader is not None and loader.childItems() else None

    def focused(self) -> QQuickItem | None:
        sheet = self.sheet()
        item: QQuickItem | None = self.wall.window.activeFocusItem()
        return item if item and sheet is not None and sheet.isAncestorOf(item) else None

    def item(self, **properties: object) -> QQuickItem:
        """The one visible item with these properties."""
        sheet = self.sheet()
        assert sheet is not None
        for item in _all_items(sheet):
            if item.isVisible() and all(item.property(k) == v for k, v in properties.items()):
                return item
        pytest.fail(f"nothing with {properties}")

    def has(self, **properties: object) -> bool:
        sheet = self.sheet()
        return sheet is not None and any(
            item.isVisible() and all(item.property(k) == v for k, v in properties.items())
            for item in _all_items(sheet)
        )

    def click(self, item: QQuickItem) -> None:
        middle = item.mapToScene(item.boundingRect().center()).toPoint()
        QTest.mouseClick(self.wall.window, Qt.MouseButton.LeftButton, pos=middle)
        self.live()

    def go(self, page: str) -> None:
        self.panel.go(_PAGES.index(page))
        self.live(lambda: self.page() is not None)

    def page(self) -> QObject | None:
        sheet = self.sheet()
        found = [] if sheet is None else [i for i in _all_items(sheet) if "Page_" in _kind(i)]
        return found[0] if found else None


def _kind(item: QObject) -> str:
    return str(item.metaObject().className())


def _sign(item: QObject) -> str:
    return str(item.property("sign"))


def _all_items(item: QQuickItem) -> Iterator[QQuickItem]:
    yield item
    for child in item.childItems():
        yield from _all_items(child)


@pytest.fixture
def visit(application: QGuiApplication, shared_library: Path) -> Iterator[Callable[..., Visitor]]:
    walls: list[Wall] = []

    def make(library: Path = shared_library, **options: object) -> Visitor:
        settings = FrameSettings.model_validate({"panel": {"language": "en"}})
        wall = Wall(application, library, settings, _SIZE, **options)  # type: ignore[arg-type]
        walls.append(wall)
        return Visitor(wall)

    yield make
    for wall in walls:
        wall.close()


def test_before_it_is_opened_nothing_of_it_is_loaded(visit) -> None:
    visitor = visit()
    assert visitor.sheet() is None


def test_a_long_touch_opens_it_and_a_touch_beside_it_closes_it(visit) -> None:
    visitor = visit()
    window = visitor.wall.window
    middle = QPoint(_SIZE[0] // 2, _SIZE[1] // 2)
    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=middle)
    visitor.live(lambda: visitor.panel._is_open, 5.0)
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=middle)
    assert visitor.wall.controller.state == "settings"
    visitor.live(lambda: visitor.sheet() is not None)
    visitor.live(visitor._has_focus)
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=QPoint(_SIZE[0] - 5, 300))
    visitor.live(lambda: not visitor.panel._is_open)
    assert visitor.wall.controller.state == "idle"


def test_a_tap_into_the_corner_opens_it_and_one_elsewhere_does_not(visit) -> None:
    visitor = visit()
    window = visitor.wall.window
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    visitor.live()
    assert not visitor.panel._is_open
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=QPoint(_SIZE[0] - 20, 20))
    visitor.live(lambda: visitor.panel._is_open)


def test_a_swipe_turns_pages_by_mouse_and_by_touch_and_a_touch_is_heard(visit) -> None:
    visitor = visit()
    window = visitor.wall.window
    heard: list[bool] = []
    window.pointer_pressed.add(lambda: heard.append(True))
    turned: list[int] = []
    visitor.wall.controller.turn = turned.append
    left, right = QPoint(200, 300), QPoint(600, 310)

    def way(start: QPoint, end: QPoint) -> list[QPoint]:
        return [start + (end - start) * step / 8 for step in range(1, 9)]

    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=right)
    for point in way(right, left):
        QTest.mouseMove(window, point)
        visitor.live()
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=left)
    visitor.live()
    assert turned == [1]
    heard.clear()
    finger = QTest.createTouchDevice()
    QTest.touchEvent(window, finger).press(0, left, window)
    for point in way(left, right):
        QTest.touchEvent(window, finger).move(0, point, window)
        visitor.live()
    QTest.touchEvent(window, finger).release(0, right, window)
    visitor.live()
    assert turned == [1, -1]
    assert heard == [True]
    assert not visitor.panel._is_open


def test_a_finger_switches_slides_and_steps(visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.live(lambda: visitor.has(spoken="Badge “animated”"))
    window, finger = visitor.wall.window, QTest.createTouchDevice()

    def tap(item: QQuickItem) -> None:
        at = item.mapToScene(item.boundingRect().center()).toPoint()
        QTest.touchEvent(window, finger).press(0, at, window)
        visitor.live()
        QTest.touchEvent(window, finger).release(0, at, window)
        visitor.live()

    tap(visitor.item(spoken="Badge “animated”"))
    assert visitor.wall.settings.now.panel.shows_badge is False
    before = visitor.wall.settings.now.panel.text_size
    plus = [item for item in _all_items(visitor.item(spoken="Text size")) if _sign(item) == "+"]
    tap(plus[0])
    assert visitor.wall.settings.now.panel.text_size == pytest.approx(before + 0.02, abs=0.011)


def test_dragging_across_a_slider_scrolls_the_page_and_changes_nothing(visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.live(lambda: visitor.has(spoken="Text size"))
    page = visitor.page()
    slider = visitor.item(spoken="Text size")
    start = slider.mapToScene(QPointF(60.0, slider.height() / 2)).toPoint()
    before = visitor.wall.settings.now
    window = visitor.wall.window
    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 9):
        QTest.mouseMove(window, start - QPoint(0, 10 * step))
        visitor.live()
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=start - QPoint(0, 80))
    visitor.live()
    assert page.property("contentY") > 20.0
    assert visitor.wall.settings.now == before


def test_while_the_panel_is_open_the_portrait_stands_beside_it(visit) -> None:
    visitor = visit()
    visitor.wall.window.resize(1100, 600)
    visitor.open()
    sheet = visitor.wall.window.rootObject().findChild(QQuickItem, "sheet")
    view = visitor.wall.player._front.hanging.view
    free = sheet.property("free")

    def is_beside() -> bool:
        place = view.mapRectToItem(sheet, view.boundingRect())
        return bool(free.adjusted(-1, -1, 1, 1).contains(place))

    assert free.width() < 500.0
    visitor.live(is_beside, 5.0)
    visitor.panel.close()
    visitor.live(lambda: view.mapRectToItem(sheet, view.boundingRect()).width() > free.width(), 5.0)


def test_the_calibration_shows_a_cross_over_the_whole_picture_and_is_left_by_a_key(visit) -> None:
    feed = FakeFeed()
    visitor = visit(feed=feed)
    visitor.open()
    visitor.go("camera")
    feed.show()
    visitor.live(lambda: visitor.has(text="Show the cross"))
    visitor.panel.showCross(True)  # noqa: FBT003 - a slot
    visitor.live(lambda: visitor.has(text="Done"))
    visitor.live(lambda: not visitor.has(text="Show the cross"), 5.0)
    visitor.live(lambda: visitor.item(spoken="Width of the panel").property("activeFocus"))
    visitor.press(Qt.Key.Key_Right)
    assert visitor.wall.settings.now.window.screen_width_m == pytest.approx(0.51)
    visitor.press(Qt.Key.Key_Escape)
    visitor.live(lambda: visitor.has(text="Show the cross"))
    assert visitor.panel._is_open


def test_a_fault_of_the_behaviours_file_stands_on_their_page_until_it_is_mended(visit) -> None:
    rules = FakeRules()
    visitor = visit(rules=rules)
    visitor.open()
    visitor.go("behaviours")
    rules.fault = "behaviours.toml: line 12: behaviour 2 play: 'yawn' is no family"
    visitor.live(lambda: visitor.has(text=f"The behaviours stay as they were: {rules.fault}"))
    rules.fault = ""
    visitor.live(lambda: not visitor.has(text="The behaviours stay as they were: "))


def test_keys_alone_change_settings_walk_all_pages_and_close(visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.live(lambda: visitor.page() is not None)
    # Into the page: close button, then the first row, whose last choice is German.
    visitor.press(Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right)
    visitor.press(Qt.Key.Key_Space)
    assert visitor.wall.settings.now.panel.language == "de"
    visitor.live(lambda: visitor.has(text="Allgemein"))
    visitor.press(Qt.Key.Key_Escape)
    seen = []
    for _ in _PAGES:
        visitor.live(lambda: visitor.page() is not None)
        seen.append(visitor.panel._read_pages()[visitor.panel._page]["name"])
        visitor.press(Qt.Key.Key_Down)
    assert tuple(seen) == _PAGES
    visitor.press(Qt.Key.Key_Escape)
    assert not visitor.panel._is_open


def test_sliders_and_switches_follow_mouse_and_keys_at_once(visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.live(lambda: visitor.page() is not None)
    visitor.live(lambda: visitor.has(spoken="Text size"))
    visitor.live(lambda: visitor.has(spoken="Badge “animated”"))
    visitor.click(visitor.item(spoken="Badge “animated”"))
    assert visitor.wall.settings.now.panel.shows_badge is False
    slider = visitor.item(spoken="Text size")
    visitor.click(slider)
    assert visitor.wall.settings.now.panel.text_size != 1.0
    before = visitor.wall.settings.now.panel.text_size
    visitor.press(Qt.Key.Key_Left)
    assert visitor.wall.settings.now.panel.text_size < before


def test_the_last_touch_counts_for_closing_by_itself(visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.wall.watch.advance(80.0)
    visitor.press(Qt.Key.Key_Down)
    visitor.wall.watch.advance(80.0)
    visitor.live()
    assert visitor.panel._is_open
    visitor.wall.watch.advance(20.0)
    visitor.live(lambda: not visitor.panel._is_open)


def test_the_pin_is_asked_for_and_wrong_ones_make_wait(visit) -> None:
    visitor = visit()
    visitor.wall.lock.set(make_record("2580"))
    visitor.open()
    assert visitor.panel._is_locked
    for _ in range(3):
        visitor.press(*(4 * [Qt.Key.Key_0]), Qt.Key.Key_Return)
        visitor.live(lambda: not visitor.panel._is_checking)
    visitor.live(lambda: visitor.panel._wait_s == 5)
    visitor.press(Qt.Key.Key_2, Qt.Key.Key_5, Qt.Key.Key_8, Qt.Key.Key_0, Qt.Key.Key_Return)
    assert visitor.panel._is_locked
    visitor.wall.watch.advance(5.0)
    visitor.live(lambda: visitor.panel._wait_s == 0)
    visitor.press(Qt.Key.Key_2, Qt.Key.Key_5, Qt.Key.Key_8, Qt.Key.Key_0, Qt.Key.Key_Return)
    visitor.live(lambda: not visitor.panel._is_locked)
    visitor.live(lambda: visitor.page() is not None)


def test_a_portrait_is_taken_down_moved_and_its_clip_plays_behind_the_panel(visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.go("portraits")
    visitor.live(lambda: visitor.has(spoken="Delete"))
    visitor.click(visitor.item(spoken="Later"))
    assert visitor.wall.arrangement.now.order == ("berta", "anna")
    visitor.live(lambda: visitor.has(text="Smile"))
    visitor.click(visitor.item(text="Smile"))
    visitor.live(lambda: visitor.wall.player.performer.front_name == "smile")
    visitor.click(visitor.item(spoken="Take down"))
    assert visitor.wall.arrangement.now.off == ("anna",)


def test_a_deleted_portrait_can_be_taken_back_and_is_gone_after_a_while(visit, tmp_path) -> None:
    drawn.make_library(tmp_path, ("anna", "berta"))
    visitor = visit(tmp_path)
    visitor.open()
    visitor.go("portraits")
    visitor.live(lambda: visitor.has(spoken="Delete"))
    visitor.click(visitor.item(spoken="Delete"))
    visitor.live(lambda: visitor.has(text="Undo"))
    visitor.click(visitor.item(text="Undo"))
    assert visitor.wall.arrangement.now.off == ()
    visitor.click(visitor.item(spoken="Delete"))
    visitor.wall.watch.advance(15.0)
    visitor.live(lambda: len(visitor.wall.controller.portraits) == 1)
    with open_library(tmp_path) as library:
        assert [entry.id for entry in library.entries] == ["berta"]


def test_the_camera_page_mirrors_only_while_it_is_looked_at(visit) -> None:
    feed = FakeFeed()
    visitor = visit(feed=feed)
    visitor.open()
    visitor.go("camera")
    feed.show()
    visitor.live(lambda: visitor.has(text="Eyes 0.80 m away"))
    visitor.live(lambda: visitor.has(text="One visitor"))
    visitor.click(visitor.item(spoken="Close"))
    assert feed.mirrors == [True, False]


def test_without_a_camera_the_page_says_so(visit) -> None:
    visitor = visit()
    visitor.open()
    visitor.go("camera")
    visitor.live(lambda: visitor.has(text="There is no camera"))


def test_a_black_or_frozen_picture_is_explained_below_the_mirror(visit) -> None:
    feed = FakeFeed()
    feed.camera = CameraState(CameraStatus.BLOCKED)
    visitor = visit(feed=feed)
    visitor.open()
    visitor.go("camera")
    feed.show()
    visitor.live(lambda: visitor.has(text="The picture is black or stands still"))
    assert not visitor.has(text="One visitor")


def test_a_rule_is_switched_off_and_made_rarer(visit) -> None:
    rules = FakeRules()
    visitor = visit(rules=rules)
    visitor.open()
    visitor.go("behaviours")
    visitor.live(lambda: visitor.has(spoken="Smiles back"))
    visitor.click(visitor.item(spoken="Smiles back"))
    visitor.click(visitor.item(spoken="Adjust"))
    visitor.live(lambda: visitor.has(spoken="How often"))
    visitor.item(spoken="How often").forceActiveFocus()
    visitor.press(Qt.Key.Key_Left)
    rule = rules.rules()[0]
    assert (rule.on, rule.probability) == (False, 0.75)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("size", [(1000, 560), (560, 1000)])
def test_every_page_loads_without_a_word_of_complaint(
    visit, size: tuple[int, int], language: str
) -> None:
    visitor = visit(feed=FakeFeed(), rules=FakeRules())
    visitor.wall.settings.change("panel", "language", language)
    visitor.wall.window.resize(*size)
    visitor.open()
    for page in _PAGES:
        visitor.go(page)
        assert visitor.wall.step().mean() > 5.0
