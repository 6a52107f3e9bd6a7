import logging
import os

import pytest

from prerender.core.pool import WorkerPool


@pytest.mark.parametrize(("level", "is_heard"), [(logging.INFO, True), (logging.WARNING, False)])
def test_whoever_asked_for_more_hears_the_workers_too(caplog, capfd, level, is_heard):
    caplog.set_level(level)
    with WorkerPool(1) as pool:
        pool.submit(logging.getLogger("prerender.test").info, "a network runs on cpu").result()
    assert ("prerender.test: a network runs on cpu" in capfd.readouterr().err) == is_heard


def test_while_the_first_job_runs_the_other_worker_loads_what_jobs_need(tmp_path) -> None:
    door = tmp_path / "door"
    os.mkfifo(door)
    loaded = "sorted({'cv2', 'mediapipe'} & set(__import__('sys').modules))"
    with WorkerPool(2) as pool:
        first = pool.submit(door.read_bytes)  # till somebody writes
        second = pool.submit(eval, loaded)
        assert second.result(timeout=60) == ["cv2", "mediapipe"]
        assert not first.done()
        door.write_bytes(b"go on")
        assert first.result(timeout=60) == b"go on"


def test_the_first_job_does_not_wait_for_what_it_does_not_need() -> None:
    with WorkerPool(2) as pool:
        loaded = pool.submit(eval, "'mediapipe' in __import__('sys').modules")
        assert loaded.result(timeout=60) is False
