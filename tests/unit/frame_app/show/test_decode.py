import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from frame_app.base.errors import VideoError
from frame_app.show.decode import Extent, FrameStream, Planes, Segment, decode_segment
from tests.fakes import synthetic_library as drawn

EXTENT = Extent(drawn.BOX.width, drawn.BOX.height)


@pytest.fixture
def idle(library: Path) -> Path:
    (path,) = library.glob("portraits/*/clips/idle.mp4")
    return path


def segment(path: Path, start: int, stop: int) -> Segment:
    return Segment("idle", path, 30.0, start, stop)


def grey(planes: Planes) -> drawn.Pixels:
    """Luma of the colour, 0..255, placed on a canvas so that its code can be read."""
    pairs = np.frombuffer(planes.luma, np.uint8).reshape(*planes.extent[::-1], 2)
    full = (pairs[..., 0].astype(float) - 16.0) * 255.0 / 219.0
    canvas = np.full((drawn.HEIGHT, drawn.WIDTH, 3), 128.0)
    box = drawn.BOX
    canvas[box.y : box.y + box.height, box.x : box.x + box.width] = full[..., np.newaxis]
    picture: drawn.Pixels = np.clip(canvas, 0.0, 255.0).astype(np.uint8)
    return picture


@pytest.mark.parametrize("start", [0, 1, 19, 20, 21, 47, 89])
def test_a_segment_begins_at_exactly_its_first_frame(idle: Path, start: int) -> None:
    first = next(iter(decode_segment(segment(idle, start, 90), EXTENT)))
    assert first.index == start
    assert drawn.read_code(grey(first), 0.0, 0.0, 1.0) == (drawn.IDLE, start)


def test_a_segment_holds_its_frames_in_order_and_ends_where_it_should(idle: Path) -> None:
    pictures = list(decode_segment(segment(idle, 30, 45), EXTENT))
    assert [planes.index for planes in pictures] == list(range(30, 45))


def test_planes_have_the_sizes_they_say(idle: Path) -> None:
    planes = next(iter(decode_segment(segment(idle, 0, 1), EXTENT)))
    assert len(planes.luma) == 2 * EXTENT.width * EXTENT.height
    assert len(planes.chroma) == EXTENT.width * EXTENT.height // 2
    assert planes.size_bytes == len(planes.luma) + len(planes.chroma)


def test_the_matte_is_full_inside_the_head_and_empty_beside_it(idle: Path) -> None:
    planes = next(iter(decode_segment(segment(idle, 0, 1), EXTENT)))
    matte = np.frombuffer(planes.luma, np.uint8).reshape(*EXTENT[::-1], 2)[..., 1]
    assert abs(int(matte[130, 100]) - 235) <= 2
    assert abs(int(matte[3, 3]) - 16) <= 2


def test_a_smaller_screen_gets_smaller_pictures_of_the_same_frame(idle: Path) -> None:
    small = Extent(100, 130)
    planes = next(iter(decode_segment(segment(idle, 5, 6), small)))
    assert planes.extent == small
    assert len(planes.luma) == 2 * 100 * 130


@pytest.mark.parametrize("content", [b"", b"not a video at all", None])
def test_a_file_that_is_no_video_is_one_error(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "idle.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VideoError, match=r"idle\.mp4"):
        list(decode_segment(segment(path, 0, 10), EXTENT))


def test_a_video_that_ends_early_says_where(idle: Path) -> None:
    with pytest.raises(VideoError, match="ends at frame 90 instead of 120"):
        list(decode_segment(segment(idle, 80, 120), EXTENT))


def take_when_ready(stream: FrameStream, index: int) -> Planes:
    deadline = time.monotonic() + 10.0
    while not stream.reaches(index):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    planes = stream.take(index)
    assert planes is not None
    return planes


def test_a_stream_serves_its_head_before_the_thread_has_anything(idle: Path) -> None:
    head = tuple(decode_segment(segment(idle, 0, 5), EXTENT))
    stream = FrameStream(segment(idle, 0, 90), EXTENT, 4, head)
    assert stream.take(0) is head[0]
    assert stream.take(3) is head[3]
    assert [take_when_ready(stream, index).index for index in range(4, 90)] == list(range(4, 90))
    stream.close()
    assert stream.join(5.0)


def test_a_stream_decodes_no_further_ahead_than_it_may(idle: Path) -> None:
    stream = FrameStream(segment(idle, 0, 90), EXTENT, 6)
    take_when_ready(stream, 5)
    assert not stream.reaches(6)
    stream.close()
    assert stream.join(5.0)


def test_the_last_picture_stays_until_the_next_is_there(idle: Path) -> None:
    stream = FrameStream(segment(idle, 0, 3), EXTENT, 6)
    take_when_ready(stream, 2)
    assert stream.take(50) is stream.take(2)
    stream.close()


def test_a_broken_file_is_a_problem_of_the_stream_not_of_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "idle.mp4"
    path.write_bytes(b"nothing")
    stream = FrameStream(segment(path, 0, 9), EXTENT, 6)
    assert stream.join(5.0)
    assert stream.take(0) is None
    assert stream.reaches(0)
    assert "idle.mp4" in stream.problem


def test_a_file_cut_short_plays_as_far_as_it_goes(idle: Path, tmp_path: Path) -> None:
    path = tmp_path / "idle.mp4"
    shutil.copy(idle, path)
    stream = FrameStream(segment(path, 80, 120), EXTENT, 50)
    assert stream.join(5.0)
    assert stream.take(200).index == 89  # type: ignore[union-attr] # it has frames
    assert "ends at frame 90" in stream.problem


def test_closing_ends_every_thread(idle: Path) -> None:
    before = threading.active_count()
    streams = [FrameStream(segment(idle, 0, 90), EXTENT, 4) for _ in range(6)]
    for stream in streams:
        stream.close()
    assert all(stream.join(5.0) for stream in streams)
    assert threading.active_count() == before
