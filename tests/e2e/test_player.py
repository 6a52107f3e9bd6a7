"""`frame-app` as a user runs it, on a virtual screen: exit codes, sentences, pixels, journal."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from frame_app.cliplib import layout
from tests.fakes import synthetic_library as drawn
from tests.fakes.virtual_screen import screen_environment, virtual_screen

SIZE = (drawn.WIDTH, drawn.HEIGHT)
BY_DAY = "[light]\non = false\n"
"""Pictures are read here, in the evening too."""
PLAIN = f"{BY_DAY}[window]\nstrength = 0.0\n[motion]\nbreathing = 0.0\n"


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    with virtual_screen() as display:
        yield display


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("library")
    drawn.make_library(root, ("anna", "berta"))
    return root


@dataclass
class Frame:
    """Runs the command with a home of its own."""

    display: str
    home: Path
    service: dict[str, str] = field(default_factory=dict)
    """What a service manager would add to the environment."""

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "frame_app", *map(str, arguments)]

    @property
    def environment(self) -> dict[str, str]:
        xdg = {
            f"XDG_{kind}_HOME": str(self.home / kind.lower())
            for kind in ("DATA", "CONFIG", "STATE", "CACHE")
        }
        return screen_environment(self.display) | xdg | {"HOME": str(self.home)} | self.service

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.write_text(text)
        return path

    def script(self, *events: dict[str, object]) -> Path:
        return self.write("script.jsonl", "".join(json.dumps(event) + "\n" for event in events))

    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.home / "j.jsonl").read_text().splitlines()]

    def picture(self, name: str) -> drawn.Pixels:
        pixels: drawn.Pixels = np.asarray(Image.open(self.home / f"{name}.png").convert("RGB"))
        return pixels


@pytest.fixture
def frame(screen: str, tmp_path: Path) -> Frame:
    places = tmp_path / "config" / "portrait-frame"
    places.mkdir(parents=True)
    (places / "frame.toml").write_text(BY_DAY)
    return Frame(screen, tmp_path)


def test_a_scripted_run_shows_journals_and_ends(frame: Frame, library: Path) -> None:
    script = frame.script(
        {"at": 0.6, "event": "grab", "name": "idle"},
        {"at": 1.0, "event": "gesture", "name": "smile"},
        {"at": 2.0, "event": "grab", "name": "smile"},
        {"at": 3.5, "event": "viewer_moved", "x": -0.8, "y": 0.0, "z": 1.2},
        {"at": 5.0, "event": "grab", "name": "look"},
        {"at": 5.2, "event": "viewer_left"},
        {"at": 5.4, "event": "next"},
        {"at": 5.8, "event": "key", "name": "w"},
    )
    done = frame.run(
        *("--library", library, "--size", "{}x{}".format(*SIZE), "--for", 8.5),
        *("--journal", frame.home / "j.jsonl", "--script", script, "--grab", frame.home),
        *("--config", frame.write("frame.toml", PLAIN), "--seed", 1),
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert "CRITICAL" not in done.stderr

    idle = drawn.read_code(frame.picture("idle"), 0.0, 0.0, 1.0)
    assert idle is None or idle[0] == drawn.IDLE  # None in a jump that is being blended
    smile = drawn.read_code(frame.picture("smile"), 0.0, 0.0, 1.0)
    assert smile is not None
    assert smile[0] == drawn.SMILE
    for name in ("idle", "smile", "look"):
        assert frame.picture(name).mean() > 60.0

    records = frame.journal()
    kinds = {record["kind"] for record in records}
    assert {"start", "picture", "state", "event", "clip", "frames", "end"} <= kinds
    states = [record["new"] for record in records if record["kind"] == "state"]
    assert states[:4] == ["idle", "reacting", "idle", "attentive"]
    clips = [record for record in records if record["kind"] == "clip"]
    assert [clip["name"] for clip in clips][:4] == ["idle", "smile", "idle", "gaze"]
    reactions = [clip for clip in clips if clip["name"] == "smile"]
    assert all(clip["frames"] <= 2 for clip in reactions)
    assert all(clip["shown_t"] >= clip["decided_t"] for clip in clips)
    hung = [record["portrait"] for record in records if record.get("event") == "portrait_hung"]
    assert hung == ["anna", "berta"]
    times = [record["t"] for record in records]
    assert times == sorted(times)
    seconds = [record for record in records if record["kind"] == "frames"]
    assert len(seconds) >= 6
    # a gaze that rests has nothing to draw
    assert all(second["drawn"] > 0 for second in seconds if second["due"] > 2)


def test_a_clip_that_is_no_video_is_named_and_the_rest_plays(frame: Frame, library: Path) -> None:
    torn = frame.home / "library"
    shutil.copytree(library, torn)
    for clip in torn.glob("portraits/anna-*/clips/smile.mp4"):
        clip.write_bytes(b"?" * clip.stat().st_size)
    script = frame.script(
        {"at": 1.0, "event": "gesture", "name": "smile"}, {"at": 2.0, "event": "grab", "name": "g"}
    )
    done = frame.run(
        *("--library", torn, "--size", "{}x{}".format(*SIZE), "--for", 3, "--script", script),
        *("--config", frame.write("frame.toml", PLAIN), "--grab", frame.home, "--seed", 1),
    )
    assert done.returncode == 0, done.stderr
    assert "clip smile is left out" in done.stderr
    assert frame.picture("g").mean() > 60.0


@pytest.mark.parametrize("is_still", [False, True])
def test_the_service_manager_hears_of_start_life_and_stop(
    frame: Frame, library: Path, *, is_still: bool
) -> None:
    # Without library and drift the fallback hangs there and nothing moves: alive all the same.
    what = ("--config", frame.write("frame.toml", "[window]\ndrift = 0.0\n"))
    if not is_still:
        what = ("--library", library)
    address = str(frame.home / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(90)
        listener.bind(address)
        frame.service = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1500000"}
        heard: list[bytes] = []
        reader = threading.Thread(target=_hear, args=(listener, heard))
        reader.start()  # as a service manager does: its queue holds ten datagrams only
        done = frame.run(*what, "--size", "{}x{}".format(*SIZE), "--for", 4)
        reader.join(10)
        assert done.returncode == 0, done.stderr
    assert heard.count(b"READY=1") == 1
    assert 5 <= heard.count(b"WATCHDOG=1") <= 10  # every half second


def _hear(listener: socket.socket, heard: list[bytes]) -> None:
    while not heard or heard[-1] != b"STOPPING=1":
        heard.append(listener.recv(100))


def test_a_restart_at_night_lights_nothing_and_switches_the_panel_off(
    frame: Frame, library: Path
) -> None:
    now = datetime.now().astimezone()
    begins, ends = (f"{now + timedelta(hours=h):%H:%M}" for h in (-2, 2))
    config = frame.write(
        "frame.toml", f'{PLAIN}[quiet_hours]\nbegins = "{begins}"\nends = "{ends}"\n'
    )
    calls = frame.home / "calls"
    program = frame.home / "vcgencmd"
    program.write_text(f'#!/bin/sh\necho "$*" >> {calls}\necho display_power=1\n')
    program.chmod(0o755)
    address = str(frame.home / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(5)
        listener.bind(address)
        frame.service = {
            "PATH": f"{frame.home}:{os.environ['PATH']}",
            "NOTIFY_SOCKET": address,
            "WATCHDOG_USEC": "4500000",
        }
        script = frame.script(
            {"at": 1, "event": "grab", "name": "dark1"},
            {"at": 3, "event": "grab", "name": "dark3"},
            {"at": 4, "event": "key", "name": "s"},
            {"at": 7, "event": "grab", "name": "woken"},
            {"at": 7.5, "event": "quit"},
        )
        done = frame.run(
            *("--library", library, "--config", config, "--script", script),
            *("--grab", frame.home, "--journal", frame.home / "j.jsonl"),
        )
        assert done.returncode == 0, done.stderr
        heard = [listener.recv(100)]
        while heard[-1] != b"STOPPING=1":
            heard.append(listener.recv(100))
    assert [frame.picture(f"dark{at}").max() for at in (1, 3)] == [0, 0]
    assert frame.picture("woken").mean() > 30.0
    wishes = [call for call in calls.read_text().splitlines() if call.strip() != "display_power"]
    assert wishes == ["display_power 0", "display_power 1"]
    states = [r["new"] for r in frame.journal() if r["kind"] == "state"]
    assert states[:2] == ["asleep", "idle"]
    assert heard.count(b"WATCHDOG=1") >= 4  # every 1.5 s, without a frame for most of the time
    kept = json.loads((frame.home / "state" / "portrait-frame" / "night.json").read_text())
    assert kept["asleep"] is False  # somebody woke it


@pytest.fixture
def session_bus(tmp_path: Path) -> Iterator[str]:
    """A bus of our own."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("dbus-daemon is not installed")
    with subprocess.Popen(
        [program, "--session", "--print-address", "--nofork", f"--address=unix:dir={tmp_path}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as daemon:
        assert daemon.stdout is not None
        yield daemon.stdout.readline().strip()
        daemon.terminate()


_MPRIS = """
import sys, time
from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection, QDBusInterface
app = QCoreApplication([])
bus = QDBusConnection.sessionBus()
name, path = "org.mpris.MediaPlayer2.portrait_frame", "/org/mpris/MediaPlayer2"
properties = QDBusInterface(name, path, "org.freedesktop.DBus.Properties", bus)
player = QDBusInterface(name, path, "org.mpris.MediaPlayer2.Player", bus)
def status():
    answer = properties.call("Get", "org.mpris.MediaPlayer2.Player", "PlaybackStatus")
    return answer.arguments()[0].variant()
while not bus.interface().isServiceRegistered(name).value():
    time.sleep(0.05)
time.sleep(1.0)
print(status())
player.call("Pause")
print(status())
player.call("Play")
player.call("Next")
"""


def test_media_keys_turn_and_pause_by_the_session_bus(
    frame: Frame, library: Path, session_bus: str
) -> None:
    frame.service = {"DBUS_SESSION_BUS_ADDRESS": session_bus}
    client = subprocess.Popen(
        [sys.executable, "-c", _MPRIS],
        env=frame.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    done = frame.run(
        *("--library", library, "--size", "320x400", "--for", 6),
        *("--journal", frame.home / "j.jsonl"),
    )
    said, _ = client.communicate(timeout=20)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert "Playing" in said.splitlines()[0]
    assert "Paused" in said.splitlines()[1]
    events = [r["event"] for r in frame.journal() if r["kind"] == "event"]
    asked = [event for event in events if event in {"paused", "resumed", "next"}]
    assert asked == ["paused", "resumed", "next"]
    hung = [r["portrait"] for r in frame.journal() if r.get("event") == "portrait_hung"]
    assert hung == ["anna", "berta"]


def test_recording_writes_what_the_screen_showed(frame: Frame, library: Path) -> None:
    film = frame.home / "film.mp4"
    done = frame.run(
        *("--library", library, "--size", "{}x{}".format(*SIZE), "--for", 2),
        *("--record", film, "--config", frame.write("frame.toml", PLAIN)),
    )
    assert done.returncode == 0, done.stderr
    with av.open(str(film)) as container:
        pictures: list[drawn.Pixels] = [
            picture.to_ndarray(format="rgb24").astype(np.uint8)
            for picture in container.decode(video=0)
        ]
    assert len(pictures) >= 20
    assert pictures[0].shape == (SIZE[1], SIZE[0], 3)
    assert min(picture.mean() for picture in pictures) > 60.0
    codes = {drawn.read_code(picture, 0.0, 0.0, 1.0) for picture in pictures} - {None}
    assert len(codes) > 5


def test_without_a_library_in_its_place_the_fallback_is_shown(frame: Frame) -> None:
    done = frame.run(
        *("--size", "320x400", "--for", 1.5, "--grab", frame.home, "--grab-at", "1.0"),
        *("--journal", frame.home / "j.jsonl"),
    )
    assert done.returncode == 0
    assert frame.picture("1").mean() > 60.0
    states = [record["new"] for record in frame.journal() if record["kind"] == "state"]
    assert states == ["fallback"]


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_a_library_that_was_named_and_is_missing_is_an_error(frame: Frame) -> None:
    done = frame.run("--library", frame.home / "none")
    assert done.returncode == 5
    assert "none: does not exist; make one with: prerender run PHOTO" in one_sentence(done)


def test_a_library_of_a_newer_schema_is_an_error(frame: Frame) -> None:
    root = frame.home / "newer"
    root.mkdir()
    (root / layout.INDEX).write_text('{"schema": 2, "generation": 1, "portraits": []}')
    done = frame.run("--library", root)
    assert done.returncode == 5
    assert "update portrait-frame" in one_sentence(done)


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--script", '{"at": 1, "event": "dance"}', "line 1"),
        ("--behaviours", '[[behaviour]]\nname = "x"\n', "line 1: behaviour 1 event"),
    ],
)
def test_a_faulty_file_is_an_error_that_names_the_place(
    frame: Frame, library: Path, option: str, text: str, words: str
) -> None:
    done = frame.run("-q", "--library", library, option, frame.write("faulty", text))
    assert done.returncode == 2
    assert words in one_sentence(done)


def test_without_a_display_there_is_a_sentence(frame: Frame, library: Path) -> None:
    environment = {
        key: value
        for key, value in frame.environment.items()
        if key not in {"DISPLAY", "QT_QPA_PLATFORM"}
    }
    done = subprocess.run(
        frame.command("-q", "--library", library),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "no display" in one_sentence(done)


def test_wrong_use_is_code_2(frame: Frame) -> None:
    for arguments in (("--size", "big"), ("--dance",), ("--grab-at", "soon")):
        assert frame.run(*arguments).returncode == 2


def test_settings_that_cannot_be_used_do_not_stop_the_frame(frame: Frame, library: Path) -> None:
    config = frame.write("frame.toml", "[picture]\nfit = 'round'\n[disco]\nlights = 1\n")
    done = frame.run(
        *("--library", library, "--size", "320x400", "--for", 0.5, "--config", config),
        *("--journal", frame.home / "j.jsonl"),
    )
    assert done.returncode == 0
    assert "picture.fit" in done.stderr
    notices = [record for record in frame.journal() if record["kind"] == "notice"]
    assert "and 1 more" in notices[0]["text"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_in_order(
    frame: Frame, library: Path, number: signal.Signals, code: int
) -> None:
    journal = frame.home / "j.jsonl"
    process = subprocess.Popen(
        frame.command("--library", library, "--size", "320x400", "--journal", journal),
        env=frame.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60.0
    while not (journal.exists() and '"start"' in journal.read_text()):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    assert "WARNING" not in errors
    assert frame.journal()[-1]["kind"] == "end"


def test_ten_thousand_portraits_open_like_ten(frame: Frame, library: Path) -> None:
    index = json.loads((library / layout.INDEX).read_text())
    entry = index["portraits"][0]
    portraits = [{**entry, "id": f"anna-{number}"} for number in range(9_999)]
    root = frame.home / "large"
    root.mkdir()
    (root / layout.PORTRAITS).symlink_to(library / layout.PORTRAITS)
    index["portraits"] = [entry, *portraits]
    (root / layout.INDEX).write_text(json.dumps(index))
    done = frame.run(
        *("--library", root, "--size", "320x400", "--for", 0.3),
        *("--journal", frame.home / "j.jsonl"),
    )
    assert done.returncode == 0, done.stderr
    (opened,) = [r for r in frame.journal() if r.get("event") == "library_opened"]
    assert opened["portraits"] == 10_000
    (start,) = [r for r in frame.journal() if r["kind"] == "start"]
    assert start["first_moving_s"] < 10.0  # 2 s on a machine with nothing else to do
