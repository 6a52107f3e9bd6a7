"""Crash-safe publication of files and folders."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from frame_app.base.errors import StorageError

_MODE = 0o644
_FULL = {errno.ENOSPC, errno.EDQUOT}


def write_atomic(path: Path, data: bytes) -> None:
    """Replace `path` by a file holding `data`, surviving a crash at any instruction.

    Order matters: bytes to disk, then the name, then the folder that holds the name. The temporary
    file lies beside its target, since a rename is atomic only within one file system. A sync may
    take seconds on a worn card: never call this on the UI thread.

    Raises:
        OSError: disk full, read-only, or missing parent. `path` then holds its old bytes, or the
            new ones if only the last sync failed.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            os.fchmod(descriptor, _MODE)
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:  # KeyboardInterrupt too: leave no litter, then let it pass
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def publish_folder(staged: Path, target: Path) -> None:
    """Give a finished folder its final name; every file in it is synced first.

    `staged` lies on the file system of `target`. After a crash either no `target` exists or a
    complete one does.

    Raises:
        OSError: as for `write_atomic`; `target` exists already and is not empty.
    """
    for folder, _, files in os.walk(staged, topdown=False):
        for file in files:
            sync(Path(folder) / file)
        sync(Path(folder))
    staged.rename(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Flush a file or a folder entry to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn a full or read-only disk below `path` into one sentence.

    Raises:
        StorageError: the block failed with an `OSError`.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            problem = "the disk is full; free some space and run again, nothing is lost"
        else:
            problem = f"cannot be written ({error.strerror or error})"
        # of a copy or a rename the second name is the one that is written
        raise StorageError(Path(error.filename2 or error.filename or path), problem) from error
