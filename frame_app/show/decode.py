"""Clips to YUV planes, in threads, heads kept.

A picture is colour above and matte below in the file. It leaves here as two blocks of bytes that
a texture takes as they are: luma and matte of each pixel side by side, so that no lookup can reach
from one half into the other, and the interleaved chroma of the colour half. swscale brings frames
into that form (NV12) and, where the screen is smaller than the clip, to the size of the screen.
"""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream

from frame_app.base.errors import VideoError

log = logging.getLogger(__name__)


class Extent(NamedTuple):
    """Width and height in pixels, both even."""

    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """One decoded picture of the actor box, limited range BT.709. Compared by identity."""

    index: int
    """Number of the frame in its clip."""
    extent: Extent
    """Size of the colour half."""
    luma: bytes
    """(height, width, 2): luma of the colour, and the matte, both 16..235."""
    chroma: bytes
    """(height / 2, width / 2, 2): Cb and Cr of the colour half."""

    @property
    def size_bytes(self) -> int:
        """Memory held."""
        return len(self.luma) + len(self.chroma)


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive frames of one clip, `start` included, `stop` not."""

    name: str
    """Name of the clip."""
    path: Path
    fps: float
    """Frames per second; 0 takes what the file says, for a sheet has no time of its own."""
    start: int
    stop: int


def decode_segment(segment: Segment, extent: Extent) -> Iterator[Planes]:
    """The pictures of a segment in order; frames before its start are decoded and dropped.

    Raises:
        VideoError: the file cannot be read, or ends before the segment does.
    """
    expected = segment.start
    try:
        with av.open(str(segment.path)) as container:
            stream = _video(segment.path, container.streams.video)
            shape = VideoReformatter()
            fps = segment.fps or float(stream.average_rate or 0)
            if segment.start > 0:
                container.seek(_timestamp(stream, segment.start, fps), stream=stream)
            for frame in container.decode(stream):
                index = _index(stream, frame, fps)
                if index < expected:
                    continue
                yield _planes(shape, frame, index, extent)
                expected = index + 1
                if expected >= segment.stop:
                    return
    except (FFmpegError, OSError, ValueError) as error:
        raise VideoError(segment.path, f"cannot be decoded ({error})") from error
    raise VideoError(segment.path, f"ends at frame {expected} instead of {segment.stop}")


def _video(path: Path, streams: tuple[VideoStream, ...]) -> VideoStream:
    if not streams:
        raise VideoError(path, "holds no video")
    stream = streams[0]
    # One thread per clip: a frame costs a few milliseconds, and frame threading would hold back
    # the first pictures, which are the ones somebody waits for.
    stream.codec_context.thread_count = 1
    return stream


def _timestamp(stream: VideoStream, index: int, fps: float) -> int:
    if not stream.time_base or fps <= 0.0:
        msg = "the video has no frame rate"
        raise ValueError(msg)
    return (stream.start_time or 0) + round(index / fps / float(stream.time_base))


def _index(stream: VideoStream, frame: VideoFrame, fps: float) -> int:
    if frame.pts is None or frame.time_base is None:
        msg = "a frame has no time"
        raise ValueError(msg)
    return round((frame.pts - (stream.start_time or 0)) * float(frame.time_base) * fps)


def _planes(shape: VideoReformatter, frame: VideoFrame, index: int, extent: Extent) -> Planes:
    width, height = extent
    nv12 = shape.reformat(frame, width, 2 * height, format="nv12", interpolation=Interpolation.AREA)
    luma, chroma = nv12.planes
    both = _rows(luma, 2 * height, width)
    pairs = np.empty((height, width, 2), np.uint8)
    pairs[..., 0] = both[:height]
    pairs[..., 1] = both[height:]
    colours = _rows(chroma, height // 2, width)
    return Planes(index, extent, pairs.tobytes(), colours.tobytes())


def _rows(plane: VideoPlane, rows: int, row_bytes: int) -> npt.NDArray[np.uint8]:
    """The first rows of a plane without the padding at their ends."""
    stride = plane.line_size
    flat = np.frombuffer(memoryview(plane), np.uint8, count=rows * stride)
    return flat.reshape(rows, stride)[:, :row_bytes]


class FrameStream:
    """Decodes one segment ahead of the screen in a thread of its own.

    `take` never blocks. The head, frames that stay decoded, is served before the thread has
    anything; the thread goes on where the head ends.
    """

    def __init__(
        self, segment: Segment, extent: Extent, ahead: int, head: tuple[Planes, ...] = ()
    ) -> None:
        self.segment = segment
        self.problem = ""  # written by the thread, once
        self._extent = extent
        self._ahead = ahead
        usable = [planes for planes in head if segment.start <= planes.index < segment.stop]
        if usable and usable[0].index != segment.start:
            usable = []
        self._ready: deque[Planes] = deque(usable)
        self._last: Planes | None = None
        self._resume = segment.start + len(usable)
        self._room = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(
            target=self._run, name=f"decode-{segment.name}", daemon=True
        )
        self._thread.start()

    def take(self, index: int) -> Planes | None:
        """The newest decoded picture up to `index`; None before the first is there.

        Pictures older than it are let go. UI thread.
        """
        with self._room:
            while self._ready and self._ready[0].index <= index:
                self._last = self._ready.popleft()
            self._room.notify()
        return self._last

    def reaches(self, index: int) -> bool:
        """Whether the picture of `index` was taken, is decoded, or will never come."""
        with self._room:
            newest = self._ready[-1] if self._ready else self._last
            return bool(self.problem) or (newest is not None and newest.index >= index)

    def close(self) -> None:
        """Ask the thread to end; returns at once, see `join`."""
        with self._room:
            self._is_closed = True
            self._room.notify()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; False if it is still running."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        rest = self.segment
        if self._resume >= rest.stop:
            return
        try:
            pictures = decode_segment(
                Segment(rest.name, rest.path, rest.fps, self._resume, rest.stop), self._extent
            )
            with contextlib.closing(pictures):  # type: ignore[type-var] # a generator has close()
                for planes in pictures:
                    if not self._deliver(planes):
                        return
        except VideoError as error:
            log.warning("%s", error)
            self.problem = str(error)

    def _deliver(self, planes: Planes) -> bool:
        """Hand over when there is room; False once the stream is closed."""
        with self._room:
            while len(self._ready) >= self._ahead and not self._is_closed:
                self._room.wait()
            if not self._is_closed:
                self._ready.append(planes)
            return not self._is_closed
