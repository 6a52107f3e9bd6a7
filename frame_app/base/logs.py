"""One logging set-up for player, worker and pipeline."""

import logging
import sys
from collections import deque
from typing import TextIO

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class RecentLog(logging.Handler):
    """Keeps the last lines in memory, for the settings panel."""

    def __init__(self, count: int = 200) -> None:
        super().__init__(logging.INFO)
        self.lines: deque[str] = deque(maxlen=count)
        self.setFormatter(logging.Formatter("%(asctime)s  %(message)s", datefmt="%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`; any thread."""
        self.lines.append(self.format(record))


def keep_recent_log() -> RecentLog:
    """Keep what is logged from now on, beside where it goes already."""
    recent = RecentLog()
    logging.getLogger().addHandler(recent)
    return recent


def set_up_logging(*, verbosity: int = 0, stream: TextIO | None = None) -> None:
    """Log to `stream` (stderr): warnings at -1, state changes at 0, everything from 1 upward."""
    level = {-1: logging.WARNING, 0: logging.INFO}.get(max(verbosity, -1), logging.DEBUG)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter(_FORMAT, datefmt="%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("PIL", "libav", "matplotlib"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # It warns of every event that has no rule in a state; here that is how rules are left out.
    logging.getLogger("transitions").setLevel(logging.ERROR)
