from collections.abc import Iterator

import pytest

from prerender.engines.neural.batches import batch_size, in_batches
from prerender.engines.neural.workbench import OutOfMemoryError


class Net:
    """Doubles numbers, at most `room` at a time."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.sizes: list[int] = []

    def __call__(self, batch):
        self.sizes.append(len(batch))
        if len(batch) > self.room:
            raise OutOfMemoryError("tiny", "not enough memory")
        return [2 * item for item in batch]


@pytest.mark.parametrize(("size", "sizes"), [(1, [1] * 5), (2, [2, 2, 1]), (8, [5])])
def test_items_go_through_together_and_come_out_in_order(size, sizes):
    net = Net(room=8)
    assert list(in_batches(range(5), net, size)) == [0, 2, 4, 6, 8]
    assert net.sizes == sizes


def test_too_large_a_batch_is_halved_and_stays_so(caplog):
    net = Net(room=3)
    assert list(in_batches(range(10), net, 8)) == [2 * item for item in range(10)]
    assert net.sizes == [8, 4, 2, 2, 2, 2, 2]
    assert "going on with 2 at a time" in caplog.text


def test_if_not_even_one_fits_the_error_says_so():
    net = Net(room=0)
    with pytest.raises(OutOfMemoryError, match="not enough memory"):
        list(in_batches(range(4), net, 4))
    assert net.sizes == [4, 2, 1]


def test_items_are_taken_as_they_are_needed():
    taken = []

    def source() -> Iterator[int]:
        for item in range(6):
            taken.append(item)
            yield item

    results = in_batches(source(), Net(room=8), 2)
    next(results)
    assert taken == [0, 1]


@pytest.mark.parametrize(
    ("free", "each", "most", "size"),
    [(10_000, 1000, 8, 6), (100_000, 1000, 8, 8), (100, 1000, 8, 1), (100, 0, 4, 4)],
)
def test_a_batch_takes_part_of_what_is_free(free, each, most, size):
    assert batch_size(free, each, most) == size
