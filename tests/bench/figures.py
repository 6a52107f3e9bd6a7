"""Figures of the design, section 11: what is measured, how it is set up and reported."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from PIL import Image

from frame_app.base.paths import shipped

BIN = Path(sys.executable).parent
CANVAS = (1080, 1350)  # px: width and height that the design's times are given for


class Figure(NamedTuple):
    """One line of the table."""

    what: str
    value: float
    limit: float
    unit: str
    is_at_least: bool
    beyond: str = ""
    """Why the product cannot mend a miss; such a miss is printed, and fails nothing."""

    @property
    def is_reached(self) -> bool:
        """Whether the value keeps to its limit."""
        return self.value >= self.limit if self.is_at_least else self.value <= self.limit


class Report(Protocol):
    """Notes a measured value; the test fails at its end if one target was missed."""

    def __call__(
        self,
        what: str,
        value: float,
        limit: float,
        unit: str,
        *,
        at_least: bool = False,
        beyond: str = "",
    ) -> None:
        """See the class."""


FIGURES: list[Figure] = []
"""Of this session, in the order they were measured."""


BUSY = "others use the machine"
"""Why wall time may miss what processor time keeps."""


def spent(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of all processors that an act takes, and of the clock on the wall."""
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    act()
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def save_photo(path: Path, size: tuple[int, int]) -> Path:
    """The demo portrait, cut to the shape of `size` and enlarged to it."""
    with Image.open(shipped("assets", "demo", "astronaut.png")) as image:
        height = image.height
        width = round(height * size[0] / size[1])
        image.crop((20, 0, 20 + width, height)).resize(size, Image.Resampling.LANCZOS).save(path)
    return path


def prerender(
    workplace: Path, *arguments: str, library: str = "library"
) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does; several libraries of a workplace share its store."""
    command = [
        str(BIN / "prerender"),
        *arguments,
        "--library",
        str(workplace / library),
        "--store",
        str(workplace / "store"),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    return done
