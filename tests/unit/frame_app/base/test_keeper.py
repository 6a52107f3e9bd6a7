import errno
import os
import threading
from pathlib import Path

import pytest

from frame_app.base import keeper as module
from frame_app.base.keeper import Keeper


def test_what_was_kept_is_on_disk_after_closing_and_folders_are_made(tmp_path: Path) -> None:
    keeper = Keeper()
    keeper.keep(tmp_path / "state" / "a.toml", b"one")
    keeper.keep(tmp_path / "b.toml", b"two")
    assert keeper.close(5.0)
    assert (tmp_path / "state" / "a.toml").read_bytes() == b"one"
    assert (tmp_path / "b.toml").read_bytes() == b"two"


def test_many_changes_of_one_file_are_one_write_of_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    monkeypatch.setattr(module, "write_atomic", lambda _path, data: written.append(data))
    keeper = Keeper()
    for number in range(100):
        keeper.keep(tmp_path / "a", b"%d" % number)
    assert keeper.close(5.0)
    assert written == [b"99"]


def test_keeping_does_not_wait_for_a_slow_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, is_writing = threading.Event(), threading.Event()

    def slow(_path: Path, _data: bytes) -> None:
        is_writing.set()
        assert may_go_on.wait(10.0)

    monkeypatch.setattr(module, "write_atomic", slow)
    keeper = Keeper()
    keeper.keep(tmp_path / "a", b"1")
    assert is_writing.wait(10.0)
    keeper.keep(tmp_path / "a", b"2")  # returns although the disk is busy
    assert not keeper.close(0.01)
    may_go_on.set()
    assert keeper.close(5.0)


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    keeper = Keeper()
    keeper.keep(path, b"new")
    assert keeper.close(5.0)
    assert "full" in keeper.take_problem()
    assert keeper.take_problem() == ""
    assert path.read_bytes() == b"old"
