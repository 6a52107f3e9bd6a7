"""What a face does in a rendered frame, as numbers relative to the same face at rest.

Everything is read from the pixels by a judge that had no part in making them, in the same way from
the still and from the frame, so that what the judge gets wrong about a painted face mostly cancels.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import LandmarksF32
from prerender.engines.base import Face, FaceReading, Rect
from prerender.engines.profile import head_pose
from prerender.portrait.anatomy import EYES, MOUTH_CORNERS, EyeIndices

_SHUT_AT_REST = 0.12  # of its width: an eye no wider open cannot be seen to close
_BROWS = {"right": (66, 105), "left": (296, 334)}  # middle of each brow's lower edge
_LIPS = (13, 14)  # inner edge, upper and lower
_SEES = 0.7  # of an eye's opening at rest: behind lower lids the iris is not read
_LOW_IN_LID = 0.5  # eyeBlink of a still whose lids hang: MediaPipe cannot tell more from it
# Lid openings are about 30 mm wide, eyeballs 24 mm across: Bekerman et al., J Ophthalmol 2014. The
# corners lie half the eyeball's radius before its middle.
_WIDTH_RADII, _BEFORE = 30.0 / 12.0, 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """One reading as numbers."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    open_left: float
    """Height of the lid opening in widths of the eye."""
    open_right: float
    iris_x: float
    """Both irises' way from the middle between the corners, in eye widths; right is positive."""
    iris_y: float
    """The same upwards."""
    corners_up: float
    """Height of the mouth's corners over its middle, in distances of the eyes."""
    mouth_width: float
    lips_apart: float
    brow_left: float
    """Height of the brow over the eye's corners, in distances of the eyes."""
    brow_right: float
    smile: float | None
    """MediaPipe's mouthSmile, mean of both sides; None if the judge knows no blendshapes."""
    blink_left: float | None
    blink_right: float | None


def look_of(reading: FaceReading) -> Look:
    """Numbers of one reading."""
    points = reading.landmarks[:, :2].astype(np.float64)
    right, left = _middle(points, EYES["right"]), _middle(points, EYES["left"])
    span = max(float(np.hypot(*(left - right))), 1e-3)
    across = (left - right) / span
    down = np.array([-across[1], across[0]])
    pose = head_pose(_as_face(reading.landmarks))
    irises = [
        (points[eye.iris] - _middle(points, eye)) / _width(points, eye) for eye in EYES.values()
    ]
    iris = np.mean(irises, axis=0)
    corners = [points[i] for i in MOUTH_CORNERS]
    middle = (points[_LIPS[0]] + points[_LIPS[1]]) / 2
    shapes = reading.shapes

    def shape(*names: str) -> float | None:
        return sum(shapes[name] for name in names) / len(names) if shapes else None

    return Look(
        yaw_deg=pose.yaw_deg,
        pitch_deg=pose.pitch_deg,
        roll_deg=pose.roll_deg,
        open_left=_opening(points, EYES["left"]),
        open_right=_opening(points, EYES["right"]),
        iris_x=float(iris @ across),
        iris_y=float(-iris @ down),
        corners_up=float((middle - np.mean(corners, axis=0)) @ down) / span,
        mouth_width=float(np.hypot(*(corners[1] - corners[0]))) / span,
        lips_apart=float((points[_LIPS[1]] - points[_LIPS[0]]) @ down) / span,
        brow_left=_brow(points, "left", down, span),
        brow_right=_brow(points, "right", down, span),
        smile=shape("mouthSmileLeft", "mouthSmileRight"),
        blink_left=shape("eyeBlinkLeft"),
        blink_right=shape("eyeBlinkRight"),
    )


def expression(still: Look, looks: Iterable[Look]) -> dict[str, float]:
    """The strongest of everything that frames show against the still; see docs/report.md.

    Angles in degrees, lids 0..1 of the way from the still to closed, the rest in distances of the
    eyes. An eye that is shut at rest has no score.
    """
    seen = list(looks)
    if not seen:
        return {}
    scores = {
        "yaw_deg": _span(look.yaw_deg - still.yaw_deg for look in seen),
        "pitch_deg": _span(look.pitch_deg - still.pitch_deg for look in seen),
        "roll_deg": _span(look.roll_deg - still.roll_deg for look in seen),
        "smile_mesh": max(_smile(look) - _smile(still) for look in seen),
        "frown_mesh": max(still.corners_up - look.corners_up for look in seen),
        "lips_apart": max(look.lips_apart - still.lips_apart for look in seen),
        "brow_up": max(
            (look.brow_left + look.brow_right - still.brow_left - still.brow_right) / 2
            for look in seen
        ),
        "turn_deg": max(_turn(still, look) for look in seen),
        "iris_x": _span(look.iris_x - still.iris_x for look in seen),
        "iris_y": _span(look.iris_y - still.iris_y for look in seen),
    }
    awake = [look for look in seen if _is_awake(still, look)]
    scores["gaze_deg"] = max((math.hypot(*direction_deg(still, look)) for look in awake), default=0)
    scores["surprise"] = scores["brow_up"] + scores["lips_apart"]
    if still.smile is not None:
        scores["smile"] = max((look.smile or 0.0) - still.smile for look in seen)
        scores["smile_at_rest"] = still.smile
    lids = {
        side: [_closed(side, still, look) for look in seen]
        for side in EYES
        if _opening_of(still, side) > _SHUT_AT_REST
    }
    for side, way in lids.items():
        scores[f"lid_{side}"] = max(way)
    if len(lids) == len(EYES):
        pairs = list(zip(*lids.values(), strict=True))
        scores["lids_both"] = max(min(pair) for pair in pairs)
        scores["lid_one"] = max(abs(pair[0] - pair[1]) for pair in pairs)
    return {name: round(value, 4) for name, value in scores.items()}


def look_deg(yaw_deg: float, pitch_deg: float, iris_x: float, iris_y: float) -> tuple[float, float]:
    """Where eyes look, in degrees right of and above the camera.

    In a turned head the corners go along with the head, and half as far as the iris of an eye that
    turns with it; the width between them is foreshortened.

    Args:
        yaw_deg: Of the head, to the viewer's right.
        pitch_deg: Up.
        iris_x: Way of the irises from the middle between the corners, in eye widths, to the right.
        iris_y: Up.
    """
    yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
    across = _WIDTH_RADII * iris_x * math.cos(yaw) + _BEFORE * math.sin(yaw)
    up = _WIDTH_RADII * iris_y * math.cos(yaw) + _BEFORE * math.sin(pitch)
    return _arcsin_deg(across), _arcsin_deg(up)


def direction_deg(still: Look, look: Look) -> tuple[float, float]:
    """Where the eyes look against the still, to the right and up."""
    now, rest = (
        look_deg(one.yaw_deg, one.pitch_deg, one.iris_x, one.iris_y) for one in (look, still)
    )
    return now[0] - rest[0], now[1] - rest[1]


def box_of(landmarks: LandmarksF32) -> Rect:
    """The rectangle around a face's landmarks."""
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    return Rect(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def _arcsin_deg(sine: float) -> float:
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def _as_face(landmarks: LandmarksF32) -> Face:
    return Face(landmarks, box_of(landmarks), 1.0)


def _span(values: Iterable[float]) -> float:
    """The larger excursion from 0 to either side."""
    return max(abs(value) for value in values)


def _turn(still: Look, look: Look) -> float:
    """Degrees between two poses of the head; exact enough for the small ones of clips."""
    return math.hypot(
        look.yaw_deg - still.yaw_deg,
        look.pitch_deg - still.pitch_deg,
        look.roll_deg - still.roll_deg,
    )


def _smile(look: Look) -> float:
    return look.corners_up + look.mouth_width / 2


def _opening_of(look: Look, side: str) -> float:
    return look.open_left if side == "left" else look.open_right


def _closed(side: str, still: Look, look: Look) -> float:
    """0 as in the still, 1 shut: by blendshape where there is one, else by the mesh."""
    mesh = 1 - _opening_of(look, side) / _opening_of(still, side)
    shape = look.blink_left if side == "left" else look.blink_right
    rest = still.blink_left if side == "left" else still.blink_right
    if shape is None or rest is None or rest > _LOW_IN_LID:
        return mesh
    return max(mesh, (shape - rest) / max(1 - rest, 1e-3))


def _is_awake(still: Look, look: Look) -> bool:
    """Whether the irises can be seen: behind lids their place is a guess."""
    openings = (look.open_left, still.open_left), (look.open_right, still.open_right)
    return all(now > _SEES * rest for now, rest in openings)


def _middle(points: npt.NDArray[np.float64], eye: EyeIndices) -> npt.NDArray[np.float64]:
    return np.asarray((points[eye.upper[0]] + points[eye.upper[-1]]) / 2, np.float64)


def _width(points: npt.NDArray[np.float64], eye: EyeIndices) -> float:
    return max(float(np.hypot(*(points[eye.upper[-1]] - points[eye.upper[0]]))), 1e-3)


def _opening(points: npt.NDArray[np.float64], eye: EyeIndices) -> float:
    """Eye aspect ratio: Soukupova and Cech, "Eye-Blink Detection Using Facial Landmarks", 2016."""
    pairs = zip(eye.upper[2:-2], eye.lower[2:-2], strict=True)
    heights = [math.dist(points[above], points[below]) for above, below in pairs]
    return float(np.mean(heights)) / _width(points, eye)


def _brow(
    points: npt.NDArray[np.float64], side: str, down: npt.NDArray[np.float64], span: float
) -> float:
    brow = np.mean([points[i] for i in _BROWS[side]], axis=0)
    return float((_middle(points, EYES[side]) - brow) @ down) / span
