"""Takes in weights that the user brought by hand: recognised by their digest, whatever their name.

For machines without a network. Files, folders and `.zip` archives are looked through; of a folder
only what the catalogue could know is read, so that a folder of videos costs nothing.
"""

import contextlib
import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from frame_app.base.atomic import storage_errors, sync
from frame_app.base.errors import WeightsError
from prerender.engines.catalogue import WeightsFile
from prerender.engines.weights import WeightsRoom

log = logging.getLogger(__name__)

_CHUNK_BYTES = 1 << 20
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a member of an archive."""

    label: str
    size: int
    open: Callable[[], contextlib.AbstractContextManager[IO[bytes]]]
    is_named: bool
    """The user named this very file; others were found beside it."""

    @property
    def name(self) -> str:
        """Without folders."""
        return Path(self.label).name


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a source."""

    source: str
    sha256: str
    model: str = ""
    """Empty if the catalogue knows no such file."""
    target: Path | None = None
    was_there: bool = False
    """The same file lay in its place already."""


def bring(room: WeightsRoom, paths: Sequence[Path]) -> Iterator[Brought]:
    """Copy every file that the catalogue knows into its place; say which named ones it does not.

    Raises:
        StorageError: the disk is full or read-only.
        WeightsError: a source cannot be read.
    """
    known: dict[str, list[tuple[str, WeightsFile]]] = {}
    for name, model in room.catalogue.model.items():
        for file in model.files:
            known.setdefault(room.expected(file), []).append((name, file))
    known.pop("", None)
    entries = [entry for some in known.values() for entry in some]
    sizes = {file.bytes for _, file in entries if file.bytes}
    # a file of unknown size is looked for by the name it has at its origin
    names = {Path(file.url or file.file).name for _, file in entries if not file.bytes}
    for source in _sources(paths):
        if not (source.is_named or source.size in sizes or source.name in names):
            continue
        try:
            digest = _digest(source)
        except WeightsError as error:
            if source.is_named:
                raise
            log.warning("%s", error)
            continue
        for name, file in known.get(digest, []):
            target = room.path(file)
            was_there = not room.problem(file)
            if not was_there:
                place(room, source, target, digest)
            yield Brought(source.label, digest, name, target, was_there)
        if digest not in known and source.is_named:
            yield Brought(source.label, digest)


def named_file(path: Path) -> Source:
    """One file that the user vouches for; raises `WeightsError` if it cannot be read."""
    with _readable(str(path)):
        return Source(str(path), path.stat().st_size, lambda: path.open("rb"), is_named=True)


def place(room: WeightsRoom, source: Source, target: Path, sha256: str) -> None:
    """Copy a source into its place, whole or not at all; its digest is taken once more on the way.

    Raises:
        StorageError: the disk is full or read-only.
        WeightsError: the source cannot be read, or has changed since it was recognised.
    """
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(descriptor)
    part = Path(temporary)
    try:
        with storage_errors(part), part.open("wb") as stream:
            _copy(source, stream, sha256)
        with storage_errors(target):
            part.replace(target)
            sync(target.parent)
    except BaseException:  # an interrupt too: leave no litter
        part.unlink(missing_ok=True)
        raise
    room.remember(target, sha256)


def _copy(source: Source, stream: IO[bytes], sha256: str) -> None:
    digest = hashlib.sha256()
    for chunk in _chunks(source):
        digest.update(chunk)
        stream.write(chunk)
        stream.flush()
    if digest.hexdigest() != sha256:
        raise WeightsError(Path(source.label), "changed while it was copied", advice="")
    os.fchmod(stream.fileno(), _MODE)
    os.fsync(stream.fileno())


def _sources(paths: Sequence[Path]) -> Iterator[Source]:
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    yield from _opened(file, is_named=False)
        else:
            yield from _opened(path, is_named=True)


def _opened(path: Path, *, is_named: bool) -> Iterator[Source]:
    with _readable(str(path)):
        size = path.stat().st_size
        if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
            yield Source(str(path), size, lambda: path.open("rb"), is_named)
            return
        archive = zipfile.ZipFile(path)
    with archive:
        for member in archive.infolist():
            label = f"{path}/{member.filename}"
            if not member.is_dir():
                opener = lambda info=member: archive.open(info)  # noqa: E731 (bound now)
                yield Source(label, member.file_size, opener, is_named=False)


def _digest(source: Source) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(source):
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(source: Source) -> Iterator[bytes]:
    """At most what the source claimed to hold, so that a bomb in an archive costs nothing."""
    left = source.size
    with _readable(source.label), source.open() as stream:
        while left > 0 and (chunk := stream.read(min(_CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk


@contextlib.contextmanager
def _readable(label: str) -> Iterator[None]:
    try:
        yield
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:  # RuntimeError: an encrypted zip
        why = getattr(error, "strerror", None) or error
        raise WeightsError(Path(label), f"cannot be read ({why})", advice="") from error
