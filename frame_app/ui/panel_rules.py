"""The behaviours page: which rules act, how often, and how long they rest in between."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Property, QLocale, QObject, Signal, Slot

from frame_app.base.hooks import Hook
from frame_app.ui import panel_words as words
from frame_app.ui.scale import read_out

_SHARES = tuple(step / 20.0 for step in range(21))
_PAUSES_S = (
    0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0,
    600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0,
)  # fmt: skip


class Rule(Protocol):
    """What the page shows of a behaviour."""

    @property
    def name(self) -> str:
        """No two are the same."""

    @property
    def title(self) -> str:
        """A few words, or none."""

    @property
    def event(self) -> str:
        """What it answers."""

    @property
    def on(self) -> bool:
        """Whether it acts at all."""

    @property
    def probability(self) -> float:
        """How often it acts, 0..1."""

    @property
    def cooldown_s(self) -> float:
        """How long it then rests."""


class Rules(Protocol):
    """The behaviours in force, which can be changed one field at a time."""

    changed: Hook[[]]
    fault: str

    def rules(self) -> Sequence[Rule]:
        """In the order in which they are tried."""

    def change(self, name: str, key: str, value: float | bool) -> None:  # noqa: FBT001 - a value
        """Change one field of a rule, at once and over restarts."""

    def reset(self, name: str) -> None:
        """Take back what the panel changed of a rule."""


class RuleRow(QObject):
    """One behaviour for QML.

    Signals:
        changed: something of it is different, or the language is.
    """

    changed = Signal()

    def __init__(self, rule: Rule, rules: Rules, parent: QObject) -> None:
        super().__init__(parent)
        self.rule = rule
        self._rules = rules

    def _read_title(self) -> str:
        return words.said(self.rule.title) or words.event(self.rule.name)

    name = Property(str, lambda self: self.rule.name, constant=True)
    title = Property(str, _read_title, notify=changed)
    answers = Property(str, lambda self: words.event(str(self.rule.event)), notify=changed)
    isOn = Property(bool, lambda self: self.rule.on, notify=changed)

    def _read_share_text(self) -> str:
        return read_out("", self.rule.probability, is_share=True, locale=QLocale())

    def _read_pause_text(self) -> str:
        return read_out("cooldown_s", self.rule.cooldown_s, is_share=False, locale=QLocale())

    isAlways = Property(bool, lambda self: self.rule.probability >= 1.0, notify=changed)
    shareText = Property(str, _read_share_text, notify=changed)
    pauseText = Property(str, _read_pause_text, notify=changed)
    share = Property(int, lambda self: _nearest(_SHARES, self.rule.probability), notify=changed)
    pause = Property(int, lambda self: _nearest(_PAUSES_S, self.rule.cooldown_s), notify=changed)
    shares = Property(int, lambda _self: len(_SHARES), constant=True)
    pauses = Property(int, lambda _self: len(_PAUSES_S), constant=True)

    @Slot()
    def toggle(self) -> None:
        """Let it act, or rest."""
        self._rules.change(self.rule.name, "on", not self.rule.on)

    @Slot(int)
    def shareTo(self, position: int) -> None:
        """Act this often."""
        at = min(max(position, 0), len(_SHARES) - 1)
        self._rules.change(self.rule.name, "probability", _SHARES[at])

    @Slot(int)
    def pauseTo(self, position: int) -> None:
        """Rest this long."""
        at = min(max(position, 0), len(_PAUSES_S) - 1)
        self._rules.change(self.rule.name, "cooldown_s", _PAUSES_S[at])


class RulesPage(QObject):
    """All behaviours.

    Signals:
        rowsChanged: there are others.
        faultChanged: the file got a fault, or was mended.
    """

    rowsChanged = Signal()
    faultChanged = Signal()

    def __init__(self, rules: Rules | None, parent: QObject) -> None:
        super().__init__(parent)
        self._rules = rules
        self._rows: list[RuleRow] = []
        self._fault = ""
        if rules is not None:
            rules.changed.add(self._follow)
            self._follow()

    rows = Property(list, lambda self: self._rows, notify=rowsChanged)
    fault = Property(str, lambda self: self._fault, notify=faultChanged)

    def on_beat(self) -> None:
        """See whether the file has a fault."""
        fault = "" if self._rules is None else self._rules.fault
        if fault != self._fault:
            self._fault = fault
            self.faultChanged.emit()

    def retranslate(self) -> None:
        """Say everything in another language."""
        for row in self._rows:
            row.changed.emit()

    def _follow(self) -> None:
        """Keep the rows where only their content changed: somebody is dragging a slider."""
        if self._rules is None:
            return
        rules = self._rules.rules()
        if [rule.name for rule in rules] == [row.rule.name for row in self._rows]:
            for row, rule in zip(self._rows, rules, strict=True):
                if row.rule != rule:
                    row.rule = rule
                    row.changed.emit()
            return
        for row in self._rows:
            row.deleteLater()
        self._rows = [RuleRow(rule, self._rules, self) for rule in rules]
        self.rowsChanged.emit()


def _nearest(values: Sequence[float], value: float) -> int:
    return min(range(len(values)), key=lambda place: abs(values[place] - value))
