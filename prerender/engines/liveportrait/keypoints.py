"""Keypoint mathematics: a face as angles, expression, size and place, and back to 21 points.

Contract: LivePortrait (arXiv:2407.03168), equation 2. Points are rows (x, y, z) in the crop's own
units: -1..1 from edge to edge, x to the viewer's right, y down, z away from the viewer. A positive
pitch looks down, a positive yaw turns to the viewer's left, a positive roll leans to the viewer's
right (checked on the published templates, where place goes with the head).
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Points: TypeAlias = npt.NDArray[np.float64]
"""(21, 3)"""
Matrix: TypeAlias = npt.NDArray[np.float64]
"""(3, 3)"""

_BIN_DEG, _FIRST_DEG = 3.0, -97.5


class KeyFace(NamedTuple):
    """What the motion network says of one picture."""

    points: Points
    """Of the person, looking ahead, without expression."""
    angles_deg: tuple[float, float, float]
    """Pitch, yaw, roll."""
    expression: Points
    """Added after the rotation."""
    scale: float
    place: npt.NDArray[np.float64]
    """(3,); the third is not used."""

    @property
    def rotation(self) -> Matrix:
        """See `rotation`."""
        return rotation(*self.angles_deg)

    def laid(self) -> Points:
        """Its keypoints as they lie in the picture."""
        return laid(self.points, self.rotation, self.expression, self.scale, self.place)


def key_face(heads: Mapping[str, npt.NDArray[np.float32]]) -> KeyFace:
    """The outputs of the motion network for one picture, each with or without a batch of one."""
    flat = {name: value.astype(np.float64).reshape(-1) for name, value in heads.items()}
    pitch, yaw, roll = (degrees_of(flat[name]) for name in ("pitch", "yaw", "roll"))
    return KeyFace(
        points=flat["kp"].reshape(-1, 3),
        angles_deg=(pitch, yaw, roll),
        expression=flat["exp"].reshape(-1, 3),
        scale=float(flat["scale"][0]),
        place=flat["t"],
    )


def degrees_of(logits: npt.NDArray[np.float64]) -> float:
    """The angle that a distribution over bins of three degrees expects."""
    weights = np.exp(logits - logits.max())
    weights /= weights.sum()
    return float(weights @ np.arange(len(logits)) * _BIN_DEG + _FIRST_DEG)


def rotation(pitch_deg: float, yaw_deg: float, roll_deg: float) -> Matrix:
    """The transpose of Rz Ry Rx, for row vectors."""
    (cx, cy, cz), (sx, sy, sz) = (
        function(np.radians([pitch_deg, yaw_deg, roll_deg])) for function in (np.cos, np.sin)
    )
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray((about_z @ about_y @ about_x).T)


def angles_of(turned: Matrix) -> tuple[float, float, float]:
    """Pitch, yaw and roll of a rotation as `rotation` makes it, in degrees."""
    plain = turned.T
    yaw = np.arcsin(np.clip(-plain[2, 0], -1, 1))
    pitch = np.arctan2(plain[2, 1], plain[2, 2])
    roll = np.arctan2(plain[1, 0], plain[0, 0])
    return float(np.degrees(pitch)), float(np.degrees(yaw)), float(np.degrees(roll))


def laid(
    points: Points,
    turned: Matrix,
    expression: Points,
    scale: float,
    place: npt.NDArray[np.float64],
) -> Points:
    """Keypoints in the picture; of the place only x and y count."""
    moved = scale * (points @ turned + expression)
    moved[:, :2] += place[:2]
    return np.asarray(moved)
