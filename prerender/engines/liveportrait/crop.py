"""The square around a face that the networks see, and the way back into the picture.

Contract: LivePortrait's crop. Its landmark detectors may not be used commercially, so that the
points come from MediaPipe's mesh: of its 478 those that outline what the 203 of the original do,
which are jaw, brows, eyes, nose and mouth, and no forehead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, LandmarksF32, MaskF32
from prerender.portrait.anatomy import FACE_OVAL, MOUTH_CORNERS

OUT_PX = 512
"""Side of the square that the published networks paint."""
_SCALE, _UP = 2.3, -0.125  # of a still picture; the second in sides of the square
_VIDEO_SCALE, _VIDEO_UP = 2.2, -0.1
_FADE = 16 / OUT_PX  # of the side of the square, on each side

_TEMPLES = 356, 127
# Along the jaw from one temple over the chin to the other.
_JAW = FACE_OVAL[FACE_OVAL.index(_TEMPLES[0]) : FACE_OVAL.index(_TEMPLES[1]) + 1]
_BROWS = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)
# Corner, middle of the upper lid, corner, middle of the lower lid; the viewer's left eye first.
_EYES = ((33, 159, 133, 145), (362, 386, 263, 374))
_LIPS = 13, 14
_OUTLINE = np.array([*_JAW, *_BROWS, *(i for eye in _EYES for i in eye), *MOUTH_CORNERS])

_F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A square of the picture, turned so that the face stands upright."""

    to_crop: _F64
    """(3, 3) picture to crop, both in pixels whose first centre is at (0, 0)."""
    side_px: int = OUT_PX

    @property
    def to_picture(self) -> _F64:
        """(3, 3) the way back."""
        return np.asarray(np.linalg.inv(self.to_crop))

    @property
    def zoom(self) -> float:
        """Pixels of the crop per pixel of the picture."""
        return float(np.hypot(self.to_crop[0, 0], self.to_crop[0, 1]))

    def cut(self, picture: ImageU8, cv2: ModuleType) -> ImageU8:
        """(S, S, 3) the square; outside the picture its edge goes on."""
        return np.asarray(
            cv2.warpAffine(
                picture,
                self.to_crop[:2],
                (self.side_px, self.side_px),
                flags=cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )

    def shifted(self, x: float, y: float) -> "Crop":
        """The same square of a picture whose origin lies at (x, y) of this one."""
        move = np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])
        return Crop(self.to_crop @ move, self.side_px)


def still_crop(landmarks: LandmarksF32, side_px: int = OUT_PX) -> Crop:
    """The square of a still picture."""
    return _crop(landmarks, side_px, is_video=False)


def video_crop(frames: Sequence[LandmarksF32], side_px: int = OUT_PX) -> Crop:
    """One upright square for all frames of a video; their boxes are averaged."""
    crops = [_crop(points, side_px, is_video=True) for points in frames]
    corners = np.array([crop.to_picture @ [[0, side_px], [0, side_px], [1, 1]] for crop in crops])
    (x0, x1), (y0, _) = corners.mean(axis=0)[:2]
    zoom = side_px / (x1 - x0)
    return Crop(np.array([[zoom, 0, -zoom * x0], [0, zoom, -zoom * y0], [0, 0, 1.0]]), side_px)


def _crop(landmarks: LandmarksF32, side_px: int, *, is_video: bool) -> Crop:
    scale, up = (_VIDEO_SCALE, _VIDEO_UP) if is_video else (_SCALE, _UP)
    points = landmarks[_OUTLINE, :2].astype(np.float64) - 0.5  # see arrays.py: centres are at .5
    eyes, lips = _anchors(landmarks)
    down = lips - eyes
    length = float(np.linalg.norm(down))
    down = down / length if length > 1e-3 else np.array([0.0, 1.0])
    across = np.array([down[1], -down[0]])
    axes = np.array([across, down])
    centre = points.mean(axis=0)
    local = (points - centre) @ axes.T
    low, high = local.min(axis=0), local.max(axis=0)
    side = scale * float((high - low).max())
    middle = centre + (low + high) / 2 @ axes + up * side * down
    zoom = side_px / side
    turn = zoom * (np.eye(2) if is_video else axes)
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = side_px / 2 - turn @ middle
    return Crop(matrix, side_px)


def _anchors(landmarks: LandmarksF32) -> tuple[_F64, _F64]:
    """The point between the eyes, and the middle of the mouth."""
    points = landmarks[:, :2].astype(np.float64) - 0.5
    eyes = np.mean([points[list(eye)].mean(axis=0) for eye in _EYES], axis=0)
    return eyes, points[list(MOUTH_CORNERS)].mean(axis=0)


def eye_openness(landmarks: LandmarksF32) -> tuple[float, float]:
    """Height over width of both eyes, the viewer's left one first."""
    left, right = (_ratio(landmarks, eye[1], eye[3], eye[0], eye[2]) for eye in _EYES)
    return left, right


def lip_openness(landmarks: LandmarksF32) -> float:
    """Gap between the lips over the width of the mouth."""
    return _ratio(landmarks, *_LIPS, *MOUTH_CORNERS)


def _ratio(landmarks: LandmarksF32, a: int, b: int, c: int, d: int) -> float:
    points = landmarks[:, :2].astype(np.float64)
    across = float(np.linalg.norm(points[c] - points[d]))
    return float(np.linalg.norm(points[a] - points[b])) / (across + 1e-6)


def fading(side_px: int = OUT_PX) -> MaskF32:
    """(S, S) 1 inside, falling straight to 0 over the outermost pixels."""
    index = np.arange(side_px, dtype=np.float32)
    edge = np.clip(np.minimum(index, side_px - 1 - index) / (_FADE * side_px), 0, 1)
    return np.asarray(np.minimum(edge[:, None], edge[None, :]), np.float32)
