import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from frame_app.base.errors import StorageError
from prerender.core.store import Seal, Store

KEY = "ab" * 32


def publish(store: Store, content: str = "one", key: str = KEY) -> Seal:
    with store.workplace() as place:
        made = place / "made"
        made.mkdir()
        (made / "data.txt").write_text(content)
        return store.publish(made, {"key": key, "label": "test", "scores": {"x": 1.0}})


def test_what_is_published_is_found_whole(tmp_path) -> None:
    store = Store(tmp_path / "store")
    assert store.find(KEY) is None
    publish(store)
    seal = store.verify(KEY)
    assert seal is not None
    assert (seal.label, seal.scores) == ("test", {"x": 1.0})
    assert (store.folder(KEY) / "data.txt").read_text() == "one"


def test_the_first_of_two_publishers_wins(tmp_path) -> None:
    store = Store(tmp_path)
    first = publish(store, "one")
    assert publish(store, "two") == first
    assert (store.folder(KEY) / "data.txt").read_text() == "one"


def test_an_altered_file_of_the_same_length_is_told_by_verify_only(tmp_path) -> None:
    store = Store(tmp_path)
    publish(store)
    (store.folder(KEY) / "data.txt").write_text("eno")
    assert store.find(KEY) is not None  # cheap on purpose
    assert store.verify(KEY) is None
    store.discard(KEY)
    assert store.find(KEY) is None
    assert publish(store, "one").key == KEY


def test_an_artifact_under_a_wrong_name_is_none(tmp_path) -> None:
    store = Store(tmp_path)
    publish(store)
    other = "cd" * 32
    store.folder(other).parent.mkdir()
    store.folder(KEY).rename(store.folder(other))
    assert store.find(other) is None


def test_a_workplace_is_gone_after_a_fault(tmp_path) -> None:
    store = Store(tmp_path)

    def work() -> None:
        with store.workplace() as place:
            (place / "half").write_text("x")
            raise ValueError("fault")

    with pytest.raises(ValueError, match="fault"):
        work()
    assert list((tmp_path / "work").iterdir()) == []


def test_sweep_removes_what_a_dead_process_left_and_spares_the_living(tmp_path) -> None:
    store = Store(tmp_path)
    code = (
        "import os, sys; from pathlib import Path; from prerender.core.store import Store;"
        "context = Store(Path(sys.argv[1])).workplace(); place = context.__enter__();"
        "(place / 'half').write_text('x'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    with store.workplace() as mine:
        old = time.time() - 3600
        for folder in (tmp_path / "work").iterdir():
            os.utime(folder, (old, old))
        assert store.sweep() == 1
        assert list((tmp_path / "work").iterdir()) == [mine]


def test_sweep_leaves_young_folders_that_may_be_about_to_be_locked(tmp_path) -> None:
    (tmp_path / "work" / "young").mkdir(parents=True)
    assert Store(tmp_path).sweep() == 0


def test_a_store_that_cannot_be_made_is_named(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"), Store(tmp_path / "file" / "store").workplace():
        pass


def test_a_full_disk_while_publishing_leaves_no_artifact(tmp_path, monkeypatch) -> None:
    store = Store(tmp_path)

    def full(staged: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(staged))

    monkeypatch.setattr("prerender.core.store.publish_folder", full)
    with pytest.raises(StorageError, match="disk is full"):
        publish(store)
    assert store.find(KEY) is None
