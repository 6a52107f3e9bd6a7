"""Faces between stages: all that were found, and which one is the subject."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prerender.engines.base import Face, Rect


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The faces of one picture."""

    all: tuple[Face, ...]
    """Largest first."""
    chosen: int
    """Index of the subject."""

    @property
    def subject(self) -> Face:
        """The face that is animated."""
        return self.all[self.chosen]

    def scaled(self, x: float, y: float) -> "Faces":
        """The same faces in a picture that is `x` times as wide and `y` times as high."""
        return Faces(tuple(face.scaled(x, y) for face in self.all), self.chosen)


def save_faces(path: Path, faces: Faces) -> None:
    """Write faces as arrays; equal faces give equal bytes."""
    boxes = [(face.box.x, face.box.y, face.box.width, face.box.height) for face in faces.all]
    with path.open("wb") as stream:
        np.savez(
            stream,
            landmarks=np.stack([face.landmarks for face in faces.all]).astype(np.float32),
            boxes=np.array(boxes, np.float64),
            scores=np.array([face.score for face in faces.all], np.float64),
            chosen=np.array(faces.chosen),
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
        return Faces(faces, int(arrays["chosen"]))
