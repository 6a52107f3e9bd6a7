import subprocess
import sys

SET_UP = (
    "import logging, threading\n"
    "from frame_app.kiosk.crash import install_last_words\n"
    "logging.basicConfig()\n"
    "install_last_words()\n"
)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SET_UP + code],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_an_exception_that_nobody_caught_goes_to_the_log_with_its_traceback() -> None:
    done = run("raise ValueError('the lamp fell')")
    assert done.returncode == 1
    assert "CRITICAL" in done.stderr
    assert "a bug: the lamp fell" in done.stderr
    assert "Traceback" in done.stderr


def test_a_thread_that_dies_is_named() -> None:
    done = run("t = threading.Thread(target=lambda: 1 / 0, name='shelf'); t.start(); t.join()")
    assert done.returncode == 0
    assert "a bug in thread shelf: division by zero" in done.stderr


def test_a_crash_of_native_code_leaves_the_python_stack() -> None:
    done = run("import ctypes; ctypes.string_at(0)")
    assert done.returncode != 0
    assert "Segmentation fault" in done.stderr
