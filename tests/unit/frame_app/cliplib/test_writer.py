import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from frame_app.base.errors import LibraryError, LibraryVersionError, StorageError
from frame_app.cliplib import layout, reader, writer
from tests.fakes.portraits import publish_portrait, stage_portrait

Snapshot = dict[str, tuple[int, int]]


def snapshot(root: Path) -> Snapshot:
    return {
        str(path.relative_to(root)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def ids(root: Path) -> list[str]:
    with reader.open_library(root) as library:
        for entry in library.entries:
            library.manifest(entry)
        return [entry.id for entry in library.entries]


def test_publishing_the_same_again_touches_no_file(tmp_path: Path) -> None:
    first = publish_portrait(tmp_path, "ada")
    before = snapshot(tmp_path)
    assert publish_portrait(tmp_path, "ada") == first
    assert snapshot(tmp_path) == before
    assert list(layout.staging_path(tmp_path).iterdir()) == []


def test_a_changed_portrait_keeps_its_place_and_the_old_folder_stays(tmp_path: Path) -> None:
    old = publish_portrait(tmp_path, "ada")
    publish_portrait(tmp_path, "grace")
    new = publish_portrait(tmp_path, "ada", content="two")
    assert new.folder != old.folder
    assert ids(tmp_path) == ["ada", "grace"]
    assert (layout.portraits_path(tmp_path) / old.folder).is_dir()


def test_a_manifest_that_does_not_match_its_files_is_not_published(tmp_path: Path) -> None:
    staged, manifest = stage_portrait(tmp_path, "ada")
    (staged / "clips/smile.mp4").write_bytes(b"other")
    with pytest.raises(LibraryError, match=r"smile\.mp4: has 5 bytes"):
        writer.publish(tmp_path, staged, manifest)
    assert not layout.index_path(tmp_path).exists()


def test_a_damaged_published_folder_is_replaced(tmp_path: Path) -> None:
    entry = publish_portrait(tmp_path, "ada")
    (layout.portraits_path(tmp_path) / entry.folder / "clips/smile.mp4").unlink()
    assert publish_portrait(tmp_path, "ada") == entry
    assert list(reader.verify(tmp_path)) == []


def test_a_library_of_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    index = layout.index_path(tmp_path)
    index.write_text(index.read_text().replace('"schema": 1', '"schema": 9'))
    staged, manifest = stage_portrait(tmp_path, "grace")
    before = index.read_bytes()
    with pytest.raises(LibraryVersionError):
        writer.publish(tmp_path, staged, manifest)
    assert index.read_bytes() == before


def test_after_a_torn_index_the_next_publication_goes_on_from_the_last_good_one(
    tmp_path: Path,
) -> None:
    publish_portrait(tmp_path, "ada")
    publish_portrait(tmp_path, "grace")
    layout.index_path(tmp_path).write_bytes(b"")
    publish_portrait(tmp_path, "emmy")
    with reader.open_library(tmp_path) as library:
        assert [entry.id for entry in library.entries] == ["ada", "grace", "emmy"]
        assert library.generation == 3
        assert library.problems == ()


class DiskFaultAt:
    """Lets `os.fsync` fail with "disk full" at its n-th call and at every later one."""

    def __init__(self, call: int) -> None:
        self.calls = 0
        self.call = call

    def __call__(self, descriptor: int) -> None:
        self.calls += 1
        if self.calls >= self.call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def count_syncs(root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    counter = DiskFaultAt(10**9)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", counter)
        publish_portrait(root, "grace")
    return counter.calls


def test_a_disk_that_fills_at_any_moment_leaves_a_valid_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = tmp_path / "trial"
    publish_portrait(trial, "ada")
    syncs = count_syncs(trial, monkeypatch)
    assert syncs > 10
    for call in range(1, syncs + 1):
        root = tmp_path / str(call)
        publish_portrait(root, "ada")
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", DiskFaultAt(call))
            with pytest.raises(StorageError, match="the disk is full; free some space"):
                publish_portrait(root, "grace")
        assert ids(root) in (["ada"], ["ada", "grace"])
        publish_portrait(root, "grace")
        assert ids(root) == ["ada", "grace"]
        assert list(reader.verify(root)) == []


def killed_at(call: int, root: Path, action: Callable[[], object]) -> bool:
    """Run `action` in a child that dies at its n-th sync or rename; True if it died."""
    child = os.fork()
    if child == 0:
        left = call
        real_fsync, real_rename, real_replace = os.fsync, Path.rename, Path.replace

        def tick() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os._exit(77)

        def fsync(descriptor: int) -> None:
            tick()
            real_fsync(descriptor)

        def rename(self: Path, target: Path) -> Path:
            tick()
            return real_rename(self, target)

        def replace(self: Path, target: Path) -> Path:
            tick()
            return real_replace(self, target)

        os.fsync, Path.rename, Path.replace = fsync, rename, replace  # type: ignore[assignment, method-assign]
        try:
            action()
        except BaseException:  # noqa: BLE001 - the child must never return into pytest
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 77)
    return code == 77


def test_a_process_killed_at_any_step_leaves_a_valid_library(tmp_path: Path) -> None:
    died = 0
    for call in range(1, 60):
        root = tmp_path / str(call)
        publish_portrait(root, "ada")
        if not killed_at(call, root, lambda root=root: publish_portrait(root, "grace")):  # type: ignore[misc]
            break
        died += 1
        assert ids(root) in (["ada"], ["ada", "grace"])
        publish_portrait(root, "grace")
        assert ids(root) == ["ada", "grace"]
        assert list(reader.verify(root)) == []
    assert died > 10


def test_remove_takes_a_portrait_out_and_knows_which_are_there(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    publish_portrait(tmp_path, "grace")
    writer.remove(tmp_path, "ada")
    assert ids(tmp_path) == ["grace"]
    with pytest.raises(LibraryError, match="has no portrait ada"):
        writer.remove(tmp_path, "ada")


def test_collect_keeps_the_last_two_generations_and_what_they_name(tmp_path: Path) -> None:
    entries = [publish_portrait(tmp_path, "ada", content=str(n)) for n in range(4)]
    gone = writer.collect(tmp_path)
    left = sorted(path.name for path in layout.portraits_path(tmp_path).iterdir())
    assert left == sorted(entry.folder for entry in entries[2:])
    assert len(gone) == 4
    assert ids(tmp_path) == ["ada"]


def test_collect_spares_the_generation_that_a_player_has_open(tmp_path: Path) -> None:
    first = publish_portrait(tmp_path, "ada", content="0")
    player = reader.open_library(tmp_path)
    for number in range(1, 4):
        publish_portrait(tmp_path, "ada", content=str(number))
    writer.collect(tmp_path)
    assert (layout.portraits_path(tmp_path) / first.folder).is_dir()
    player.close()
    writer.collect(tmp_path)
    assert not (layout.portraits_path(tmp_path) / first.folder).is_dir()


def test_collect_deletes_nothing_while_the_index_is_torn(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    layout.index_path(tmp_path).write_bytes(b"{")
    before = snapshot(tmp_path)
    with pytest.raises(LibraryError):
        writer.collect(tmp_path)
    assert snapshot(tmp_path) == before


def test_collect_clears_staging_folders_only_when_they_are_stale(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    staged = writer.make_staging(tmp_path)
    writer.collect(tmp_path)
    assert staged.is_dir()
    writer.collect(tmp_path, now_s=staged.stat().st_mtime + 90_000)
    assert not staged.exists()
