"""Pictures that stand still, read back from files that real encoders wrote."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image

from frame_app.base.arrays import ImageU8
from frame_app.base.paths import shipped
from frame_app.perception.camera import CameraError, open_camera
from frame_app.perception.health import Health

_RATE_HZ = 15
_LOOK_S = 0.5  # while nobody is there
_STILL = "The camera's picture stands still."


@pytest.fixture(scope="module")
def room() -> ImageU8:
    """A person before a wall, with the grain of a sensor."""
    with Image.open(shipped("assets", "demo", "astronaut.png")) as image:
        small = np.asarray(image.convert("RGB").resize((320, 240)), np.float64)
    grain = np.random.default_rng(1).normal(0.0, 3.0, small.shape)
    return np.clip(small + grain, 0, 255).astype(np.uint8)


def _breathing(room: ImageU8, number: int) -> ImageU8:
    """The chest rises by a pixel: about a centimetre, three metres away."""
    picture = room.copy()
    if (number // _RATE_HZ) % 2:
        picture[120:239] = room[121:240]
    return picture


def _filmed(path: Path, pictures: list[ImageU8], codec: str, options: dict[str, str]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=_RATE_HZ)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.bit_rate = 1_000_000
        stream.options = dict(options)
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return path


def _said(path: Path) -> list[str]:
    """What is said of a film that is looked at twice a second."""
    health = Health()
    with av.open(str(path)) as container:
        return [
            health.take(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8), number / _RATE_HZ)
            for number, frame in enumerate(container.decode(container.streams.video[0]))
            if number % round(_LOOK_S * _RATE_HZ) == 0
        ]


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"g": "30", "preset": "veryfast"}),
        ("libx264", {"g": "250", "preset": "veryfast", "tune": "zerolatency"}),
        ("mpeg4", {"g": "30"}),
        ("mjpeg", {}),
    ],
)
def test_a_stream_that_froze_is_told_though_its_key_frames_shimmer(
    tmp_path: Path, room: ImageU8, codec: str, options: dict[str, str]
) -> None:
    film = _filmed(tmp_path / "film.mkv", [room] * 12 * _RATE_HZ, codec, options)
    said = _said(film)
    assert set(said) == {"", _STILL}
    assert said[-1] == _STILL


def test_who_only_breathes_does_not_stand_still(tmp_path: Path, room: ImageU8) -> None:
    pictures = [_breathing(room, number) for number in range(12 * _RATE_HZ)]
    film = _filmed(tmp_path / "film.mkv", pictures, "libx264", {"g": "30", "preset": "veryfast"})
    assert set(_said(film)) == {""}


@pytest.mark.parametrize("light", [1.0, 0.1])
def test_an_empty_room_before_a_real_sensor_does_not_stand_still(
    room: ImageU8, light: float
) -> None:
    rng = np.random.default_rng(2)
    health = Health()
    for number in range(20):
        noise = rng.normal(0.0, 0.7, room.shape)
        picture = np.clip(20.0 + light * room + noise, 0, 255).astype(np.uint8)
        assert health.take(picture, number * _LOOK_S) == ""


def test_a_pipe_is_refused_at_once_and_in_words(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(CameraError, match="is no file"):
        open_camera(f"file:{pipe}", 1.0)
