"""Clips as H.264 in MP4: written frame by frame, the same bytes every time, and read back.

Colours go through BT.709 in limited range. Chroma is the mean of each 2 x 2 block, that is sited in
its middle, and the stream says so (chroma_loc 1).
"""

import contextlib
import errno
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from av.video.stream import VideoStream

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.atomic import storage_errors
from frame_app.base.errors import VideoError
from frame_app.base.optional import require
from prerender.media.frames import grey_of

_BT709 = 1  # H.273: primaries, transfer and matrix have the same number
_LIMITED = 1
_DISK_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG}

_TO_RGB = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT

# Y, Cb and Cr of a pixel, BT.709 in limited range, in 1024ths: what OpenCV's transform counts in,
# and it does so in a seventh of the time of swscale's exact way. Weights of chroma add up to 0, so
# that grey has none. Measured on a photo: mean error 0.01, largest 0.9 of 255.
_TO_YUV = np.array(
    [
        [187, 629, 63, 1024 * 16.05],  # the rounded weights lack 0.05 in the middle
        [-103, -347, 450, 1024 * 128],
        [450, -409, -41, 1024 * 128],
    ],
    np.float32,
) / np.float32(1024)
# And back: what is 16 to 235, or 240, becomes 0 to 255.
_FROM_YUV = np.array(
    [
        [1192.3, 0, 1835.8, 1024 * -248.10],
        [1192.3, -218.4, -545.7, 1024 * 76.88],
        [1192.3, 2163.1, 0, 1024 * -289.02],
    ],
    np.float32,
) / np.float32(1024)
_GREY = 219 / 255  # luma of a grey pixel, and with it of the matte, per level; black is 16
_NEUTRAL = 128

_Packet: TypeAlias = "av.Packet[VideoStream]"
Planes: TypeAlias = tuple[MaskU8, MaskU8, MaskU8]
"""A picture as videos store it: luma, and both chroma at half the width and height."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How a video is compressed."""

    crf: float = 18.0
    preset: str = "fast"
    gop: int = 15
    """Frames from one key frame to the next; 1 makes every frame a key frame."""
    b_frames: int = 0
    """Reordered frames delay the first picture of a clip."""
    sharp: tuple[int, ...] = ()
    """Frames that get three times the bits, since they have to meet a still."""
    comment: str = ""
    """Goes into the file's metadata."""

    def options(self) -> dict[str, str]:
        """What x264 is told; threads are pinned, since its output depends on their number."""
        parameters: dict[str, int | str] = {
            "threads": 1,
            "lookahead-threads": 1,
            "sliced-threads": 0,
            "keyint": self.gop,
            "min-keyint": 1,
            "scenecut": 0,
            "open-gop": 0,
            "bframes": self.b_frames,
            "chromaloc": 1,
            # The macroblock tree saves bits on what later frames do not refer to, which is the end
            # of every clip; without it, and with quality held even, the ends of two portraits
            # come out 0.5 to 3 dB better at the same size.
            "mbtree": 0,
            "qcomp": 1,
        }
        if self.sharp:
            parameters["zones"] = "/".join(f"{frame},{frame},b=3.0" for frame in self.sharp)
        text = ":".join(f"{name}={value}" for name, value in parameters.items())
        return {"preset": self.preset, "crf": f"{self.crf:g}", "x264-params": text}


class VideoWriter:
    """Writes one video; use it as a context manager. An exception inside leaves a torn file."""

    def __init__(self, path: Path, width: int, height: int, fps: float, codec: Codec) -> None:
        self._path = path
        self._cv2 = require("cv2")
        rate = Fraction(fps).limit_denominator(1001)
        self._tick = 1 / rate  # the stream's own base is replaced by the muxer's
        with _faults(path):
            self._container = av.open(
                str(path),
                "w",
                format="mp4",
                # bitexact: no time, no library version in the file
                options={"movflags": "+faststart", "fflags": "+bitexact"},
            )
            if codec.comment:
                self._container.metadata["comment"] = codec.comment
            self._stream = self._container.add_stream("libx264", rate=rate)
            self._stream.width, self._stream.height = width, height
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.time_base = self._tick
            context = self._stream.codec_context
            context.thread_count = 1
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            context.color_range = _LIMITED
            context.options = codec.options()
        self._next = 0

    def write(self, pixels: ImageU8) -> None:
        """Add a frame.

        Raises:
            StorageError: the disk is full or read-only.
            VideoError: the encoder refuses.
        """
        with _faults(self._path):
            self._encode(self._begun(planes_of(pixels)))

    def write_layers(self, colour: ImageU8, matte: MaskU8) -> None:
        """Add `colour` above `matte`: as `write` of both stacked, in half the time.

        Height and width of both must be even.

        Raises:
            StorageError: the disk is full or read-only.
            VideoError: the encoder refuses.
        """
        height = len(matte)
        with _faults(self._path):
            frame = self._begun(planes_of(colour))
            luma, *chroma = (_pixels(plane) for plane in frame.planes)
            self._cv2.convertScaleAbs(matte, luma[height:], _GREY, 16)
            for plane in chroma:
                plane[height // 2 :] = _NEUTRAL
            self._encode(frame)

    def write_planes(self, planes: Planes) -> None:
        """Add a picture as it is to be stored; of the video's size. Raises as `write`."""
        with _faults(self._path):
            self._encode(self._begun(planes))

    def _begun(self, planes: Planes) -> av.VideoFrame:
        """A frame with these as its upper rows."""
        frame = av.VideoFrame(self._stream.width, self._stream.height, "yuv420p")
        frame.color_range, frame.colorspace = ColorRange.MPEG, Colorspace.ITU709
        for into, part in zip(frame.planes, planes, strict=True):
            _pixels(into)[: len(part)] = part
        return frame

    def _encode(self, frame: av.VideoFrame) -> None:
        frame.pts = self._next
        frame.time_base = self._tick
        self._container.mux(self._stream.encode(frame))
        self._next += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with _faults(self._path):
            try:
                if kind is None:
                    self._container.mux(self._stream.encode(None))
            finally:
                self._container.close()


class Decoded:
    """One decoded picture; colours are converted only when they are asked for."""

    def __init__(self, frame: av.VideoFrame) -> None:
        self._frame = frame

    def luma(self) -> MaskU8:
        """Brightness as it is stored, 16..235; a copy."""
        return _pixels(self._frame.planes[0]).copy()

    def part(self, x: int, y: int, width: int, height: int) -> "Decoded":
        """A rectangle of it, all four even; colours cost what is converted."""
        cut = av.VideoFrame(width, height, self._frame.format.name)
        for number, (into, whole) in enumerate(zip(cut.planes, self._frame.planes, strict=True)):
            n = 1 if number == 0 else 2  # chroma is stored at half the size
            rows = slice(y // n, (y + height) // n), slice(x // n, (x + width) // n)
            _pixels(into)[:] = _pixels(whole)[rows]
        return Decoded(cut)

    def rgb(self, size: tuple[int, int] | None = None) -> ImageU8:
        """Colours; scaled to `size`, width and height, if given."""
        return _to_rgb(self._frame, size)

    def planes(self, size: tuple[int, int]) -> Planes:
        """As it is stored, scaled to `size`, width and height: half the time of `rgb`."""
        width, height = size
        small = self._frame.reformat(
            width=width, height=height, interpolation=Interpolation.AREA, threads=1
        )
        return _planes(small)

    def rgb_nearly(self) -> ImageU8:
        """Colours to two grey levels, in a quarter of the time: enough to recognise things by."""
        cv2 = require("cv2")
        luma, *halves = (_pixels(plane) for plane in self._frame.planes)
        size = luma.shape[::-1]
        chroma = (cv2.resize(half, size, interpolation=cv2.INTER_LINEAR) for half in halves)
        return np.asarray(cv2.transform(cv2.merge((luma, *chroma)), _FROM_YUV), np.uint8)

    def grey(self) -> MaskU8:
        """Brightness, 0..255: the matte, if this is a part of its half."""
        return grey_of(_pixels(self._frame.planes[0]))


def planes_of(pixels: ImageU8) -> Planes:
    """Colours as videos store them; width and height must be even."""
    cv2 = require("cv2")
    height, width, _ = pixels.shape
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    whole, half = (cv2.transform(part, _TO_YUV) for part in (pixels, half))
    luma, blue, red = (cv2.extractChannel(half if n else whole, n) for n in range(3))
    return luma, blue, red


def read_frames(path: Path, start: int = 0) -> Iterator[ImageU8]:
    """The pictures of a video from frame `start` on, one by one; raises as `decode`."""
    return (picture.rgb() for picture in decode(path, start))


def frame_rate(path: Path) -> float:
    """Pictures per second of a video; raises as `decode`."""
    with _faults(path), av.open(str(path)) as container:
        if not container.streams.video:
            raise VideoError(path, "holds no video")
        rate = container.streams.video[0].average_rate
    if not rate:
        raise VideoError(path, "does not say its frame rate")
    return float(rate)


def decode(path: Path, start: int = 0) -> Iterator[Decoded]:
    """Decode a video from frame `start` on, picture by picture.

    Raises:
        VideoError: it is no video, or damaged.
    """
    with _reading(path) as (container, stream, rate):
        if start:
            container.seek(int(start / rate), stream=stream)
        for frame in container.decode(stream):
            if frame.pts is not None and round(frame.pts * rate) < start:
                continue
            yield Decoded(frame)


def pick(path: Path, wanted: Collection[int]) -> Iterator[Decoded]:
    """The pictures of these numbers, for whoever shows them small; raises as `decode`.

    Deblocking is left out, and so is all that follows the last wanted picture up to a key frame:
    of a sheet, in which every picture is one, nothing else is decoded.
    """
    with _reading(path) as (container, stream, rate):
        stream.codec_context.options = {"skip_loop_filter": "all"}
        for packet in _needed(container.demux(stream), rate, wanted):
            for frame in stream.decode(packet):
                if frame.pts is not None and round(frame.pts * rate) in wanted:
                    yield Decoded(frame)


def _needed(
    packets: Iterable[_Packet], rate: Fraction, wanted: Collection[int]
) -> "Iterator[_Packet | None]":
    """What has to be decoded for some pictures; None last, for what the decoder holds back."""
    last = max(wanted, default=-1)
    for group in _groups(packets):
        numbers = [-1 if each.pts is None else round(each.pts * rate) for each in group]
        needed = [place for place, number in enumerate(numbers, 1) if number in wanted]
        yield from group[: max(needed, default=0)]
        if min(numbers) > last:
            break
    yield None


def _groups(packets: Iterable[_Packet]) -> Iterator[list[_Packet]]:
    """Packets from one key frame to the next."""
    group: list[_Packet] = []
    for packet in packets:
        if packet.is_keyframe and group:
            yield group
            group = []
        if packet.size:  # the last one only says that it is the last
            group.append(packet)
    if group:
        yield group


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[tuple[InputContainer, VideoStream, Fraction]]:
    """An open video, and what times are multiplied by to be frame numbers."""
    with _faults(path), av.open(str(path)) as container:
        if not container.streams.video:
            raise VideoError(path, "holds no video")
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        if stream.average_rate is None or stream.time_base is None:
            raise VideoError(path, "does not say its frame rate")
        yield container, stream, stream.average_rate * stream.time_base


def _pixels(plane: VideoPlane) -> npt.NDArray[np.uint8]:
    """A plane's pixels without the padding of its rows; writing to them writes to the plane."""
    rows: npt.NDArray[np.uint8] = np.frombuffer(memoryview(plane), np.uint8)
    return rows.reshape(plane.height, plane.line_size)[:, : plane.width]


def _planes(frame: av.VideoFrame) -> Planes:
    luma, blue, red = (_pixels(plane).copy() for plane in frame.planes)
    return luma, blue, red


def _to_rgb(frame: av.VideoFrame, size: tuple[int, int] | None = None) -> ImageU8:
    width, height = size or (frame.width, frame.height)
    pixels = frame.reformat(
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=_TO_RGB if size is None else Interpolation.AREA,
        threads=1,
    ).to_ndarray()
    return pixels.astype(np.uint8, copy=False)


class _faults:  # noqa: N801 (reads as a word in a with statement, like contextlib's own)
    """Say what went wrong with a video in one sentence."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, av.error.FFmpegError):
            reason = error.strerror or str(error)
            if error.errno in _DISK_ERRNOS:
                with storage_errors(self._path):
                    raise OSError(error.errno, reason, str(self._path)) from error
            raise VideoError(self._path, f"is not a video that can be used ({reason})") from error
