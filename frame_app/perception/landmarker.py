"""Faces, hands and pose in a part of a picture, by the models inside the MediaPipe wheel.

Every question is asked about a region, since the models see squares of 128 to 256 px: a face or a
hand that is small in the picture is large in its own region. All answers are in picture pixels.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from frame_app.base.arrays import HandF32, ImageU8, LandmarksF32, PoseF32
from frame_app.base.optional import require
from frame_app.perception.messages import Gesture
from frame_app.perception.viewer import EyesSeen

_FACE_PX, _BODY_PX = 256, 384  # regions are brought to these sides

_TASK_SHAPES = {
    "Closed_Fist": Gesture.CLOSED_FIST,
    "Open_Palm": Gesture.OPEN_PALM,
    "Pointing_Up": Gesture.POINTING_UP,
    "Thumb_Down": Gesture.THUMB_DOWN,
    "Thumb_Up": Gesture.THUMB_UP,
    "Victory": Gesture.VICTORY,
    "ILoveYou": Gesture.I_LOVE_YOU,
}


class Region(NamedTuple):
    """A square in picture pixels; what lies outside of the picture is left away."""

    x: float
    y: float
    side: float


class FaceSeen(NamedTuple):
    """The landmarks of a face, and what a better model says beside them."""

    mesh: LandmarksF32
    smile: float | None
    """0..1 if the model tells."""


class HandSeen(NamedTuple):
    """A hand, and what a better model says beside it."""

    points: HandF32
    shape: tuple[Gesture, float] | None
    """The surest shape and its score, if the model tells."""


class Landmarker:
    """Loads on construction, which takes seconds; not thread safe."""

    def __init__(self, models: Path) -> None:
        """With `face_landmarker.task` and `gesture_recognizer.task` of `models`, if they exist."""
        self._cv2 = require("cv2")
        self._cv2.setNumThreads(1)
        self._time_ms = 0
        face, hand = models / "face_landmarker.task", models / "gesture_recognizer.task"
        with _one_thread():
            finder = require("mediapipe.python.solutions.face_detection")
            self._finder: Any = finder.FaceDetection(
                model_selection=1, min_detection_confidence=0.6
            )
            pose = require("mediapipe.python.solutions.pose")
            self._pose: Any = pose.Pose(model_complexity=1, smooth_landmarks=False)
            self._face: Any = _face_task(face) if face.is_file() else _bundled_face()
            self._hand: Any = _hand_task(hand) if hand.is_file() else _bundled_hand()
            self._has_face_task, self._has_hand_task = face.is_file(), hand.is_file()

    @property
    def models(self) -> str:
        """What is at work, for the log."""
        face = "face_landmarker.task" if self._has_face_task else "bundled face mesh"
        hand = "gesture_recognizer.task" if self._has_hand_task else "bundled hand model"
        return f"{face}, {hand}, bundled pose model"

    def find_faces(self, picture: ImageU8, region: Region) -> list[EyesSeen]:
        """Faces that look this way, roughly."""
        view, x0, y0, scale = self._cut(picture, region, _FACE_PX)
        height, width = view.shape[:2]
        found = self._finder.process(view).detections or ()
        eyes = []
        for face in found:
            right, left = (
                np.array([point.x * width, point.y * height])
                for point in face.location_data.relative_keypoints[:2]
            )
            box = face.location_data.relative_bounding_box
            # The box of a frontal face is 2.4 times as wide as its eyes are apart (measured on
            # five portraits); turned aside the eyes come together and the box does not.
            apart = max(float(np.linalg.norm(left - right)), box.width * width / 3.0)
            x, y = (right + left) / 2.0 / scale
            eyes.append(EyesSeen(x + x0, y + y0, apart / scale))
        return eyes

    def face(self, picture: ImageU8, region: Region) -> FaceSeen | None:
        """The mesh of the face in a region that holds little else."""
        view, x0, y0, scale = self._cut(picture, region, _FACE_PX)
        smile = None
        if self._has_face_task:
            result = self._face.detect_for_video(self._task_image(view), self._next_ms())
            faces = result.face_landmarks
            if faces:
                marks = {mark.category_name: mark.score for mark in result.face_blendshapes[0]}
                smile = (marks["mouthSmileLeft"] + marks["mouthSmileRight"]) / 2.0
        else:
            found = self._face.process(view).multi_face_landmarks
            faces = [face.landmark for face in found or ()]
        if not faces:
            return None
        return FaceSeen(_points(faces[0], view, x0, y0, scale), smile)

    def hand(self, picture: ImageU8, region: Region) -> HandSeen | None:
        """One hand in a region."""
        view, x0, y0, scale = self._cut(picture, region, _BODY_PX)
        shape = None
        if self._has_hand_task:
            result = self._hand.recognize_for_video(self._task_image(view), self._next_ms())
            hands = result.hand_landmarks
            if hands:
                best = result.gestures[0][0]
                known = _TASK_SHAPES.get(best.category_name)
                shape = (known, best.score) if known else (Gesture.OPEN_PALM, 0.0)
        else:
            found = self._hand.process(view).multi_hand_landmarks
            hands = [hand.landmark for hand in found or ()]
        return HandSeen(_points(hands[0], view, x0, y0, scale), shape) if hands else None

    def pose(self, picture: ImageU8, region: Region) -> PoseF32 | None:
        """One body in a region."""
        view, x0, y0, scale = self._cut(picture, region, _BODY_PX)
        found = self._pose.process(view).pose_landmarks
        if not found:
            return None
        points = _points(found.landmark, view, x0, y0, scale)
        points[:, 2] = [point.visibility for point in found.landmark]
        return points

    def close(self) -> None:
        """Free the graphs."""
        for graph in (self._finder, self._pose, self._face, self._hand):
            graph.close()

    def _cut(
        self, picture: ImageU8, region: Region, side: int
    ) -> tuple[ImageU8, float, float, float]:
        """The region, its corner in the picture, and its scale."""
        height, width = picture.shape[:2]
        x0, y0 = max(0, round(region.x)), max(0, round(region.y))
        x1 = min(width, max(x0 + 8, round(region.x + region.side)))
        y1 = min(height, max(y0 + 8, round(region.y + region.side)))
        x0, y0 = min(x0, width - 8), min(y0, height - 8)
        view = picture[y0:y1, x0:x1]
        scale = side / max(view.shape[:2])
        how = self._cv2.INTER_AREA if scale < 1.0 else self._cv2.INTER_LINEAR
        size = (max(8, round(view.shape[1] * scale)), max(8, round(view.shape[0] * scale)))
        return self._cv2.resize(view, size, interpolation=how), x0, y0, scale

    def _next_ms(self) -> int:
        """Tasks want rising times; which ones does not matter."""
        self._time_ms += 33
        return self._time_ms

    def _task_image(self, view: ImageU8) -> object:
        mediapipe = require("mediapipe")
        return mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=view)


def _face_task(path: Path) -> object:
    vision = require("mediapipe.tasks.python.vision")
    options = vision.FaceLandmarkerOptions(
        base_options=_base_options(path),
        running_mode=vision.RunningMode.VIDEO,
        output_face_blendshapes=True,
    )
    return vision.FaceLandmarker.create_from_options(options)


def _hand_task(path: Path) -> object:
    vision = require("mediapipe.tasks.python.vision")
    options = vision.GestureRecognizerOptions(
        base_options=_base_options(path), running_mode=vision.RunningMode.VIDEO
    )
    return vision.GestureRecognizer.create_from_options(options)


def _bundled_face() -> object:
    mesh = require("mediapipe.python.solutions.face_mesh")
    return mesh.FaceMesh(max_num_faces=1, refine_landmarks=True)


def _bundled_hand() -> object:
    hands = require("mediapipe.python.solutions.hands")
    return hands.Hands(max_num_hands=1, model_complexity=0)


def _base_options(path: Path) -> object:
    return require("mediapipe.tasks.python").BaseOptions(model_asset_path=str(path))


def _points(found: Any, view: ImageU8, x0: float, y0: float, scale: float) -> LandmarksF32:  # noqa: ANN401 (protobuf)
    height, width = view.shape[:2]
    raw = np.array([[point.x, point.y, point.z] for point in found], np.float32)
    points: LandmarksF32 = raw * np.array([width, height, width], np.float32) / np.float32(scale)
    points[:, :2] += np.array([x0, y0], np.float32)
    return points


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Let each graph that is built meanwhile have one thread instead of one for every core.

    A graph asks how many processors it may use, and cannot be told otherwise; so for this time it
    may use one. Its threads inherit that and are freed afterwards.
    """
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                os.sched_setaffinity(int(thread.name), allowed)
