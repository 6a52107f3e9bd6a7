"""Pieces of a clip on disk: what a crash costs, and what a damaged piece costs."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from prerender.core.segments import LENGTH, Part, Segments, ranges
from prerender.engines.base import ActorFrame

STILL = ActorFrame(
    np.random.default_rng(1).integers(0, 256, (24, 16, 3), np.uint8),
    np.full((24, 16), 200, np.uint8),
)


class Slow:
    """A clip whose frames are counted, and which can fail at one of them."""

    def __init__(self, count: int) -> None:
        self.count, self.made, self.fails_at = count, 0, -1

    def parts(self) -> list[Part]:
        return [partial(self._frames, start, stop) for start, stop in ranges(self.count)]

    def _frames(self, start: int, stop: int) -> Iterator[ActorFrame]:
        for number in range(start, stop):
            if number == self.fails_at:
                raise KeyboardInterrupt
            self.made += 1
            colour = STILL.colour.copy()
            colour[4:9, 3:8] = (7 * number) % 256
            matte = STILL.matte.copy()
            matte[5, number % 16] = 3
            yield ActorFrame(colour, matte, 1 - number / 1000)


def flat(frames: Iterable[ActorFrame]) -> list[tuple[bytes, bytes, float]]:
    return [(frame.colour.tobytes(), frame.matte.tobytes(), frame.jacobian) for frame in frames]


def test_segments_cover_a_clip_once() -> None:
    assert list(ranges(2 * LENGTH + 1)) == [(0, 16), (16, 32), (32, 33)]
    assert list(ranges(LENGTH)) == [(0, 16)]


def test_a_crash_costs_at_most_one_segment_and_no_byte_differs(tmp_path) -> None:
    wanted = flat(frame for part in Slow(61).parts() for frame in part())
    clip, segments = Slow(61), Segments(tmp_path / "segments")
    clip.fails_at = 40
    with pytest.raises(KeyboardInterrupt):
        list(segments.frames("smile 1", clip.parts(), STILL))
    clip.fails_at, before = -1, clip.made
    assert flat(segments.frames("smile 1", clip.parts(), STILL)) == wanted
    assert clip.made - before == 61 - 32
    assert before - 32 <= LENGTH


def test_another_take_is_another_clip(tmp_path) -> None:
    clip, segments = Slow(8), Segments(tmp_path)
    list(segments.frames("smile 1", clip.parts(), STILL))
    list(segments.frames("smile 0.75", clip.parts(), STILL))
    assert clip.made == 16


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("fault", [cut_short, altered, emptied])
def test_a_damaged_piece_is_made_again(tmp_path, fault) -> None:
    clip, segments = Slow(20), Segments(tmp_path)
    wanted = flat(segments.frames("smile", clip.parts(), STILL))
    fault(sorted(tmp_path.iterdir())[0])
    assert flat(segments.frames("smile", clip.parts(), STILL)) == wanted
    assert clip.made == 20 + LENGTH


def test_pieces_of_another_size_are_not_taken(tmp_path) -> None:
    clip, segments = Slow(4), Segments(tmp_path)
    list(segments.frames("smile", clip.parts(), STILL))
    other = ActorFrame(STILL.colour[:20], STILL.matte[:20])
    frames = [ActorFrame(other.colour, other.matte)]
    assert flat(segments.frames("smile", [lambda: frames], other)) == flat(frames)


def test_frames_are_made_as_they_are_asked_for(tmp_path) -> None:
    clip = Slow(80)
    frames = Segments(tmp_path).frames("smile", clip.parts(), STILL)
    next(frames)
    assert clip.made == LENGTH
