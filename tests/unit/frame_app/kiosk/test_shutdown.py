import os
import signal
import subprocess
import sys

import pytest

from frame_app.kiosk.shutdown import StopSignals


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 0)]
)
def test_a_signal_stops_once_and_says_how_to_exit(number: signal.Signals, code: int) -> None:
    stops: list[str] = []
    before = signal.getsignal(number)
    signals = StopSignals(lambda: stops.append("stop"))
    try:
        os.kill(os.getpid(), number)
        assert stops == ["stop"]
        assert signals.exit_code == code
    finally:
        signals.restore()
    assert signal.getsignal(number) is before


def test_a_second_signal_ends_the_process_at_once() -> None:
    code = (
        "import os, signal, time\n"
        "from frame_app.kiosk.shutdown import StopSignals\n"
        "StopSignals(lambda: None)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "time.sleep(30)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=20, check=False)
    assert done.returncode == 130
