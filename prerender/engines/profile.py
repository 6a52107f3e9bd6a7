"""Whether a photo will animate well, said before hours are spent on it.

Scores are 0..1, 1 is best. Their scales are set by eye on portraits from 1665 to today, sharp,
blurred, small, dark and turned; they order pictures, and are no physical quantities. The words are
for those who hold the photo in their hands: what will be seen, and what they can do.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from prerender.engines.base import Face
from prerender.engines.deblock import blockiness
from prerender.engines.face_quality import (
    cleanness,
    dark_glasses,
    eye_opening,
    lighting,
    lips_apart,
    sharpness,
    uncovered,
)
from prerender.engines.noise import noise_sigma
from prerender.portrait.anatomy import FaceFrame
from prerender.portrait.glasses import wears_glasses

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
_SMALL_PX, _AMPLE_PX = 48.0, 320.0  # face heights with score 0 and 1
_CLOSED = 0.13  # height over width of an eye that is shut
_NARROW = 0.19
_OPEN_MOUTH = 0.09  # gap between the lips over the mouth's width
_SMALL_SHARE = 0.08  # of the picture's long side: a face below is lost on the wall
_LIMITS = {
    "resolution": (0.15, 0.45),
    "sharpness": (0.0, 0.34),
    "light": (0.15, 0.45),
    "clean": (0.05, 0.45),
    "pose": (0.15, 0.45),
    "uncovered": (-1.0, 0.5),
    "eyes": (0.15, 0.45),
}
"""Scores up to which a face is poor, and below which it is limited; what is limited is said."""

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
    """Of every criterion in `_LIMITS`: 0..1, 1 is best."""
    verdict: Verdict
    findings: tuple[str, ...]
    """What will animate badly and what to do, the worst first."""
    abilities: dict[str, bool]
    """What this face will do, in words, and whether it will do it well."""

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
    scores = {
        "noise_sigma": noise_sigma(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)),
        "blockiness": blockiness(image),
        "megapixels": width * height / 1e6,
    }
    findings = []
    if not faces:
        findings.append("no face was found, so nobody can come alive")
    if max(width, height) < 400:
        findings.append(
            "this is a very small picture; on the wall it will look soft. "
            "Use the original if you have it, or scan the print again"
        )
    profiles = tuple(profile_face(image, face) for face in faces)
    return PictureProfile(width, height, scores, profiles, tuple(findings))


def profile_face(image: ImageU8, face: Face) -> FaceProfile:
    """Judge one face."""
    pose = head_pose(face)
    light, light_says = lighting(image, face)
    clean, clean_says = cleanness(image, face)
    shades = dark_glasses(image, face)
    opening = eye_opening(face.landmarks)
    span = math.log(_AMPLE_PX / _SMALL_PX)
    turned = max(abs(pose.yaw_deg) / 50, abs(pose.pitch_deg) / 40, abs(pose.roll_deg) / 80)
    scores = {
        "resolution": _unit(math.log(max(face.box.height, 1.0) / _SMALL_PX) / span),
        "sharpness": sharpness(image, face),
        "light": light,
        "clean": clean,
        "pose": _unit(1.15 - turned),
        "uncovered": uncovered(image, face),
        "eyes": 0.1 if shades else _unit((opening - _CLOSED) / (_NARROW - _CLOSED)),
    }
    words = {
        "resolution": _too_small(face),
        "sharpness": _BLURRED,
        "light": light_says,
        "clean": clean_says,
        "pose": _turned(pose),
        "uncovered": _COVERED,
        "eyes": _SHADES if shades else _SHUT if opening < _CLOSED else _NEARLY_SHUT,
    }
    low = [name for name in scores if scores[name] < _LIMITS[name][1]]
    findings = [words[name] for name in sorted(low, key=scores.__getitem__)]
    findings += _remarks(image, face)
    return FaceProfile(face, pose, scores, _verdict(scores), tuple(findings), _abilities(scores))


_BLURRED = (
    "the face is blurred; it will move, but look soft. Use a sharper copy of this photo if you "
    "have one"
)
_COVERED = (
    "something covers part of the face, perhaps a hand, hair or a deep shadow; there it may smear. "
    "A photo with a free face works better"
)
_SHADES = (
    "dark glasses hide the eyes; they can neither blink nor look at you. Choose a photo without "
    "them"
)
_SHUT = "the eyes are closed; this person can breathe and sleep, but not look at you or blink"
_NEARLY_SHUT = "the eyes are nearly closed; blinks and glances will hardly be seen"


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


def _too_small(face: Face) -> str:
    return (
        f"the face is small in this file: {face.box.height:.0f} dots from forehead to chin, and "
        "200 are good; it will look soft. Scan the print with 600 dpi, or use the original "
        "instead of a copy from a messenger"
    )


def _turned(pose: Pose) -> str:
    if abs(pose.roll_deg) > 35:
        return (
            "the head lies on its side. If the picture was scanned that way, turn it; if the "
            "person really lies, movements will look odd"
        )
    if abs(pose.yaw_deg) > abs(pose.pitch_deg):
        return (
            "the head is turned far to the side; it will turn and smile only a little. A photo "
            "from the front shows more"
        )
    return (
        "the head is tipped far up or down; it will move only a little. A photo from the front "
        "shows more"
    )


def _remarks(image: ImageU8, face: Face) -> list[str]:
    """What no score measures."""
    height, width = image.shape[:2]
    box, margin = face.box, 0.04 * face.box.height
    right, bottom = box.x + box.width, box.y + box.height
    said = []
    if min(box.x, box.y) < -margin or right > width + margin or bottom > height + margin:
        said.append("the face is cut off by the border of the picture; what is missing stays still")
    if box.height < _SMALL_SHARE * max(height, width):
        said.append("the person is small in this picture; cut it closer around them before the run")
    if wears_glasses(image, FaceFrame.of(face.landmarks), require("cv2")):
        said.append("the glasses stay as they are, so brows and cheeks move less")
    if lips_apart(face.landmarks) > _OPEN_MOUTH:
        said.append("the mouth is a little open and stays so; that looks natural with a smile")
    return said


def _abilities(scores: dict[str, float]) -> dict[str, bool]:
    """What is asked of a face, and whether this one will do it well."""

    def fine(*names: str) -> bool:
        return all(scores[name] >= _LIMITS[name][1] for name in names)

    return {
        "breathing": True,
        "blinking": fine("eyes", "resolution", "light"),
        "following you with the eyes": fine("eyes", "resolution", "light", "clean"),
        "smiling": fine("uncovered", "light", "pose", "sharpness"),
        "turning and nodding": fine("pose", "uncovered"),
    }


def _verdict(scores: dict[str, float]) -> Verdict:
    if any(scores[name] <= poor for name, (poor, _) in _LIMITS.items()):
        return Verdict.POOR
    if any(scores[name] < limited for name, (_, limited) in _LIMITS.items()):
        return Verdict.LIMITED
    return Verdict.GOOD


def _unit(value: float) -> float:
    return max(0.0, min(1.0, value))
