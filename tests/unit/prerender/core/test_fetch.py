"""Against a real server on this machine; nothing here leaves it."""

import fcntl
import hashlib
import http.client
import io
import os
import shutil
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from frame_app.base.errors import StorageError, UsageError, WeightsError
from prerender.core import fetch as module
from prerender.core.fetch import OFFLINE, Fetcher, FetchError
from prerender.engines.catalogue import WeightsFile
from prerender.engines.weights import WeightsRoom
from tests.fakes.web import Web, serving

BODY = bytes(range(256)) * 20_000  # 5 MB: several chunks


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv(OFFLINE, raising=False)
    with serving() as web:
        web.body = BODY
        yield web


@pytest.fixture
def room(tmp_path: Path) -> WeightsRoom:
    return WeightsRoom(root=tmp_path / "models", state=tmp_path / "state")


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def fetcher(room: WeightsRoom, pauses: list[float]) -> Fetcher:
    return Fetcher(room, pause=pauses.append, timeout_s=5.0)


def weights(web: Web, body: bytes = BODY, path: str = "/weights", size: int | None = None):
    return WeightsFile(
        role="weights",
        file="upscale/net.pth",
        format="state-dict",
        bytes=len(body) if size is None else size,
        sha256=hashlib.sha256(body).hexdigest(),
        sha256_source="computed",
        url=web.url(path),
    )


def left_over(room: WeightsRoom) -> list[Path]:
    return sorted(path for path in room.root.rglob("*") if path.is_file())


def half(room: WeightsRoom, file: WeightsFile, data: bytes) -> Path:
    part = room.path(file).with_name(f".net.pth.{file.sha256[:12]}.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(data)
    return part


def test_a_file_is_brought_verified_and_put_in_its_place(web, room, fetcher) -> None:
    seen: list[tuple[int, int]] = []
    path = fetcher.fetch(weights(web), lambda here, total: seen.append((here, total)))
    assert path.read_bytes() == BODY
    assert left_over(room) == [path]
    assert seen[0] == (0, len(BODY))
    assert seen[-1] == (len(BODY), len(BODY))
    assert [here for here, _ in seen] == sorted(here for here, _ in seen)
    assert room.problem(weights(web)) == ""


def test_the_server_learns_nothing_but_what_is_asked_for(web, fetcher) -> None:
    fetcher.fetch(weights(web))
    (headers,) = web.headers
    assert set(headers) == {"Host", "User-Agent", "Accept-Encoding", "Connection"}
    assert headers["User-Agent"] == "portrait-frame"


def test_what_is_there_is_not_asked_for_again(web, room, fetcher) -> None:
    fetcher.fetch(weights(web))
    fetcher.fetch(weights(web))
    assert len(web.asked) == 1
    room.path(weights(web)).write_bytes(b"altered")
    assert fetcher.fetch(weights(web)).read_bytes() == BODY


def test_a_connection_that_is_cut_goes_on_where_it_stopped(web, fetcher, pauses) -> None:
    web.cuts = [1_000_000, 2_000_000]
    assert fetcher.fetch(weights(web)).read_bytes() == BODY
    assert [asked for _, asked in web.asked] == ["", "bytes=1000000-", "bytes=3000000-"]
    assert pauses == [1.0, 1.0]  # each brought something, so patience starts anew


def test_a_fetch_that_was_stopped_goes_on_next_time(web, room, fetcher) -> None:
    file = weights(web)
    half(room, file, BODY[:3_000_000])
    assert fetcher.fetch(file).read_bytes() == BODY
    assert web.asked == [("/weights", "bytes=3000000-")]


def test_a_server_that_knows_no_ranges_begins_anew(web, room, fetcher) -> None:
    web.ranges = False
    file = weights(web)
    half(room, file, BODY[:3_000_000])
    assert fetcher.fetch(file).read_bytes() == BODY


@pytest.mark.parametrize("size", [None, 0])
def test_a_half_that_is_not_of_this_file_is_fetched_once_more(web, room, fetcher, size) -> None:
    file = weights(web, size=size)
    half(room, file, b"x" * 3_000_000)
    assert fetcher.fetch(file).read_bytes() == BODY
    assert [asked for _, asked in web.asked] == ["bytes=3000000-", ""]


@pytest.mark.parametrize("size", [None, 0])
def test_a_half_that_is_longer_than_the_file_is_dropped(web, room, fetcher, size) -> None:
    file = weights(web, size=size)
    half(room, file, BODY + b"more")
    assert fetcher.fetch(file).read_bytes() == BODY


def test_a_half_that_is_whole_needs_no_connection(web, room, fetcher) -> None:
    file = weights(web)
    half(room, file, BODY)
    assert fetcher.fetch(file).read_bytes() == BODY
    assert web.asked == []


def test_a_size_that_nobody_knows_is_learnt_from_the_digest(web, fetcher) -> None:
    web.says_length = False
    assert fetcher.fetch(weights(web, size=0)).read_bytes() == BODY


def test_another_file_is_refused_by_name_and_thrown_away(web, room, fetcher) -> None:
    web.body = bytes(len(BODY))
    with pytest.raises(WeightsError, match="gave another file: sha256 ") as caught:
        fetcher.fetch(weights(web))
    for word in (web.url(), hashlib.sha256(BODY).hexdigest(), hashlib.sha256(web.body).hexdigest()):
        assert word in str(caught.value)
    assert left_over(room) == []
    assert caught.value.exit_code == 3


def test_a_file_of_another_size_is_refused_before_it_is_fetched(web, room, fetcher) -> None:
    web.body = BODY[:100]
    with pytest.raises(FetchError, match=r"offers 100 bytes, 5,120,000 are expected"):
        fetcher.fetch(weights(web))
    assert [path.stat().st_size for path in left_over(room)] == [0]


def test_more_than_was_promised_is_not_taken(web, room, fetcher) -> None:
    web.says_length = False
    web.body = BODY * 2
    with pytest.raises(FetchError, match="more than the 5,120,000 expected bytes"):
        fetcher.fetch(weights(web))
    web.body = BODY
    assert fetcher.fetch(weights(web)).read_bytes() == BODY


def test_a_redirect_is_followed_with_the_part_that_is_wanted(web, room, fetcher) -> None:
    web.leads_to = {"/releases": "/hop", "/hop": web.url("/weights")}
    file = weights(web, path="/releases")
    half(room, file, BODY[:1000])
    assert fetcher.fetch(file).read_bytes() == BODY
    assert web.asked[-1] == ("/weights", "bytes=1000-")


@pytest.mark.parametrize("target", ["ftp://127.0.0.1/weights", "file:///etc/passwd"])
def test_a_redirect_away_from_the_web_is_not_followed(web, fetcher, target) -> None:
    web.leads_to = {"/weights": target}
    with pytest.raises(FetchError):
        fetcher.fetch(weights(web))


def test_an_encrypted_line_never_leads_to_a_plain_one() -> None:
    request = urllib.request.Request("https://example.org/a")

    def follow(url: str) -> urllib.request.Request | None:
        headers = http.client.HTTPMessage()
        return module._Redirects().redirect_request(request, io.BytesIO(), 302, "", headers, url)

    with pytest.raises(FetchError, match=r"http://example\.org/b, which is not followed"):
        follow("http://example.org/b")
    allowed = follow("https://example.net/b")
    assert allowed is not None
    assert allowed.host == "example.net"


def test_a_redirect_in_circles_ends_in_a_sentence(web, fetcher) -> None:
    web.leads_to = {"/weights": "/round", "/round": "/weights"}
    with pytest.raises(FetchError, match="does not give this file"):
        fetcher.fetch(weights(web))


def test_a_busy_server_is_asked_again_and_again_but_not_for_ever(web, fetcher, pauses) -> None:
    web.codes = [503, 429, 500]
    assert fetcher.fetch(weights(web)).read_bytes() == BODY
    assert pauses == [1.0, 2.0, 4.0]
    web.codes = [503] * 5
    with pytest.raises(FetchError, match=r"the server is busy \(503.*run the same command again"):
        fetcher.fetch(weights(web).model_copy(update={"file": "upscale/other.pth"}))
    assert web.codes == []


@pytest.mark.parametrize(("code", "word"), [(404, "does not give"), (403, "asks for a login")])
def test_a_refusal_says_how_else_the_file_can_come(web, fetcher, pauses, code, word) -> None:
    web.codes = [code]
    with pytest.raises(FetchError, match=rf"{word}.*{code}.*prerender models import"):
        fetcher.fetch(weights(web))
    assert pauses == []


def test_no_server_at_all_is_a_sentence(web, fetcher) -> None:
    with socket.socket() as idle:  # bound and never listening: refuses
        idle.bind(("127.0.0.1", 0))
        file = weights(web).model_copy(update={"url": f"http://127.0.0.1:{idle.getsockname()[1]}/"})
        with pytest.raises(FetchError, match=r"there is no connection \(.*refused"):
            fetcher.fetch(file)


def test_a_server_that_falls_silent_is_given_up(web, room) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = weights(web).model_copy(
            update={"url": f"http://127.0.0.1:{silent.getsockname()[1]}/"}
        )
        with pytest.raises(FetchError, match="timed out"):
            Fetcher(room, pause=lambda _: None, timeout_s=0.05).fetch(file)


def test_only_the_web_is_fetched_from(web, fetcher) -> None:
    with pytest.raises(FetchError, match="only http and https"):
        fetcher.fetch(weights(web).model_copy(update={"url": "file:///etc/passwd"}))


def test_offline_means_that_no_connection_is_opened(web, room, fetcher, monkeypatch) -> None:
    monkeypatch.setenv(OFFLINE, "1")
    with pytest.raises(UsageError, match=r"is set: nothing is fetched.*prerender models import"):
        fetcher.fetch(weights(web))
    assert web.asked == []
    monkeypatch.setenv(OFFLINE, "0")
    fetcher.fetch(weights(web))
    monkeypatch.setenv(OFFLINE, "1")
    fetcher.fetch(weights(web))  # it is here: nothing needs to be opened


def test_a_file_whose_digest_nobody_knows_is_not_fetched(web, fetcher) -> None:
    file = weights(web).model_copy(update={"sha256": "", "sha256_source": "none"})
    with pytest.raises(UsageError, match="no pinned digest"):
        fetcher.fetch(file)
    assert web.asked == []


def test_a_full_disk_is_a_sentence_and_the_half_is_kept(web, room, fetcher) -> None:
    file = weights(web)
    part = half(room, file, b"")
    part.unlink()
    part.symlink_to("/dev/full")  # every write to it fails as on a full disk
    with pytest.raises(StorageError, match="the disk is full"):
        fetcher.fetch(file)
    assert part.is_symlink()
    assert not room.path(file).exists()


def test_a_disk_that_is_too_small_is_noticed_before(web, room, fetcher, monkeypatch) -> None:
    usage = shutil.disk_usage(room.root.parent)._replace(free=60_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageError, match="5 MB are to come and 60 MB are free"):
        fetcher.fetch(weights(web))
    assert [path.stat().st_size for path in left_over(room)] == [0]


def test_a_folder_that_cannot_be_written_is_a_sentence(web, room, fetcher) -> None:
    room.root.parent.mkdir(exist_ok=True)
    room.root.write_text("a file where a folder should be")
    with pytest.raises(StorageError):
        fetcher.fetch(weights(web))


def test_two_fetches_of_one_file_do_not_mix(web, room, fetcher) -> None:
    file = weights(web)
    part = half(room, file, b"")
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="by another command"):
            fetcher.fetch(file)


def test_an_interrupt_keeps_what_came(web, room, fetcher) -> None:
    class Interrupt(BaseException):
        pass

    def stop(here: int, total: int) -> None:
        if here > 2_000_000:
            raise Interrupt

    file = weights(web)
    with pytest.raises(Interrupt):
        fetcher.fetch(file, stop)
    (part,) = left_over(room)
    here = part.stat().st_size
    assert 2_000_000 < here < len(BODY)
    assert not room.path(file).exists()
    assert fetcher.fetch(file).read_bytes() == BODY
    assert web.asked[-1][1] == f"bytes={here}-"


def test_the_file_can_be_read_by_everyone_who_may_read_the_folder(web, fetcher) -> None:
    before = os.umask(0o022)
    try:
        assert fetcher.fetch(weights(web)).stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)
