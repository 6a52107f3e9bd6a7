import logging

import pytest

from prerender.core.pool import WorkerPool


@pytest.mark.parametrize(("level", "is_heard"), [(logging.INFO, True), (logging.WARNING, False)])
def test_whoever_asked_for_more_hears_the_workers_too(caplog, capfd, level, is_heard):
    caplog.set_level(level)
    with WorkerPool(1) as pool:
        pool.submit(logging.getLogger("prerender.test").info, "a network runs on cpu").result()
    assert ("prerender.test: a network runs on cpu" in capfd.readouterr().err) == is_heard
