"""Fetches a file of weights: the only code of the project that opens a connection to the outside.

It runs when the user says `prerender models fetch`, asks for addresses of the catalogue, sends
nothing but the request, and is off wherever `PORTRAIT_FRAME_OFFLINE` is set. What arrives is kept
under a temporary name until its digest is right; a fetch that was cut goes on where it stopped.
"""

import contextlib
import fcntl
import http.client
import os
import shutil
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from frame_app.base.atomic import storage_errors, sync
from frame_app.base.errors import PortraitError, StorageError, UsageError, WeightsError
from frame_app.base.hashing import file_sha256
from prerender.engines.catalogue import WeightsFile
from prerender.engines.weights import WeightsRoom

OFFLINE = "PORTRAIT_FRAME_OFFLINE"
"""Name of the environment variable that forbids every connection."""

_TIMEOUT_S = 30.0
_CHUNK_BYTES = 1 << 20
_TRIES = 5  # without a single new byte in between
_SPARE_BYTES = 64 << 20  # that stay free on the disk
_BUSY = {408, 425, 429, 500, 502, 503, 504}  # worth another try
_SHUT = {401, 403}

Progress = Callable[[int, int], None]
"""Told bytes that are here, and bytes in all (0 if nobody knows)."""


class FetchError(PortraitError):
    """A file could not be fetched."""

    exit_code = 3

    def __init__(self, url: str, problem: str) -> None:
        super().__init__(f"{url}: {problem}")
        self.url = url
        self.problem = problem


class _Cut(Exception):  # noqa: N818 (never leaves this module)
    """The connection ended early, or the server is busy: try again."""


def is_offline() -> bool:
    """Whether this machine is told to open no connection."""
    return os.environ.get(OFFLINE, "").strip() not in {"", "0"}


class Fetcher:
    """Fetches files of one room, one at a time."""

    def __init__(
        self,
        room: WeightsRoom,
        *,
        pause: Callable[[float], None] = time.sleep,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._room = room
        self._pause = pause
        self._timeout_s = timeout_s
        self._opener = (
            urllib.request.OpenerDirector()
        )  # no file:, no ftp:, no cookies, no passwords
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Redirects(),
        ):
            self._opener.add_handler(handler)

    def fetch(self, file: WeightsFile, progress: Progress | None = None) -> Path:
        """Bring a file and put it in its place; one that is there and whole is left alone.

        Raises:
            FetchError: it cannot be had from its address.
            StorageError: the disk is full or read-only.
            UsageError: this machine is offline on purpose, or the file has to be brought by hand.
            WeightsError: what came is not the file that was pinned; it was thrown away.
        """
        target = self._room.path(file)
        if not self._room.problem(file):
            return target
        if is_offline():
            raise UsageError(
                f"{OFFLINE} is set: nothing is fetched here. Bring {file.url or file.file} from "
                "another machine and run: prerender models import FILE"
            )
        if not file.is_fetchable:
            raise UsageError(
                f"{file.file} has no pinned digest or no address: get it yourself"
                + (f" from {file.url}" if file.url else "")
                + " and run: prerender models import FILE"
            )
        # the digest is part of the name: the half of another file is never gone on with
        part = target.with_name(f".{target.name}.{file.sha256[:12]}.part")
        with storage_errors(part):
            part.parent.mkdir(parents=True, exist_ok=True)
        with _alone(part) as stream:
            began_at = stream.seek(0, os.SEEK_END)
            progress = progress or _silence
            self._bring(file, stream, progress)
            found = file_sha256(part)
            if found != file.sha256 and began_at:
                # the half that lay here may be at fault: once more, from the first byte
                stream.truncate(0)
                stream.seek(0)
                self._bring(file, stream, progress)
                found = file_sha256(part)
            if found != file.sha256:
                part.unlink()
                raise WeightsError(
                    target,
                    f"{file.url} gave another file: sha256 {found}, {file.sha256} expected; it was "
                    "thrown away",
                    advice="",
                )
            with storage_errors(target):
                os.fsync(stream.fileno())
                part.replace(target)
                sync(target.parent)
        self._room.remember(target, found)
        return target

    def _bring(self, file: WeightsFile, stream: IO[bytes], progress: Progress) -> None:
        tries = 0
        while True:
            here = stream.tell()
            try:
                self._attempt(file, stream, progress)
            except _Cut as cut:
                tries = 1 if stream.tell() > here else tries + 1
                if tries >= _TRIES:
                    raise FetchError(
                        file.url,
                        f"{cut}; {stream.tell():,} bytes are kept, run the same command again "
                        "to go on",
                    ) from cut
                self._pause(2.0 ** (tries - 1))
            else:
                return

    def _attempt(self, file: WeightsFile, stream: IO[bytes], progress: Progress) -> None:
        here = stream.tell()
        if file.bytes and here == file.bytes:
            return
        if file.bytes and here > file.bytes:
            stream.truncate(0)
            here = stream.seek(0)
        with self._answer(file.url, here) as answer:
            begin, total = _range_of(answer)
            if begin != here:  # the server begins anew, or is asked to
                if begin:
                    raise FetchError(file.url, "the server answers with another part of the file")
                stream.seek(0)
                stream.truncate()
                here = 0
            _check_size(file, total)
            _check_room(Path(stream.name), (total or file.bytes) - here)
            _copy(answer, stream, file, total or file.bytes, progress)

    def _answer(self, url: str, here: int) -> Any:  # noqa: ANN401 (an HTTP response, or addinfourl)
        if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
            raise FetchError(url, "only http and https are fetched")
        headers = {"User-Agent": "portrait-frame", "Accept-Encoding": "identity"}
        if here:
            headers["Range"] = f"bytes={here}-"
        try:
            request = urllib.request.Request(url, headers=headers)  # noqa: S310 (scheme is checked)
            return self._opener.open(request, timeout=self._timeout_s)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 416:  # more is here than there: not this file
                    return self._answer(url, 0)
                if error.code in _BUSY:
                    raise _Cut(f"the server is busy ({error.code} {error.reason})") from error
                why = "asks for a login" if error.code in _SHUT else "does not give this file"
                raise FetchError(
                    url,
                    f"the server {why} ({error.code} {error.reason}); get it yourself and run: "
                    "prerender models import FILE",
                ) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, ssl.SSLCertVerificationError):
                raise FetchError(url, f"its certificate is not valid ({error.reason})") from error
            raise _Cut(f"there is no connection ({error.reason})") from error
        except (OSError, http.client.HTTPException) as error:
            raise _Cut(f"there is no connection ({error})") from error


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows, as release pages need it, but never from an encrypted line to a plain one."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """See the class."""
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme not in {"https", req.type}:
            raise FetchError(req.full_url, f"the server leads to {newurl}, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _silence(here: int, total: int) -> None:
    """Nobody asked for progress."""


@contextlib.contextmanager
def _alone(part: Path) -> Iterator[IO[bytes]]:
    """The half that is here, open at its end, with no other fetch at work on it."""
    with storage_errors(part), part.open("ab+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{part.name} is being fetched by another command") from None
        yield stream


def _range_of(answer: Any) -> tuple[int, int]:  # noqa: ANN401 (as `_answer`)
    """First byte of what comes, and the size of the whole file; 0 if it is not said."""
    if answer.status == 206:
        # Content-Range: bytes 100-199/200
        _, _, span = answer.headers.get("Content-Range", "").partition(" ")
        part, _, total = span.partition("/")
        first = part.partition("-")[0]
        return int(first) if first.isdigit() else -1, int(total) if total.isdigit() else 0
    length = answer.headers.get("Content-Length", "")
    return 0, int(length) if length.isdigit() else 0


def _check_size(file: WeightsFile, total: int) -> None:
    if file.bytes and total and total != file.bytes:
        raise FetchError(
            file.url,
            f"the server offers {total:,} bytes, {file.bytes:,} are expected; nothing was fetched",
        )


def _check_room(part: Path, wanted: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if wanted > 0 and free < wanted + _SPARE_BYTES:
        raise StorageError(
            part.parent,
            f"{wanted / 1e6:.0f} MB are to come and {free / 1e6:.0f} MB are free; free some space "
            "and run again",
        )


def _copy(
    answer: Any,  # noqa: ANN401 (as `_answer`)
    stream: IO[bytes],
    file: WeightsFile,
    total: int,
    progress: Progress,
) -> None:
    while True:
        progress(stream.tell(), total)
        try:
            chunk = answer.read(_CHUNK_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise _Cut(f"the connection was cut ({str(error) or type(error).__name__})") from error
        if not chunk:
            break
        stream.write(chunk)
        stream.flush()
        if total and stream.tell() > total:
            raise FetchError(file.url, f"more than the {total:,} expected bytes came")
    if total and stream.tell() < total:
        raise _Cut("the connection was cut")
