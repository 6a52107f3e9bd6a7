"""People before a camera: pictures put together from the demo portrait, a photographed hand, noise.

What is shown when is known by construction, so latencies can be measured against it.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from frame_app.base.arrays import ImageU8
from frame_app.base.paths import shipped

SIZE = (640, 480)
FPS = 30
_NOISE = 2.5  # of 255, standard deviation: a webcam in a lit room
HAND_PHOTO = Path(__file__).resolve().parents[3] / "shared" / "data" / "hands" / "thumb_up.jpg"
_Layer = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sprite:
    """Where a part of the scene is: its middle in pixels, its width, its turn."""

    x: float
    y: float
    width: float
    turn_deg: float = 0.0


@lru_cache(maxsize=4)
def _person() -> Image.Image:
    """The demo portrait with soft edges, so that it stands in the room."""
    image = Image.open(shipped("assets", "demo", "astronaut.png")).convert("RGB")
    image = image.crop((20, 0, 370, 512))
    alpha = np.ones((512, 350), np.float32)
    ramp = np.minimum(1.0, np.arange(350) / 40.0)
    alpha *= np.minimum(ramp, ramp[::-1])[None]
    image.putalpha(Image.fromarray((alpha * 255).astype(np.uint8)))
    return image


@lru_cache(maxsize=4)
def _hand() -> Image.Image:
    """The hand of the photograph without its blue wall."""
    image = Image.open(HAND_PHOTO).convert("RGB")
    pixels = np.asarray(image).astype(np.float32)
    red, blue = pixels[..., 0], pixels[..., 2]
    alpha = np.clip((red - blue + 10.0) / 30.0, 0.0, 1.0)
    image.putalpha(Image.fromarray((alpha * 255).astype(np.uint8)))
    return image


@lru_cache(maxsize=1)
def _room() -> Image.Image:
    return Image.fromarray(np.clip(room(), 0, 255).astype(np.uint8))


@lru_cache(maxsize=8)
def _grain(number: int) -> npt.NDArray[np.int16]:
    noise = np.random.default_rng(number).normal(0.0, _NOISE, (SIZE[1], SIZE[0], 3))
    grain: npt.NDArray[np.int16] = np.round(noise).astype(np.int16)
    return grain


def room(seed: int = 0) -> _Layer:
    """A wall with a lamp's light, a shelf and a curtain; nobody in it."""
    width, height = SIZE
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 150.0 - 0.12 * np.hypot(x - 420.0, y - 60.0)
    wall = np.stack([light * 1.02, light * 0.98, light * 0.9], axis=2)
    wall[300:312, 380:620] = (92.0, 70.0, 50.0)
    wall[:, :90] *= (0.8 + 0.12 * np.sin(x[:, :90] / 5.0))[..., None]
    rng = np.random.default_rng(seed)
    lit: _Layer = (wall + rng.normal(0.0, 2.0, wall.shape)).astype(np.float32)
    return lit


def scene(person: Sprite | None = None, hand: Sprite | None = None, *, seed: int = 0) -> ImageU8:
    """One picture of a camera with sensor noise."""
    image = _room().copy()
    for sprite, part in ((person, _person), (hand, _hand)):
        if sprite is not None:
            _paste(image, part(), sprite)
    noisy = np.asarray(image).astype(np.int16) + _grain(seed % 8)
    picture: ImageU8 = np.clip(noisy, 0, 255).astype(np.uint8)
    return picture


def _paste(image: Image.Image, part: Image.Image, sprite: Sprite) -> None:
    height = sprite.width * part.height / part.width
    small = part.resize((max(2, round(sprite.width)), max(2, round(height))), Image.Resampling.BOX)
    if sprite.turn_deg:
        small = small.rotate(sprite.turn_deg, Image.Resampling.BILINEAR, expand=True)
    corner = (round(sprite.x - small.width / 2), round(sprite.y - small.height / 2))
    image.paste(small, corner, small)


def film(path: Path, frames: Iterable[ImageU8]) -> Path:
    """Write pictures as a video of 30 frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20", "g": "30"}
        )
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    return path


STANDING = Sprite(300.0, 300.0, 260.0)
"""Somebody about a metre away."""


def frames(
    count: int, at: Callable[[float], tuple[Sprite | None, Sprite | None]]
) -> Iterator[ImageU8]:
    """Pictures of what `at(seconds)` says: person and hand."""
    for number in range(count):
        person, hand = at(number / FPS)
        yield scene(person, hand, seed=number)


def swing(seconds: float, hz: float) -> float:
    """-1..1."""
    return math.sin(2.0 * math.pi * hz * seconds)
