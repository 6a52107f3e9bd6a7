"""Whether a photo will animate well, said before hours are spent on it.

Scores are 0..1, 1 is best. Their scales are set by eye on portraits from 1665 to today, sharp,
blurred, small, dark and turned; they order pictures, and are no physical quantities.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, LandmarksF32
from frame_app.base.optional import require
from prerender.engines.base import Face
from prerender.engines.deblock import blockiness
from prerender.engines.face_regions import LEFT_EYE, RIGHT_EYE, face_mask, feature_mask
from prerender.engines.noise import noise_sigma

_MIDDLE = {
    1: (-1.126865, 7.475604),
    4: (-0.463170, 7.586580),
    5: (0.365669, 7.242870),
    6: (2.473255, 5.788627),
    8: (4.019042, 5.284764),
    9: (4.885979, 5.385258),
    10: (8.261778, 4.481535),
}
_PAIRS = {
    (33, 263): (4.445859, 2.663991, 3.173422),
    (133, 362): (1.856432, 2.585245, 3.757904),
    (36, 266): (2.844939, -0.720868, 4.433130),
    (50, 280): (4.765501, -0.701554, 3.534632),
    (54, 284): (6.279331, 6.615427, 1.425850),
    (67, 297): (3.523964, 8.005976, 3.729163),
    (34, 264): (7.214530, 2.263009, 0.073150),
}
"""Parts of MediaPipe's canonical face (geometry_pipeline_metadata.pbtxt, Apache-2.0) that neither
speech nor a smile moves: centimetres, y up, z to the viewer; pairs are mirrored in x."""
_LENS = 8.0  # focal length in face heights, about that of a portrait lens
_CLOSED = 0.13  # height over width of an eye that is shut
_NARROW = 0.19
_OPEN_MOUTH = 0.09  # gap between the lips over the mouth's width
_SMALL_PX, _AMPLE_PX = 48.0, 320.0  # face heights with score 0 and 1
_STANDARD_PX = 192  # face height at which sharpness is measured
_POOR, _LIMITED = 0.15, 0.45  # scores below which a verdict is so
_SMALL_SHARE = 0.08  # of the picture's long side: a face below is lost on the wall
_FOREIGN = 26.0  # CIELAB distance from the skin's own colour that is something else

_F64 = npt.NDArray[np.float64]


class Verdict(StrEnum):
    """How a face will animate."""

    GOOD = "good"
    LIMITED = "limited"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Pose:
    """Of a head, degrees."""

    yaw_deg: float
    """Positive: the face looks to the viewer's right."""
    pitch_deg: float
    """Positive: it looks up."""
    roll_deg: float
    """Positive: it leans clockwise as the viewer sees it."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceProfile:
    """What one face can carry."""

    face: Face
    pose: Pose
    scores: dict[str, float]
    """sharpness, light, resolution, pose, uncovered, eyes: 0..1, 1 is best."""
    verdict: Verdict
    findings: tuple[str, ...]
    """What will animate badly and what to do, the worst first."""

    @property
    def overall(self) -> float:
        """0..1: how well it will come alive; one bad thing spoils more than many good ones mend."""
        values = list(self.scores.values())
        return 0.6 * min(values) + 0.4 * sum(values) / len(values)


@dataclass(frozen=True, slots=True, eq=False)
class PictureProfile:
    """What a picture can carry; `faces` are in the order they were given."""

    width: int
    height: int
    scores: dict[str, float]
    faces: tuple[FaceProfile, ...]
    findings: tuple[str, ...]


def profile_picture(image: ImageU8, faces: tuple[Face, ...]) -> PictureProfile:
    """Judge a picture and each of its faces."""
    cv2 = require("cv2")
    height, width = image.shape[:2]
    sigma = noise_sigma(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))
    lattice = blockiness(image)
    findings = []
    if not faces:
        findings.append("no face was found; there is nothing to animate")
    if sigma > 10:
        findings.append("strong noise or grain: restore it first, or expect a restless face")
    if lattice > 1.6:
        findings.append("strongly compressed: look for a better copy of this picture")
    if max(width, height) < 400:
        findings.append("very few pixels: a larger scan would show more of the person")
    profiles = tuple(profile_face(image, face) for face in faces)
    scores = {"noise_sigma": sigma, "blockiness": lattice, "megapixels": width * height / 1e6}
    return PictureProfile(width, height, scores, profiles, tuple(findings))


def profile_face(image: ImageU8, face: Face) -> FaceProfile:
    """Judge one face."""
    pose = head_pose(face)
    light, light_says = _light(image, face)
    covered, covered_says = _covering(image, face)
    eyes, eyes_say = _eyes(face.landmarks)
    span = math.log(_AMPLE_PX / _SMALL_PX)
    resolution = _unit(math.log(max(face.box.height, 1.0) / _SMALL_PX) / span)
    turned = max(abs(pose.yaw_deg) / 50, abs(pose.pitch_deg) / 40, abs(pose.roll_deg) / 80)
    scores = {
        "resolution": resolution,
        "sharpness": _sharpness(image, face),
        "light": light,
        "pose": _unit(1.15 - turned),
        "uncovered": 1 - covered,
        "eyes": eyes,
    }
    said = [
        (scores["resolution"], _if(resolution < _LIMITED, _too_small(face))),
        (scores["sharpness"], _if(scores["sharpness"] < 0.35, _BLURRED)),
        (light, light_says),
        (scores["pose"], _turned(pose)),
        (scores["uncovered"], covered_says),
        (eyes, eyes_say),
    ]
    findings = tuple(words for _, words in sorted(said, key=lambda item: item[0]) if words)
    findings += _beyond_border(image, face) + _lost(image, face) + _mouth(face.landmarks)
    return FaceProfile(face, pose, scores, _verdict(scores), findings)


_BLURRED = (
    "the face is blurred: blinks and smiles will look soft; use a sharper scan if there is one"
)


def head_pose(face: Face) -> Pose:
    """Yaw, pitch and roll of a head against the line from it to the viewer."""
    cv2 = require("cv2")
    box = face.box
    focal = _LENS * max(box.height, 1.0)
    centre = (box.x + box.width / 2, box.y + box.height / 2)
    camera = np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1.0]])
    indices, model = _rigid_points()
    points = face.landmarks[indices, :2].astype(np.float64)
    found, turn, _ = cv2.solvePnP(model, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not found:
        return Pose(0.0, 0.0, 0.0)
    matrix: _F64 = cv2.Rodrigues(turn)[0]
    forward = matrix @ (0.0, 0.0, -1.0)  # where the nose points; the viewer is at -z
    yaw = math.degrees(math.atan2(forward[0], -forward[2]))
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, -forward[1]))))
    right = matrix @ (1.0, 0.0, 0.0)
    return Pose(yaw, pitch, math.degrees(math.atan2(right[1], right[0])))


def _rigid_points() -> tuple[list[int], _F64]:
    """Landmark indices, and their places with y down and z away from the viewer."""
    places = {index: (0.0, y, z) for index, (y, z) in _MIDDLE.items()}
    for (right, left), (x, y, z) in _PAIRS.items():
        places[right], places[left] = (-x, y, z), (x, y, z)
    return list(places), np.array(list(places.values())) * (1.0, -1.0, -1.0)


def _sharpness(image: ImageU8, face: Face) -> float:
    """Finest against coarser detail of the face at a standard size; blur takes the finest away."""
    cv2 = require("cv2")
    crop = _crop(image, face)
    if crop.size == 0:
        return 0.0
    luma = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    factor = _STANDARD_PX / luma.shape[0]
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    luma = cv2.resize(
        luma, (max(8, round(luma.shape[1] * factor)), _STANDARD_PX), interpolation=how
    )
    levels = [cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in (0.8, 1.6, 3.2)]
    fine = float(np.abs(levels[0] - levels[1]).mean())
    coarse = float(np.abs(levels[1] - levels[2]).mean())
    return _unit((fine / (coarse + 0.3) - 0.25) / 0.40)


def _light(image: ImageU8, face: Face) -> tuple[float, str]:
    cv2 = require("cv2")
    inside = face_mask((face,), (image.shape[0], image.shape[1])) > 0
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[inside]
    if not len(luma):
        return 0.0, "the face lies outside the picture"
    middle = float(np.median(luma))
    low, high = (float(value) for value in np.percentile(luma, (5, 95)))
    lost = float(((luma < 6) | (luma > 251)).mean())
    level = _unit(min((middle - 15) / 55, (250 - middle) / 35))
    contrast = _unit((high - low) / 60)
    score = level * (0.4 + 0.6 * contrast) * _unit(1 - 3 * lost)
    if score >= 0.5:
        return score, ""
    if middle < 60:
        return score, "the face is very dark: its expression will hardly show"
    if lost > 0.15 or middle > 215:
        return score, "the face is burnt out: skin has no detail that could move"
    return score, "the face has little contrast: its movement will look flat"


def _covering(image: ImageU8, face: Face) -> tuple[float, str]:
    """Share of the skin that has a colour far from the rest: hair, hands in gloves, a mask."""
    cv2 = require("cv2")
    shape = (image.shape[0], image.shape[1])
    skin = (face_mask((face,), shape) > 0) & (feature_mask((face,), shape) == 0)
    if int(skin.sum()) < 50:
        return 1.0, "too little of the face can be seen"
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[skin].astype(np.float64)
    away = np.abs(lab - np.median(lab, axis=0)) * (100 / 255 * 0.5, 1.0, 1.0)
    share = float((np.hypot(away[:, 0], np.hypot(away[:, 1], away[:, 2])) > _FOREIGN).mean())
    covered = _unit((share - 0.05) / 0.4)
    if covered > 0.5:
        return covered, "something covers part of the face, or its light is very uneven"
    return covered, ""


def _eyes(landmarks: LandmarksF32) -> tuple[float, str]:
    opened = [_aspect(landmarks, RIGHT_EYE), _aspect(landmarks, LEFT_EYE)]
    widest = max(opened)
    score = _unit((widest - _CLOSED) / (_NARROW - _CLOSED))
    if widest < _CLOSED:
        return score, "the eyes are closed: the portrait can sleep and breathe, not look or blink"
    if score < 1.0:
        return score, "the eyes are nearly closed: blinks and glances will be small"
    return score, ""


def _mouth(landmarks: LandmarksF32) -> tuple[str, ...]:
    gap = float(np.hypot(*(landmarks[13, :2] - landmarks[14, :2])))
    width = float(np.hypot(*(landmarks[61, :2] - landmarks[291, :2])))
    if gap > _OPEN_MOUTH * max(width, 1e-6):
        return ("the mouth is a little open: it can smile, but it cannot close",)
    return ()


def _aspect(landmarks: LandmarksF32, indices: tuple[int, ...]) -> float:
    """Height over width of an eye, along its own axis."""
    points = landmarks[list(indices), :2].astype(np.float64)
    axis = points[8] - points[0]
    width = float(np.hypot(*axis))
    if width < 1e-6:
        return 0.0
    normal = np.array([-axis[1], axis[0]]) / width
    return float(np.ptp((points - points[0]) @ normal)) / width


def _turned(pose: Pose) -> str:
    if abs(pose.roll_deg) > 35:
        return "the head lies on its side: turn the picture if it was scanned that way"
    if abs(pose.yaw_deg) > 30:
        return "the head is turned far to the side: it will turn little, and smile less"
    if abs(pose.pitch_deg) > 25:
        return "the head is tipped far up or down: its movement will be reduced"
    return ""


def _beyond_border(image: ImageU8, face: Face) -> tuple[str, ...]:
    height, width = image.shape[:2]
    box = face.box
    margin = 0.04 * box.height
    inside = box.x > -margin and box.y > -margin
    if inside and box.x + box.width < width + margin and box.y + box.height < height + margin:
        return ()
    return ("the face is cut off by the border of the picture",)


def _lost(image: ImageU8, face: Face) -> tuple[str, ...]:
    if face.box.height < _SMALL_SHARE * max(image.shape[:2]):
        return ("the person is small in this picture: cut it closer around them",)
    return ()


def _too_small(face: Face) -> str:
    return f"the face is only {face.box.height:.0f} pixels high: scan the picture larger"


def _verdict(scores: dict[str, float]) -> Verdict:
    worst = min(scores["resolution"], scores["light"], scores["pose"], scores["eyes"])
    worst = min(worst, scores["sharpness"] + 0.15, scores["uncovered"] + 0.1)
    if worst < _POOR:
        return Verdict.POOR
    return Verdict.LIMITED if worst < _LIMITED else Verdict.GOOD


def _crop(image: ImageU8, face: Face) -> ImageU8:
    height, width = image.shape[:2]
    box = face.box
    top, left = max(0, int(box.y)), max(0, int(box.x))
    return image[
        top : min(height, int(box.y + box.height)), left : min(width, int(box.x + box.width))
    ]


def _if(condition: bool, words: str) -> str:  # noqa: FBT001 (reads as a sentence at its callers)
    return words if condition else ""


def _unit(value: float) -> float:
    return max(0.0, min(1.0, value))
