"""Work that would hold up the UI thread: disks, hashes, version numbers."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from frame_app.base.errors import PortraitError

log = logging.getLogger(__name__)

T = TypeVar("T")


class _Errand(Generic[T]):
    def __init__(
        self, future: "Future[T]", done: Callable[[T], object], failed: Callable[[str], object]
    ) -> None:
        self._future = future
        self._done = done
        self._failed = failed

    def settle(self) -> bool:
        """Hand over the result; False if there is none yet."""
        if not self._future.done():
            return False
        error = self._future.exception()
        if error is None:
            self._done(self._future.result())
        elif isinstance(error, PortraitError | OSError):
            log.warning("%s", error)
            self._failed(str(error))
        else:
            raise error
        return True


class Errands:
    """Runs work in one thread and hands over results on the UI thread, when polled."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="errand")
        self._open: list[_Errand[object]] = []

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], object],
        failed: Callable[[str], object] = lambda _: None,
    ) -> None:
        """Have `work` done; `done` gets its result, or `failed` one sentence."""
        self._open.append(_Errand(self._pool.submit(work), done, failed))  # type: ignore[arg-type]

    def poll(self) -> None:
        """Hand over what is finished; cheap when nothing is."""
        if self._open:
            self._open = [errand for errand in self._open if not errand.settle()]

    def close(self) -> None:
        """Take no more, and wait for the one in work."""
        self._pool.shutdown(wait=True, cancel_futures=True)
