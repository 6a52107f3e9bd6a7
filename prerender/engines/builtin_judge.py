"""Reads a face back from a rendered frame: the independent eye of the quality gate.

Two judges. The built-in one is the face mesh inside the MediaPipe wheel; `landmarker` is
MediaPipe's face landmarker with its 52 blendshapes, for those who put `face_landmarker.task`
(Apache-2.0, 3.7 MB) into the models folder. Neither has a part in how frames are made.
"""

import contextlib
from pathlib import Path
from typing import Any

import numpy as np

from frame_app.base.arrays import ImageU8, LandmarksF32
from frame_app.base.hashing import file_sha256
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, EngineId, EngineInfo, FaceReading, Rect
from prerender.engines.native import known_warnings, load_solutions, quiet_native
from prerender.engines.weights import weights_room

LANDMARKER = EngineId("landmarker")
_MODEL = "face-landmarker"
_CROP_PX = 320  # the mesh sees 256 px, face detection 128 px
_MARGINS = (0.6, 1.0)  # of the face's longer side, on each side; found by what faces were found at
_SMALLEST_PX = 16.0


class BuiltinJudge:
    """`JudgeEngine` on the face mesh; knows no blendshapes."""

    info = EngineInfo(id=BUILTIN, version=2, licence="Apache-2.0")

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        with quiet_native():
            self._mesh = load_solutions().face_mesh.FaceMesh(
                static_image_mode=True,  # no memory of the frame before: any order, same answer
                max_num_faces=1,
                refine_landmarks=True,
                min_detection_confidence=0.3,
            )
            self._mesh.process(np.zeros((64, 64, 3), np.uint8))  # the first run logs too
        self._has_seen = False

    def close(self) -> None:
        """Free the native graph."""
        self._mesh.close()

    def read(self, image: ImageU8, face: Rect) -> FaceReading | None:
        """See `JudgeEngine.read`."""
        for margin in _MARGINS:
            crop, origin, scale = _cut_out(image, face, margin, self._cv2)
            # The first face logs once more.
            with known_warnings() if self._has_seen else quiet_native():
                found = self._mesh.process(crop).multi_face_landmarks
            self._has_seen = self._has_seen or bool(found)
            if found:
                return FaceReading(_placed(found[0].landmark, origin, scale), {})
        return None


class LandmarkerJudge:
    """`JudgeEngine` on the Tasks API of the same wheel, with blendshapes."""

    def __init__(self, model: Path | None = None) -> None:
        self.info = landmarker_info() if model is None else _info(file_sha256(model))
        path = model or weights_room().open(_MODEL).files["weights"]
        self._cv2 = require("cv2")
        self._mediapipe: Any = require("mediapipe")
        tasks: Any = require("mediapipe.tasks.python")
        vision = tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_buffer=path.read_bytes()),
            output_face_blendshapes=True,
            num_faces=1,
            min_face_detection_confidence=0.3,
            min_face_presence_confidence=0.3,
        )
        with quiet_native():
            self._landmarker = vision.FaceLandmarker.create_from_options(options)
            self._detect(np.zeros((64, 64, 3), np.uint8))

    def close(self) -> None:
        """Free the native graph."""
        with contextlib.suppress(RuntimeError, ValueError):
            self._landmarker.close()

    def read(self, image: ImageU8, face: Rect) -> FaceReading | None:
        """See `JudgeEngine.read`."""
        for margin in _MARGINS:
            crop, origin, scale = _cut_out(image, face, margin, self._cv2)
            found = self._detect(crop)
            if found.face_landmarks:
                shapes = {
                    shape.category_name: float(shape.score) for shape in found.face_blendshapes[0]
                }
                return FaceReading(_placed(found.face_landmarks[0], origin, scale), shapes)
        return None

    def _detect(self, crop: ImageU8) -> Any:  # noqa: ANN401 (untyped library)
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(crop)
        )
        with known_warnings():
            return self._landmarker.detect(image)


def landmarker_missing() -> str:
    """Why the landmarker cannot be had; empty if it can."""
    return weights_room().missing(_MODEL)


def landmarker_info() -> EngineInfo:
    """Its identity without building it."""
    return _info(weights_room().info(_MODEL, 1, generative=False).weights_sha256)


def _info(sha256: str | None) -> EngineInfo:
    return EngineInfo(LANDMARKER, 2, weights_sha256=sha256, licence="Apache-2.0")


def _cut_out(
    image: ImageU8,
    face: Rect,
    margin: float,
    cv2: Any,  # noqa: ANN401 (untyped library)
) -> tuple[ImageU8, tuple[float, float], float]:
    """A square around the face at one size, its top left corner, its pixels per picture pixel."""
    side = max(face.width, face.height, _SMALLEST_PX) * (1 + 2 * margin)
    x, y = face.x + face.width / 2 - side / 2, face.y + face.height / 2 - side / 2
    scale = _CROP_PX / side
    # warpAffine does not average: shrink by a whole number first, which is quick, and cut out then.
    whole = max(1, int(1 / scale))
    if whole > 1:
        height, width = image.shape[:2]
        size = max(1, width // whole), max(1, height // whole)
        image = image[: size[1] * whole, : size[0] * whole]
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    left = scale * whole
    # Corners stay where they are; OpenCV counts from the middle of pixels.
    middle = (left - 1) / 2
    matrix = np.array([[left, 0, middle - x * scale], [0, left, middle - y * scale]])
    crop = cv2.warpAffine(
        image, matrix, (_CROP_PX, _CROP_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop, np.uint8), (x, y), scale


def _placed(
    found: Any,  # noqa: ANN401 (protobuf)
    origin: tuple[float, float],
    scale: float,
) -> LandmarksF32:
    points = np.array([[point.x, point.y, point.z] for point in found]) * (_CROP_PX / scale)
    return np.asarray(points + np.array([*origin, 0.0]), np.float32)
