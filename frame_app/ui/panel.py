"""The settings panel as QML sees it: open or closed, locked or not, its pages.

Holds no settings: rows read and change `LiveSettings`, portraits the arrangement, and so on. Lives
on the UI thread; everything that waits for a disk or a hash goes through `Errands`.
"""

import math

from PySide6.QtCore import Property, QCoreApplication, QObject, QUrl, Signal, Slot

from frame_app.base.hooks import Hook
from frame_app.base.paths import shipped
from frame_app.config.lock import DIGITS, PinRecord, make_record
from frame_app.config.model import FrameSettings
from frame_app.states.vocabulary import FrameState
from frame_app.ui.panel_camera import CameraPage, MirrorImages
from frame_app.ui.panel_facts import FactsPage
from frame_app.ui.panel_parts import PanelParts
from frame_app.ui.panel_portraits import PortraitsPage
from frame_app.ui.panel_rows import SettingRow, make_rows
from frame_app.ui.panel_rules import RulesPage

translate = QCoreApplication.translate

_PAGES = ("general", "portraits", "camera", "behaviours", "light", "diagnostics", "about")
_TARGET_MM, _TARGET_PX = 9.0, 56.0  # what a finger hits, at least
_CALIBRATION = (
    "screen_width_m", "camera_x_m", "camera_y_m", "camera_tilt_deg", "field_of_view_deg",
    "distance_factor",
)  # fmt: skip
"""Settings of which the calibration consists."""
_TITLE_S = 6.0  # how long the title of a portrait stands below it


class Panel(QObject):
    """Opens, closes and locks; hands the pages to QML.

    Signals:
        openChanged: it is open or closed, asks for a PIN or does not.
        pageChanged: another page is shown.
        lockChanged: something about the PIN is different.
        wordsChanged: badge, title, dot or language are different.
        metricsChanged: the panel has another size in pixels or metres.
    """

    openChanged = Signal()
    pageChanged = Signal()
    lockChanged = Signal()
    wordsChanged = Signal()
    metricsChanged = Signal()

    def __init__(self, parts: PanelParts, parent: QObject) -> None:
        super().__init__(parent)
        self.toggled = Hook[[bool]]()
        """Opened or closed: keys and pointer go to the panel, or to the frame."""
        self._parts = parts
        self._is_open = False
        self._was_opened = False
        self._is_locked = False
        self._page = 0
        self._touched_s = 0.0
        self._wait_s = 0
        self._is_checking = False
        self._pin_problem = False
        self._title_until_s = 0.0
        self._caption = ""
        self._shows_cross = False
        self._rows = make_rows(parts.live, self)
        self._portraits = PortraitsPage(parts, self)
        self._camera = CameraPage(parts.feed, parts.live, parts.player, self)
        self._rules = RulesPage(parts.rules, self)
        self._facts = FactsPage(parts, self)
        for row in (row for rows in self._rows.values() for row in rows):
            if row.table == "schedule":
                row.options = self._portrait_options
        parts.live.changed.add(self._adopt)
        parts.language.changed.add(self._retranslate)
        parts.controller.portraits_changed.add(self._introduce)
        parts.player.beat.add(self._on_beat)
        if parts.feed is not None:
            parts.feed.camera_changed.add(lambda _: self.wordsChanged.emit())

    isOpen = Property(bool, lambda self: self._is_open, notify=openChanged)
    wasOpened = Property(bool, lambda self: self._was_opened, notify=openChanged)
    isLocked = Property(bool, lambda self: self._is_locked, notify=openChanged)
    page = Property(str, lambda self: _PAGES[self._page], notify=pageChanged)
    pageNumber = Property(int, lambda self: self._page, notify=pageChanged)
    icons = Property(
        QUrl,
        lambda _self: QUrl.fromLocalFile(str(shipped("assets", "icons")) + "/"),
        constant=True,
    )
    portraits = Property(QObject, lambda self: self._portraits, constant=True)
    camera = Property(QObject, lambda self: self._camera, constant=True)
    rules = Property(QObject, lambda self: self._rules, constant=True)
    facts = Property(QObject, lambda self: self._facts, constant=True)

    def _read_pages(self) -> list[dict[str, str]]:
        titles = (
            translate("panel", "General"),
            translate("panel", "Portraits"),
            translate("panel", "Camera"),
            translate("panel", "Behaviours"),
            translate("panel", "Quiet hours and light"),
            translate("panel", "Diagnostics"),
            translate("panel", "About"),
        )
        return [{"name": name, "title": title} for name, title in zip(_PAGES, titles, strict=True)]

    pages = Property(list, _read_pages, notify=wordsChanged)

    @Slot(str, result=list)
    def sectionsOf(self, page: str) -> list[list[SettingRow]]:
        """The settings rows of a page, by table; without those that stand elsewhere on it."""
        sections: dict[str, list[SettingRow]] = {}
        for row in self._rows.get(page, []):
            if page != "camera" or row.key not in {*_CALIBRATION, "enabled"}:
                sections.setdefault(row.table, []).append(row)
        return list(sections.values())

    def _read_calibration(self) -> list[SettingRow]:
        rows = {row.key: row for page in ("general", "camera") for row in self._rows[page]}
        return [rows[key] for key in _CALIBRATION]

    def _read_off_switch(self) -> SettingRow:
        return next(row for row in self._rows["camera"] if row.key == "enabled")

    offSwitch = Property(QObject, _read_off_switch, constant=True)

    showsCross = Property(bool, lambda self: self._shows_cross, notify=wordsChanged)

    @Slot(bool)
    def showCross(self, shows: bool) -> None:  # noqa: FBT001 - a value
        """Show where the frame believes the visitor's eyes are."""
        self._shows_cross = shows
        self.wordsChanged.emit()

    calibration = Property(list, _read_calibration, constant=True)

    def _read_target(self) -> float:
        """Least height of what a finger shall hit, in pixels of the scene."""
        width_m, _ = self._parts.player.screen_size_m
        per_mm = self._parts.player.panel.width / (1000.0 * width_m)
        return max(_TARGET_PX, _TARGET_MM * per_mm / self._parts.player.pixel_ratio)

    target = Property(float, _read_target, notify=metricsChanged)
    textSize = Property(
        float, lambda self: self._parts.live.now.panel.text_size, notify=metricsChanged
    )

    def _read_badge(self) -> bool:
        portrait = self._parts.player.portrait
        is_alive = portrait is not None and bool(portrait.manifest.clips)
        return self._parts.live.now.panel.shows_badge and is_alive

    showsBadge = Property(bool, _read_badge, notify=wordsChanged)
    caption = Property(str, lambda self: self._caption, notify=wordsChanged)
    hasPin = Property(bool, lambda self: self._parts.lock.has_pin, notify=lockChanged)
    isChecking = Property(bool, lambda self: self._is_checking, notify=lockChanged)
    leastDigits = Property(int, lambda _self: DIGITS[0], constant=True)
    mostDigits = Property(int, lambda _self: DIGITS[1], constant=True)

    def _read_lock_text(self) -> str:
        if self._wait_s > 0:
            text = translate("panel", "Too many tries. Wait %1 s")
            return text.replace("%1", str(self._wait_s))
        if self._is_checking:
            return translate("panel", "One moment …")
        if self._pin_problem:
            return translate("panel", "That was not it")
        return translate("panel", "Enter the PIN")

    lockText = Property(str, _read_lock_text, notify=lockChanged)
    mustWait = Property(bool, lambda self: self._wait_s > 0, notify=lockChanged)

    @Slot()
    def open(self) -> None:
        """Show the panel; it asks for the PIN if there is one."""
        if self._is_open:
            return
        self._is_open = self._was_opened = True
        self._is_locked = self._parts.lock.has_pin
        self._pin_problem = False
        self.touched()
        self._parts.controller.settings(opened=True)
        self._enter_page()
        self.openChanged.emit()
        self.lockChanged.emit()
        self.toggled.fire(True)  # noqa: FBT003 - a hook has no names

    @Slot()
    def close(self) -> None:
        """Hide the panel."""
        if not self._is_open:
            return
        self._is_open = self._shows_cross = False
        self._enter_page()
        self.wordsChanged.emit()
        self._parts.controller.settings(opened=False)
        self.openChanged.emit()
        self.toggled.fire(False)  # noqa: FBT003 - a hook has no names

    @Slot(int)
    def turn(self, step: int) -> None:
        """A swipe over the closed panel: the next or, with -1, the previous portrait."""
        if self._parts.controller.state is not FrameState.ASLEEP:
            self._parts.controller.turn(step)

    @Slot(int)
    def go(self, page: int) -> None:
        """Show another page."""
        page = min(max(page, 0), len(_PAGES) - 1)
        if page != self._page:
            self._page = page
            self._enter_page()
            self.pageChanged.emit()

    @property
    def images(self) -> MirrorImages:
        """The mirror's pictures, for the QML engine."""
        return self._camera.images

    def touched(self) -> None:
        """Somebody is using it: it stays open for another while."""
        self._touched_s = self._parts.clock.now_s()

    @Slot(str)
    def tryPin(self, pin: str) -> None:
        """Compare a PIN; a thread does, since that takes long on purpose."""
        attempt = self._parts.lock.attempt(pin, self._parts.clock.now_s())
        if attempt is None or self._is_checking:
            return
        self._is_checking = True
        self.lockChanged.emit()
        self._parts.errands.run(attempt.is_right, self._tried)

    def _tried(self, is_right: bool) -> None:  # noqa: FBT001 - a result
        self._is_checking = False
        self._pin_problem = not is_right
        self._parts.lock.note(is_right=is_right, now_s=self._parts.clock.now_s())
        if is_right:
            self._is_locked = False
            self._enter_page()
            self.openChanged.emit()
        self.lockChanged.emit()

    @Slot(str)
    def setPin(self, pin: str) -> None:
        """Ask for this PIN from now on."""
        self._parts.errands.run(lambda: make_record(pin), self._take_pin)

    def _take_pin(self, record: PinRecord) -> None:
        self._parts.lock.set(record)
        self.lockChanged.emit()

    @Slot()
    def removePin(self) -> None:
        """Ask for none."""
        self._parts.lock.set(None)
        self.lockChanged.emit()

    def lay_out(self) -> None:
        """The window has another size."""
        self.metricsChanged.emit()

    def _enter_page(self) -> None:
        name = _PAGES[self._page] if self._is_open and not self._is_locked else ""
        self._camera.open(opened=name == "camera")
        self._facts.open(opened=name in {"diagnostics", "about"})

    def _portrait_options(self) -> list[tuple[str, str]]:
        arrangement = self._parts.arrangement
        entries = arrangement.ordered(self._parts.controller.portraits)
        return [(entry.id, arrangement.title(entry)) for entry in entries]

    def _adopt(self, before: FrameSettings) -> None:
        now = self._parts.live.now
        self.wordsChanged.emit()
        if (before.panel, before.window) != (now.panel, now.window):
            self.metricsChanged.emit()
        if before.perception != now.perception:
            self._camera.statusChanged.emit()

    def _retranslate(self) -> None:
        for row in (row for rows in self._rows.values() for row in rows):
            row.changed.emit()
        for page in (self._portraits, self._camera, self._rules, self._facts):
            page.retranslate()
        self.wordsChanged.emit()
        self.lockChanged.emit()

    def _introduce(self) -> None:
        """Another portrait hangs, or is called something else."""
        shown = self._parts.controller.shown
        title = "" if shown is None else self._parts.arrangement.title(shown)
        if self._parts.live.now.panel.shows_title and title:
            self._caption = title
            self._title_until_s = self._parts.clock.now_s() + _TITLE_S
        self.wordsChanged.emit()

    def _on_beat(self, _picture_s: float) -> None:
        now_s = self._parts.clock.now_s()
        self._parts.errands.poll()
        self._portraits.on_beat(now_s)
        if self._caption and now_s >= self._title_until_s:
            self._caption = ""
            self.wordsChanged.emit()
        if not self._is_open:
            return
        wait_s = math.ceil(self._parts.lock.wait_s(now_s))
        if wait_s != self._wait_s:
            self._wait_s = wait_s
            self.lockChanged.emit()
        self._camera.on_beat(now_s)
        self._facts.on_beat(now_s)
        self._rules.on_beat()
        if now_s - self._touched_s >= self._parts.live.now.panel.closes_after_s:
            self.close()
