"""The watching process and its end, for real: killed, stopped, unplugged, blinded, orphaned."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.config.model import PerceptionSettings
from frame_app.perception.messages import (
    Adjust,
    CameraStatus,
    Capture,
    GestureMade,
    Mirror,
    MirrorPicture,
    Observation,
)
from frame_app.perception.supervisor import Restarts
from tests.fakes.people import film
from tests.unit.frame_app.perception.conftest import Watched

Start = Callable[[str], Watched]


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def sees_somebody(watched: Watched) -> Callable[[], bool]:
    first = len(watched.reports)
    return lambda: any(
        isinstance(report, Observation) and report.eye is not None
        for report in watched.reports[first:]
    )


def test_it_sees_obeys_and_keeps_nothing(watched: Start, visitor: Path) -> None:
    # One process for many claims: starting one takes seconds of a core.
    one = watched(f"file:{visitor}")
    one.wait_for(sees_somebody(one))
    seen = next(r for r in reversed(one.reports) if isinstance(r, Observation) and r.eye)
    assert seen.viewers == 1
    assert seen.eye is not None
    assert 0.6 < seen.eye.z < 1.6
    pid = one.supervisor.process_id
    assert pid is not None

    # No network of its own but an empty one, no file that it may write, and manners.
    assert Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert next(line for line in limits.splitlines() if "Max file size" in line).split()[3] == "0"
    assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
    modules = Path(f"/proc/{pid}/maps").read_text()
    assert "PySide6" not in modules
    opened = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [path for path in opened if path.startswith("/") and Path(path).suffix == ".jpg"]

    # The mirror only while it is asked for.
    assert not any(isinstance(report, MirrorPicture) for report in one.reports)
    one.supervisor.say(Mirror(on=True))
    one.wait_for(lambda: any(isinstance(report, MirrorPicture) for report in one.reports))
    mirror = next(r for r in one.reports if isinstance(r, MirrorPicture))
    assert (mirror.width, mirror.height, len(mirror.rgb)) == (320, 240, 320 * 240 * 3)
    one.supervisor.say(Mirror(on=False))

    # Off closes the file; on opens it again.
    one.skip()
    one.supervisor.say(Capture(on=False))
    one.wait_for_status(CameraStatus.OFF)
    opened = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    assert str(visitor) not in opened
    one.supervisor.say(Capture(on=True))
    one.wait_for_status(CameraStatus.RUNNING)
    assert one.supervisor.process_id == pid

    # Killed, it is started again; stopped, it is found out within the deadline.
    os.kill(pid, signal.SIGKILL)
    one.wait_for_status(CameraStatus.LOST)
    one.wait_for(sees_somebody(one))
    second = one.supervisor.process_id
    assert second not in {None, pid}
    assert second is not None
    os.kill(second, signal.SIGSTOP)
    stopped_s = time.monotonic()
    one.wait_for_status(CameraStatus.LOST, 6.0)
    assert 2.0 < time.monotonic() - stopped_s < 4.5
    one.wait_for(sees_somebody(one))
    assert not lives(second)

    third = one.supervisor.process_id
    assert third is not None
    one.supervisor.close()
    assert not lives(third)


def test_a_source_that_goes_away_is_missed_and_found_again(
    watched: Start, visitor: Path, tmp_path: Path
) -> None:
    source = tmp_path / "camera.mp4"
    shutil.copy(visitor, source)
    one = watched(f"file:{source}")
    one.wait_for(sees_somebody(one))
    pid = one.supervisor.process_id
    one.skip()
    source.unlink()
    one.wait_for_status(CameraStatus.LOST)
    shutil.copy(visitor, source)
    one.wait_for(sees_somebody(one))
    assert one.supervisor.process_id == pid  # the process outlives its camera

    # Black, frozen and noisy pictures are nobody.
    rng = np.random.default_rng(0)
    pictures: dict[str, list[ImageU8]] = {
        "black": [np.full((480, 640, 3), 3, np.uint8)] * 30,
        "frozen": [np.full((480, 640, 3), 120, np.uint8)] * 30,
        "noisy": [rng.integers(0, 256, (480, 640, 3), np.uint8) for _ in range(30)],
    }
    for name, frames in pictures.items():
        other = film(tmp_path / f"{name}.mp4", frames)
        first = one.skip()
        one.supervisor.say(Adjust(PerceptionSettings(source=f"file:{other}")))
        if name == "noisy":
            one.wait_for_status(CameraStatus.RUNNING)
            begin_s = time.monotonic()
            one.wait_for(lambda since=begin_s: time.monotonic() - since > 2.0)  # type: ignore[misc]
        else:
            one.wait_for_status(CameraStatus.BLOCKED)
        late = one.reports[first + 20 :]
        assert not any(isinstance(report, GestureMade) for report in late), name
        assert not any(isinstance(report, Observation) and report.viewers for report in late), name


def test_a_camera_that_never_comes_is_given_up_with_a_sentence(watched: Start) -> None:
    one = watched("file:/nonexistent/camera.mp4")
    one.wait_for_status(CameraStatus.ABSENT, 40.0)
    states = [report for report in one.reports if hasattr(report, "text")]
    assert "does not exist" in states[-1].text


def test_no_device_is_no_camera_and_no_process(watched: Start, monkeypatch) -> None:
    monkeypatch.setattr("frame_app.perception.supervisor.find_devices", lambda: ())
    one = watched("auto")
    one.wait_for_status(CameraStatus.ABSENT)
    assert one.supervisor.process_id is None


@pytest.mark.parametrize("without_network", [False, True])
def test_the_child_dies_with_its_parent(visitor: Path, *, without_network: bool) -> None:
    code = (
        "import time\n"
        "from frame_app.config.model import PerceptionSettings\n"
        "from frame_app.perception.messages import Capture, CameraState\n"
        "from frame_app.perception.supervisor import Supervisor\n"
        f"s = Supervisor(PerceptionSettings(source='file:{visitor}'))\n"
        "s.say(Capture(on=True))\n"
        "while True:\n"
        "    for r in s.poll():\n"
        "        if isinstance(r, CameraState): print(r.status, s.process_id, flush=True)\n"
        "    time.sleep(0.01)\n"
    )
    command = [sys.executable, "-c", code]
    if without_network:
        can = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
        if can.returncode:
            pytest.skip("this machine allows no private network")
        command = ["unshare", "-rn", *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = 0
        for line in parent.stdout:
            status, pid = line.split()
            if status == "running":
                child = int(pid)
                break
        assert lives(child)
        parent.kill()
    deadline = time.monotonic() + 3.0
    while lives(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_five_deaths_within_a_minute_are_enough() -> None:
    restarts = Restarts()
    waits = [(restarts.died(at), restarts.has_given_up) for at in (0.0, 5.0, 10.0, 15.0, 20.0)]
    assert waits == [(0.0, False), (0.5, False), (1.0, False), (2.0, False), (60.0, True)]
    assert restarts.died(81.0) == 0.0  # the minute is over: another chance


def test_a_death_now_and_then_is_forgiven() -> None:
    restarts = Restarts()
    assert [restarts.died(at * 100.0) for at in range(12)] == [0.0] * 12
