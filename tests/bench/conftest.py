"""Fixtures of the benchmarks, and the table they print."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.figures import CANVAS, FIGURES, Figure, Report, save_photo


@pytest.fixture
def report() -> Iterator[Report]:
    """Note figures; missed targets fail the test after all were noted."""
    first = len(FIGURES)

    def note(
        what: str,
        value: float,
        limit: float,
        unit: str,
        *,
        at_least: bool = False,
        beyond: str = "",
    ) -> None:
        FIGURES.append(Figure(what, value, limit, unit, at_least, beyond))

    yield note
    noted = FIGURES[first:]
    missed = [figure.what for figure in noted if not figure.is_reached and not figure.beyond]
    assert not missed, "; ".join(missed)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not FIGURES:
        return
    write = terminalreporter.write_line
    write("")
    write(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for figure in FIGURES:
        sign = ">=" if figure.is_at_least else "<="
        verdict = "ok" if figure.is_reached else f"missed: {figure.beyond}"
        if not figure.is_reached and not figure.beyond:
            verdict = "MISSED"
        value = f"{figure.value:10.3f} {figure.unit:<6}"
        write(f"{figure.what:<66} {value} target {sign} {figure.limit:<6g} {verdict}")


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait of 1080 x 1350 pixels."""
    return save_photo(tmp_path_factory.mktemp("photo") / "portrait.png", CANVAS)


@pytest.fixture(scope="session")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds `library` and `store` of this session."""
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="session")
def screen() -> Iterator[dict[str, str]]:
    """The environment of a virtual screen."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "+extension", "GLX"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    display = f":{server.stdout.readline().strip()}"
    yield {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    server.terminate()
    server.wait()
    server.stdout.close()
