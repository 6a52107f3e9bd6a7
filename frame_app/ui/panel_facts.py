"""Diagnostics and About: how the frame does, what it is made of, where the portrait is from."""

import importlib.metadata
import os
import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Property, QCoreApplication, QLocale, QObject, Signal, Slot, qVersion

from frame_app.cliplib.schema import EngineUse
from frame_app.config import bundle
from frame_app.show.counters import Second
from frame_app.ui import panel_words as words
from frame_app.ui.panel_parts import PanelParts

translate = QCoreApplication.translate

_EVERY_S = 1.0
_LOG_LINES = 14
_PARTS = {
    "portrait-frame": "MIT",
    "PySide6-Essentials": "LGPL-3.0",
    "av": "BSD-3-Clause, FFmpeg LGPL-2.1",
    "mediapipe": "Apache-2.0",
    "opencv-contrib-python": "Apache-2.0",
    "numpy": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "pillow": "MIT-CMU",
    "pillow-heif": "BSD-3-Clause, libheif LGPL-3.0",
    "pydantic": "MIT",
    "transitions": "MIT",
    "platformdirs": "MIT",
    "rich": "MIT",
    "typer": "MIT",
}
"""What the plain install consists of, and under which licence."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """What the operating system says."""

    memory_mb: float
    free_gb: float
    versions: dict[str, str]


class FactsPage(QObject):
    """Facts as pairs of label and text, the last log lines, export and import.

    Signals:
        changed: the facts or the log are others.
        resultChanged: an export or import has ended, or another language reads differently.
    """

    changed = Signal()
    resultChanged = Signal()

    def __init__(self, parts: PanelParts, parent: QObject) -> None:
        super().__init__(parent)
        self._library = parts.library
        self._live = parts.live
        self._arrangement = parts.arrangement
        self._controller = parts.controller
        self._player = player = parts.player
        self._errands = parts.errands
        self._recent = parts.recent
        self._is_open = False
        self._machine: _Machine | None = None
        self._second: Second | None = None
        self._cpu_share = 0.0
        self._last = (0.0, 0.0)
        self._started_s = time.monotonic()
        self._due_s = 0.0
        self._result: Callable[[], str] = str
        player.counted.add(self._count)
        parts.controller.portraits_changed.add(self._tell)

    def open(self, *, opened: bool) -> None:
        """The page is looked at, or no more."""
        self._is_open = opened
        self._due_s = 0.0
        if not opened:
            self._result = str

    def on_beat(self, now_s: float) -> None:
        """Look anew once a second while somebody reads."""
        if not self._is_open or now_s < self._due_s:
            return
        self._due_s = now_s + _EVERY_S
        spent = (time.monotonic(), time.process_time())
        if self._last[0]:
            self._cpu_share = (spent[1] - self._last[1]) / max(0.001, spent[0] - self._last[0])
        self._last = spent
        library = self._library
        versions = None if self._machine is None else self._machine.versions
        self._errands.run(lambda: _look(library, versions), self._take)

    def _take(self, machine: _Machine) -> None:
        self._machine = machine
        self.changed.emit()

    def _count(self, second: Second) -> None:
        self._second = second

    def _tell(self) -> None:
        if self._is_open:
            self.changed.emit()

    def _read_facts(self) -> list[dict[str, str]]:
        def number(value: float, decimals: int = 0) -> str:
            return QLocale().toString(float(value), "f", decimals)

        pairs: list[tuple[str, str]] = []
        if self._second is not None:
            drawn = self._second.drawn / self._second.seconds
            due, lost = self._second.due, self._second.dropped + self._second.repeated
            pairs += [
                (translate("facts", "Pictures drawn"), f"{number(drawn, 1)} / s"),
                (
                    translate("facts", "Frames missed in the last second"),
                    translate("facts", "%1 of %2")
                    .replace("%1", number(lost))
                    .replace("%2", number(due)),
                ),
                (
                    translate("facts", "Work per picture (99 of 100)"),
                    f"{number(self._second.python_p99_ms, 1)} ms",
                ),
            ]
        pairs += [
            (translate("facts", "Drawn by"), self._player.driver),
            (translate("facts", "Decoder"), translate("facts", "FFmpeg, on the processor")),
            (
                translate("facts", "Processor"),
                translate("facts", "%1 % of one core").replace("%1", number(self._cpu_share * 100)),
            ),
        ]
        if self._machine is not None:
            minutes = (time.monotonic() - self._started_s) / 60.0
            pairs += [
                (translate("facts", "Memory"), f"{number(self._machine.memory_mb)} MB"),
                (translate("facts", "Free disk"), f"{number(self._machine.free_gb, 1)} GB"),
                (
                    translate("facts", "Running for"),
                    f"{number(minutes // 60)} h {number(minutes % 60)} min",
                ),
            ]
        pairs += [
            (translate("facts", "Portraits"), number(len(self._controller.portraits))),
            (translate("facts", "Library"), str(self._library)),
            (
                translate("facts", "Versions"),
                f"portrait-frame {self._version('portrait-frame')} · Qt {qVersion()} · "
                f"PyAV {self._version('av')} · Python {platform.python_version()}",
            ),
        ]
        return [{"label": label, "text": text} for label, text in pairs]

    facts = Property(list, _read_facts, notify=changed)

    def _read_log(self) -> str:
        return "\n".join(list(self._recent.lines)[-_LOG_LINES:])

    log = Property(str, _read_log, notify=changed)
    result = Property(str, lambda self: self._result(), notify=resultChanged)

    @Slot()
    def exportAll(self) -> None:
        """Write all settings to one file."""
        settings, hanging = self._live.now, self._arrangement.now
        self._errands.run(lambda: bundle.write(settings, hanging), self._exported, self._fail)

    @Slot()
    def importAll(self) -> None:
        """Take all settings over from such a file."""
        self._errands.run(bundle.read, self._imported, self._fail)

    def _exported(self, path: Path) -> None:
        self._answer(lambda: translate("facts", "Kept in %1").replace("%1", str(path)))

    def _imported(self, found: tuple[Path, bundle.Bundle]) -> None:
        path, everything = found
        problems = self._live.replace(everything.settings)
        self._arrangement.replace(everything.arrangement)

        def say() -> str:
            text = translate("facts", "Taken over from %1").replace("%1", str(path))
            return " — ".join((text, *problems[:1]))

        self._answer(say)

    def _fail(self, problem: str) -> None:
        self._answer(lambda: problem)

    def _answer(self, say: Callable[[], str]) -> None:
        self._result = say
        self.resultChanged.emit()

    def _version(self, name: str) -> str:
        return "" if self._machine is None else self._machine.versions.get(name, "")

    def _read_origin(self) -> list[dict[str, str]]:
        portrait = self._player.portrait
        shown = self._controller.shown
        if portrait is None or shown is None:
            return []
        manifest = portrait.manifest
        source = manifest.source
        made = (
            translate("facts", "by a generative neural network")
            if manifest.provenance.ai_generated
            else translate("facts", "from the photo's own pixels, moved by an algorithm")
        )
        pairs = [
            (translate("facts", "Title"), self._arrangement.title(shown)),
            (
                translate("facts", "Photo"),
                f"{source.name}, {source.width} \N{MULTIPLICATION SIGN} {source.height}",
            ),
            (translate("facts", "Taken"), (source.taken or "").partition("T")[0]),
            (translate("facts", "Animated"), made),
            (
                translate("facts", "Kind of source (IPTC)"),
                manifest.provenance.digital_source_type.rpartition("/")[2],
            ),
            (translate("facts", "Made with"), manifest.provenance.generator),
        ]
        return [{"label": label, "text": text} for label, text in pairs if text]

    origin = Property(list, _read_origin, notify=changed)

    def _read_engines(self) -> list[dict[str, str]]:
        portrait = self._player.portrait
        uses = () if portrait is None else portrait.manifest.engines
        return [{"label": words.stage(use.stage), "text": _engine(use)} for use in uses]

    engines = Property(list, _read_engines, notify=changed)

    def _read_parts(self) -> list[dict[str, str]]:
        return [
            {"label": f"{name} {self._version(name)}".strip(), "text": licence}
            for name, licence in _PARTS.items()
        ]

    parts = Property(list, _read_parts, notify=changed)

    def retranslate(self) -> None:
        """Say everything in another language."""
        self.changed.emit()
        self.resultChanged.emit()


def _engine(use: EngineUse) -> str:
    """An engine with version, licence and weights, and why it stood in for another one."""
    name = translate("facts", "built in") if use.engine == "builtin" else use.engine
    parts = [f"{name} {use.version}", use.licence]
    if use.weights_sha256 is not None:
        parts.append(translate("facts", "weights %1").replace("%1", use.weights_sha256[:12]))
    if use.instead_of:
        parts.append(translate("facts", "instead of %1").replace("%1", use.instead_of))
    return " · ".join(parts)


def _look(library: Path, versions: dict[str, str] | None) -> _Machine:
    """Ask the machine; touches disks, so never on the UI thread."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    memory_mb = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    place = next(folder for folder in (library, *library.parents) if folder.exists())
    free_gb = shutil.disk_usage(place).free / 1e9
    return _Machine(memory_mb, free_gb, versions or _versions())


def _versions() -> dict[str, str]:
    found = {}
    for name in _PARTS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
