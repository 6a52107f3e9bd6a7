"""The library as the player sees it: watched, and portraits made ready, in one thread."""

import logging
import queue
import threading
from pathlib import Path
from typing import NamedTuple, TypeAlias

from frame_app.base.errors import PortraitError
from frame_app.cliplib import layout
from frame_app.cliplib.reader import Library, open_last_good
from frame_app.cliplib.schema import IndexEntry
from frame_app.config.model import DecodingSettings
from frame_app.show.portrait import Panel, Portrait, load_fallback, load_portrait
from frame_app.show.priority import step_back

log = logging.getLogger(__name__)

_HELD_S = 0.1  # how often a shelf that holds still looks whether it may go on
_SPARE_HEAD_BYTES = 64_000_000  # of a portrait that nobody asked for yet; its layers come on top


class LibraryOpened(NamedTuple):
    """A generation was read; its portraits in order."""

    generation: int
    entries: tuple[IndexEntry, ...]
    problem: str
    """Why it is not the generation that the index names; empty if it is."""


class LibraryMissing(NamedTuple):
    """There is nothing that can be shown, and was nothing before."""

    problem: str
    fallback: Portrait | None
    """The shipped still; None if even that cannot be read."""


class PortraitReady(NamedTuple):
    """A portrait that was asked for can be hung."""

    entry: IndexEntry
    portrait: Portrait


class PortraitFailed(NamedTuple):
    """A portrait that was asked for cannot be shown."""

    entry: IndexEntry
    problem: str


News: TypeAlias = LibraryOpened | LibraryMissing | PortraitReady | PortraitFailed


class _Ahead(NamedTuple):
    """Portraits that may be asked for next."""

    entries: tuple[IndexEntry, ...]
    panel: Panel


class _Spare(NamedTuple):
    """A portrait that was made ready before anybody asked."""

    panel: Panel
    portrait: Portrait


class Shelf:
    """Opens the library, notices new generations, loads portraits on request and ahead of it.

    Everything that touches the disk happens in its thread; the UI thread asks and takes news. A
    library that breaks while it is in use changes nothing: what was read stays.
    """

    def __init__(
        self, root: Path, still: Path, settings: DecodingSettings, look_again_s: float
    ) -> None:
        self._root = root
        self._still = still
        self._settings = settings
        self._look_again_s = look_again_s
        self._news: queue.SimpleQueue[News] = queue.SimpleQueue()
        self._wishes: queue.SimpleQueue[tuple[IndexEntry, Panel] | _Ahead | str | None] = (
            queue.SimpleQueue()
        )
        self._seen: tuple[int, int, int] | None = None
        self._problem = ""
        self._library: Library | None = None
        self._older: list[Library] = []
        self._hung: frozenset[str] = frozenset()
        self._loading: Portrait | None = None
        self._is_held = False
        self._ahead: list[IndexEntry] = []
        self._panel = Panel(2, 2)
        self._spares: dict[str, _Spare] = {}
        """By folder; only the thread changes it."""
        self._thread = threading.Thread(target=self._run, name="shelf", daemon=True)

    def start(self) -> None:
        """Begin; the first news is about the library."""
        self._thread.start()

    def wish(self, entry: IndexEntry, panel: Panel) -> None:
        """Load a portrait for a panel of this size; the answer comes as news."""
        self._wishes.put((entry, panel))

    def prepare(self, entries: tuple[IndexEntry, ...], panel: Panel) -> None:
        """Have these ready for when they are wished for, the first one first; forget others."""
        self._wishes.put(_Ahead(entries, panel))

    def hold(self, *, still: bool) -> None:
        """Do nothing that nobody waits for while the processor is wanted elsewhere."""
        self._is_held = still

    def give_up(self, problem: str) -> None:
        """Nothing of this generation can be shown: answer with the fallback."""
        self._wishes.put(problem)

    def adopt(self, settings: DecodingSettings, look_again_s: float) -> None:
        """Load the next portraits by other settings."""
        self._settings, self._look_again_s = settings, look_again_s

    def hung(self, folders: frozenset[str]) -> None:
        """Tell which portraits are on screen: their files must not be collected."""
        self._hung = folders

    @property
    def spare_folders(self) -> frozenset[str]:
        """Portraits that are ready before anybody asked."""
        return frozenset(self._spares.copy())

    def take_news(self) -> News | None:
        """The oldest news not yet taken. Never blocks."""
        try:
            return self._news.get_nowait()
        except queue.Empty:
            return None

    def close(self) -> None:
        """Ask the thread to end; returns at once, see `join`."""
        self._wishes.put(None)

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; False if it is still running."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        step_back()
        try:
            self._look()
            while True:
                try:
                    wish = self._wishes.get(timeout=self._patience_s())
                except queue.Empty:
                    if not self._is_held:
                        self._spare_time()
                    continue
                if wish is None:
                    return
                if isinstance(wish, str):
                    self._offer_fallback(wish)
                elif isinstance(wish, _Ahead):
                    self._plan_ahead(wish)
                else:
                    self._answer(*wish)
        finally:
            self._drop_spares(frozenset())
            for library in (*self._older, *([self._library] if self._library else ())):
                library.close()

    def _patience_s(self) -> float:
        """How long to wait for a wish before spare time is used."""
        if self._is_held:
            return _HELD_S
        return 0.0 if self._loading or self._ahead or self._headless() else self._look_again_s

    def _look(self) -> None:
        """Open the library if its index is another file than last time."""
        try:
            stat = layout.index_path(self._root).stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except OSError:
            seen = None
        if seen is not None and seen == self._seen:
            self._let_go()
            return
        try:
            library = open_last_good(self._root)
        except PortraitError as error:
            self._complain(str(error))
            return
        self._seen = seen
        self._problem = ""
        if self._library is not None:
            is_older = library.problems and library.generation < self._library.generation
            if is_older or library.generation == self._library.generation:
                library.close()  # what is in hand is at least as good
                return
            self._older.append(self._library)
        if not library.entries and self._library is None:
            library.close()
            self._complain(f"library {self._root}: has no portraits yet; run: prerender run PHOTO")
            return
        self._library = library
        self._drop_spares(frozenset(entry.folder for entry in library.entries))
        problem = str(library.problems[0]) if library.problems else ""
        self._news.put(LibraryOpened(library.generation, library.entries, problem))

    def _complain(self, problem: str) -> None:
        """A lasting fault is told once; with a library in hand it is only worth a line."""
        if problem == self._problem:
            return
        is_first = not self._problem
        self._problem = problem
        log.warning("%s", problem)
        if self._library is None and is_first:
            self._offer_fallback(problem)

    def _offer_fallback(self, problem: str) -> None:
        fallback = None
        try:
            fallback = load_fallback(self._still, self._settings)
        except PortraitError as error:
            log.error("%s", error)
        self._news.put(LibraryMissing(problem, fallback))

    def _let_go(self) -> None:
        """Close older generations once nothing of theirs is on screen."""
        if self._library is None or not self._older:
            return
        if self._hung <= {entry.folder for entry in self._library.entries}:
            while self._older:
                self._older.pop().close()

    def _answer(self, entry: IndexEntry, panel: Panel) -> None:
        """Somebody waits for this portrait."""
        spare = self._spares.pop(entry.folder, None)
        portrait = None
        if spare is not None and spare.panel == panel:
            portrait = spare.portrait
        elif spare is not None:
            spare.portrait.close()
        try:
            portrait = portrait or self._load(entry, panel)
        except PortraitError as error:
            log.warning("%s", error)
            self._news.put(PortraitFailed(entry, str(error)))
            return
        if portrait is not None:
            self._news.put(PortraitReady(entry, portrait))
            self._loading = portrait

    def _load(self, entry: IndexEntry, panel: Panel) -> Portrait | None:
        library = self._library
        if library is None:
            return None
        manifest, problems = library.playable(entry)
        for problem in problems:
            log.warning("%s", problem)
        return load_portrait(library.folder(entry), manifest, panel, self._settings)

    def _plan_ahead(self, ahead: _Ahead) -> None:
        self._drop_spares(frozenset(entry.folder for entry in ahead.entries))
        self._panel = ahead.panel
        self._ahead = [entry for entry in ahead.entries if entry.folder not in self._spares]

    def _prepare_one(self) -> None:
        """Make one portrait ready; one that cannot be is told of when somebody asks for it."""
        entry = self._ahead.pop(0)
        try:
            portrait = self._load(entry, self._panel)
        except PortraitError as error:
            log.info("%s", error)
            return
        if portrait is not None:
            self._spares[entry.folder] = _Spare(self._panel, portrait)

    def _drop_spares(self, kept: frozenset[str]) -> None:
        for folder in [folder for folder in self._spares if folder not in kept]:
            self._spares.pop(folder).portrait.close()

    def _spare_time(self) -> None:
        """Nobody waits: complete the last portrait bit by bit, think ahead, or look for news."""
        if self._loading is not None:
            if not self._loading.load_more():
                log.debug("heads hold %.1f MB", self._loading.head_bytes() / 1e6)
                self._loading = None
        elif self._ahead:
            self._prepare_one()
        elif (spare := self._headless()) is not None:
            spare.load_next_head()
        else:
            self._look()

    def _headless(self) -> Portrait | None:
        """A spare portrait of which not all heads are decoded, though there is room for them."""
        for spare in self._spares.values():
            has_room = spare.portrait.head_bytes() < _SPARE_HEAD_BYTES
            if has_room and not spare.portrait.has_all_heads:
                return spare.portrait
        return None
