"""Pictures that lie on their side: the faces know which way is up.

A phone writes the turn into EXIF, where it is honoured before; scanners, messengers and old
programs leave pictures lying on their side without a word.
"""

import math
from dataclasses import dataclass

import numpy as np

from frame_app.base.arrays import ImageU8
from prerender.engines.base import Face, FaceEngine

TURNED = "the picture lay on its side or its head, and was turned as its faces are"
"""What people are told about it."""

_CLEAR_DEG = 30.0  # a face further from every quarter turn has no say
_MAJORITY = 0.6  # of the area of all faces: one child upside down turns no group


@dataclass(frozen=True, slots=True, eq=False)
class Upright:
    """A picture as it hangs on a wall, and its faces."""

    image: ImageU8
    faces: tuple[Face, ...]
    turned_deg: int
    """Clockwise, by which the picture was turned: 0, 90, 180 or 270."""


def find_upright(finder: FaceEngine, image: ImageU8) -> Upright:
    """Find faces, and turn the picture if most of them lie on their side or on their head."""
    faces = finder.find(image)
    turns = quarter_turns(faces)
    if turns == 0:
        return Upright(image, faces, 0)
    turned = np.ascontiguousarray(np.rot90(image, turns))
    found = finder.find(turned)
    if not found:
        return Upright(image, faces, 0)
    return Upright(turned, found, 360 - 90 * turns)


def quarter_turns(faces: tuple[Face, ...]) -> int:
    """Counter-clockwise quarter turns, 0..3, that put most of the faces upright."""
    votes = np.zeros(4)
    for face in faces:
        across = face.landmarks[263, :2] - face.landmarks[33, :2]
        roll_deg = math.degrees(math.atan2(float(across[1]), float(across[0])))
        nearest = round(roll_deg / 90)
        if abs(roll_deg - 90 * nearest) <= _CLEAR_DEG:
            votes[nearest % 4] += face.box.area
    total = float(sum(face.box.area for face in faces))
    best = int(votes.argmax())
    return best if total > 0 and votes[best] >= _MAJORITY * total else 0
