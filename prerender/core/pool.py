"""The process pool of one machine: spawned workers that never outlive the run."""

import contextlib
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar

from frame_app.base.logs import set_up_logging
from frame_app.base.optional import require
from prerender.engines.native import load_solutions

P = ParamSpec("P")
T = TypeVar("T")

_NICENESS = 5  # the player on the same machine comes first
# The order of sums in matrix products, and with it the last bit, depends on the number of threads;
# the cores are kept busy by the workers.
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerPool(ProcessPoolExecutor):
    """A pool whose workers end with it, even if this process is killed.

    Each worker watches a pipe whose other end only this process holds: when that end closes, by
    `shutdown` or because the process is gone, the worker ends at once, in the middle of its work if
    need be. That is safe, since an artifact is published whole or not at all.
    """

    def __init__(self, jobs: int) -> None:
        for name in _ONE_THREAD:  # read when the worker imports numpy, so set before it starts
            os.environ.setdefault(name, "1")
        context = multiprocessing.get_context("spawn")  # never fork: libraries hold threads
        reader, self._lifeline = context.Pipe(duplex=False)
        level = logging.getLogger().getEffectiveLevel()
        super().__init__(jobs, mp_context=context, initializer=_begin, initargs=(reader, level))
        self._others = jobs - 1
        """Workers that have nothing to do yet, since the first job is alone."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As `Executor.submit`; the first job makes the other workers load what it loads."""
        future = super().submit(fn, *args, **kwargs)
        while self._others:
            self._others -= 1
            super().submit(_load, fn, *args)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (signature of Executor)
        """As `Executor.shutdown`; without `wait` running work is abandoned."""
        if not wait:
            self._lifeline.close()
        super().shutdown(wait=True, cancel_futures=cancel_futures)
        with contextlib.suppress(OSError):
            self._lifeline.close()


def _begin(lifeline: Connection, level: int) -> None:
    if level < logging.WARNING:  # whoever asked for more hears its workers, too
        set_up_logging(verbosity=1 if level < logging.INFO else 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent acts
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    threading.Thread(target=_watch, args=(lifeline,), daemon=True, name="lifeline").start()


def _load(*job: object) -> None:
    """Import what nearly every job needs, while the first one runs alone.

    A job that comes along is not done: to receive it means to import what it is made of.
    """
    del job
    require("cv2")
    load_solutions()


def _watch(lifeline: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv()
    os._exit(1)
