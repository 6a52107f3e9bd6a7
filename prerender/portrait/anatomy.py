"""Where the parts of a face are among MediaPipe's 478 landmarks.

"left" and "right" are the subject's own. Index lists follow the face mesh's canonical drawing
(mediapipe/modules/face_geometry/data/canonical_face_model_uv_visualization.png).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import LandmarksF32

Vector = npt.NDArray[np.float64]


class EyeIndices(NamedTuple):
    """Landmarks of one eye; every list runs from the viewer's left to the viewer's right."""

    upper: tuple[int, ...]
    """Lash line of the upper lid, both corners included."""
    lower: tuple[int, ...]
    outer: int
    """-1 if the viewer's left corner is the outer one, else 1."""
    iris: int
    rim: tuple[int, ...]
    brow: tuple[int, ...]
    """Lower edge of the brow."""


RIGHT_EYE = EyeIndices(
    upper=(33, 246, 161, 160, 159, 158, 157, 173, 133),
    lower=(33, 7, 163, 144, 145, 153, 154, 155, 133),
    outer=-1,
    iris=468,
    rim=(469, 470, 471, 472),
    brow=(46, 53, 52, 65, 55),
)
LEFT_EYE = EyeIndices(
    upper=(362, 398, 384, 385, 386, 387, 388, 466, 263),
    lower=(362, 382, 381, 380, 374, 373, 390, 249, 263),
    outer=1,
    iris=473,
    rim=(474, 475, 476, 477),
    brow=(285, 295, 282, 283, 276),
)

EYES = {"right": RIGHT_EYE, "left": LEFT_EYE}

MOUTH_CORNERS = (61, 291)
"""The subject's right corner, then the left one."""
INNER_UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
OUTER_UPPER_LIP = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER_LIP = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
FACE_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
RIGHT_CHEEK_EDGE, LEFT_CHEEK_EDGE = 234, 454
_EYE_CORNERS = ((33, 133), (362, 263))
_LEAST_SHORTENED = 0.5  # a face turned further than 60 degrees is not found at all
FOREHEAD, CHIN, NOSE_TIP, NOSE_BRIDGE = 10, 152, 1, 168


@dataclass(frozen=True, slots=True, eq=False)
class FaceFrame:
    """The face's own axes in the picture, and the length everything is measured in."""

    origin: Vector
    """(2,) the point between the eyes, in pixels."""
    across: Vector
    """(2,) unit vector from the viewer's left to the viewer's right eye."""
    down: Vector
    unit: float
    """Width of the head without its hair in pixels, as if it faced the viewer."""
    axis: Vector
    """(3,) point on the head's turning axis: between the ears, in pixels and landmark depth."""
    yaw_deg: float
    """How far the head is turned in the picture; negative is to the viewer's left."""
    eye_px: float
    """Mean width of both eyes from corner to corner in pixels, as if the head faced the viewer."""

    @classmethod
    def of(cls, landmarks: LandmarksF32) -> "FaceFrame":
        """Measure a face."""
        points = landmarks.astype(np.float64)
        right, left = (points[list(corners), :2].mean(axis=0) for corners in _EYE_CORNERS)
        across = (left - right) / max(float(np.linalg.norm(left - right)), 1e-6)
        down = np.array([-across[1], across[0]])
        ears = points[[RIGHT_CHEEK_EDGE, LEFT_CHEEK_EDGE]]
        height = float(np.linalg.norm(points[CHIN, :2] - points[FOREHEAD, :2]))
        axis = ears.mean(axis=0)
        nose = points[[NOSE_TIP, NOSE_BRIDGE]].mean(axis=0) - axis
        yaw = np.arctan2(float(nose[:2] @ across), max(-float(nose[2]), 1e-6))
        # Width is foreshortened by a turned head, height by a bowed one: the larger is nearer.
        width = float(np.linalg.norm(ears[1] - ears[0]))
        eyes = [float(np.linalg.norm(points[a, :2] - points[b, :2])) for a, b in _EYE_CORNERS]
        shortened = max(float(np.cos(yaw)), _LEAST_SHORTENED)
        return cls(
            origin=(right + left) / 2,
            across=across,
            down=down,
            unit=max(width, 0.8 * height),
            axis=axis,
            yaw_deg=float(np.degrees(yaw)),
            eye_px=float(np.mean(eyes)) / shortened,
        )

    def place(self, landmark: npt.NDArray[np.float32]) -> Vector:
        """A picture point in face axes: (2,) across and down from `origin`, in units."""
        offset = landmark[:2].astype(np.float64) - self.origin
        return np.array([offset @ self.across, offset @ self.down]) / self.unit
