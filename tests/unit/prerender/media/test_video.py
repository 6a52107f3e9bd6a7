import functools
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from frame_app.base.errors import StorageError, VideoError
from frame_app.base.paths import shipped
from prerender.media.frames import psnr_db, split, stacked
from prerender.media.provenance import ENHANCED, append_xmp_box, read_xmp_box, xmp_packet
from prerender.media.video import Codec, VideoWriter, decode, pick, planes_of, read_frames

WIDTH, HEIGHT = 128, 160


@pytest.fixture(scope="module")
def photo():
    image = Image.open(shipped("assets", "demo", "astronaut.png")).convert("RGB")
    return np.asarray(image.resize((WIDTH, HEIGHT)), np.uint8)


@pytest.fixture(scope="module")
def matte():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.clip(3 * (60 - np.hypot(x - 64, y - 80)), 0, 255).astype(np.uint8)


def write(path: Path, pictures, codec: Codec | None = None, fps: float = 30.0) -> Path:
    with VideoWriter(path, WIDTH, 2 * HEIGHT, fps, codec or Codec()) as writer:
        for picture in pictures:
            writer.write(picture)
    return path


def moving(photo, matte, count: int = 20):
    return [stacked(np.roll(photo, shift, axis=1), matte) for shift in range(count)]


def test_every_frame_comes_back_in_order(tmp_path, photo, matte) -> None:
    pictures = moving(photo, matte)
    found = list(read_frames(write(tmp_path / "a.mp4", pictures, Codec(crf=4))))
    assert len(found) == 20
    for number, frame in enumerate(found):
        likeness = [psnr_db(frame, picture) for picture in pictures]
        assert int(np.argmax(likeness)) == number


def test_colours_have_no_cast_and_the_matte_no_chroma(tmp_path, photo, matte) -> None:
    path = write(tmp_path / "a.mp4", [stacked(photo, matte)] * 3, Codec(crf=1))
    colour, found = split(next(read_frames(path)))
    assert np.abs((colour.astype(float) - photo).mean(axis=(0, 1))).max() < 0.4
    assert psnr_db(colour, photo) > 34  # 4:2:0 of a small, colourful picture costs the rest
    assert np.abs(found.astype(int) - matte).max() <= 4
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        planes = frame.to_ndarray()
    chroma = planes[2 * HEIGHT :].reshape(2, HEIGHT, WIDTH // 2)[:, HEIGHT // 2 + 2 :]
    assert np.abs(chroma.astype(int) - 128).max() <= 1


def test_layers_are_written_like_the_stacked_picture(tmp_path, photo, matte) -> None:
    (whole,) = read_frames(write(tmp_path / "a.mp4", [stacked(photo, matte)], Codec(crf=1)))
    with VideoWriter(tmp_path / "b.mp4", WIDTH, 2 * HEIGHT, 30.0, Codec(crf=1)) as writer:
        writer.write_layers(photo, matte)
    (layers,) = read_frames(tmp_path / "b.mp4")
    assert np.abs(layers.astype(int) - whole).max() <= 3


def test_planes_hold_bt_709_in_limited_range_to_a_level(tmp_path, photo, matte) -> None:
    lossless = Codec(crf=0)
    path = write(tmp_path / "a.mp4", [stacked(photo, matte)], lossless)
    with av.open(str(path)) as container:
        planes = next(container.decode(video=0)).to_ndarray()
    red, green, blue = photo.astype(np.float64).transpose(2, 0, 1) / 255
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    means = (
        chroma.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3))
        for chroma in ((blue - luma) / 1.8556, (red - luma) / 1.5748)
    )
    halves = planes[2 * HEIGHT :].reshape(2, HEIGHT, WIDTH // 2)[:, : HEIGHT // 2]
    wanted = [16 + 219 * luma, *(128 + 224 * mean for mean in means)]
    for found, exact in zip((planes[:HEIGHT], *halves), wanted, strict=True):
        off = found.astype(np.float64) - exact
        assert np.abs(off).max() < 1
        assert abs(off.mean()) < 0.05


def test_quick_colours_are_the_exact_ones_to_two_levels(tmp_path, photo, matte) -> None:
    path = write(tmp_path / "a.mp4", [stacked(photo, matte)], Codec(crf=1))
    upper = next(decode(path)).part(16, 8, 96, 120)
    off = upper.rgb_nearly().astype(int) - upper.rgb()
    assert np.abs(off).max() <= 2
    assert np.abs(off.mean(axis=(0, 1))).max() < 0.3
    lower = next(decode(path)).part(16, HEIGHT + 8, 96, 120)
    assert np.abs(lower.grey().astype(int) - lower.rgb()[..., 1]).max() <= 1


def test_flat_colours_survive_within_two_steps(tmp_path, matte) -> None:
    for colour in [(0, 0, 0), (255, 255, 255), (200, 30, 40), (20, 180, 60), (90, 90, 90)]:
        flat = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
        path = write(tmp_path / "a.mp4", [stacked(flat, matte)], Codec(crf=1))
        found, _ = split(next(read_frames(path)))
        assert np.abs(found[8:-8, 8:-8].astype(int) - colour).max() <= 3


def test_the_stream_says_what_it_is(tmp_path, photo, matte) -> None:
    path = write(tmp_path / "a.mp4", moving(photo, matte, 31), Codec(gop=10, comment="made"))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.colorspace, context.color_range) == (1, 1)
        assert (context.color_primaries, context.color_trc) == (1, 1)
        assert stream.average_rate == 30
        assert container.metadata["comment"] == "made"
        assert stream.time_base is not None
        keys = [
            round(float(packet.pts * stream.time_base) * 30)
            for packet in container.demux(stream)
            if packet.is_keyframe and packet.pts is not None
        ]
    assert keys == [0, 10, 20, 30]
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # starts before it is read to the end
    assert b"Lavf" not in data


def test_a_gaze_sheet_has_only_key_frames(tmp_path, photo, matte) -> None:
    path = write(tmp_path / "a.mp4", moving(photo, matte, 6), Codec(gop=1))
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
    assert len(packets) == 6
    assert all(packet.is_keyframe for packet in packets)


def test_reading_from_the_middle_begins_at_that_frame(tmp_path, photo, matte) -> None:
    pictures = moving(photo, matte, 25)
    path = write(tmp_path / "a.mp4", pictures, Codec(crf=4, gop=10))
    found = list(read_frames(path, 17))
    assert len(found) == 8
    assert int(np.argmax([psnr_db(found[0], picture) for picture in pictures])) == 17


@pytest.mark.parametrize("b_frames", [0, 2])
def test_picked_pictures_are_the_wanted_ones_in_order(tmp_path, photo, matte, b_frames) -> None:
    codec = Codec(gop=6, b_frames=b_frames)
    path = write(tmp_path / "a.mp4", moving(photo, matte), codec)
    wanted = [0, 3, 7, 8, 13, 19]
    whole = list(read_frames(path))
    found = [picture.rgb() for picture in pick(path, wanted)]
    assert len(found) == len(wanted)
    for number, picture in zip(wanted, found, strict=True):
        likeness = [psnr_db(picture, frame) for frame in whole]
        assert int(np.argmax(likeness)) == number
        assert max(likeness) > 36  # deblocking is left out
    assert list(pick(path, ())) == []


def test_picking_from_a_sheet_decodes_nothing_else(tmp_path, photo, matte) -> None:
    path = write(tmp_path / "a.mp4", moving(photo, matte), Codec(gop=1))
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        places = [(packet.pos or 0, packet.size) for packet in packets]
    data = bytearray(path.read_bytes())
    for place, size in (places[number] for number in (3, 5, 6)):
        data[place : place + size] = b"\xff" * size
    path.write_bytes(data)
    assert len(list(pick(path, {2, 4, 7}))) == 3
    with pytest.raises(VideoError):
        list(decode(path))


def test_planes_are_written_as_they_are_read(tmp_path, photo) -> None:
    with VideoWriter(tmp_path / "a.mp4", WIDTH, HEIGHT, 10.0, Codec(crf=0)) as writer:
        writer.write_planes(planes_of(photo))
    (picture,) = decode(tmp_path / "a.mp4")
    for found, written in zip(picture.planes((WIDTH, HEIGHT)), planes_of(photo), strict=True):
        assert found.shape == written.shape
        assert np.array_equal(found, written)
    half = picture.planes((WIDTH // 2, HEIGHT // 2))
    assert [part.shape for part in half] == [(80, 64), (40, 32), (40, 32)]
    assert abs(float(half[0].mean()) - float(planes_of(photo)[0].mean())) < 1.0


def test_sharp_frames_are_nearer_to_what_was_written(tmp_path, photo, matte) -> None:
    pictures = moving(photo, matte, 30)
    plain = list(read_frames(write(tmp_path / "a.mp4", pictures, Codec(crf=28, gop=100))))
    sharp = Codec(crf=28, gop=100, sharp=(0, 28, 29))
    better = list(read_frames(write(tmp_path / "b.mp4", pictures, sharp)))
    for number in (0, 29):
        gain = psnr_db(better[number], pictures[number]) - psnr_db(plain[number], pictures[number])
        assert gain > 1.0


_SCRIPT = """
import sys
import numpy as np
from prerender.media.video import Codec, VideoWriter
from pathlib import Path
rng = np.random.default_rng(3)
with VideoWriter(Path(sys.argv[1]), 64, 64, 30.0, Codec(preset="medium", gop=9)) as writer:
    base = rng.integers(0, 255, (64, 96, 3)).astype(np.uint8)
    for shift in range(24):
        writer.write(np.ascontiguousarray(base[:, shift : shift + 64]))
"""


def test_the_bytes_do_not_depend_on_the_number_of_cores(tmp_path) -> None:
    digests = set()
    cores = sorted(os.sched_getaffinity(0))
    for number, allowed in enumerate([cores[:1], cores]):
        path = tmp_path / f"{number}.mp4"
        subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(path)],
            check=True,
            preexec_fn=functools.partial(os.sched_setaffinity, 0, allowed),
        )
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_what_is_no_video_is_said_in_a_sentence(tmp_path) -> None:
    (tmp_path / "a.mp4").write_text("not a video")
    with pytest.raises(VideoError, match="not a video"):
        next(read_frames(tmp_path / "a.mp4"))
    with pytest.raises(VideoError):
        next(read_frames(tmp_path / "missing.mp4"))


def test_a_full_disk_is_a_storage_error(photo, matte) -> None:
    with pytest.raises(StorageError, match="/dev/full"):
        write(Path("/dev/full"), moving(photo, matte, 40))


def test_provenance_is_found_in_the_file_and_frames_still_decode(tmp_path, photo, matte) -> None:
    path = write(tmp_path / "a.mp4", moving(photo, matte, 3))
    packet = xmp_packet(generative=False)
    append_xmp_box(path, packet)
    assert read_xmp_box(path) == packet
    assert ENHANCED.encode() in packet
    assert len(list(read_frames(path))) == 3
