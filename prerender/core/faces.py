"""Faces between stages: all that were found, and which of them come alive."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prerender.engines.base import Face, Rect

_COMPANY = 0.4  # of the tallest living face: who is as tall belongs to the group, still or not


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The faces of one picture."""

    all: tuple[Face, ...]
    """Largest first."""
    chosen: tuple[int, ...]
    """Indices of those who come alive, the most prominent first; empty for a still life."""

    @property
    def cast(self) -> tuple[Face, ...]:
        """The faces that come alive."""
        return tuple(self.all[index] for index in self.chosen)

    @property
    def company(self) -> tuple[Face, ...]:
        """Who is cut out together: one person alone, or a whole cast with those beside it.

        In a group portrait someone whose face cannot move still stands among the others, and must
        not be taken for a part of the room.
        """
        if len(self.chosen) < 2:
            return self.cast
        least = _COMPANY * max(face.box.height for face in self.cast)
        still = (face for index, face in enumerate(self.all) if index not in self.chosen)
        return (*self.cast, *(face for face in still if face.box.height >= least))

    @property
    def strangers(self) -> tuple[Face, ...]:
        """Who is in the picture, but not cut out."""
        company = self.company
        return tuple(face for face in self.all if not any(face is one for one in company))

    def scaled(self, x: float, y: float) -> "Faces":
        """The same faces in a picture that is `x` times as wide and `y` times as high."""
        return Faces(tuple(face.scaled(x, y) for face in self.all), self.chosen)


def save_faces(path: Path, faces: Faces) -> None:
    """Write faces as arrays; equal faces give equal bytes."""
    boxes = [(face.box.x, face.box.y, face.box.width, face.box.height) for face in faces.all]
    with path.open("wb") as stream:
        np.savez(
            stream,
            landmarks=np.array([face.landmarks for face in faces.all], np.float32),
            boxes=np.array(boxes, np.float64),
            scores=np.array([face.score for face in faces.all], np.float64),
            chosen=np.array(faces.chosen, np.int64),
        )


def load_faces(path: Path) -> Faces:
    """Read faces of our own making; no pickles."""
    with np.load(path, allow_pickle=False) as arrays:
        faces = tuple(
            Face(landmarks, Rect(*(float(number) for number in box)), float(score))
            for landmarks, box, score in zip(
                arrays["landmarks"], arrays["boxes"], arrays["scores"], strict=True
            )
        )
        return Faces(faces, tuple(int(index) for index in arrays["chosen"]))
