"""The portraits page: order, on or off, titles, previews, deleting with a way back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QUrl,
    Signal,
    Slot,
)

from frame_app.base.paths import inbox_dir
from frame_app.cliplib import layout, writer
from frame_app.cliplib.schema import IndexEntry
from frame_app.ui import panel_words as words
from frame_app.ui.panel_parts import PanelParts

_UNDO_S = 12.0
_ROLES = ("portraitId", "title", "poster", "isOn", "isShown", "isLeaving")


@dataclass(slots=True)
class _Farewell:
    """A portrait that will be deleted unless somebody takes it back."""

    portrait: str
    was_on: bool
    until_s: float


class PortraitsPage(QAbstractListModel):
    """All portraits of the library in the frame's order, and what can be done with one.

    Signals:
        selectionChanged: another portrait is selected, or what is known of it is.
        farewellChanged: a portrait is about to be deleted, or no more.
    """

    selectionChanged = Signal()
    farewellChanged = Signal()
    roles: ClassVar = {Qt.ItemDataRole.UserRole + n: name for n, name in enumerate(_ROLES)}

    def __init__(self, parts: PanelParts, parent: QObject) -> None:
        super().__init__(parent)
        self._root = parts.library
        self._controller = controller = parts.controller
        self._player = parts.player
        self._arrangement = arrangement = parts.arrangement
        self._errands = parts.errands
        self._entries: tuple[IndexEntry, ...] = ()
        self._selected = ""
        self._farewell: _Farewell | None = None
        self._now_s = 0.0
        self._clips: tuple[str, ...] = ()
        self._readers: dict[str, Callable[[IndexEntry], object]] = {
            "portraitId": lambda entry: entry.id,
            "title": arrangement.title,
            "poster": self._poster,
            "isOn": lambda entry: arrangement.is_on(entry.id),
            "isShown": lambda entry: entry == controller.shown,
            "isLeaving": self._is_leaving,
        }
        controller.portraits_changed.add(self._refresh)
        arrangement.changed.add(self._refresh)

    def rowCount(
        self,
        parent: QModelIndex | QPersistentModelIndex = QModelIndex(),  # noqa: B008 - Qt's
    ) -> int:
        """See Qt."""
        return 0 if parent.isValid() else len(self._entries)

    def roleNames(self) -> dict[int, QByteArray]:
        """See Qt."""
        return {role: QByteArray(name.encode()) for role, name in self.roles.items()}

    def data(
        self,
        index: QModelIndex | QPersistentModelIndex,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """See Qt."""
        entry = self._entries[index.row()]
        read = self._readers.get(self.roles.get(role, ""))
        return None if read is None else read(entry)

    def _poster(self, entry: IndexEntry) -> QUrl:
        folder = layout.portraits_path(self._root) / entry.folder
        return QUrl.fromLocalFile(str(folder / entry.poster))

    def _is_leaving(self, entry: IndexEntry) -> bool:
        return self._farewell is not None and self._farewell.portrait == entry.id

    def on_beat(self, now_s: float) -> None:
        """Delete what nobody took back; see whether the portrait on the wall has all its clips."""
        self._now_s = now_s
        if self._farewell is not None and now_s >= self._farewell.until_s:
            self._delete()
        clips = self._clips_now()
        if clips != self._clips:
            self._clips = clips
            self.selectionChanged.emit()

    def _place(self, portrait: str) -> int:
        return next((n for n, entry in enumerate(self._entries) if entry.id == portrait), -1)

    def _entry(self) -> IndexEntry | None:
        place = self._place(self._selected)
        return None if place < 0 else self._entries[place]

    def _read_title(self) -> str:
        entry = self._entry()
        return "" if entry is None else self._arrangement.title(entry)

    selectedId = Property(str, lambda self: self._selected, notify=selectionChanged)
    selectedPlace = Property(int, lambda self: self._place(self._selected), notify=selectionChanged)
    selectedTitle = Property(str, _read_title, notify=selectionChanged)

    def _read_is_on(self) -> bool:
        return self._arrangement.is_on(self._selected)

    selectedIsOn = Property(bool, _read_is_on, notify=selectionChanged)

    def _read_is_shown(self) -> bool:
        shown = self._controller.shown
        return shown is not None and shown.id == self._selected

    selectedIsShown = Property(bool, _read_is_shown, notify=selectionChanged)

    def _clips_now(self) -> tuple[str, ...]:
        portrait = self._player.portrait
        if portrait is None or portrait.manifest.id != self._selected:
            return ()
        ready = {clip.name for clip in (*portrait.reactions, *portrait.idle)}
        return tuple(clip.name for clip in portrait.manifest.clips if clip.name in ready)

    def _read_clips(self) -> list[dict[str, str]]:
        portrait = self._player.portrait
        if portrait is None:
            return []
        families = {clip.name: clip.family.value for clip in portrait.manifest.clips}
        return [
            {"name": name, "text": words.clip(name, families.get(name, ""))} for name in self._clips
        ]

    selectedClips = Property(list, _read_clips, notify=selectionChanged)

    def _read_farewell(self) -> str:
        if self._farewell is None:
            return ""
        place = self._place(self._farewell.portrait)
        return "" if place < 0 else self._arrangement.title(self._entries[place])

    inbox = Property(str, lambda _self: str(inbox_dir()), constant=True)
    farewell = Property(str, _read_farewell, notify=farewellChanged)

    @Slot(str)
    def select(self, portrait: str) -> None:
        """Have this one's buttons shown."""
        if portrait != self._selected:
            self._selected = portrait
            self._clips = self._clips_now()
            self.selectionChanged.emit()

    @Slot(int, result=str)
    def idAt(self, place: int) -> str:
        """The portrait at a place of the list."""
        return self._entries[place].id if 0 <= place < len(self._entries) else ""

    @Slot()
    def selectShown(self) -> None:
        """Select the one on the wall."""
        shown = self._controller.shown
        if shown is not None:
            self.select(shown.id)

    @Slot()
    def show(self) -> None:
        """Bring the selected one to the wall."""
        self._controller.show(self._selected)

    @Slot(str)
    def play(self, clip: str) -> None:
        """Play a clip of the selected one, which hangs on the wall."""
        self._controller.preview(clip)

    @Slot()
    def toggle(self) -> None:
        """Let the selected one take turns, or not."""
        self._arrangement.switch(self._selected, on=not self._arrangement.is_on(self._selected))

    @Slot(int)
    def move(self, step: int) -> None:
        """Let the selected one come earlier (-1) or later (1)."""
        place = self._place(self._selected)
        to = place + step
        if place < 0 or not 0 <= to < len(self._entries):
            return
        order = [entry.id for entry in self._entries]
        order.insert(to, order.pop(place))
        self._arrangement.reorder(order)

    @Slot(str)
    def rename(self, title: str) -> None:
        """Call the selected one something else."""
        self._arrangement.rename(self._selected, title)

    @Slot()
    def remove(self) -> None:
        """Take the selected one down and delete it soon; `undo` brings it back."""
        if self._farewell is not None:
            self._delete()
        portrait = self._selected
        until_s = self._now_s + _UNDO_S
        self._farewell = _Farewell(portrait, self._arrangement.is_on(portrait), until_s)
        self._arrangement.switch(portrait, on=False)
        self._redraw()

    @Slot()
    def undo(self) -> None:
        """Keep the portrait that was to be deleted."""
        if self._farewell is not None:
            farewell, self._farewell = self._farewell, None
            self._arrangement.switch(farewell.portrait, on=farewell.was_on)
            self._redraw()

    def _delete(self) -> None:
        if self._farewell is None:
            return
        portrait = self._farewell.portrait
        self._farewell = None
        root = self._root
        self._errands.run(
            lambda: writer.remove(root, portrait), lambda _: None, self._controller.notify
        )
        self._redraw()

    def _refresh(self) -> None:
        entries = self._arrangement.ordered(self._controller.portraits)
        if len(entries) != len(self._entries):
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
        self._entries = entries  # of the same number: rows stay where they are, their data change
        self._redraw()

    def _redraw(self) -> None:
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))
        self.selectionChanged.emit()
        self.farewellChanged.emit()

    def retranslate(self) -> None:
        """Say everything in another language."""
        self._redraw()
