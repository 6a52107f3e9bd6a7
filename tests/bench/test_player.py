"""What the player costs, and how fast it answers; software GL at 960 x 540."""

import itertools
import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from frame_app.cliplib.reader import open_library
from tests.bench.figures import BIN, Report, prerender
from tests.fakes import synthetic_library
from tests.fakes.portraits import publish_portrait

pytestmark = pytest.mark.bench
SIZE = (960, 540)
_SETTLED_S = 13.0  # the heads and the neighbours are decoded by then
RATE_HZ = 30.0  # of the pictures that software GL is asked for
FAMILIES = ("smile", "wink", "nod", "surprise")
Journal = list[dict[str, Any]]


def play(
    library: Path, folder: Path, screen: dict[str, str], seconds: float, script: list[str]
) -> Journal:
    """Play a library in a window and return the journal."""
    journal = folder / "journal.jsonl"
    journal.unlink(missing_ok=True)
    (folder / "script.jsonl").write_text("\n".join(script) + "\n")
    command = [str(BIN / "frame-app"), "--library", str(library), "--windowed"]
    command += ["--size", f"{SIZE[0]}x{SIZE[1]}", "--for", str(seconds)]
    command += ["--journal", str(journal), "--script", str(folder / "script.jsonl")]
    home = {"XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    done = subprocess.run(
        command, env={**screen, **home}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in journal.read_text().splitlines()]


@pytest.fixture(scope="module")
def library(photo: Path, workplace: Path) -> Path:
    prerender(workplace, "run", str(photo))
    return workplace / "library"


def test_playing(library: Path, tmp_path: Path, screen: dict[str, str], report: Report) -> None:
    script = [
        json.dumps({"at": 4.0 + 5.0 * number, "event": "gesture", "name": name})
        for number, name in enumerate(FAMILIES)
    ]
    journal = play(library, tmp_path, screen, 26.0, script)
    seconds = [line for line in journal if line["kind"] == "frames" and line["t"] > 3.0]
    due = sum(line["due"] for line in seconds)
    shown = sum(line["shown"] for line in seconds)
    repeated = sum(line["repeated"] for line in seconds)
    clips = [line for line in journal if line["kind"] == "clip" and line["name"] in FAMILIES]
    assert len(clips) == len(FAMILIES)
    waits_ms = [1000 * (line["shown_t"] - line["decided_t"]) for line in clips]
    drawn = sum(line["drawn"] for line in seconds) / sum(line["seconds"] for line in seconds)
    report("presented against due frames, 30 fps clip", 100 * shown / due, 99.0, "%", at_least=True)
    report("frames repeated at a switch", repeated, 0, "")
    what = f"decision to first new frame, of {drawn:.0f} drawn a second, worst of 4"
    report(what, max(waits_ms) * drawn / 1000, 2.0, "frames")
    # A second has about 30 frames, so its p99 is its worst one; a quarter of the seconds hold a
    # frame of the worst hundredth.
    worst_ms = sorted(line["python_p99_ms"] for line in seconds)
    p99_ms = worst_ms[int(len(worst_ms) * 0.74)]
    report("Python's processor time on the UI thread per frame, p99", p99_ms, 2.0, "ms")


def test_nothing_freezes_at_reactions_and_changes_of_portrait(
    library: Path, tmp_path: Path, screen: dict[str, str], report: Report
) -> None:
    two = tmp_path / "library"
    shutil.copytree(library, two)
    synthetic_library.publish_portrait(two, "drawn")
    events: list[dict[str, object]] = [{"event": "next"}]
    events += [{"event": "gesture", "name": name} for name in FAMILIES]
    events += [{"event": "viewer_moved", "x": 0.4, "y": 0.1, "z": 1.0}, {"event": "viewer_left"}]
    script = [
        json.dumps({"at": 3.0 + 2.5 * number, **event})
        for number, event in enumerate(itertools.islice(itertools.cycle(events), 42))
    ]
    journal = play(two, tmp_path, screen, 110.0, script)
    assert sum(line.get("event") == "portrait_hung" for line in journal) > 5
    longest_ms = max(
        line["longest_ms"] for line in journal if line["kind"] == "frames" and line["t"] > 4.0
    )
    what = "pictures missed in a row, 42 reactions and changes in 110 s, worst"
    report(what, longest_ms * RATE_HZ / 1000.0 - 1.0, 2.0, "frames")


def test_processor_time_against_mpv(
    library: Path, tmp_path: Path, screen: dict[str, str], report: Report
) -> None:
    if shutil.which("mpv") is None:
        pytest.skip("mpv is not installed: apt-get install mpv")
    clip = min(library.glob("portraits/*/clips/idle*.mp4"))
    home = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    size = f"{SIZE[0]}x{SIZE[1]}"
    # The same clip, drawn by the same software GL into as many pixels; mpv refuses it unasked.
    mpv = ["mpv", "--no-config", "--vo=gpu", "--gpu-sw=yes", "--hwdec=no", "--no-audio"]
    mpv += ["--loop=inf", "--keepaspect=no", f"--geometry={size}", str(clip)]
    journal = tmp_path / "journal.jsonl"
    frame = [str(BIN / "frame-app"), "--library", str(library), "--windowed", "--size", size]
    frame += ["--seed", "1", "--journal", str(journal)]
    ours, theirs = (_cores_used(command, {**screen, **home}) for command in (frame, mpv))
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    seconds = [line for line in lines if line["kind"] == "frames" and line["t"] > _SETTLED_S]
    shown_hz = sum(line["shown"] for line in seconds) / sum(line["seconds"] for line in seconds)
    # mpv is taken to show all of its frames, which favours it.
    ratio = (ours / shown_hz) / (theirs / RATE_HZ)
    report("processor time per shown frame against mpv", ratio, 1.5, "x")


def _cores_used(command: list[str], environment: dict[str, str]) -> float:
    """Share of one core that a player takes, once it has settled."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = psutil.Popen(command, env=environment, **quiet)
    time.sleep(_SETTLED_S)
    before, began_s = process.cpu_times(), time.monotonic()
    time.sleep(10.0)
    after, took_s = process.cpu_times(), time.monotonic() - began_s
    assert process.poll() is None, "the player ended early"
    process.terminate()
    process.wait()
    share: float = (after.user + after.system - before.user - before.system) / took_s
    return share


def test_start_with_a_hundred_portraits(
    library: Path, tmp_path: Path, screen: dict[str, str], report: Report
) -> None:
    many = tmp_path / "library"
    shutil.copytree(library, many)
    for number in range(99):
        publish_portrait(many, f"other-{number}")
    with open_library(many) as opened:
        assert len(opened.entries) == 100
    journal = play(many, tmp_path, screen, 5.0, [])
    (start,) = [line for line in journal if line["kind"] == "start"]
    report("start to first moving frame, 100 portraits", start["first_moving_s"], 2.0, "s")


def test_opening_ten_thousand(
    library: Path, tmp_path: Path, screen: dict[str, str], report: Report
) -> None:
    many = tmp_path / "library"
    shutil.copytree(library, many)
    index = json.loads((many / "library.json").read_text())
    entry = index["portraits"][0]
    index["portraits"] += [
        {**entry, "id": f"p-{number}", "folder": f"p-{number}-{number:08x}"}
        for number in range(9_999)
    ]
    (many / "library.json").write_text(json.dumps(index))
    journal = play(many, tmp_path, screen, 5.0, [])
    start = next(line for line in journal if line["kind"] == "start")
    few = play(library, tmp_path, screen, 5.0, [])
    start_few = next(line for line in few if line["kind"] == "start")
    extra_s = start["first_moving_s"] - start_few["first_moving_s"]
    report("opening a library of 10,000 instead of 1", extra_s, 1.0, "s")
