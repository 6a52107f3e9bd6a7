"""How much goes through a network at once, and what happens when that was too much."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from prerender.engines.neural.workbench import OutOfMemoryError

log = logging.getLogger(__name__)

_SHARE = 0.6  # of the room that one batch may take; the rest is for what nobody counted

T = TypeVar("T")
R = TypeVar("R")


def batch_size(room_bytes: int, bytes_each: int, most: int) -> int:
    """How many items of `bytes_each` go through at once, 1 to `most`."""
    return max(1, min(most, int(_SHARE * room_bytes / max(1, bytes_each))))


def in_batches(
    items: Iterable[T], run: Callable[[Sequence[T]], Sequence[R]], size: int
) -> Iterator[R]:
    """One result per item, in order; items are taken as they are needed.

    When a batch does not fit into memory it is done again in halves, and all later ones are
    smaller, too.

    Raises:
        OutOfMemoryError: not even one item fits.
    """
    source = iter(items)
    while batch := list(islice(source, size)):
        while batch:
            results = _tried(run, batch[:size])
            if results is None:
                size = max(1, min(size, len(batch)) // 2)
                log.warning("too much for the memory at once; going on with %d at a time", size)
                continue
            yield from results
            batch = batch[size:]


def _tried(run: Callable[[Sequence[T]], Sequence[R]], batch: Sequence[T]) -> Sequence[R] | None:
    """The results, or None if half of them might fit."""
    try:
        return run(batch)
    except OutOfMemoryError:
        if len(batch) == 1:
            raise
        return None
