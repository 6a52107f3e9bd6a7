"""Publish a portrait folder, then the index; collect what nothing refers to."""

import contextlib
import fcntl
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from frame_app.base.atomic import publish_folder, storage_errors, sync, write_atomic
from frame_app.base.errors import LibraryError
from frame_app.base.hashing import bytes_sha256, file_sha256
from frame_app.cliplib import layout, reader
from frame_app.cliplib.schema import FileRef, Index, IndexEntry, Manifest

log = logging.getLogger(__name__)

_KEPT_GENERATIONS = 2  # the one in force and the one to fall back to
_STALE_STAGING_S = 86_400.0  # a folder in work is touched far more often than once a day


def file_ref(folder: Path, file: str) -> FileRef:
    """Describe a finished file of a staged portrait."""
    path = folder / file
    return FileRef(file=file, sha256=file_sha256(path), size_bytes=path.stat().st_size)


def make_staging(root: Path) -> Path:
    """A new empty folder on the library's file system to put a portrait together in.

    Raises:
        StorageError: the disk is full or read-only.
    """
    with storage_errors(root):
        staging = layout.staging_path(root)
        staging.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=staging))
        folder.chmod(0o755)
        return folder


def publish(root: Path, staged: Path, manifest: Manifest) -> IndexEntry:
    """Make a staged folder part of the library, replacing the portrait of the same id.

    The folder gets its manifest and its final name, then the index is replaced. A crash before the
    last step leaves the old generation in force and complete. If just this portrait is published
    already, nothing on disk changes and the staged folder is removed.

    Raises:
        LibraryError: a file of the manifest is not in the folder or not what it says.
        LibraryVersionError: the library was written by a newer release.
        StorageError: the disk is full or read-only.
    """
    for ref in manifest.files():
        problem = reader.file_problem(staged, ref, deep=True)
        if problem:
            raise LibraryError(staged / ref.file, problem)
    data = manifest.model_dump_json(by_alias=True, indent=1).encode() + b"\n"
    digest = bytes_sha256(data)
    entry = IndexEntry(
        id=manifest.id,
        folder=f"{manifest.id}-{digest[:8]}",
        title=manifest.title,
        poster=manifest.poster.file,
        manifest_sha256=digest,
    )
    with storage_errors(root), _exclusive(root):
        old = _current(root)
        target = layout.portraits_path(root) / entry.folder
        target.parent.mkdir(exist_ok=True)
        if target.is_dir() and _is_intact(target, digest, manifest):
            shutil.rmtree(staged)
            if entry in old.portraits:
                return entry
        else:
            write_atomic(staged / layout.MANIFEST, data)
            _set_aside(root, target)
            publish_folder(staged, target)
        _replace_index(root, old, _with_entry(old.portraits, entry))
    log.info("published %s as %s", manifest.id, entry.folder)
    return entry


def remove(root: Path, portrait_id: str) -> None:
    """Take a portrait out of the index; its files stay until `collect`.

    Raises:
        LibraryError: there is no such portrait.
    """
    with storage_errors(root), _exclusive(root):
        old = _current(root)
        rest = tuple(entry for entry in old.portraits if entry.id != portrait_id)
        if len(rest) == len(old.portraits):
            raise LibraryError(root, f"has no portrait {portrait_id}")
        _replace_index(root, old, rest)


def collect(root: Path, *, now_s: float | None = None) -> tuple[Path, ...]:
    """Delete generations that nobody needs and folders that no generation names.

    Kept are the generation in force, the one before it, and each that a player has open.

    Returns:
        What was deleted.

    Raises:
        LibraryError: the library cannot be read; nothing is deleted then.
    """
    gone: list[Path] = []
    with storage_errors(root), _exclusive(root):
        named = {entry.folder for entry in reader.read_index(layout.index_path(root)).portraits}
        for position, path in enumerate(reader.generations(root)):
            if position < _KEPT_GENERATIONS or _is_open(path):
                with contextlib.suppress(LibraryError):  # a torn copy names nothing
                    named |= {entry.folder for entry in reader.read_index(path).portraits}
            else:
                path.unlink()
                gone.append(path)
        for folder in sorted(layout.portraits_path(root).glob("*")):
            if folder.name not in named:
                shutil.rmtree(folder)
                gone.append(folder)
        oldest_s = (time.time() if now_s is None else now_s) - _STALE_STAGING_S
        for folder in sorted(layout.staging_path(root).glob("*")):
            if folder.stat().st_mtime < oldest_s:
                shutil.rmtree(folder)
                gone.append(folder)
    return tuple(gone)


def _with_entry(entries: tuple[IndexEntry, ...], new: IndexEntry) -> tuple[IndexEntry, ...]:
    """A known portrait keeps its place, a new one comes last."""
    if any(entry.id == new.id for entry in entries):
        return tuple(new if entry.id == new.id else entry for entry in entries)
    return (*entries, new)


def _current(root: Path) -> Index:
    """The index to go on from; a torn one is replaced by the last good generation."""
    if not layout.index_path(root).exists() and not reader.generations(root):
        return Index(generation=0)
    with reader.open_library(root) as library:
        return library.index


def _replace_index(root: Path, old: Index, entries: tuple[IndexEntry, ...]) -> None:
    newest = max((int(path.stem) for path in reader.generations(root)), default=0)
    index = Index(generation=max(old.generation, newest) + 1, portraits=entries)
    data = index.model_dump_json(by_alias=True, indent=1).encode() + b"\n"
    copy = layout.generation_path(root, index.generation)
    copy.parent.mkdir(exist_ok=True)
    write_atomic(copy, data)
    write_atomic(layout.index_path(root), data)


def _is_intact(folder: Path, digest: str, manifest: Manifest) -> bool:
    path = folder / layout.MANIFEST
    return (
        path.is_file()
        and file_sha256(path) == digest
        and not any(reader.file_problem(folder, ref, deep=True) for ref in manifest.files())
    )


def _set_aside(root: Path, target: Path) -> None:
    """Move a damaged folder of the same name out of the way; `collect` deletes it later."""
    if target.exists():
        log.warning("%s was damaged and is replaced", target)
        target.rename(make_staging(root) / target.name)
        sync(target.parent)


def _is_open(generation: Path) -> bool:
    """Whether a player holds its shared lock on this generation."""
    descriptor = os.open(generation, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def _exclusive(root: Path) -> Iterator[None]:
    """One writer at a time; the lock vanishes with its process."""
    root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
