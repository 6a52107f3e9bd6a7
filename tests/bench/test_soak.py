"""Hours on the wall in small: play with something happening every few seconds, and watch memory.

`SOAK_MINUTES=60 make bench BENCH=tests/bench/test_soak.py` runs the hour of the design; the default
is short, so that `make bench` ends while somebody waits for it.
"""

import itertools
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.bench.figures import BIN, Report
from tests.fakes import synthetic_library

pytestmark = pytest.mark.bench

_MINUTES = float(os.environ.get("SOAK_MINUTES", "3"))
_WARM_S = 45.0  # caches of heads, gaze cells and neighbours are full by then
_SAMPLE_S = 1.0


def _script(seconds: float) -> list[str]:
    """Something every two to five seconds, of every kind; the same in each run."""
    rng = random.Random(11)  # noqa: S311 - no secret
    lines = []
    at = 3.0
    while at < seconds - 3.0:
        event: dict[str, object] = rng.choice(
            [
                {"event": "gesture", "name": rng.choice(["smile", "nod", "wave", "wink"])},
                {"event": "viewer_moved", "x": rng.uniform(-1, 1), "y": 0.1, "z": 1.2},
                {"event": "viewer_left"},
                {"event": rng.choice(["next", "previous"])},
                {"event": "key", "name": rng.choice("snw")},
            ]
        )
        lines.append(json.dumps({"at": round(at, 2), **event}))
        at += rng.uniform(2.0, 5.0)
    return lines


def test_memory_and_errors_over_time(
    tmp_path: Path, screen: dict[str, str], report: Report
) -> None:
    library = tmp_path / "library"
    synthetic_library.make_library(library, ("anna", "berta", "carla", "dora"))
    seconds = 60.0 * _MINUTES
    (tmp_path / "script.jsonl").write_text("\n".join(_script(seconds)) + "\n")
    journal = tmp_path / "journal.jsonl"
    errors = tmp_path / "errors.txt"
    command = [str(BIN / "frame-app"), "--library", str(library), "--windowed", "--size", "640x480"]
    command += ["--for", str(seconds), "--journal", str(journal)]
    command += ["--script", str(tmp_path / "script.jsonl"), "--seed", "5"]
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    with errors.open("w") as stream:
        process = subprocess.Popen(command, env={**screen, **home}, stderr=stream)
        used = _watch(psutil.Process(process.pid))
        assert process.wait() == 0, errors.read_text()
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert not [line for line in lines if line["kind"] == "notice"]
    assert "ERROR" not in errors.read_text()
    assert "Traceback" not in errors.read_text()
    changes = sum(line.get("event") == "portrait_hung" for line in lines)
    assert changes >= seconds / 60.0  # something did happen
    settled = used[int(_WARM_S / _SAMPLE_S) :]
    fifth = max(1, len(settled) // 5)
    first, last = sorted(settled[:fifth])[fifth // 2], sorted(settled[-fifth:])[fifth // 2]
    what = f"memory after {_MINUTES:g} minutes of play, {changes} portraits, against the start"
    report(what, last / first, 1.05, "x")


def _watch(process: psutil.Process) -> list[int]:
    """Resident memory of a process and its children each second, in bytes, until it ends."""
    used: list[int] = []
    for number in itertools.count():
        time.sleep(_SAMPLE_S)
        try:
            family = [process, *process.children(recursive=True)]
            if process.status() == psutil.STATUS_ZOMBIE:
                return used
            used.append(sum(member.memory_info().rss for member in family))
        except psutil.NoSuchProcess:
            return used
        if number % 60 == 0:
            sys.stderr.write(f"{number / 60:4.0f} min {used[-1] / 1e6:7.1f} MB\n")
    return used
