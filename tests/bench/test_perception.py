"""Figures of the camera: how soon a gesture is answered on screen, and what watching costs."""

import json
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from frame_app.config.model import PerceptionSettings
from frame_app.perception.messages import CameraState, CameraStatus, Capture
from frame_app.perception.supervisor import Supervisor
from tests.bench.figures import BIN, Report
from tests.fakes.people import FPS, HAND_PHOTO, STANDING, Sprite, film, scene
from tests.fakes.synthetic_library import make_library

pytestmark = pytest.mark.bench

_FIRST_S, _EVERY_S, _SHOWN_S = 6.0, 2.9, 1.1  # 2.9 s: the gesture meets every phase of the looks
_GESTURES = 12


def _shown(number: int) -> bool:
    """Whether the thumb is in frame `number` of the film."""
    since_s = number / FPS - _FIRST_S
    return since_s >= 0.0 and since_s % _EVERY_S < _SHOWN_S


def _processor_share(source: str, seconds: float) -> float:
    """Of one core, while a source is watched, after the models were loaded and had a look."""
    supervisor = Supervisor(PerceptionSettings(source=source))
    try:
        supervisor.say(Capture(on=True))
        while not any(
            isinstance(report, CameraState) and report.status is CameraStatus.RUNNING
            for report in supervisor.poll()
        ):
            time.sleep(0.02)
        time.sleep(3.0)
        child = psutil.Process(supervisor.process_id)
        before = child.cpu_times()
        time.sleep(seconds)
        after = child.cpu_times()
        spent_s: float = after.user + after.system - before.user - before.system
        return spent_s / seconds
    finally:
        supervisor.close()


def test_watching_costs_little(report: Report, tmp_path: Path) -> None:
    room = film(tmp_path / "room.mp4", (scene(seed=number) for number in range(150)))
    hand = Sprite(480.0, 240.0, 150.0)
    visit = film(
        tmp_path / "visit.mp4",
        (scene(STANDING, hand if number % 90 < 40 else None, seed=number) for number in range(180)),
    )
    report("watching, nobody there, of a core", _processor_share(f"file:{room}", 12), 0.05, "")
    share = _processor_share(f"file:{visit}", 12)
    report("watching, somebody gestures, 15 Hz, of a core", share, 0.40, "")


@pytest.mark.skipif(not HAND_PHOTO.exists(), reason="no shared test data")
def test_a_gesture_is_answered_soon(report: Report, tmp_path: Path, screen: dict[str, str]) -> None:
    frames = round((_FIRST_S + _GESTURES * _EVERY_S) * FPS)
    places = [Sprite(480.0, 240.0, 150.0), Sprite(150.0, 260.0, 130.0, 8.0)]
    visit = film(
        tmp_path / "visit.mp4",
        (
            scene(STANDING, places[number // 87 % 2] if _shown(number) else None, seed=number)
            for number in range(frames)
        ),
    )
    library = tmp_path / "library"
    make_library(library)
    behaviours = tmp_path / "behaviours.toml"
    behaviours.write_text(
        '[[behaviour]]\nname = "thumb"\nevent = "thumb_up"\nplay = ["smile"]\ncooldown_s = 0.0\n'
    )
    journal = tmp_path / "journal.jsonl"
    subprocess.run(
        [
            *(BIN / "frame-app", "--library", library, "--size", "960x540", "--seed", "1"),
            *("--camera", f"file:{visit}", "--behaviours", behaviours, "--journal", journal),
            *("--for", str(frames / FPS + 6.0)),
        ],
        env={**screen, "HOME": str(tmp_path)},
        check=True,
    )
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    running = next(record for record in records if record.get("status") == "running")
    begin_s = running["t"] - running["began_ago_s"]  # when the first frame of the film was due
    answers = [r["shown_t"] for r in records if r["kind"] == "clip" and r["name"] == "smile"]
    delays = []
    for number in range(_GESTURES):
        visible_s = begin_s + _FIRST_S + number * _EVERY_S
        first = next((at for at in answers if visible_s <= at < visible_s + _EVERY_S), None)
        if first is not None:
            delays.append(first - visible_s)
    report("gestures answered", len(delays), _GESTURES - 1, "of 12", at_least=True)
    delays.sort()
    report("visible gesture to reacting frame, p50", delays[len(delays) // 2] * 1e3, 250, "ms")
    report("the same, p95", delays[round(0.95 * (len(delays) - 1))] * 1e3, 400, "ms")
