"""Hands for tests: MediaPipe's own landmark files, and a jointed model that can be posed."""

import re
from pathlib import Path

import numpy as np

from frame_app.base.arrays import HandF32

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "hands"

# Right hand, palm to the viewer, fingers up: knuckles in palm lengths from the wrist, lengths of
# the three finger bones, and the way each finger leans. Proportions of an adult's hand.
_KNUCKLES = ((-0.33, -0.95), (-0.08, -1.0), (0.15, -0.93), (0.36, -0.82))
_BONES = ((0.45, 0.26, 0.22), (0.5, 0.3, 0.23), (0.46, 0.28, 0.23), (0.36, 0.2, 0.2))
_LEAN_DEG = (-9.0, -1.0, 6.0, 15.0)
_CURL_DEG = (80.0, 100.0, 60.0)  # of the three joints of a closed finger


def posed_hand(
    *,
    fingers: tuple[float, float, float, float],
    thumb: float,
    spread: float = 1.0,
) -> HandF32:
    """A hand in palm lengths.

    Args:
        fingers: Of index to little finger, 0 stretched, 1 closed.
        thumb: 0 lies over the fingers, 1 is stretched away, in the plane of the palm.
        spread: How far the fingers stand apart.
    """
    points = np.zeros((21, 3), np.float64)
    for number, (curl, (x, y), bones) in enumerate(zip(fingers, _KNUCKLES, _BONES, strict=True)):
        at = np.array([x, y, 0.0])
        first = 5 + 4 * number
        points[first] = at
        bend = 0.0
        lean = np.radians(_LEAN_DEG[number] * spread)
        for joint, (length, most) in enumerate(zip(bones, _CURL_DEG, strict=True)):
            bend += np.radians(most) * curl
            at = at + length * np.array(
                [np.sin(lean) * np.cos(bend), -np.cos(lean) * np.cos(bend), -np.sin(bend)]
            )
            points[first + 1 + joint] = at
    tucked = np.array([[-0.2, -0.15, -0.1], [-0.38, -0.4, -0.25], [-0.3, -0.62, -0.45],
                       [-0.05, -0.72, -0.55]])  # fmt: skip
    away = np.array([[-0.25, -0.12, -0.02], [-0.5, -0.32, -0.04], [-0.78, -0.5, -0.05],
                     [-1.0, -0.62, -0.06]])  # fmt: skip
    points[1:5] = tucked + (away - tucked) * thumb
    return points.astype(np.float32)


def turned(hand: HandF32, *, roll: float = 0.0, yaw: float = 0.0, pitch: float = 0.0) -> HandF32:
    """The hand turned about its wrist, in degrees: in the picture, about its length, forwards."""
    r, y, p = np.radians((roll, yaw, pitch))
    about_z = [[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]]
    about_y = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    about_x = [[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]]
    matrix = np.array(about_z) @ np.array(about_y) @ np.array(about_x)
    return (hand @ matrix.T).astype(np.float32)


def mirrored(hand: HandF32) -> HandF32:
    """The other hand."""
    return (hand * (-1.0, 1.0, 1.0)).astype(np.float32)


def noisy(hand: HandF32, seed: int, spread: float = 0.03) -> HandF32:
    """Every landmark a little off, by this part of the palm's length."""
    palm = float(np.linalg.norm(hand[9] - hand[0]))
    noise = np.random.default_rng(seed).normal(0.0, spread * palm, hand.shape)
    return (hand + noise).astype(np.float32)


def read_landmarks(path: Path, size: tuple[int, int] = (640, 640)) -> HandF32:
    """The first 21 landmarks of a text protobuf, in pixels of a picture of `size`."""
    text = path.read_text()
    text = text[text.index("landmarks {") :].partition("world_landmarks")[0]
    number = r"(-?[\d.]+(?:e-?\d+)?)"
    rows = re.findall(rf"x:\s*{number}\s+y:\s*{number}\s+z:\s*{number}", text)[:21]
    width, height = size
    return (np.array(rows, np.float64) * (width, height, width)).astype(np.float32)
