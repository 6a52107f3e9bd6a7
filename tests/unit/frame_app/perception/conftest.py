"""A watching process with a real video before it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from frame_app.config.model import PerceptionSettings
from frame_app.perception.landmarker import Landmarker
from frame_app.perception.messages import CameraState, CameraStatus, Capture, Report
from frame_app.perception.supervisor import Supervisor
from tests.fakes.people import STANDING, film, scene


class Watched:
    """A supervisor, and everything that it reported."""

    def __init__(self, source: str) -> None:
        self.supervisor = Supervisor(PerceptionSettings(source=source))
        self.reports: list[Report] = []
        self._waited = 0

    def start(self) -> None:
        self.supervisor.say(Capture(on=True))

    def skip(self) -> int:
        """Wait for news only from here on; returns how many reports there were."""
        self.reports += self.supervisor.poll()
        self._waited = len(self.reports)
        return self._waited

    def wait_for(self, is_so: Callable[[], bool], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while True:
            self.reports += self.supervisor.poll()
            if is_so():
                return
            assert time.monotonic() < deadline, self.reports[-8:]
            time.sleep(0.01)

    def wait_for_status(self, status: CameraStatus, seconds: float = 20.0) -> None:
        """The next time, after the status that was waited for last."""

        def has_come() -> bool:
            for number, report in enumerate(self.reports[self._waited :], start=self._waited):
                if isinstance(report, CameraState) and report.status is status:
                    self._waited = number + 1
                    return True
            return False

        self.wait_for(has_come, seconds)


@pytest.fixture
def watched() -> Iterator[Callable[[str], Watched]]:
    """Starts watching a source."""
    started: list[Watched] = []

    def start(source: str) -> Watched:
        started.append(Watched(source))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.supervisor.close()


@pytest.fixture(scope="session")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of somebody who stands there."""
    path = tmp_path_factory.mktemp("films") / "visitor.mp4"
    return film(path, (scene(STANDING, seed=number) for number in range(60)))


@pytest.fixture(scope="session")
def sight() -> Iterator[Landmarker]:
    """The bundled models."""
    landmarker = Landmarker(Path("/nonexistent"))
    yield landmarker
    landmarker.close()
