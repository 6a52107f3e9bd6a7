"""The numbers that pose a head."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

Pose: TypeAlias = Mapping[str, float]
"""Parameter names to values; what is absent is zero, and all zero is the neutral pose."""

NEUTRAL_POSE: Pose = MappingProxyType({})
_STILL = 1e-5  # below this a value moves nothing by even a hundredth of a pixel


class Range(NamedTuple):
    """What a parameter may be."""

    low: float
    high: float
    meaning: str


PARAMETERS: Mapping[str, Range] = MappingProxyType(
    {
        "yaw": Range(-25, 25, "head turn, degrees; negative to the viewer's left"),
        "pitch": Range(-20, 20, "head nod, degrees; negative looks down"),
        "roll": Range(-15, 15, "head tilt, degrees; positive leans to the viewer's right"),
        "shift_x": Range(-0.2, 0.2, "head to the viewer's right, in face widths"),
        "shift_y": Range(-0.2, 0.2, "head down, in face widths"),
        "breath": Range(-0.5, 1.5, "1 is a full quiet breath in"),
        "blink_left": Range(-0.5, 1, "1 is closed, 0 as in the picture, below 0 wider"),
        "blink_right": Range(-0.5, 1, "as blink_left"),
        "squint_left": Range(0, 1, "lower lid up"),
        "squint_right": Range(0, 1, "lower lid up"),
        "gaze_x": Range(-30, 30, "eyes in the head, degrees; negative to the viewer's left"),
        "gaze_y": Range(-20, 20, "eyes in the head, degrees; negative looks down"),
        "brow_up": Range(-0.5, 1.5, "both brows as a whole"),
        "brow_up_left": Range(-0.5, 1.5, "added to brow_up on the subject's left"),
        "brow_up_right": Range(-0.5, 1.5, "added to brow_up on the subject's right"),
        "brow_inner": Range(-1, 1.5, "inner ends up, as in worry"),
        "brow_down": Range(0, 1.5, "down and together, as in a frown"),
        "smile": Range(-0.8, 1.5, "corners up and out; below 0 they hang"),
        "smile_left": Range(-1, 1.5, "added to smile on the subject's left"),
        "smile_right": Range(-1, 1.5, "added to smile on the subject's right"),
        "relax": Range(0, 1, "takes back what the picture smiles, lips closed over the teeth"),
        "cheek": Range(0, 1.5, "cheeks raised"),
        "pucker": Range(-1, 1.5, "corners together"),
        "stretch": Range(-1, 1.5, "corners apart"),
        "press": Range(0, 1, "lips thinner"),
        "lip_up": Range(0, 1, "upper lip raised, as for a laugh or an s"),
        "lip_tuck": Range(0, 1, "lower lip up to the upper teeth, as for f and v"),
        "jaw": Range(-0.5, 1.5, "chin down with closed lips"),
        "mouth_open": Range(0, 1.5, "lips parted, jaw down; the corners come in a little"),
    }
)


def is_neutral(pose: Pose) -> bool:
    """Whether this pose is the still itself."""
    return all(abs(value) < _STILL for value in pose.values())


def clamp(pose: Pose) -> Pose:
    """The same pose with every value inside its range."""
    return {
        name: min(max(value, PARAMETERS[name].low), PARAMETERS[name].high)
        for name, value in pose.items()
    }
