"""People who sit for the animator's tests, and the judge who reads their faces."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2  # noqa: TID253  tests run in no Qt process
import mediapipe as mp  # noqa: TID253
import numpy as np
import pytest

from frame_app.base.arrays import ImageU8, LandmarksF32, MaskF32
from frame_app.base.paths import shipped

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ASTRONAUT = shipped("assets", "demo", "astronaut.png")
MONA_LISA = SHARED / "portraits" / "mona-lisa.jpg"
PEARL_EARRING = SHARED / "portraits" / "girl-with-a-pearl-earring.jpg"
JUDGE = SHARED / "models" / "face_landmarker.task"


@dataclass(frozen=True)
class Sitter:
    subject: ImageU8
    matte: MaskF32
    landmarks: LandmarksF32


@cache
def sitter(path: Path) -> Sitter:
    """A portrait with its landmarks and a plain oval matte around head and shoulders."""
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside this checkout")
    picture = np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)
    height, width = picture.shape[:2]
    scale = 720 / max(height, width)
    size = round(width * scale / 2) * 2, round(height * scale / 2) * 2
    picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    landmarks = mesh(picture)
    matte: MaskF32 = np.zeros(picture.shape[:2], np.float32)
    centre = landmarks[168, :2]
    reach = float(np.ptp(landmarks[:468, 0]))
    middle = int(centre[0]), int(centre[1])
    axes = int(0.8 * reach), int(reach)
    cv2.ellipse(matte, middle, axes, 0, 0, 360, (1.0,), -1)
    top = (int(centre[0] - 1.4 * reach), int(centre[1] + 0.9 * reach))
    cv2.rectangle(matte, top, (int(centre[0] + 1.4 * reach), size[1]), (1.0,), -1)
    return Sitter(picture, np.asarray(cv2.GaussianBlur(matte, (0, 0), 1.5), np.float32), landmarks)


def mesh(picture: ImageU8) -> LandmarksF32:
    """MediaPipe's 478 landmarks of the only face, in pixels."""
    height, width = picture.shape[:2]
    with mp.solutions.face_mesh.FaceMesh(
        static_image_mode=True, refine_landmarks=True, min_detection_confidence=0.3
    ) as finder:
        found = finder.process(picture).multi_face_landmarks
    assert found, "the judge sees no face"
    points = [(p.x * width, p.y * height, p.z * width) for p in found[0].landmark]
    return np.array(points, np.float32)


class Judge:
    """Expression and pose as MediaPipe's face landmarker reads them."""

    def __init__(self) -> None:
        if not JUDGE.is_file():
            pytest.skip(f"{JUDGE.name} is not beside this checkout")
        vision = mp.tasks.vision
        self._landmarker = vision.FaceLandmarker.create_from_options(
            vision.FaceLandmarkerOptions(
                base_options=mp.tasks.BaseOptions(model_asset_path=str(JUDGE)),
                output_face_blendshapes=True,
                output_facial_transformation_matrixes=True,
                min_face_detection_confidence=0.3,
            )
        )

    def read(self, picture: ImageU8) -> dict[str, float]:
        """Blendshapes by name, and `yaw` (to the viewer's right) and `pitch` (up) in degrees."""
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        result = self._landmarker.detect(image)
        assert result.face_blendshapes, "the judge sees no face"
        scores = {shape.category_name: shape.score for shape in result.face_blendshapes[0]}
        turn = np.asarray(result.facial_transformation_matrixes[0])[:3, :3]
        forward = turn[:, 2] / np.linalg.norm(turn[:, 2])
        scores["yaw"] = float(np.degrees(np.arctan2(forward[0], forward[2])))
        scores["pitch"] = float(np.degrees(np.arcsin(np.clip(forward[1], -1, 1))))
        return scores

    def close(self) -> None:
        self._landmarker.close()


def eye_angle_deg(picture: ImageU8, still: ImageU8) -> float:
    """How far the eyes turned in the head against a still, by the way of their irises."""
    low, high = (f(mesh(still)[:468, :2], axis=0) for f in (np.min, np.max))
    x0, y0 = (int(v) for v in np.maximum(low - 0.4 * (high - low), 0))
    x1, y1 = (int(v) for v in high + 0.4 * (high - low))
    ways = [_iris_places(mesh(_enlarged(p[y0:y1, x0:x1]))) for p in (still, picture)]
    # An eye is about 5.1 iris radii wide and its ball 2.05 of them in radius.
    return float(np.degrees(np.arcsin(np.clip((ways[1] - ways[0]) * 5.1 / 2.05, -1, 1))))


def change_of_shape(picture: ImageU8, still: ImageU8) -> float:
    """Mean way of the landmarks in face widths, place, size and turn of the head taken out.

    Eyes and lips are left out: an expression moves them, and it makes nobody another person.
    """
    bones = [
        *range(10),
        152,
        148,
        176,
        149,
        150,
        136,
        377,
        400,
        378,
        379,
        365,
        234,
        454,
        127,
        356,
    ]
    bones += [168, 6, 197, 195, 5, 4, 1, 45, 275, 48, 278, 98, 327, 33, 133, 362, 263, 10, 67, 297]
    now, then = (mesh(p)[bones].astype(np.float64) for p in (picture, still))
    now, then = now - now.mean(axis=0), then - then.mean(axis=0)
    # Kabsch, with one scale: turns what the head may turn, and leaves what is its shape.
    u, _, vt = np.linalg.svd(now.T @ then)
    flip = np.diag([1, 1, np.sign(np.linalg.det(u @ vt))])
    turned = now @ (u @ flip @ vt)
    turned *= float((turned * then).sum() / (turned * turned).sum())
    width = float(np.linalg.norm(then[bones.index(454)] - then[bones.index(234)]))
    return float(np.linalg.norm((turned - then)[:, :2], axis=1).mean() / width)


def _enlarged(picture: ImageU8) -> ImageU8:
    larger = cv2.resize(picture, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger, np.uint8)


def _iris_places(landmarks: LandmarksF32) -> float:
    places = []
    for left, right, iris in ((33, 133, 468), (362, 263, 473)):
        across = landmarks[right, :2] - landmarks[left, :2]
        middle = (landmarks[right, :2] + landmarks[left, :2]) / 2
        places.append(float((landmarks[iris, :2] - middle) @ across / (across @ across)))
    return sum(places) / 2
