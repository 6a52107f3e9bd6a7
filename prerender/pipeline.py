"""Composition root: recipe, stages, engines, store and executor make portraits for a library."""

import contextlib
import importlib.metadata
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from frame_app.base.errors import (
    EngineError,
    LibraryError,
    PictureError,
    PortraitError,
    StorageError,
)
from frame_app.cliplib import layout, reader, writer
from frame_app.cliplib.schema import Consent, IndexEntry, Manifest
from prerender.core.document import ClipVerdict
from prerender.core.facts import ClipFacts, SourceFacts, load_facts
from prerender.core.manifest import (
    Naming,
    clip_facts,
    engine_uses,
    gather,
    make_manifest,
    slug_of,
    title_of,
)
from prerender.core.plan import Node, Plan, make_plan
from prerender.core.report import PortraitEntry, StageEntry, Status
from prerender.core.runner import Observer, Outcome, Runner
from prerender.core.stage import ArtifactKind, Engines
from prerender.core.store import Seal, Store
from prerender.core.verdict import left_out, remarks
from prerender.engines.registry import Task
from prerender.recipe import Recipe

log = logging.getLogger(__name__)

_DISTRIBUTION = "portrait-frame"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told besides the recipe."""

    library: Path
    store: Path
    jobs: int = 1
    title: str = ""
    """Of the one portrait of this run; empty derives it from the photo."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What `plan` shows of one photo."""

    plan: Plan
    id: str
    is_published: bool
    cached: frozenset[str]
    """Labels of the nodes that are in the store."""


@dataclass(slots=True)
class Pipeline:
    """Makes portraits; one object per run."""

    recipe: Recipe
    engines: Engines
    settings: Settings
    make_executor: Callable[[], Executor]
    is_over: Callable[[], bool] = lambda: False
    _taken: dict[str, str] = field(default_factory=dict)
    """Ids given out in this run, with the hash of the photo."""
    _names: dict[str, str] = field(default_factory=dict)
    """The id of each plan, by the hash of its photo and its path."""
    _told: set[str] = field(default_factory=set)
    """Reasons that were said."""

    def preview(self, photo: Path) -> Preview:
        """What would be done for a photo; reads its bytes, decodes nothing.

        Raises:
            PortraitError: the photo cannot be read, or the library is of a newer release.
        """
        store = self._store()
        plan = make_plan(photo, self.recipe.blueprint(), self.engines)
        cached = frozenset(node.label for node in plan.nodes if store.find(node.key))
        with self._library() as library:
            name = self._name(plan, library)
            return Preview(plan, name, self._published(plan, name, library) is not None, cached)

    def run(self, photos: Iterable[Path], observer: Observer) -> Iterator[PortraitEntry]:
        """Make and publish what changed; each portrait's entry comes when it is done.

        A photo that fails is an entry with its error and stops no other.

        Raises:
            StorageError: the disk is full or read-only.
            LibraryError: the library cannot be read or written.
        """
        store = self._store()
        early: list[PortraitEntry] = []
        began: dict[str, float] = {}
        runner = Runner(
            store, self.make_executor, window=max(1, self.settings.jobs), is_over=self.is_over
        )
        todo = photos
        while True:
            again: list[Path] = []
            for outcome in runner.run(self._changed(todo, early, began), observer):
                yield from _drained(early)
                photo = outcome.plan.photo
                if self._can_do_without(outcome):
                    again.append(photo)
                    continue
                yield self._finish(store, outcome, time.monotonic() - began[str(photo)])
            yield from _drained(early)
            if not again:
                return
            todo = again

    def _can_do_without(self, outcome: Outcome) -> bool:
        """Whether an engine failed and another one may do its work; from now on it has to."""
        error = outcome.error
        if not isinstance(error, EngineError) or error.task not in set(Task):
            return False
        others = outcome.plan.engines.without(Task(error.task), error.engine, error.problem)
        try:
            plan = make_plan(outcome.plan.photo, self.recipe.blueprint(), others)
        except PortraitError:
            return False  # it was named, and nothing else was
        if {node.key for node in plan.nodes} == {node.key for node in outcome.plan.nodes}:
            return False  # it has no part in the plan
        if self.engines == outcome.plan.engines:
            self.engines = others
        log.warning("%s; %s is made again without it", error, outcome.plan.photo.name)
        return True

    def _store(self) -> Store:
        return Store(self.settings.store)

    def _changed(
        self, photos: Iterable[Path], early: list[PortraitEntry], began: dict[str, float]
    ) -> Iterator[Plan]:
        """The plans of what is not published as it should be; the rest goes to `early`."""
        blueprint = self.recipe.blueprint()
        is_swept = False
        for photo in photos:
            if self.is_over():
                early.append(PortraitEntry(photo, Status.STOPPED))
                continue
            began[str(photo)] = time.monotonic()
            try:
                plan = make_plan(photo, blueprint, self.engines)
                self._tell(plan)
            except PictureError as error:
                early.append(PortraitEntry(photo, Status.FAILED, error=error))
                continue
            with self._library() as library:
                name = self._name(plan, library)
                entry = self._published(plan, name, library)
            if entry is not None:
                early.append(
                    PortraitEntry(photo, Status.UNCHANGED, id=entry.id, folder=entry.folder)
                )
                continue
            if not is_swept:  # a run with nothing to do touches nothing
                self._store().sweep()
                is_swept = True
            yield plan

    def _tell(self, plan: Plan) -> None:
        """Say once a run which engines are not the ones that were wanted, and why."""
        steps = {step.stage.name: step for node in plan.nodes for step in node.steps}
        for step in steps.values():
            reason = step.choice.instead_of if step.choice else None
            if reason and reason not in self._told:
                self._told.add(reason)
                log.warning("%s", reason)

    def _finish(self, store: Store, outcome: Outcome, seconds: float) -> PortraitEntry:
        plan = outcome.plan
        name = self._names[_plan_name(plan)]
        entry: IndexEntry | None = None
        error = outcome.error
        status = Status.STOPPED if outcome.is_stopped else Status.FAILED
        if error is None and outcome.is_complete:
            try:
                entry = self._publish(store, plan, outcome.seals, name)
                status = Status.MADE
            except (StorageError, LibraryError):
                raise
            except PortraitError as failed:
                error = failed
        clips = clip_facts(store, plan)
        return PortraitEntry(
            plan.photo,
            status,
            id=name,
            folder=entry.folder if entry else "",
            seconds=seconds,
            stages=tuple(_entries(outcome)),
            warnings=_warnings(outcome, clips),
            error=error,
            clips=tuple(_verdicts(clips)),
            engines=tuple(engine_uses(plan.nodes, outcome.seals)),
            title=entry.title if entry else "",
            before=_picture(store, outcome),
        )

    def _publish(self, store: Store, plan: Plan, seals: dict[str, Seal], name: str) -> IndexEntry:
        root = self.settings.library
        with self._library() as library:
            manifest = make_manifest(store, plan, seals, self._naming(plan, name, library))
        staged = writer.make_staging(root)
        gather(store, plan, staged)
        return writer.publish(root, staged, manifest)

    @contextlib.contextmanager
    def _library(self) -> Iterator[reader.Library | None]:
        """The library as it stands, None if there is none yet."""
        root = self.settings.library
        if not layout.index_path(root).exists() and not reader.generations(root):
            yield None
            return
        with reader.open_library(root) as library:
            yield library

    def _name(self, plan: Plan, library: reader.Library | None) -> str:
        """The id of a portrait: the same photo keeps it, another of the same name gets a number."""
        slug, number = slug_of(plan.photo), 1
        entries = {entry.id: entry for entry in library.entries} if library else {}
        while True:
            name = slug if number == 1 else f"{slug}-{number}"
            owner = self._taken.get(name)
            if owner is None and library is not None and name in entries:
                owner = _source_of(library, entries[name])
            if owner is None or owner == plan.photo_sha256:
                break
            number += 1
        self._taken[name] = plan.photo_sha256
        self._names[_plan_name(plan)] = name
        return name

    def _published(
        self, plan: Plan, name: str, library: reader.Library | None
    ) -> IndexEntry | None:
        """The entry of the portrait if the library holds exactly what this plan makes."""
        entry = _entry(library, name)
        if library is None or entry is None:
            return None
        store = self._store()
        seals = {node.label: store.find(node.key) for node in plan.nodes}
        complete = {label: seal for label, seal in seals.items() if seal is not None}
        if len(complete) != len(seals):
            return None
        try:
            there = library.manifest(entry)
            wanted = make_manifest(store, plan, complete, self._naming(plan, name, library))
        except (OSError, ValueError, LibraryError):
            return None
        folder = library.folder(entry)
        is_same = _comparable(there) == _comparable(wanted)
        if is_same and not any(reader.file_problem(folder, ref) for ref in there.files()):
            return entry
        return None

    def _naming(self, plan: Plan, name: str, library: reader.Library | None) -> Naming:
        """What the owner laid down before stays: title and consent."""
        old = _manifest(library, name)
        title = self.settings.title
        if not title and old is not None:
            title = old.title
        if not title:
            store = self._store()
            source = store.folder(plan.producers[ArtifactKind.SOURCE]) / ArtifactKind.SOURCE.value
            title = title_of(plan.photo, load_facts(source, SourceFacts).taken)
        consent = old.consent if old is not None else Consent()
        return Naming(name, title, generator(), consent)


def generator() -> str:
    """Program and release, as manifests name it."""
    try:
        release = importlib.metadata.version(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        release = "0+checkout"
    return f"{_DISTRIBUTION} {release}"


def _comparable(manifest: Manifest) -> Manifest:
    """Without the release that wrote it: a new one does not make old work stale."""
    provenance = manifest.provenance.model_copy(update={"generator": ""})
    return manifest.model_copy(update={"provenance": provenance})


def _entry(library: reader.Library | None, name: str) -> IndexEntry | None:
    entries = library.entries if library is not None else ()
    return next((entry for entry in entries if entry.id == name), None)


def _manifest(library: reader.Library | None, name: str) -> Manifest | None:
    entry = _entry(library, name)
    if library is None or entry is None:
        return None
    try:
        return library.manifest(entry)
    except LibraryError as error:
        log.warning("%s; the portrait is made again", error)
        return None


def _source_of(library: reader.Library, entry: IndexEntry) -> str | None:
    """Hash of the photo an entry was made from; None if its manifest is damaged."""
    manifest = _manifest(library, entry.id)
    return manifest.source.sha256 if manifest is not None else None


def _plan_name(plan: Plan) -> str:
    return f"{plan.photo_sha256}:{plan.photo}"


def _entries(outcome: Outcome) -> Iterator[StageEntry]:
    for node in outcome.plan.nodes:
        seal = outcome.seals.get(node.label)
        if seal is not None:
            is_cached = node.label not in outcome.made
            yield StageEntry(node.label, is_cached, seal.seconds, seal.scores)


def _verdicts(clips: Mapping[str, ClipFacts]) -> Iterator[ClipVerdict]:
    gone = left_out(clips)
    for label, fact in clips.items():
        yield ClipVerdict(
            name=label,
            family=fact.family,
            published=label not in gone,
            amplitude=fact.amplitude,
            reasons=gone.get(label, ()),
            checks=fact.checks,
        )


def _picture(store: Store, outcome: Outcome) -> Path | None:
    """The photo as intake left it."""
    key = outcome.plan.producers.get(ArtifactKind.PICTURE)
    path = store.folder(key) / ArtifactKind.PICTURE.value if key else None
    return path if path is not None and path.is_file() else None


def _warnings(outcome: Outcome, clips: Mapping[str, ClipFacts]) -> tuple[str, ...]:
    said = [text for seal in outcome.seals.values() for text in seal.warnings]
    if outcome.is_complete:
        said.extend(remarks(clips))
    return tuple(dict.fromkeys(said))


def _drained(entries: list[PortraitEntry]) -> Iterator[PortraitEntry]:
    while entries:
        yield entries.pop(0)


__all__ = ["Node", "Pipeline", "Preview", "Settings", "generator"]
