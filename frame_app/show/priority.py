"""Which threads go first when the processor is busy."""

import contextlib
import os
import threading

_NICE = 5  # of 19; enough to let the picture go first, not so much that heads never come


def step_back() -> None:
    """Let the calling thread yield to the one that draws and those that decode for it.

    Linux gives each thread a nice value of its own. Where it may not be changed, all stay equal.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
