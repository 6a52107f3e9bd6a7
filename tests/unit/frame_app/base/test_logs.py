import io
import logging
from collections.abc import Iterator

import pytest

from frame_app.base.logs import set_up_logging


@pytest.fixture(autouse=True)
def restored_root() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.mark.parametrize(
    ("verbosity", "heard"),
    [(-5, "WARNING"), (-1, "WARNING"), (0, "INFO WARNING"), (1, "DEBUG INFO WARNING")],
)
def test_verbosity_decides_what_is_heard(verbosity: int, heard: str) -> None:
    stream = io.StringIO()
    set_up_logging(verbosity=verbosity, stream=stream)
    log = logging.getLogger("frame_app.test")
    log.debug("x")
    log.info("x")
    log.warning("x")
    assert [line.split()[1] for line in stream.getvalue().splitlines()] == heard.split()
