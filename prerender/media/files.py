"""Which files may be photos and what they may cost; light, since it runs before decoding."""

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from frame_app.base.errors import PictureError

READABLE = "JPEG, PNG, TIFF, WebP, BMP, GIF, HEIC, AVIF or PPM"
"""The formats, for sentences; `prerender.media.decode` has their names in Pillow."""

_SUFFIXES = {".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif"}
_SUFFIXES |= {".heic", ".heif", ".avif", ".ppm", ".pgm"}


class RefusedError(Exception):
    """The picture is not read; the text is the reason, without the file's name."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a single picture may cost."""

    max_pixels: int = 120_000_000
    """Width times height, read from the header before anything is decoded."""
    memory_bytes: int = 3 << 30
    """Address space of the decoding process."""
    time_s: float = 10.0
    """Processor time. On the wall clock it may take twelve times as long: a machine that renders
    clips, or swaps, is slow with good photos too."""


def photos_in(folder: Path) -> tuple[Path, ...]:
    """The files of a folder whose names look like photos, sorted; hidden ones are left out.

    Raises:
        PictureError: the folder cannot be read.
    """
    try:
        found = sorted(folder.iterdir())
    except FileNotFoundError as error:
        raise PictureError(folder, "does not exist") from error
    except NotADirectoryError as error:
        raise PictureError(folder, "is not a folder") from error
    except OSError as error:
        raise PictureError(folder, f"is a folder that cannot be read ({error.strerror})") from error
    return tuple(
        path
        for path in found
        if path.suffix.lower() in _SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def check_file(path: Path) -> None:
    """Refuse what is no readable, non-empty file, before any decoder sees it.

    Raises:
        PictureError: with the reason.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise PictureError(path, "is a folder; name pictures, or give the folder with --inbox")
        if not stat.S_ISREG(found.st_mode):
            raise PictureError(path, "is not a file")  # a pipe or device might never end
        if found.st_size == 0:
            raise PictureError(path, f"is empty; a {READABLE} file is needed")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise PictureError(path, "does not exist") from error
    except OSError as error:
        raise PictureError(path, f"cannot be read ({error.strerror})") from error


def pass_on(source: Path, target: Path) -> None:
    """The same file under another name: without a copy where the disk can do that.

    Raises:
        OSError: neither works.
    """
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without links
        shutil.copyfile(source, target)
