"""What age and bad storage do to a picture, each alone and all together, always in the same way."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import cv2  # noqa: TID253  tests run in no Qt process
import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from tests.fakes.variants import compressed


def faded(picture: ImageU8) -> ImageU8:
    """Half the contrast, lifted blacks, dimmed whites, a reddish cast."""
    return _whole(0.5 * picture.astype(np.float32) + 70 + np.array([10.0, 0.0, -8.0]))


def yellowed(picture: ImageU8) -> ImageU8:
    """White paper of which blue has gone."""
    return _whole(picture.astype(np.float32) * (1.0, 0.95, 0.72))


def dusty(picture: ImageU8) -> ImageU8:
    """Ninety specks, most of them white, up to 0.5 % of the picture across."""
    dice, result = np.random.default_rng(1), picture.copy()
    longest = max(picture.shape[:2])
    for _ in range(90):
        x, y = (int(dice.integers(4, side - 4)) for side in picture.shape[1::-1])
        radius = max(1, round(dice.uniform(0.0008, 0.0022) * longest))
        white = dice.random() < 0.75
        level = int(dice.integers(225, 256) if white else dice.integers(0, 25))
        colour = (level, level, max(0, level - 6))
        cv2.circle(result, (x, y), radius, colour, -1, cv2.LINE_AA)
    return result


def scratched(picture: ImageU8) -> ImageU8:
    """Seven white lines from above to below, one or two pixels wide."""
    dice, result = np.random.default_rng(2), picture.copy()
    height, width = picture.shape[:2]
    thickness = max(1, round(0.0012 * max(height, width)))
    along = np.linspace(0, 1, 30)
    for _ in range(7):
        x, y = dice.uniform(0.05, 0.95) * width, dice.uniform(0, 0.5) * height
        length, slope, bend = dice.uniform(0.15, 0.5) * height, *dice.normal(0, (0.06, 0.01))
        across = x + slope * length * along + bend * length * np.sin(np.pi * along)
        points = np.rint(16 * np.stack([across, y + length * along], axis=1)).astype(np.int32)
        cv2.polylines(
            result,
            [points],
            isClosed=False,
            color=(240, 238, 230),
            thickness=thickness,
            lineType=cv2.LINE_AA,
            shift=4,
        )
    return result


def noisy(picture: ImageU8) -> ImageU8:
    """Noise of 9 in lightness and 4 in every channel."""
    dice = np.random.default_rng(3)
    rough = dice.normal(0, 9, picture.shape[:2])[..., np.newaxis]
    return _whole(picture + rough + dice.normal(0, 4, picture.shape))


def jpeg(picture: ImageU8) -> ImageU8:
    """Saved with quality 25."""
    return compressed(picture, 25)


def together(picture: ImageU8) -> ImageU8:
    """All of it, and saved with quality 40."""
    return compressed(noisy(scratched(dusty(yellowed(faded(picture))))), 40)


def _whole(levels: npt.NDArray[Any]) -> ImageU8:
    return np.asarray(np.clip(np.rint(levels), 0, 255), np.uint8)


DAMAGE: Mapping[str, Callable[[ImageU8], ImageU8]] = MappingProxyType(
    {
        "faded": faded,
        "yellowed": yellowed,
        "dust": dusty,
        "scratches": scratched,
        "noise": noisy,
        "jpeg": jpeg,
        "together": together,
    }
)


def decibels(one: ImageU8, other: ImageU8) -> float:
    """Peak signal to noise; 99 for the same picture."""
    power = float(((one.astype(np.float32) - other) ** 2).mean())
    return 99.0 if power == 0 else min(99.0, 10 * float(np.log10(255**2 / power)))


def colour_difference(one: ImageU8, other: ImageU8) -> float:
    """Mean difference of colours, CIE 1976."""
    labs = [cv2.cvtColor(i.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for i in (one, other)]
    return float(np.linalg.norm(labs[0] - labs[1], axis=-1).mean())
