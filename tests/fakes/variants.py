"""More people to sit: the shared portraits, made worse or dressed up, always in the same way."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2  # noqa: TID253  tests run in no Qt process
import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, LandmarksF32
from tests.fakes.sitter import ASTRONAUT, MONA_LISA, PEARL_EARRING, mesh

Array = npt.NDArray[Any]

_RIGHT_EYE, _LEFT_EYE = (33, 133), (362, 263)


def small(picture: ImageU8, eyes_px: float = 60.0) -> ImageU8:
    """Reduced until the eyes are that far apart: the smallest face the product promises."""
    points = mesh(picture)[:, :2]
    apart = np.linalg.norm(points[list(_LEFT_EYE)].mean(0) - points[list(_RIGHT_EYE)].mean(0))
    scale = eyes_px / float(apart)
    return np.asarray(
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )


def mirrored(picture: ImageU8) -> ImageU8:
    """Left and right changed over."""
    return np.ascontiguousarray(picture[:, ::-1])


def grey(picture: ImageU8) -> ImageU8:
    """Black and white."""
    return np.asarray(
        cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8
    )


def compressed(picture: ImageU8, quality: int = 15) -> ImageU8:
    """Saved as a bad JPEG: blocks of eight pixels, colours at half the resolution."""
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.cvtColor(cv2.imdecode(data, 1), cv2.COLOR_BGR2RGB), np.uint8)


def faded(picture: ImageU8) -> ImageU8:
    """A soft, grainy sepia print of little contrast."""
    level = cv2.GaussianBlur(grey(picture), (0, 0), 0.8).astype(np.float32) / 255
    grain = np.random.default_rng(3).normal(0, 0.025, level.shape[:2])
    level = np.clip(0.25 + 0.55 * level + grain[..., None], 0, 1)
    return np.asarray(level * np.array([255, 232, 200]), np.uint8)


def with_glasses(picture: ImageU8) -> ImageU8:
    """Round dark rims over both eyes, with a bridge and temples."""
    scale, points = 4, mesh(picture)[:, :2].astype(np.float64)
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    right, left = (points[list(ids)].mean(0) for ids in (_RIGHT_EYE, _LEFT_EYE))
    width = float(np.linalg.norm(points[454] - points[234]))
    across = (left - right) / np.linalg.norm(left - right)
    down = np.array([-across[1], across[0]])
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    half = 0.36 * float(np.linalg.norm(left - right))
    dark, line = (38, 30, 26), max(2, round(0.022 * width * scale))

    def at(point: Array) -> tuple[int, int]:
        return int(point[0] * scale), int(point[1] * scale)

    for eye, temple in ((right, points[234]), (left, points[454])):
        middle = eye + 0.06 * half * down
        size = int(half * scale), int(0.86 * half * scale)
        cv2.ellipse(large, at(middle), size, angle, 0, 360, dark, line, cv2.LINE_AA)
        side = 1 if eye is left else -1
        cv2.line(large, at(middle + side * half * across), at(temple), dark, line, cv2.LINE_AA)
    ends = right + half * across, left - half * across
    cv2.line(large, at(ends[0]), at(ends[1]), dark, line, cv2.LINE_AA)
    size = picture.shape[1], picture.shape[0]
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.uint8)


def with_hat(picture: ImageU8) -> ImageU8:
    """A felt hat whose brim is just above the brows."""
    out, frame = picture.copy(), _Axes(mesh(picture))
    crown = [(-0.60, -0.36), (-0.52, -1.0), (0.52, -1.0), (0.60, -0.36)]
    brim = [(-0.95, -0.30), (-0.60, -0.42), (0.60, -0.42), (0.95, -0.30), (0.55, -0.22)]
    brim += [(0.0, -0.2), (-0.55, -0.22)]
    for outline, colour in ((crown, (70, 62, 56)), (brim, (54, 47, 43))):
        cv2.fillPoly(out, [frame.places(outline)], colour, cv2.LINE_AA)
    grain = np.random.default_rng(5).normal(0, 6, out.shape[:2])[..., None]
    painted = (out != picture).any(axis=2)
    out[painted] = np.clip(out.astype(np.float32) + grain, 0, 255).astype(np.uint8)[painted]
    return out


def with_beard(picture: ImageU8) -> ImageU8:
    """A full dark beard: hairs over cheeks, chin and upper lip, the lips left free."""
    out, points = picture.copy(), mesh(picture)
    frame, dice = _Axes(points), np.random.default_rng(7)
    lips = np.zeros(picture.shape[:2], np.uint8)
    outline = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181]
    cv2.fillPoly(lips, [points[[*outline, 91, 146], :2].astype(np.int32)], (255,))
    cv2.dilate(lips, np.ones((3, 3), np.uint8), dst=lips)
    low = float(frame.of(points[[152], :2])[0, 1])
    mouth = float(frame.of(points[[0], :2])[0, 1])
    for _ in range(9000):
        u, v = dice.uniform(-0.5, 0.5), dice.uniform(mouth - 0.06, low + 0.03)
        edge = 0.47 * np.sqrt(max(0.0, 1 - ((v - 0.1) / (low - 0.07)) ** 2))
        if abs(u) > edge or (v < mouth + 0.02 and abs(u) > 0.2 and v < 0.75 * abs(u) + 0.12):
            continue
        length = dice.uniform(0.02, 0.05)
        ends = frame.places([(u, v), (u + 0.35 * length * np.sign(u), v + length)])
        if lips[ends.clip(0, np.array(lips.shape)[::-1] - 1)[:, 1], ends[:, 0]].any():
            continue
        shade = int(dice.uniform(20, 62))
        cv2.line(out, ends[0], ends[1], (shade + 8, shade + 3, shade), 1, cv2.LINE_AA)
    return out


class _Axes:
    """Places in face widths across and down from between the eyes."""

    def __init__(self, points: LandmarksF32) -> None:
        right, left = (points[list(ids), :2].mean(0) for ids in (_RIGHT_EYE, _LEFT_EYE))
        self._origin = (right + left) / 2
        across = (left - right) / np.linalg.norm(left - right)
        self._width = float(np.linalg.norm(points[454, :2] - points[234, :2]))
        self._axes = np.stack([across, [-across[1], across[0]]])

    def places(self, uv: list[tuple[float, float]]) -> Array:
        places = self._origin + self._width * np.array(uv) @ self._axes
        return np.asarray(np.round(places), np.int32)

    def of(self, points: Array) -> Array:
        return np.asarray((points - self._origin) @ self._axes.T / self._width)


VARIANTS: Mapping[str, tuple[Path, Callable[[ImageU8], ImageU8]]] = MappingProxyType(
    {
        "pearl-earring-small": (PEARL_EARRING, small),
        "astronaut-compressed": (ASTRONAUT, lambda p: compressed(grey(p))),
        "astronaut-glasses": (ASTRONAUT, with_glasses),
        "astronaut-hat": (ASTRONAUT, with_hat),
        "mona-lisa-mirrored-grey": (MONA_LISA, lambda p: mirrored(grey(p))),
        "mona-lisa-bearded": (MONA_LISA, with_beard),
        "pearl-earring-mirrored": (PEARL_EARRING, mirrored),
        "pearl-earring-faded": (PEARL_EARRING, faded),
    }
)
"""Name to the portrait it is made from, and how."""
