"""Free memory goes back to the system; tried in a process whose allocator may be changed."""

import subprocess
import sys

_PROGRAM = """
import sys, threading, time
from pathlib import Path
from frame_app.kiosk.memory import tidy_memory

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

def work(kept):
    # small pieces of many sizes, of which a few stay: holes all over an arena
    pieces = [bytearray(2000 + 37 * (n % 500)) for n in range(20000)]
    kept.append(pieces[::200])

with tidy_memory(every_s=float(sys.argv[1])):
    kept = []
    for _ in range(3):
        thread = threading.Thread(target=work, args=(kept,))
        thread.start()
        thread.join()
    before = resident_mb()
    deadline = time.monotonic() + float(sys.argv[2])
    while resident_mb() > before - 20 and time.monotonic() < deadline:
        time.sleep(0.02)
    print(before - resident_mb())
"""


def given_back_mb(every_s: float, patience_s: float) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(every_s), str(patience_s)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return float(done.stdout)


def test_what_is_free_goes_back_to_the_system() -> None:
    assert given_back_mb(1.0, 20.0) > 20.0


def test_without_tidying_it_would_stay() -> None:
    assert given_back_mb(3600.0, 0.5) < 5.0
