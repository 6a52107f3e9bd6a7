"""The independent eye of the face bench: MediaPipe's face landmarker, read several times over.

A single reading of a painted face is off by some degrees at random. The same picture is read at
two sizes, upright and tilted to both sides, and all that mirrored as well; the middle of the twelve
answers counts. Tilts tell more than sizes do: they move the small cut-outs in which it looks for
irises. In the middle rows of four gaze sheets, eight readings at four sizes without tilts are off
by up to 4.9, 6.2, 3.4 and 4.5 degrees, and these twelve by 5.1, 3.8, 3.1 and 2.6.
"""

import math
from typing import NamedTuple

import cv2  # noqa: TID253  tests run in no Qt process
import mediapipe as mp  # noqa: TID253
import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import ImageU8
from prerender.core.readback import look_deg
from prerender.engines.native import quiet_native
from tests.fakes.sitter import JUDGE

_EYES = (
    (33, 133, 468, ((160, 144), (159, 145), (158, 153))),
    (362, 263, 473, ((385, 380), (386, 374), (387, 373))),
)
"""Corners, iris, and pairs above one another on the lids."""
_SIDES_PX = (400, 560)
_QUICK_PX = 640  # of a single reading
_TILTS_DEG = (0.0, -7.0, 7.0)
_MARGIN = 0.5  # of the face's longer side, around it

Box = tuple[slice, slice]
_Points = npt.NDArray[np.float64]


class Seen(NamedTuple):
    """The middle of several readings of one picture."""

    shapes: dict[str, float]
    """MediaPipe's blendshapes."""
    yaw_deg: float
    """Of the head, to the viewer's right."""
    pitch_deg: float
    """Up."""
    iris: tuple[float, float]
    """Mean way of the irises from the middle between the corners, in eye widths, right and up."""
    aspect: tuple[float, float]
    """Height over width of both eyes: Soukupova and Cech, CVWW 2016."""

    @property
    def look_deg(self) -> tuple[float, float]:
        """Where the eyes look, right of and above the camera."""
        return look_deg(self.yaw_deg, self.pitch_deg, *self.iris)


class Witness:
    """Reads faces; one for a whole session, since building it takes a second."""

    def __init__(self) -> None:
        if not JUDGE.is_file():
            pytest.skip(f"{JUDGE.name} is not beside this checkout")
        vision = mp.tasks.vision
        options = vision.FaceLandmarkerOptions(
            base_options=mp.tasks.BaseOptions(model_asset_path=str(JUDGE)),
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
            min_face_detection_confidence=0.3,
        )
        with quiet_native():
            self._landmarker = vision.FaceLandmarker.create_from_options(options)

    def close(self) -> None:
        self._landmarker.close()

    def box(self, still: ImageU8) -> Box:
        """Rows and columns around the face of a whole picture."""
        found = self._found(still)
        assert found.face_landmarks, "the judge sees no face"
        points = _placed(found, still)
        low, high = points[:468, :2].min(axis=0), points[:468, :2].max(axis=0)
        reach = _MARGIN * float((high - low).max())
        x0, y0 = (max(0, int(value)) for value in low - reach)
        x1, y1 = (int(value) for value in high + reach)
        return slice(y0, y1), slice(x0, x1)

    def read(self, face: ImageU8, *, once: bool = False) -> Seen:
        """What a cut-out face does; `once` is quicker and enough for large motions."""
        if once:
            seen = self._read(face, _QUICK_PX, 0.0, mirrored=False)
            assert seen is not None, "the judge sees no face"
            return seen
        tries = [
            self._read(face, side, tilt_deg, mirrored=mirrored)
            for side in _SIDES_PX
            for tilt_deg in _TILTS_DEG
            for mirrored in (False, True)
        ]
        # Of a faded girl who turns away further still, a tilted picture is no face to it.
        readings = [seen for seen in tries if seen is not None]
        assert 2 * len(readings) > len(tries), "the judge sees no face"
        names = readings[0].shapes
        middle = np.median([(*r.iris, *r.aspect, r.yaw_deg, r.pitch_deg) for r in readings], axis=0)
        return Seen(
            {name: float(np.median([r.shapes[name] for r in readings])) for name in names},
            float(middle[4]),
            float(middle[5]),
            (float(middle[0]), float(middle[1])),
            (float(middle[2]), float(middle[3])),
        )

    def _read(self, face: ImageU8, side: int, tilt_deg: float, *, mirrored: bool) -> Seen | None:
        picture = _tilted(face, side / max(face.shape[:2]), tilt_deg)
        if mirrored:
            picture = np.ascontiguousarray(picture[:, ::-1])
        result = self._found(picture)
        if not result.face_landmarks:
            return None
        points, sign = _placed(result, picture), -1 if mirrored else 1
        shapes = {one.category_name: one.score for one in result.face_blendshapes[0]}
        turn = np.asarray(result.facial_transformation_matrixes[0])[:3, :3]
        forward = _untilted(turn[:, 2] / np.linalg.norm(turn[:, 2]), sign * tilt_deg)
        ways = [_iris(points, *eye[:3]) for eye in _EYES]
        aspects = [_aspect(points, *eye) for eye in _EYES]
        if mirrored:
            shapes = {_other_side(name): score for name, score in shapes.items()}
            aspects.reverse()
        return Seen(
            shapes,
            sign * math.degrees(math.atan2(forward[0], forward[2])),
            math.degrees(math.asin(max(-1.0, min(1.0, float(forward[1]))))),
            (sign * sum(way[0] for way in ways) / 2, sum(way[1] for way in ways) / 2),
            (aspects[0], aspects[1]),
        )

    def _found(self, picture: ImageU8) -> mp.tasks.vision.FaceLandmarkerResult:
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        return self._landmarker.detect(image)


def _tilted(face: ImageU8, scale: float, tilt_deg: float) -> ImageU8:
    """Another size, and turned against the clock about the middle."""
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    sized = cv2.resize(face, None, fx=scale, fy=scale, interpolation=how)
    if tilt_deg:
        height, width = sized.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), tilt_deg, 1.0)
        how, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
        sized = cv2.warpAffine(sized, turn, (width, height), flags=how, borderMode=border)
    return np.asarray(sized, np.uint8)


def _untilted(forward: _Points, tilt_deg: float) -> _Points:
    """A direction (right, up, to the camera) as it was before the picture was tilted."""
    cos, sin = math.cos(math.radians(tilt_deg)), math.sin(math.radians(tilt_deg))
    right, up, near = forward
    return np.array([cos * right + sin * up, cos * up - sin * right, near])


def _placed(result: mp.tasks.vision.FaceLandmarkerResult, picture: ImageU8) -> _Points:
    height, width = picture.shape[:2]
    return np.array([(p.x * width, p.y * height) for p in result.face_landmarks[0]])


def _iris(points: _Points, right: int, left: int, iris: int) -> tuple[float, float]:
    """Its way from the middle between the corners, right and up, in widths of the eye."""
    across = points[left] - points[right]
    way = points[iris] - (points[left] + points[right]) / 2
    width = float(across @ across)
    return float(way @ across) / width, float(way @ np.array([across[1], -across[0]])) / width


def _aspect(
    points: _Points, right: int, left: int, _iris: int, pairs: tuple[tuple[int, int], ...]
) -> float:
    heights = [math.dist(points[above], points[below]) for above, below in pairs]
    return float(np.mean(heights)) / math.dist(points[right], points[left])


def _other_side(name: str) -> str:
    if name.endswith("Left"):
        return name.removesuffix("Left") + "Right"
    return name.removesuffix("Right") + "Left" if name.endswith("Right") else name
