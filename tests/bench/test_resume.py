"""Design, section 5: what a power cut in the night costs when a network animates.

The real command line, LivePortrait with a handful of channels, a clip of a minute. Slow: three runs
of several hundred frames.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from frame_app.base.hashing import file_sha256
from frame_app.base.paths import shipped
from prerender.core.segments import LENGTH
from tests.bench.figures import Report
from tests.fakes.liveportrait import put
from tests.fakes.weights import WeightsFolder

pytestmark = pytest.mark.bench
pytest.importorskip("torch", reason="needs the extra neural")

FPS, DURATION_S = 10, 60
PIECES = -(-FPS * DURATION_S // LENGTH)
MOTION = f"""
name = "idle"
about = "a minute of rest"
family = "idle"
duration_s = {DURATION_S}.0
loop = true
[breath]
rate_hz = 0.25
amplitude = 1.0
[[drift]]
parameter = "yaw"
amplitude = 2.0
low_hz = 0.1
high_hz = 0.4
"""
CHANGES = (
    "animate.engine=liveportrait", f"animate.fps={FPS}", "clips=idle", "gaze=false",
    "judge.amplitudes=[]", "upscale.min_side_px=320", "upscale.max_side_px=320",
)  # fmt: skip


def command(photo: Path, root: Path) -> list[str]:
    places = ["--library", str(root / "library"), "--store", str(root / "store")]
    changes = [word for change in CHANGES for word in ("--set", change)]
    return [sys.executable, "-m", "prerender", "-v", "run", str(photo), *places, *changes]


def contents(root: Path) -> dict[str, str]:
    """Every published file and every artifact; times and run folders are left out."""
    files = [*root.glob("library/portraits/**/*"), *root.glob("store/??/**/*.mp4")]
    return {str(path.relative_to(root)): file_sha256(path) for path in files if path.is_file()}


def test_a_killed_minute_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    (tmp_path / "scratch").mkdir()
    put(WeightsFolder.at(tmp_path, monkeypatch), tmp_path / "scratch")
    motions = tmp_path / "config" / "portrait-frame" / "motions"
    motions.mkdir(parents=True)
    (motions / "idle.toml").write_text(MOTION)
    photo = tmp_path / "photo.png"
    with Image.open(shipped("assets", "demo", "astronaut.png")) as image:
        image.convert("RGB").crop((60, 0, 456, 480)).resize((264, 320)).save(photo)
    whole, torn = tmp_path / "whole", tmp_path / "torn"

    done = subprocess.run(command(photo, whole), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "liveportrait runs on cpu with torch" in done.stderr  # said aloud, with -v
    assert "pieces" not in done.stderr

    with subprocess.Popen(
        command(photo, torn), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while len(kept := list(torn.glob("store/segments/*/*"))) < PIECES // 2:
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    time.sleep(2)  # until its workers have seen that it is gone
    kept = [path for path in torn.glob("store/segments/*/*") if path.suffix == ""]
    assert PIECES // 2 <= len(kept) < PIECES

    done = subprocess.run(command(photo, torn), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = re.search(r"(\d+) of (\d+) pieces of idle", done.stderr)
    assert found is not None, done.stderr
    assert int(found[2]) == PIECES
    report("pieces lost by a kill in the middle of a minute", len(kept) - int(found[1]), 1, "")
    assert contents(torn) == contents(whole)
