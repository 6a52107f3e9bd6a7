"""Photos from outside, decoded in a child process with limits on memory, time and size."""

import contextlib
import json
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import PictureError, StorageError
from prerender.media.border import straight_border
from prerender.media.files import Limits, RefusedError, check_file
from prerender.media.scan import cut_out_print

_META, _PIXELS = "photo.json", "photo.rgb"
_NO_ROOM = 28  # exit code of the child: errno ENOSPC
_PATIENCE = 12  # wall clock against processor time


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo as it came from outside."""

    pixels: ImageU8
    """As displayed, without a scan's border, long side at most what was asked for."""
    width: int
    """Pixels of the file as displayed, before any reduction or crop."""
    height: int
    format: str
    taken: str | None
    """ISO 8601, from EXIF."""
    warnings: tuple[str, ...]


def read_photo(
    path: Path, max_side_px: int, *, limits: Limits | None = None, scratch: Path | None = None
) -> Photo:
    """Decode a photo in a child process; it costs about 0.3 s and protects this one.

    Args, and what is raised: see `decoding`.
    """
    with decoding(path, max_side_px, limits=limits, scratch=scratch) as photo:
        return photo()


@contextlib.contextmanager
def decoding(
    path: Path, max_side_px: int, *, limits: Limits | None = None, scratch: Path | None = None
) -> Iterator[Callable[[], Photo]]:
    """As `read_photo`, while the caller does something else; what it yields waits for the photo.

    Args:
        path: The user's file.
        max_side_px: Long side to which larger pictures are reduced.
        limits: What it may cost.
        scratch: Where the child leaves the pixels; the system's place for such files if None.

    Raises:
        PictureError: with one sentence, for whatever reason the photo cannot be used.
        StorageError: there is no room for the decoded pixels.
    """
    limits = limits or Limits()
    check_file(path)
    with tempfile.TemporaryDirectory(prefix="portrait-frame-", dir=scratch) as name:
        folder = Path(name)
        child = multiprocessing.get_context("spawn").Process(
            target=_decode_into, args=(path, folder, max_side_px, limits), daemon=True
        )
        child.start()
        try:
            yield partial(_photo, path, folder, child, limits)
        finally:
            _end(child)


def _photo(path: Path, folder: Path, child: BaseProcess, limits: Limits) -> Photo:
    """What the child left, without the border of a scan."""
    _wait_for(child, path, folder, limits)
    meta = json.loads((folder / _META).read_text())
    if "problem" in meta:
        raise PictureError(path, meta["problem"])
    raw = np.fromfile(folder / _PIXELS, np.uint8)
    pixels: ImageU8 = raw.reshape(meta["shape"])
    notes = list(meta["warnings"])
    print_alone = cut_out_print(pixels)
    if print_alone is not pixels:
        notes.append("the print was straightened and cut out of its scan")
        pixels = np.ascontiguousarray(print_alone)
    left, top, right, bottom = straight_border(pixels)
    if left or top or right or bottom:
        notes.append("the plain border around the picture was cut off")
        height, width = pixels.shape[:2]
        pixels = np.ascontiguousarray(pixels[top : height - bottom, left : width - right])
    return Photo(pixels, meta["width"], meta["height"], meta["format"], meta["taken"], tuple(notes))


def _wait_for(child: BaseProcess, path: Path, folder: Path, limits: Limits) -> None:
    child.join(_PATIENCE * limits.time_s)
    late = child.is_alive()
    _end(child)
    if late or child.exitcode in {-signal.SIGXCPU, -signal.SIGALRM}:
        raise PictureError(path, "takes too long to decode; it may be damaged or made to do harm")
    if child.exitcode == _NO_ROOM:
        problem = "the disk is full; free some space and run again, nothing is lost"
        raise StorageError(folder, problem)
    if child.exitcode != 0 or not (folder / _META).exists():
        raise PictureError(path, f"made its decoder fail (exit code {child.exitcode})")


def _end(child: BaseProcess) -> None:
    if child.is_alive():
        child.kill()
        child.join()


def _decode_into(path: Path, folder: Path, max_side_px: int, limits: Limits) -> None:
    """In the child: decode and leave pixels and facts, or the reason, in `folder`."""
    from prerender.media.decode import decode  # decoders are loaded here and nowhere else

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.alarm(int(_PATIENCE * limits.time_s) + 1)  # should the parent be gone
    cpu_s = max(1, int(limits.time_s))
    with contextlib.suppress(ValueError, OSError):  # a lower limit is in force already
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    meta: dict[str, object]
    try:
        decoded = decode(path, max_side_px, limits)
        (folder / _PIXELS).write_bytes(decoded.pixels.tobytes())
        meta = {
            "shape": decoded.pixels.shape,
            "width": decoded.width,
            "height": decoded.height,
            "format": decoded.format,
            "taken": decoded.taken,
            "warnings": decoded.warnings,
        }
    except RefusedError as error:
        meta = {"problem": str(error)}
    except OSError:
        sys.exit(_NO_ROOM)
    (folder / _META).write_text(json.dumps(meta))
