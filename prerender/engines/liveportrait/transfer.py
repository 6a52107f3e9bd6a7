"""A recorded motion carried over to a face.

Contract: LivePortrait's transfer for still pictures; the first recorded frame is where the
recording rests, and maps to the picture as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from frame_app.base.optional import require
from prerender.engines.liveportrait.keypoints import KeyFace, Matrix, Points, angles_of, laid
from prerender.engines.liveportrait.template import POINTS, Template

_REST: Mapping[int, tuple[float, float, float]] = MappingProxyType(
    {
        0: (0, 0.00024, 0),
        1: (0.00021, 0.00047, 0),
        2: (-0.00013, 0.00033, 0),
        3: (0.00012, -0.00046, 0),
        4: (-0.00027, 0, 0),
        5: (0, -0.00018, 0),
        7: (-0.00054, 0.00263, 0),
        9: (0, 0, -0.00041),
        10: (0.00017, 0, 0),
        14: (-0.00083, -0.00180, 0),
        17: (-0.00064, -0.00117, 0),
        18: (0.00028, 0, 0),
        19: (0, -0.01509, -0.00255),
        20: (0.00022, 0.00563, 0.00273),
    }
)  # expression of a mouth at rest, held against a single driving picture


class Region(StrEnum):
    """Which part of the recorded motion is taken."""

    ALL = "all"
    EXPRESSION = "exp"
    POSE = "pose"
    LIPS = "lip"
    EYES = "eyes"


_LIPS = (6, 12, 14, 17, 19, 20)
_EYES = (11, 13, 15, 16, 18)
_WHOLE = (1, 2, 6, *range(11, 21))
_PARTS: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {3: (1,), 4: (1,), 5: (2,), 8: (2,), 9: (1, 2)}
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """How a motion is carried over."""

    region: Region = Region.ALL
    relative: bool = True
    """Only what changes since the first frame; else the recorded face itself."""
    multiplier: float = 1.0
    """On the way of every keypoint from where it lies in the still."""
    expression_friendly: bool = False
    """Scale the way by the size of the faces, and take it from the still's own keypoints."""

    @property
    def turns(self) -> bool:
        """Whether the head's angles and place are taken."""
        return self.region in {Region.ALL, Region.POSE}


def rest_expression() -> Points:
    """(21, 3) the expression of a mouth at rest."""
    rest = np.zeros((POINTS, 3))
    for point, value in _REST.items():
        rest[point] = value
    return rest


def listed(region: Region) -> npt.NDArray[np.bool_]:
    """(21, 3) the components that a region takes, where not all are."""
    mask = np.zeros((POINTS, 3), np.bool_)
    if region is Region.LIPS:
        mask[list(_LIPS)] = True
    elif region is Region.EYES:
        mask[list(_EYES)] = True
    elif region is not Region.POSE:
        mask[list(_WHOLE)] = True
        for point, axes in _PARTS.items():
            mask[point, list(axes)] = True
    return mask


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """One frame of a motion on a face, before it is laid out."""

    rotation: Matrix
    expression: Points
    scale: float
    place: npt.NDArray[np.float64]

    @property
    def angles_deg(self) -> tuple[float, float, float]:
        """Pitch, yaw, roll."""
        return angles_of(self.rotation)

    def laid(self, face: KeyFace) -> Points:
        """The keypoints of `face` in this motion."""
        return laid(face.points, self.rotation, self.expression, self.scale, self.place)


def carried(face: KeyFace, template: Template, index: int, how: Transfer) -> Carried:
    """Frame `index` of a motion on a still face."""
    turned = template.rotation[index].astype(np.float64)
    expression = template.expression[index].astype(np.float64)
    scale, place = float(template.scale[index]), template.place[index].astype(np.float64)
    if how.relative:
        turned = turned @ template.rotation[0].T.astype(np.float64) @ face.rotation
        rest = template.expression[0].astype(np.float64) if len(template) > 1 else rest_expression()
        expression = face.expression + (expression - rest)
        scale = face.scale * scale / float(template.scale[0])
        place = face.place + (place - template.place[0])
        mask = listed(how.region)
        if how.region in {Region.ALL, Region.EXPRESSION}:
            mask = np.ones_like(mask)  # a still picture takes every component
    else:
        scale, mask = face.scale, listed(how.region)
    return Carried(
        rotation=turned if how.turns else face.rotation,
        expression=np.where(mask, expression, face.expression),
        scale=scale if how.region is Region.ALL else face.scale,
        place=place if how.turns else face.place,
    )


def amplified(still: Points, moved: Points, multiplier: float) -> Points:
    """The way of every keypoint from its place in the still, made longer or shorter."""
    return still + multiplier * (moved - still)


def size_ratio(still: Points, first: Points) -> float:
    """Square root of the ratio of the areas that two sets of keypoints cover."""
    hull = require("scipy.spatial").ConvexHull
    areas = [float(hull(points[:, :2]).volume) for points in (still, first)]
    return float(np.sqrt(areas[0] / max(areas[1], 1e-9)))


def smoothed(template: Template, seconds: float) -> Template:
    """The same motion without the noise that is read into every picture of a video.

    A filter of constant gain runs forward and back, so that nothing comes late; rotations are
    brought back to rotations. The ends keep their values.
    """
    gain = 1.0 - float(np.exp(-1.0 / max(seconds * template.fps, 1e-6)))
    turned = np.asarray([_rotation_near(one) for one in _filtered(template.rotation, gain)])
    return Template(
        fps=template.fps,
        rotation=turned.astype(np.float32),
        expression=_filtered(template.expression, gain),
        scale=_filtered(template.scale, gain),
        place=_filtered(template.place, gain),
        points=template.points,
        eyes=template.eyes,
        lips=template.lips,
    )


def at_time(template: Template, time_s: float) -> Template:
    """A motion of two frames: the first, and what lies between two recorded ones at a time."""
    last = len(template) - 1
    at = min(max(time_s * template.fps, 0.0), float(last))
    low = min(int(at), max(last - 1, 0))
    high, part = min(low + 1, last), np.float32(at - low)

    def between(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        mixed = values[low] + part * (values[high] - values[low])
        return np.asarray([values[0], mixed], np.float32)

    turned = between(template.rotation)
    turned[1] = _rotation_near(turned[1])
    return Template(
        fps=template.fps,
        rotation=turned,
        expression=between(template.expression),
        scale=between(template.scale),
        place=between(template.place),
    )


def _filtered(values: npt.NDArray[np.float32], gain: float) -> npt.NDArray[np.float32]:
    """Forward and back, and pinned to its ends."""
    smooth = values.astype(np.float64)
    for order in (1, -1):
        run = smooth[::order].copy()
        for index in range(1, len(run)):
            run[index] = run[index - 1] + gain * (run[index] - run[index - 1])
        smooth = run[::order]
    ends = values[[0, -1]] - smooth[[0, -1]]
    share = np.linspace(0, 1, len(values)).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(smooth + (1 - share) * ends[0] + share * ends[1], np.float32)


def _rotation_near(matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The rotation closest to a matrix."""
    left, _, right = np.linalg.svd(matrix.astype(np.float64))
    sign = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    return np.asarray(left @ sign @ right, np.float32)
