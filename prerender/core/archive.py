"""Reports on disk: a folder per run with report.html and report.json; the oldest go."""

import shutil
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from frame_app.base.atomic import storage_errors, write_atomic
from frame_app.base.errors import UsageError
from prerender.core.document import Document

PAGE, DATA = "report.html", "report.json"
_KEPT = 30  # a month of nights


def folder_for(root: Path, started: datetime) -> Path:
    """A folder below `root` that does not exist yet, named by the time; names sort by it."""
    name = started.strftime("%Y-%m-%dT%H-%M-%S")
    folder, number = root / name, 1
    while folder.exists():
        number += 1
        folder = root / f"{name}-{number}"
    return folder


def write(folder: Path, report: Document, page: str) -> Path:
    """Write both files, the data last; returns the page's path.

    Raises:
        StorageError: the disk is full or read-only.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / PAGE, page.encode())
        write_atomic(
            folder / DATA, (report.model_dump_json(indent=1, by_alias=True) + "\n").encode()
        )
    return folder / PAGE


def prune(root: Path, kept: int = _KEPT) -> None:
    """Remove all reports but the newest; what is no report stays."""
    for folder in _reports(root)[:-kept]:
        shutil.rmtree(folder, ignore_errors=True)


def find(root: Path, wanted: Path | None) -> Path:
    """The folder of the newest report, or of the one that is named by its folder or a file of it.

    Raises:
        UsageError: there is none.
    """
    if wanted is not None:
        folder = wanted if wanted.is_dir() else wanted.parent
        if not (folder / DATA).is_file():
            msg = f"{wanted} is no report: there is no {DATA}"
            raise UsageError(msg)
        return folder
    found = _reports(root)
    if not found:
        msg = f"there is no report in {root} yet; prerender run writes one when it makes something"
        raise UsageError(msg)
    return found[-1]


def read(folder: Path) -> Document:
    """The report of a folder; raises `UsageError` if it is damaged or of another release."""
    try:
        return Document.model_validate_json((folder / DATA).read_bytes())
    except (OSError, ValidationError) as error:
        msg = f"{folder / DATA} cannot be read; {PAGE} beside it may still open in a browser"
        raise UsageError(msg) from error


def _reports(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob(f"*/{DATA}"))
