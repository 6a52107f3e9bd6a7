"""The store: artifact folders named by key, published whole, checked when they are used.

A folder appears under its final name only when everything in it is on disk, so two runs may work on
the same key: the first to publish wins, the other's work is the same bytes and is dropped.
"""

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from frame_app.base.atomic import publish_folder, storage_errors
from frame_app.base.hashing import file_sha256
from frame_app.cliplib.schema import EngineUse

_SEAL = "artifact.json"
_WORK = "work"
_SEGMENTS = "segments"
_STALE_S = 14 * 86400.0  # pieces of a clip that nobody went on with
_YOUNG_S = 60.0  # a folder this new may be about to be locked


class SealedFile(BaseModel):
    """What a file of an artifact must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size_bytes: int


class Seal(BaseModel):
    """artifact.json: what belongs to an artifact and how it came to be; written last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    label: str
    files: dict[str, SealedFile]
    engines: tuple[EngineUse, ...] = ()
    scores: dict[str, float] = {}
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    """How long it took to make; not part of any result."""


@dataclass(frozen=True, slots=True)
class Store:
    """Artifacts on disk; losing them costs time, nothing else."""

    root: Path

    def folder(self, key: str) -> Path:
        """Where the artifact of that key lies, if it does."""
        return self.root / key[:2] / key

    def find(self, key: str) -> Seal | None:
        """The seal of an artifact whose files are all there in full length, else None; cheap."""
        folder = self.folder(key)
        try:
            seal = Seal.model_validate_json((folder / _SEAL).read_bytes())
            sizes_fit = all(
                (folder / name).stat().st_size == file.size_bytes
                for name, file in seal.files.items()
            )
        except (OSError, ValidationError):
            return None
        return seal if sizes_fit and seal.key == key else None

    def segments(self, key: str) -> Path:
        """Where pieces of an unfinished clip lie; they outlive a crash, and not the clip."""
        return self.root / _SEGMENTS / key

    def verify(self, key: str) -> Seal | None:
        """As `find`, and every file has the content that was sealed."""
        seal = self.find(key)
        if seal is None:
            return None
        folder = self.folder(key)
        try:
            intact = all(
                file_sha256(folder / name) == file.sha256 for name, file in seal.files.items()
            )
        except OSError:
            return None
        return seal if intact else None

    def discard(self, key: str) -> None:
        """Take a damaged artifact out of the way.

        Raises:
            StorageError: it cannot be removed.
        """
        with storage_errors(self.root):
            folder = self.folder(key)
            if folder.exists():
                with self.workplace() as grave:
                    folder.rename(grave / "discarded")

    @contextlib.contextmanager
    def workplace(self) -> Iterator[Path]:
        """A new folder to work in, gone afterwards unless it was published.

        It is locked while its process lives; `sweep` tells by that which ones were left by a crash.

        Raises:
            StorageError: the disk is full or read-only.
        """
        with storage_errors(self.root):
            work = self.root / _WORK
            work.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=work))
            lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)

    def publish(self, made: Path, seal_parts: dict[str, Any]) -> Seal:
        """Seal a finished folder and give it its name; the first of two equals wins.

        Args:
            made: A folder inside a `workplace`.
            seal_parts: Fields of `Seal` but for `files`.

        Raises:
            StorageError: the disk is full or read-only.
        """
        with storage_errors(made):
            files = {
                path.name: SealedFile(sha256=file_sha256(path), size_bytes=path.stat().st_size)
                for path in sorted(made.iterdir())
            }
            seal = Seal(files=files, **seal_parts)
            (made / _SEAL).write_text(json.dumps(seal.model_dump(mode="json"), indent=1))
            target = self.folder(seal.key)
            target.parent.mkdir(parents=True, exist_ok=True)
            made.chmod(0o755)
            try:
                publish_folder(made, target)
            except OSError:
                if (found := self.find(seal.key)) is None:
                    raise
                return found
            shutil.rmtree(self.segments(seal.key), ignore_errors=True)
        return seal

    def sweep(self) -> int:
        """Remove what crashed runs left behind; returns how many folders that were.

        Pieces of clips stay for two weeks: the next run goes on from there.
        """
        gone = 0
        for folder in sorted((self.root / _SEGMENTS).glob("*")):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime > _STALE_S:
                    shutil.rmtree(folder)
                    gone += 1
        for folder in sorted((self.root / _WORK).glob("*")):
            with contextlib.suppress(OSError):
                if time.time() - folder.stat().st_mtime < _YOUNG_S:
                    continue
                lock = os.open(folder, os.O_RDONLY)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder)
                    gone += 1
                finally:
                    os.close(lock)
        return gone
