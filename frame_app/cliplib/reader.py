"""Open, verify, list problems, fall back to the last good generation."""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pydantic import ValidationError

from frame_app.base.errors import LibraryError, LibraryVersionError
from frame_app.base.hashing import bytes_sha256, file_sha256
from frame_app.cliplib import layout
from frame_app.cliplib.schema import SCHEMA, FileRef, Index, IndexEntry, Manifest

log = logging.getLogger(__name__)


class Problem(NamedTuple):
    """One thing that is wrong with a library."""

    portrait: str
    """Id of the portrait, or empty if the index is meant."""
    file: str
    """Path below the library root."""
    text: str
    """What is wrong, without the names above."""

    def __str__(self) -> str:
        return f"{self.portrait or 'index'}: {self.file} {self.text}"


@dataclass(slots=True)
class Library:
    """One generation of a clip library, complete; manifests are read when asked for.

    Holds a shared lock on its generation until `close`, so that `writer.collect` leaves the files
    alone. Not changed after opening; a new generation is opened as another `Library`.
    """

    root: Path
    index: Index
    problems: tuple[Problem, ...]
    """What went wrong on opening; empty if the index in force was read."""

    _lock: int | None = None

    @property
    def generation(self) -> int:
        """Which publication this is."""
        return self.index.generation

    @property
    def entries(self) -> tuple[IndexEntry, ...]:
        """The portraits in the order they are shown."""
        return self.index.portraits

    def folder(self, entry: IndexEntry) -> Path:
        """Where the portrait's files are."""
        return layout.portraits_path(self.root) / entry.folder

    def manifest(self, entry: IndexEntry) -> Manifest:
        """Read and check one manifest.

        Raises:
            LibraryError: it is missing, altered or not a manifest.
            LibraryVersionError: it was written by a newer release.
        """
        path = self.folder(entry) / layout.MANIFEST
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LibraryError(path, f"cannot be read ({error.strerror})") from error
        if bytes_sha256(data) != entry.manifest_sha256:
            raise LibraryError(path, "is not the file that was published; render it again")
        _check_version(path, data)
        try:
            return Manifest.model_validate_json(data)
        except ValidationError as error:
            raise LibraryError(path, _first_fault(error)) from error

    def playable(self, entry: IndexEntry) -> tuple[Manifest, tuple[Problem, ...]]:
        """The manifest without clips whose file is missing or has another length.

        Cheap, one `stat` per file; `file_problem` with `deep` compares the hash.

        Raises:
            LibraryError: as `manifest`.
        """
        manifest = self.manifest(entry)
        folder = self.folder(entry)
        problems: list[Problem] = []

        def is_there(ref: FileRef) -> bool:
            text = file_problem(folder, ref)
            if text:
                problems.append(Problem(entry.id, f"{entry.folder}/{ref.file}", text))
            return not text

        for ref in manifest.stills():
            is_there(ref)
        clips = tuple(clip for clip in manifest.clips if is_there(clip.video))
        gaze = manifest.gaze if manifest.gaze and is_there(manifest.gaze.video) else None
        visemes = (
            manifest.visemes if manifest.visemes and is_there(manifest.visemes.video) else None
        )
        kept = {"clips": clips, "gaze": gaze, "visemes": visemes}
        return manifest.model_copy(update=kept), tuple(problems)

    def close(self) -> None:
        """Let go of the generation; the files may now be collected."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_library(root: Path) -> Library:
    """Open the generation in force, or the last good one if the index is torn.

    Raises:
        LibraryError: there is no library, or nothing of it can be read.
        LibraryVersionError: the index was written by a newer release.
    """
    if not root.is_dir():
        raise LibraryError(root, "does not exist; make one with: prerender run PHOTO")
    path = layout.index_path(root)
    problems: list[Problem] = []
    try:
        return _locked(root, read_index(path), ())
    except LibraryVersionError:
        raise
    except LibraryError as error:
        problems.append(Problem("", path.name, error.problem))
    return _open_older(root, problems)


def open_last_good(root: Path) -> Library:
    """The newest generation that this release can read, whatever the index in force says.

    Raises:
        LibraryError: there is none.
    """
    try:
        return open_library(root)
    except LibraryVersionError as error:
        return _open_older(root, [Problem("", layout.INDEX, error.problem)])


def _open_older(root: Path, problems: list[Problem]) -> Library:
    for path in generations(root):
        try:
            library = _locked(root, read_index(path), tuple(problems))
        except LibraryError as error:
            problems.append(Problem("", f"{layout.GENERATIONS}/{path.name}", error.problem))
            continue
        log.warning("library %s: %s; going on with %s", root, problems[0].text, path.name)
        return library
    raise LibraryError(root, problems[0].text)


def generations(root: Path) -> list[Path]:
    """The indices that are kept, newest first."""
    return sorted((root / layout.GENERATIONS).glob("[0-9]*.json"), reverse=True)


def read_index(path: Path) -> Index:
    """Read one index file.

    Raises:
        LibraryError: it is missing, torn or not an index.
        LibraryVersionError: it was written by a newer release.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise LibraryError(path.parent, f"has no {path.name}; run: prerender run PHOTO") from error
    except OSError as error:
        raise LibraryError(path, f"cannot be read ({error.strerror})") from error
    _check_version(path, data)
    try:
        return Index.model_validate_json(data)
    except ValidationError as error:
        raise LibraryError(path, _first_fault(error)) from error


def file_problem(folder: Path, ref: FileRef, *, deep: bool = False) -> str:
    """What is wrong with a file of a portrait, or an empty string; `deep` compares the hash."""
    path = folder / ref.file
    try:
        size = path.stat().st_size
        if size != ref.size_bytes:
            return f"has {size} bytes instead of {ref.size_bytes}"
        if deep and file_sha256(path) != ref.sha256:
            return "is not the file that was published"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""


def verify(root: Path) -> Iterator[Problem]:
    """Every problem of a library, all files read and compared with their hashes.

    Raises:
        LibraryError: the library cannot be opened at all.
    """
    with open_library(root) as library:
        yield from library.problems
        for entry in library.entries:
            try:
                manifest = library.manifest(entry)
            except LibraryError as error:
                yield Problem(entry.id, f"{entry.folder}/{layout.MANIFEST}", error.problem)
                continue
            for ref in manifest.files():
                text = file_problem(library.folder(entry), ref, deep=True)
                if text:
                    yield Problem(entry.id, f"{entry.folder}/{ref.file}", text)


def _locked(root: Path, index: Index, problems: tuple[Problem, ...]) -> Library:
    """Mark the generation as in use; a read-only library is opened without the mark."""
    lock: int | None = None
    try:
        lock = os.open(layout.generation_path(root, index.generation), os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:  # no such copy, or a file system without locks
        log.debug("generation %d of %s is not locked: %s", index.generation, root, error)
        if lock is not None:
            os.close(lock)
            lock = None
    return Library(root, index, problems, lock)


def _check_version(path: Path, data: bytes) -> None:
    """Tell a newer schema from a torn file, before the models complain of unknown keys."""
    try:
        head = json.loads(data)
    except ValueError as error:
        raise LibraryError(path, "is torn or not JSON") from error
    found = head.get("schema") if isinstance(head, dict) else None
    if not isinstance(found, int) or isinstance(found, bool):
        raise LibraryError(path, "names no schema")
    if found > SCHEMA:
        raise LibraryVersionError(path, found, SCHEMA)


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "the file"
    return f"is not valid: {place}: {fault['msg']}"
