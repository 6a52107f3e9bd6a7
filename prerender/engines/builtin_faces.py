"""Faces with the models inside the MediaPipe wheel: detection, then a 478-point mesh per face.

The detectors see squares of 128 and 192 px, so a small face in a large picture is lost to them;
the picture is therefore looked at as a whole, padded, and in overlapping tiles of two sizes. Each
find is cut out upright and given to the mesh, whose own presence test and a check of its geometry
reject what is not a face. Models: BlazeFace short and full range, Attention Mesh (Apache-2.0).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, LandmarksF32
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, EngineInfo, Face, Rect
from prerender.engines.face_mirror import mirrored
from prerender.engines.native import known_warnings, load_solutions, quiet_native

_LOOK_PX = 1600  # long side of the picture the detectors look at; larger ones are reduced
_CROP_PX = 384  # side of the upright crop the mesh sees
_MARGINS = (1.0, 0.75, 1.4)  # crop = box widened by this part of its side on each side
_COMPANY = 3  # faces a crop may hold: cheek to cheek, the mesh is asked for the right one
_TILES = (1, 2, 4)  # tiles per long side
_ACCEPTED = 0.58  # least score of a face; hands and ornaments reach 0.55
_CONFIDENT = 0.75  # a face this sure makes further turns of the picture needless
_SPREAD = 0.12  # of the face's size: disagreement between crops at which the score is 0
_OVAL: tuple[int, ...] = (
    10,
    338,
    297,
    332,
    284,
    251,
    389,
    356,
    454,
    323,
    361,
    288,
    397,
    365,
    379,
    378,
    400,
    377,
)
_OVAL += (152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109)
FACE_OVAL = _OVAL
"""Indices of the outline of the face mesh, in order around the face."""

_Affine = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Find:
    """A detection in picture pixels: centre, side of its square and roll."""

    x: float
    y: float
    side: float
    roll_deg: float
    score: float


class BuiltinFaces:
    """`FaceEngine` on the CPU; loads on construction, so build it once and close it."""

    info = EngineInfo(id=BUILTIN, version=3, licence="Apache-2.0")

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        solutions = load_solutions()
        with quiet_native():
            # Low thresholds here: paintings score low, and the mesh is the judge.
            self._detectors = [
                solutions.face_detection.FaceDetection(
                    model_selection=model, min_detection_confidence=0.35
                )
                for model in (0, 1)
            ]
            self._mesh = solutions.face_mesh.FaceMesh(
                static_image_mode=True,
                max_num_faces=_COMPANY,
                refine_landmarks=True,
                min_detection_confidence=0.3,
                min_tracking_confidence=0.5,
            )
            blank = np.zeros((64, 64, 3), np.uint8)  # the first run logs too
            for graph in (*self._detectors, self._mesh):
                graph.process(blank)
        self._has_run = False

    def __enter__(self) -> "BuiltinFaces":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the graphs; the engine cannot be used afterwards."""
        with quiet_native():
            for graph in (*self._detectors, self._mesh):
                graph.close()

    def find(self, image: ImageU8) -> tuple[Face, ...]:
        """See `FaceEngine.find`."""
        # the first mesh logs once more
        with known_warnings() if self._has_run else quiet_native():
            faces: list[Face] = []
            for turn_deg in (0, 90, -90, 180):
                finds = _distinct(list(self._detect(image, turn_deg)))
                meshes = [self._mesh_of(image, find) for find in finds]
                faces += [face for face in meshes if face is not None]
                if any(face.score >= _CONFIDENT for face in faces):
                    break
        self._has_run = self._has_run or bool(faces)
        return tuple(sorted(_once_each(faces), key=lambda face: face.box.area, reverse=True))

    def _detect(self, image: ImageU8, turn_deg: int) -> Iterator[_Find]:
        height, width = image.shape[:2]
        shrink = min(1.0, _LOOK_PX / max(height, width))
        look = image
        if shrink < 1.0:
            size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
            look = self._cv2.resize(image, size, interpolation=self._cv2.INTER_AREA)
        for x0, y0, side in _squares(look.shape[1], look.shape[0]):
            matrix = _upright(x0 + side / 2, y0 + side / 2, side, turn_deg, _CROP_PX)
            view = self._warp(look, matrix, _CROP_PX)
            for detector in self._detectors:
                for found in detector.process(view).detections or ():
                    yield _as_find(found, matrix, shrink)

    def _warp(self, image: ImageU8, matrix: _Affine, side: int) -> ImageU8:
        scale = math.hypot(matrix[0, 0], matrix[0, 1])
        if scale < 0.5:  # bilinear sampling alone would alias
            shrunk = max(scale * 1.5, 1e-3)
            height, width = image.shape[:2]
            size = (max(1, round(width * shrunk)), max(1, round(height * shrunk)))
            image = self._cv2.resize(image, size, interpolation=self._cv2.INTER_AREA)
            matrix = matrix.copy()
            matrix[:, 0] /= size[0] / width
            matrix[:, 1] /= size[1] / height
        shifted = matrix.copy()  # OpenCV counts from pixel centres, we from corners
        shifted[:, 2] += shifted[:, :2] @ (0.5, 0.5) - 0.5
        warped: ImageU8 = self._cv2.warpAffine(
            image,
            shifted,
            (side, side),
            flags=self._cv2.INTER_LINEAR,
            borderMode=self._cv2.BORDER_CONSTANT,
            borderValue=(127, 127, 127),
        )
        return warped

    def _mesh_of(self, image: ImageU8, find: _Find) -> Face | None:
        """The mean of the mesh over several crops; what is no face does not agree with itself."""
        views = self._views(image, find, is_mirrored=False)
        if len(views) < 2:
            return None
        stack = np.stack(views)
        landmarks = np.median(stack, axis=0).astype(np.float32)
        size = max(_box_of(landmarks).width, _box_of(landmarks).height)
        spread = float(np.median(np.abs(stack[:, :, :2] - landmarks[:, :2]).max(axis=0))) / size
        agreement = min(1.0, max(0.0, 1.0 - spread / _SPREAD))
        score = round(find.score * face_plausibility(landmarks) * agreement, 4)
        if score < _ACCEPTED:
            return None
        if in_mirror := self._views(image, find, is_mirrored=True):
            landmarks = ((landmarks + np.median(in_mirror, axis=0)) / 2).astype(np.float32)
        return Face(landmarks, _box_of(landmarks), score)

    def _views(self, image: ImageU8, find: _Find, *, is_mirrored: bool) -> list[LandmarksF32]:
        """The mesh as several crops show it, or their mirror images."""
        found = (self._view(image, find, margin, is_mirrored=is_mirrored) for margin in _MARGINS)
        return [landmarks for landmarks in found if landmarks is not None]

    def _view(
        self, image: ImageU8, find: _Find, margin: float, *, is_mirrored: bool
    ) -> LandmarksF32 | None:
        side = find.side * (1 + 2 * margin)
        matrix = _upright(find.x, find.y, side, find.roll_deg, _CROP_PX)
        crop = self._warp(image, matrix, _CROP_PX)
        if is_mirrored:
            crop = np.ascontiguousarray(crop[:, ::-1])
        result = self._mesh.process(crop)
        seen = [_in_crop(found.landmark) for found in result.multi_face_landmarks or ()]
        if is_mirrored:
            seen = [mirrored(landmarks, _CROP_PX) for landmarks in seen]
        meshes = [_to_picture(landmarks, matrix) for landmarks in seen]
        fits = [m for m in meshes if face_plausibility(m) and _matches(m, find)]
        return min(fits, key=lambda mesh: _off(_box_of(mesh), find), default=None)


def face_plausibility(landmarks: LandmarksF32) -> float:
    """0..1: how much the mesh looks like a face; 0 for geometry that no head has."""
    points = landmarks[:, :2].astype(np.float64)
    right_eye, left_eye = points[468], points[473]
    mouth, chin, brow = (points[13] + points[14]) / 2, points[152], points[10]
    down = mouth - (right_eye + left_eye) / 2
    drop = float(np.hypot(*down))
    eyes = float(np.hypot(*(left_eye - right_eye)))
    height = float(np.hypot(*(chin - brow)))
    if min(drop, eyes, height) < 2.0 or not np.isfinite(landmarks).all():
        return 0.0
    # Seen from the side the eyes come close, from above or below the mouth does.
    if not 0.2 < eyes / drop < 2.6 or not 0.22 < drop / height < 0.75:
        return 0.0
    across = left_eye - right_eye
    turn = across[0] * down[1] - across[1] * down[0]  # > 0: left eye on the viewer's right
    if turn <= 0.0:
        return 0.0
    return min(1.0, 0.5 + float(turn) / (eyes * drop) / 2)


def _squares(width: int, height: int) -> Iterator[tuple[float, float, float]]:
    """Squares to look at: all of it with room around, all of it, then overlapping tiles."""
    longest, shortest = max(width, height), min(width, height)
    for room in (1.6, 1.0):
        side = longest * room
        yield (width - side) / 2, (height - side) / 2, side
    if shortest * 1.15 < longest:
        yield from _tiles(width, height, float(shortest))
    for count in _TILES[1:]:
        side = longest / count * 1.3
        if side >= 96:
            yield from _tiles(width, height, side)


def _tiles(width: int, height: int, side: float) -> Iterator[tuple[float, float, float]]:
    for y0 in _starts(height, side):
        for x0 in _starts(width, side):
            yield x0, y0, side


def _starts(length: int, side: float) -> list[float]:
    if side >= length:
        return [(length - side) / 2]
    count = math.ceil((length - side) / (side * 0.65)) + 1
    return [float(start) for start in np.linspace(0.0, length - side, count)]


def _upright(x: float, y: float, side: float, roll_deg: float, target: int) -> _Affine:
    """Picture to crop: turns by `-roll_deg` about (x, y) and scales `side` to `target`."""
    scale = target / side
    cos, sin = math.cos(math.radians(roll_deg)) * scale, math.sin(math.radians(roll_deg)) * scale
    return np.array(
        [
            [cos, sin, target / 2 - cos * x - sin * y],
            [-sin, cos, target / 2 + sin * x - cos * y],
        ]
    )


def _inverse(matrix: _Affine) -> _Affine:
    turned = np.linalg.inv(matrix[:, :2])
    return np.column_stack([turned, -turned @ matrix[:, 2]])


def _as_find(found: Any, matrix: _Affine, shrink: float) -> _Find:  # noqa: ANN401 (protobuf)
    where = found.location_data
    box = where.relative_bounding_box
    back = _inverse(matrix)
    centre = np.array([box.xmin + box.width / 2, box.ymin + box.height / 2]) * _CROP_PX
    eyes = np.array([[point.x, point.y] for point in where.relative_keypoints[:2]]) * _CROP_PX
    x, y = (back[:, :2] @ centre + back[:, 2]) / shrink
    across = back[:, :2] @ (eyes[1] - eyes[0])
    unit = math.hypot(back[0, 0], back[0, 1]) * _CROP_PX / shrink
    roll = math.degrees(math.atan2(across[1], across[0]))
    return _Find(float(x), float(y), max(box.width, box.height) * unit, roll, float(found.score[0]))


def _distinct(finds: list[_Find]) -> list[_Find]:
    """The surest of each group that lies on one another."""
    kept: list[_Find] = []
    for find in sorted(finds, key=lambda item: item.score, reverse=True):
        if find.side < 8:
            continue
        if all(
            math.hypot(find.x - other.x, find.y - other.y) > 0.45 * max(find.side, other.side)
            for other in kept
        ):
            kept.append(find)
    return kept


def _in_crop(found: Any) -> LandmarksF32:  # noqa: ANN401 (protobuf)
    points = np.array([[point.x, point.y, point.z] for point in found])
    return (points * _CROP_PX).astype(np.float32)


def _to_picture(crop: LandmarksF32, matrix: _Affine) -> LandmarksF32:
    back = _inverse(matrix)
    scale = math.hypot(back[0, 0], back[0, 1])
    flat = crop[:, :2] @ back[:, :2].T + back[:, 2]
    return np.column_stack([flat, crop[:, 2] * scale]).astype(np.float32)


def _box_of(landmarks: LandmarksF32) -> Rect:
    low, high = landmarks[list(_OVAL), :2].min(axis=0), landmarks[list(_OVAL), :2].max(axis=0)
    return Rect(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def _matches(landmarks: LandmarksF32, find: _Find) -> bool:
    """Whether the mesh lies where the detector looked, not on a neighbour in the same crop."""
    box = _box_of(landmarks)
    return _off(box, find) < 0.7 * find.side and 0.4 < max(box.width, box.height) / find.side < 2.5


def _off(box: Rect, find: _Find) -> float:
    return math.hypot(box.x + box.width / 2 - find.x, box.y + box.height / 2 - find.y)


def _once_each(faces: list[Face]) -> list[Face]:
    """The surest mesh of each face that was found more than once."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda item: item.score, reverse=True):
        if not any(_same(face, other) for other in kept):
            kept.append(face)
    return kept


def _same(one: Face, other: Face) -> bool:
    """Whether two faces are the same one found twice."""
    dx = (one.box.x + one.box.width / 2) - (other.box.x + other.box.width / 2)
    dy = (one.box.y + one.box.height / 2) - (other.box.y + other.box.height / 2)
    return math.hypot(dx, dy) < 0.5 * min(
        max(one.box.width, one.box.height), max(other.box.width, other.box.height)
    )
