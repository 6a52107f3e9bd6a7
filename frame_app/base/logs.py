"""One logging set-up for player, worker and pipeline."""

import logging
import sys
from typing import TextIO

_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def set_up_logging(*, verbosity: int = 0, stream: TextIO | None = None) -> None:
    """Log to `stream` (stderr): warnings at -1, state changes at 0, everything from 1 upward."""
    level = {-1: logging.WARNING, 0: logging.INFO}.get(max(verbosity, -1), logging.DEBUG)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter(_FORMAT, datefmt="%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("PIL", "transitions", "libav", "matplotlib"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
