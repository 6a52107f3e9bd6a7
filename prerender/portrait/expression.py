"""Smooth displacements of the skin: brows, cheeks, mouth corners.

Each parameter is a sum of Gaussian pushes at landmarks, in face axes and face widths. Directions
follow the action units of Ekman and Friesen's Facial Action Coding System; widths and lengths were
found by looking at the portraits and by reading the result back with MediaPipe.
"""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, LandmarksF32, MaskF32
from prerender.portrait.anatomy import EYES, MOUTH_CORNERS, FaceFrame
from prerender.portrait.grid import Grid, smoothstep


class Push(NamedTuple):
    """One Gaussian push, given for the subject's right half of the face and mirrored."""

    right: int
    """Landmark on the subject's right, and its twin on the left."""
    left: int
    outward: float
    up: float
    sigma: float


# Face widths between the corners of a mouth, and by which they stand over its middle: of nine
# portraits with closed or parted lips at most the first, of four that show their teeth the second.
_REST, _GRIN = (0.35, 0.03), (0.46, 0.07)
_INNER = (13, 14)  # inner edge, upper and lower
_BACKWARDS = 0.67  # of its way outwards: MediaPipe's canonical face, from the mouth to the jaw
_LEAST_SEEN = 0.1  # of a way outwards on the far side: a corner never comes inwards
_LEAST_NARROW = 0.8  # of its width: no push on the far side becomes narrower
_CHEEK_TOO = 0.6  # what of raised cheeks goes with a smile that is let go
# Face widths of a mouth that a smile draws apart in full, and how much of it is left at least.
_FULL_WIDTH, _LEAST_WIDTH = 0.32, 0.7
_HELD_BACK = 0.4  # of a smile, on a face that grins in the picture: its mouth is wide already
# Face widths by which the corners stand over the middle: at rest, and where they begin to hang.
_LEVEL, _HANGS = 0.025, 0.0

_Part = Literal["all", "above_eyes", "below_lips"]
_BROW, _LIPS, _EVERYWHERE = "above_eyes", "below_lips", "all"

PUSHES: dict[str, tuple[_Part, tuple[Push, ...]]] = {
    "smile": (
        "all",
        (
            Push(61, 291, 0.052, 0.056, 0.085),
            Push(205, 425, 0.016, 0.037, 0.090),
            Push(192, 416, 0.014, 0.010, 0.090),
        ),
    ),
    "cheek": ("all", (Push(50, 280, 0.004, 0.030, 0.105), Push(36, 266, 0.0, 0.016, 0.075))),
    "brow_up": (
        "above_eyes",
        (
            Push(70, 300, 0.0, 0.010, 0.060),
            Push(105, 334, 0.0, 0.023, 0.085),
            Push(66, 296, 0.0, 0.017, 0.075),
            Push(107, 336, 0.0, 0.014, 0.060),
        ),
    ),
    "brow_inner": ("above_eyes", (Push(55, 285, 0.0, 0.045, 0.055),)),
    "brow_down": (
        "above_eyes",
        (Push(55, 285, -0.016, -0.030, 0.060), Push(65, 295, -0.006, -0.024, 0.060)),
    ),
    "pucker": (
        "all",
        (
            Push(61, 291, -0.052, 0.0, 0.080),
            Push(37, 267, 0.0, 0.012, 0.045),
            Push(84, 314, 0.0, -0.012, 0.045),
        ),
    ),
    "mouth_open": ("all", (Push(61, 291, -0.014, -0.012, 0.080),)),
    "lip_up": ("all", (Push(37, 267, 0.0, 0.026, 0.050), Push(40, 270, 0.0, 0.012, 0.045))),
    "lip_tuck": (
        "all",
        (Push(84, 314, 0.0, 0.030, 0.040), Push(61, 291, 0.008, -0.004, 0.060)),
    ),
    "stretch": ("all", (Push(61, 291, 0.045, -0.006, 0.085),)),
    "press": ("all", (Push(37, 267, 0.0, -0.014, 0.042), Push(84, 314, 0.0, 0.018, 0.042))),
    "jaw": (
        "below_lips",
        (Push(148, 377, 0.0, -0.030, 0.130), Push(181, 405, 0.0, -0.016, 0.070)),
    ),
}
_DIP = (Push(81, 311, 0.0, -0.010, 0.060), Push(178, 402, 0.0, -0.010, 0.060))
"""Added to the smile of a mouth whose corners hang: raised alone, they end in a straight line.

Halfway to the corners: in the middle of the lips it would draw them to a V."""
SIDED = ("smile", "brow_up")
"""Parameters that can also be given for one side."""


def bases(grid: Grid, landmarks: LandmarksF32, frame: FaceFrame) -> dict[str, FieldF32]:
    """The displacement in pixels at every node for each parameter at 1.

    `smile_left` and its like are single sides of a basis; `smile` itself is their sum.
    """
    x, y = grid.nodes()
    masks = _masks(x, y, landmarks, frame)
    fields: dict[str, FieldF32] = {}
    wide = _wide(landmarks, frame)
    for name, (part, pushes) in PUSHES.items():
        sides: list[FieldF32] = []
        for side in ("right", "left"):
            field: FieldF32 = np.zeros((*grid.shape, 2), np.float32)
            for each in pushes:
                push = each._replace(outward=wide * each.outward) if name == "smile" else each
                field = field + _pushed(x, y, push, side, landmarks, frame)
            sides.append(np.asarray(field * masks[part][..., None], np.float32))
        fields[name] = sides[0] + sides[1]
        if name in SIDED:
            fields[f"{name}_right"], fields[f"{name}_left"] = sides
    grins = np.float32(grin(landmarks, frame))
    fields["relax"] = -grins * (fields["smile"] + np.float32(_CHEEK_TOO) * fields["cheek"])
    hangs = np.float32(np.clip((_LEVEL - lift(landmarks, frame)) / (_LEVEL - _HANGS), 0.0, 1.0))
    for side in ("right", "left"):
        dip = sum((_pushed(x, y, push, side, landmarks, frame) for push in _DIP), np.float32(0))
        fields[f"smile_{side}"] = fields[f"smile_{side}"] + hangs * dip
    fields["smile"] = fields["smile_right"] + fields["smile_left"]
    for name in ("smile", "smile_right", "smile_left", "cheek"):
        fields[name] = fields[name] * (1 - np.float32(_HELD_BACK) * grins)
    return fields


def _wide(landmarks: LandmarksF32, frame: FaceFrame) -> float:
    """How far apart a smile draws the corners: a small mouth as far as others would be a mask."""
    return float(np.clip((_width(landmarks, frame) / _FULL_WIDTH) ** 2, _LEAST_WIDTH, 1.0))


def grin(landmarks: LandmarksF32, frame: FaceFrame) -> float:
    """How broadly the picture smiles: 0 at a mouth at rest, 1 at a grin."""
    width, up = _width(landmarks, frame), lift(landmarks, frame)
    shown = (width - _REST[0]) / (_GRIN[0] - _REST[0]) + (up - _REST[1]) / (_GRIN[1] - _REST[1])
    return min(max(shown / 2, 0.0), 1.0)


def _width(landmarks: LandmarksF32, frame: FaceFrame) -> float:
    """Between the mouth's corners, in space, in face widths."""
    right, left = (landmarks[i].astype(np.float64) for i in MOUTH_CORNERS)
    return float(np.linalg.norm(left - right)) / frame.unit


def lift(landmarks: LandmarksF32, frame: FaceFrame) -> float:
    """How far the mouth's corners stand over its middle, in face widths; below 0 they hang."""
    corners = landmarks[list(MOUTH_CORNERS), :2].mean(axis=0)
    middle = landmarks[list(_INNER), :2].mean(axis=0)
    return float((middle - corners) @ frame.down) / frame.unit


def _pushed(
    x: MaskF32, y: MaskF32, push: Push, side: str, landmarks: LandmarksF32, frame: FaceFrame
) -> FieldF32:
    centre = landmarks[push.right if side == "right" else push.left, :2]
    # The skin goes round the head: outwards is backwards too, which a turned face shows on its near
    # side and hides on its far one, where all that lies across is foreshortened.
    sign = 1 if side == "left" else -1
    yaw = np.radians(frame.yaw_deg)
    seen = float(np.cos(yaw) - _BACKWARDS * sign * np.sin(yaw))
    dx, dy = x - centre[0], y - centre[1]
    across = (dx * frame.across[0] + dy * frame.across[1]) / min(max(seen, _LEAST_NARROW), 1.0)
    down = dx * frame.down[0] + dy * frame.down[1]
    bump = np.exp(-(across**2 + down**2) / (2 * (push.sigma * frame.unit) ** 2))
    outward = sign * push.outward * max(seen, _LEAST_SEEN)
    vector = frame.unit * (outward * frame.across - push.up * frame.down)
    return np.asarray(bump[..., None] * vector, np.float32)


def _masks(x: MaskF32, y: MaskF32, landmarks: LandmarksF32, frame: FaceFrame) -> dict[str, MaskF32]:
    """Where a basis may act: brows must not drag the eyes along, nor the chin the upper lip."""
    offset = np.stack([x - frame.origin[0], y - frame.origin[1]], axis=-1)
    down = (offset @ frame.down / frame.unit).astype(np.float32)
    lips = np.mean([frame.place(landmarks[i])[1] for i in (*MOUTH_CORNERS, 13)])
    chin = frame.place(landmarks[152])[1]
    across = (offset @ frame.across / frame.unit).astype(np.float32)
    brow = _line(across, [i for eye in EYES.values() for i in eye.brow], landmarks, frame)
    lash = _line(across, [i for eye in EYES.values() for i in eye.upper], landmarks, frame)
    # The brow moves as a whole, its lower edge included; the lid's fold gives way.
    part = (down - brow) / np.maximum(lash - brow, 1e-3)
    return {
        "all": np.ones_like(x),
        "above_eyes": 1 - smoothstep(-0.15, 1.0, part),
        "below_lips": smoothstep(float(lips), float(lips + 0.3 * (chin - lips)), down),
    }


def _line(
    across: MaskF32, ids: list[int], landmarks: LandmarksF32, frame: FaceFrame
) -> npt.NDArray[np.float32]:
    """Height of a line through landmarks over the whole face, in face widths below its origin."""
    points = sorted(tuple(frame.place(landmarks[i])) for i in ids)
    x, y = np.array(points).T
    return np.interp(across, x, y).astype(np.float32)
