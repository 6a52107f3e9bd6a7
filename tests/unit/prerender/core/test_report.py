from pathlib import Path

import pytest

from frame_app.base.errors import (
    LibraryError,
    NoFaceError,
    PictureError,
    PortraitError,
    StageError,
    StorageError,
    UsageError,
)
from prerender.core.report import PortraitEntry, RunReport, Status

PHOTO = Path("a.jpg")
PICTURE = PictureError(PHOTO, "is empty")
FACE = NoFaceError(PHOTO, "no face")
STAGE = StageError("depth", "failed")
DISK = StorageError(PHOTO, "full")
LIBRARY = LibraryError(PHOTO, "torn")
USE = UsageError("no such clip")


# Written by hand: what failed, how many succeeded, what the shell sees.
@pytest.mark.parametrize(
    ("errors", "made", "code"),
    [
        ([], 0, 0),
        ([], 3, 0),
        ([PICTURE], 0, 4),
        ([PICTURE, FACE], 0, 4),
        ([PICTURE], 1, 1),
        ([PICTURE, STAGE], 0, 1),
        ([STAGE], 0, 1),
        ([USE], 0, 2),
        ([DISK], 5, 6),
        ([PICTURE, LIBRARY], 1, 5),
    ],
)
def test_the_exit_code_says_what_failed(errors: list[PortraitError], made: int, code: int) -> None:
    report = RunReport(Path("library"), "fast")
    for error in errors:
        report.portraits.append(PortraitEntry(PHOTO, Status.FAILED, error=error))
    report.portraits += [PortraitEntry(PHOTO, Status.MADE)] * made
    assert report.exit_code == code
    assert report.document().exit_code == code


def test_errors_are_written_out_for_machines() -> None:
    error = PortraitEntry(PHOTO, Status.FAILED, error=FACE).record().error
    assert error is not None
    assert error.model_dump() == {
        "kind": "NoFaceError",
        "message": "a.jpg: no face",
        "exit_code": 4,
    }
