import errno
import os
from pathlib import Path

import pytest

from frame_app.base.atomic import publish_folder, storage_errors, write_atomic
from frame_app.base.errors import StorageError


def test_a_file_is_replaced_whole_and_leaves_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"old")
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_keeps_the_old_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_really_full_device_is_one_sentence() -> None:
    with (
        pytest.raises(StorageError, match="the disk is full; free some space") as caught,
        storage_errors(Path("/dev/full")),
        Path("/dev/full").open("wb", buffering=0) as stream,
    ):
        stream.write(b"x")
    assert caught.value.exit_code == 6


def test_a_folder_appears_under_its_name_with_all_it_holds(tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    (staged / "clips").mkdir(parents=True)
    (staged / "clips" / "idle.mp4").write_bytes(b"film")
    publish_folder(staged, tmp_path / "final")
    assert (tmp_path / "final/clips/idle.mp4").read_bytes() == b"film"
    assert not staged.exists()


def test_a_folder_does_not_replace_another(tmp_path: Path) -> None:
    for name in ("staged", "final"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    with pytest.raises(OSError, match="not empty"):
        publish_folder(tmp_path / "staged", tmp_path / "final")
    assert (tmp_path / "final/file").read_text() == "final"
