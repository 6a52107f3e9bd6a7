"""Rows of the settings panel, made from `config.model`: a new setting appears by itself."""

import types
import typing
from collections.abc import Callable, Iterator, Sequence

from pydantic.fields import FieldInfo
from PySide6.QtCore import Property, QCoreApplication, QLocale, QObject, Signal, Slot

from frame_app.config.live import LiveSettings
from frame_app.config.model import FrameSettings, Settings
from frame_app.config.store import Value
from frame_app.ui import panel_words as words
from frame_app.ui.scale import bounds, nearest, read_out, stops, times_of_day

translate = QCoreApplication.translate

_PAGES = {
    "perception": "camera",
    "quiet_hours": "light",
    "light": "light",
    "schedule": "light",
    "decoding": "diagnostics",
}
"""Where a table stands; on the first page unless it is named."""
_EXPERT = {
    "library.look_again_s", "picture.max_rate_hz", "picture.burn_in_shift", "picture.fade_s",
    "window.pointer_distance_m", "window.pointer_stays_s", "window.easing_s", "motion.glance",
    "motion.dissolve_frames", "decoding.head_frames", "decoding.ahead_frames",
    "decoding.gaze_cache_mb", "perception.source", "perception.rate_hz",
    "perception.idle_rate_hz", "perception.hold_factor", "perception.is_mirrored",
    "quiet_hours.doze_s", "quiet_hours.doze_brightness", "quiet_hours.power",
    "quiet_hours.wake_s", "light.blend_min", "light.vignette", "library.dissolve_s",
}  # fmt: skip
"""Shown on request only."""
_MATS = (
    "#16130f", "#000000", "#2b2a28", "#3a2f26", "#4a1f22", "#1f2e3a", "#2a3a2c", "#8a8378",
    "#d8cfc0", "#f4f0e8",
)  # fmt: skip


class SettingRow(QObject):
    """One setting, as QML shows it.

    Signals:
        changed: the value is another, or the language.
    """

    changed = Signal()

    def __init__(
        self, table: str, key: str, field: FieldInfo, live: LiveSettings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.table, self.key = table, key
        self.options: Callable[[], Sequence[tuple[str, str]]] = self._named_options
        """Value and text of each, for rows that choose."""
        self._field = field
        self._live = live
        self._stops = stops(key, field)
        self._values = _literals(field)
        self.kind = _kind(field, self._stops, self._values)

    @property
    def value(self) -> Value:
        """What is in force."""
        found: Value = getattr(getattr(self._live.now, self.table), self.key)
        return found

    def _full_name(self) -> str:
        return f"{self.table}.{self.key}"

    name = Property(str, _full_name, constant=True)
    kindName = Property(str, lambda self: self.kind, constant=True)
    isExpert = Property(bool, lambda self: self._full_name() in _EXPERT, constant=True)

    def _read_title(self) -> str:
        return words.title(self._full_name())

    title = Property(str, _read_title, notify=changed)

    def _read_section(self) -> str:
        return words.section(self.table)

    section = Property(str, _read_section, notify=changed)

    def _read_help(self) -> str:
        return words.help_of(self._full_name(), self._field)

    help = Property(str, _read_help, notify=changed)

    def _read_text(self) -> str:
        value = self.value
        if self.kind == "number":
            special = words.special(self._full_name(), value)
            ends = bounds(self._field)
            is_share = ends is not None and ends[1] <= _SHARE_END and "factor" not in self.key
            number = float(value) if isinstance(value, int | float) else 0.0
            return special or read_out(self.key, number, is_share=is_share, locale=QLocale())
        if self.kind in {"choice", "set"}:
            names = dict(self.options())
            chosen = str(value).split() if self.kind == "set" else [str(value)]
            return ", ".join(names.get(one, one) for one in chosen) or words.all_of(self.table)
        return str(value)

    text = Property(str, _read_text, notify=changed)

    def _read_position(self) -> int:
        value = self.value
        if self.kind == "number" and isinstance(value, int | float):
            return nearest(self._stops, float(value))
        if self.kind == "time":
            hours, minutes = str(value).split(":")
            return (int(hours) * 60 + int(minutes)) // 15
        if self.kind == "choice":
            return self._values.index(value) if value in self._values else 0
        return 0

    position = Property(int, _read_position, notify=changed)

    def _read_count(self) -> int:
        if self.kind == "time":
            return len(times_of_day())
        return len(self._values) if self.kind == "choice" else len(self._stops)

    count = Property(int, _read_count, constant=True)
    isOn = Property(bool, lambda self: self.value is True, notify=changed)
    colour = Property(str, lambda self: str(self.value), notify=changed)

    def _read_choices(self) -> list[dict[str, object]]:
        chosen = str(self.value).split() if self.kind == "set" else [str(self.value)]
        return [
            {"value": value, "text": text, "on": value in chosen} for value, text in self.options()
        ]

    choices = Property(list, _read_choices, notify=changed)

    def _read_is_default(self) -> bool:
        return bool(self.value == self._field.default)

    isDefault = Property(bool, _read_is_default, notify=changed)

    @Slot(int)
    def moveTo(self, position: int) -> None:
        """Take the value at a position."""
        at = min(max(position, 0), self._read_count() - 1)
        if self.kind == "number":
            is_whole = self._field.annotation is int
            self._change(round(self._stops[at]) if is_whole else self._stops[at])
        elif self.kind == "time":
            self._change(times_of_day()[position % self._read_count()])
        elif self.kind == "choice":
            self._change(self._values[at])

    @Slot()
    def toggle(self) -> None:
        """On or off."""
        self._change(self.value is not True)

    @Slot(str)
    def pick(self, value: str) -> None:
        """Choose one, or add it to a set or take it out."""
        if self.kind == "set":
            chosen = str(self.value).split()
            allowed = [name for name, _ in self.options()]
            kept = [name for name in allowed if (name in chosen) != (name == value)]
            self._change(" ".join(kept))
        elif self.kind == "choice":
            self._change(next(one for one in self._values if str(one) == value))
        else:
            self._change(value)

    @Slot()
    def reset(self) -> None:
        """Take back what the panel changed."""
        self._live.reset(self.table, self.key)

    def _change(self, value: Value) -> None:
        self._live.change(self.table, self.key, value)

    def _named_options(self) -> Sequence[tuple[str, str]]:
        if self.kind == "colour":
            return [(colour, colour) for colour in _MATS]
        if self.kind == "set":
            return [(day, words.weekday(place)) for place, day in enumerate(words.DAYS)]
        return [(str(value), words.choice(self._full_name(), value)) for value in self._values]


_KINDS_BY_PATTERN = {
    "^#[0-9": "colour",
    "[01][0-9]|2[0-3]": "time",
    "mon|tue": "set",
    "[a-z0-9]+(-": "set",
}
_SHARE_END = 2.0  # fractions end at 1, and some multiples of what was made at 2


def make_rows(live: LiveSettings, parent: QObject) -> dict[str, list[SettingRow]]:
    """All rows by page, in the order of the model; they follow the settings from now on."""
    pages: dict[str, list[SettingRow]] = {}
    for table, field in _tables():
        page = pages.setdefault(_PAGES.get(table, "general"), [])
        for key, setting in type(field).model_fields.items():
            page.append(SettingRow(table, key, setting, live, parent))

    def follow(before: FrameSettings) -> None:
        for rows in pages.values():
            for row in rows:
                if getattr(getattr(before, row.table), row.key) != row.value:
                    row.changed.emit()

    live.changed.add(follow)
    return pages


def _tables() -> Iterator[tuple[str, Settings]]:
    for name, field in FrameSettings.model_fields.items():
        if isinstance(field.default, Settings):
            yield name, field.default


def _literals(field: FieldInfo) -> tuple[Value, ...]:
    if typing.get_origin(field.annotation) is typing.Literal:
        return typing.get_args(field.annotation)
    return ()


def _kind(field: FieldInfo, values: Sequence[float], literals: Sequence[Value]) -> str:
    """How the setting is set; a text unless it is something better."""
    if literals:
        return "choice"
    if field.annotation is bool:
        return "switch"
    if values and not isinstance(field.annotation, types.UnionType):
        return "number"
    patterns = [str(m.pattern) for m in field.metadata if getattr(m, "pattern", None)]
    pattern = patterns[-1] if patterns else ""
    for sign, kind in _KINDS_BY_PATTERN.items():
        if sign in pattern:
            return kind
    return "text"
