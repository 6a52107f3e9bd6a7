"""A virtual X screen with software GL, for tests that look at pixels."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

_SIZE = "1280x800x24"


@contextlib.contextmanager
def virtual_screen() -> Iterator[str]:
    """Run Xvfb on a free display; yields its name, such as `:3`."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed; `make test` does that as root")
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(write_end), "-screen", "0", _SIZE, "+extension", "GLX"],
        pass_fds=(write_end,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    try:
        with os.fdopen(read_end) as answer:
            number = answer.readline().strip()
        if not number:
            pytest.fail("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def screen_environment(display: str) -> dict[str, str]:
    """Variables for a program that is to draw there."""
    kept = {key: value for key, value in os.environ.items() if key != "WAYLAND_DISPLAY"}
    return kept | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
