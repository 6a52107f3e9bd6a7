import os

import pytest

from prerender.cli import common
from prerender.cli.common import default_jobs
from prerender.engines.registry import Task
from prerender.recipe import load_recipe
from tests.fakes.tiny import MAKERS
from tests.fakes.weights import WeightsFolder

GB = 10**9


@pytest.mark.parametrize(
    ("needs", "jobs"),
    [
        ({}, 8),
        ({Task.MATTE: 6 * GB, Task.DEPTH: 2 * GB}, 2),  # each worker opens what it needs
        ({Task.MATTE: 60 * GB}, 1),
        ({Task.INTERPOLATE: 6 * GB}, 8),  # not asked where the built-in animator works
        ({Task.ANIMATE: 1 * GB}, 1),  # keeps the machine busy by itself
    ],
)
def test_workers_are_as_many_as_their_networks_fit_into_memory(monkeypatch, needs, jobs):
    machine = {"SC_PHYS_PAGES": 16 * GB // 4096, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", machine.__getitem__)
    monkeypatch.setattr(common, "usable_cores", lambda: 8)
    monkeypatch.setattr(common, "fitting_jobs", lambda cores, *_: cores)
    monkeypatch.setattr(common, "network_bytes", lambda choices: dict(needs))
    assert default_jobs(load_recipe("fast", [])) == jobs


def test_a_recipe_asks_for_what_is_installed(monkeypatch, tmp_path):
    pytest.importorskip("torch", reason="needs the extra neural")
    weights = WeightsFolder.at(tmp_path / "home", monkeypatch)
    monkeypatch.setattr(common, "usable_cores", lambda: 8)
    monkeypatch.setattr(common, "fitting_jobs", lambda cores, *_: cores)
    premium = load_recipe("premium", [])
    assert default_jobs(premium) == 8
    MAKERS["liveportrait"](weights, tmp_path)
    assert default_jobs(premium) == 1
    assert default_jobs(load_recipe("fast", [])) == 8
