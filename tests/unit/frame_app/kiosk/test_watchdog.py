import os
import socket
from pathlib import Path

import pytest

from frame_app.kiosk.watchdog import Feeder, Pulse, ServiceManager


def listen(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.settimeout(5)
    listener.bind(address)
    return listener


@pytest.mark.parametrize("is_abstract", [False, True])
def test_the_service_manager_hears_what_is_sent(tmp_path: Path, *, is_abstract: bool) -> None:
    name = f"@portrait-frame-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with listen("\0" + name[1:] if is_abstract else name) as listener:
        manager = ServiceManager({"NOTIFY_SOCKET": name})
        manager.ready()
        manager.alive()
        manager.status("playing")
        manager.stopping()
        heard = [listener.recv(100) for _ in range(4)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STATUS=playing", b"STOPPING=1"]


def test_without_a_service_manager_nothing_happens() -> None:
    manager = ServiceManager({})
    manager.ready()
    assert manager.watchdog_s is None


def test_a_socket_that_is_gone_is_said_once_and_harms_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()
    assert "READY=1" in caplog.text


def test_a_manager_that_does_not_read_holds_nothing_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with listen(str(tmp_path / "notify")):
        manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(2000):  # more than any queue of the kernel's
            manager.alive()
    assert "WATCHDOG=1" in caplog.text


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 20.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_time_is_ours_only(
    environment: dict[str, str], expected: float | None
) -> None:
    assert ServiceManager(environment).watchdog_s == expected


def test_alive_needs_a_tick_and_a_frame_since_the_last_report() -> None:
    pulse = Pulse()
    assert not pulse.take()
    pulse.tick()
    assert not pulse.take()
    pulse.present()
    assert not pulse.take()
    pulse.tick()
    pulse.present()
    assert pulse.take()
    assert not pulse.take()


def test_the_watchdog_is_fed_in_time_and_only_while_frames_are_presented(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with listen(name) as listener:
        asked: list[float] = []
        manager = ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000"})
        feeder = Feeder(manager, lambda: asked.append(beat), lambda: False)
        for beat in range(61):  # six seconds, of which the picture stands still in the second half
            if beat < 30:
                feeder.pulse.present()
            feeder.tick(beat / 10)
        heard = [listener.recv(100) for _ in range(4)]
        listener.settimeout(0.0)
        with pytest.raises(BlockingIOError):  # no fifth
            listener.recv(100)
    assert asked[0] == 40  # when the meal of the fifth second is due
    assert heard == [b"WATCHDOG=1"] * 4  # at 0, 1 and 2 s, and once for what was left of the third


def test_while_the_panel_is_off_on_purpose_ticking_is_life_enough(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with listen(name) as listener:
        asked: list[float] = []
        manager = ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "3000000"})
        feeder = Feeder(manager, lambda: asked.append(beat), lambda: True)
        for beat in range(61):  # six seconds without a single frame
            feeder.tick(beat / 10)
        heard = [listener.recv(100) for _ in range(6)]
    assert heard == [b"WATCHDOG=1"] * 6
    assert asked == []
