"""Landmarks to a head that can be posed: its fields, made once per portrait."""

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from frame_app.base.arrays import FieldF32, LandmarksF32, MaskF32
from prerender.portrait.anatomy import CHIN, FaceFrame
from prerender.portrait.expression import bases
from prerender.portrait.grid import Grid, inverse, min_jacobian, smoothstep, window
from prerender.portrait.pose import Pose
from prerender.portrait.relief import relief

_SAFE_JACOBIAN = 0.25  # a map flatter than this visibly squeezes; 0.2 is the promise
_WORTH_SAYING = 0.85  # of the usual angle; above that nobody misses anything
_BASIS_JACOBIAN = 0.45  # of one expression alone; several may add up
_NECK = 0.75  # face widths below the chin over which the head's motion fades
_BREATH_UP, _BREATH_OUT = 0.016, 0.006  # face widths at a full breath, at the collarbones
_BREATH_HEAD = 0.35  # how much of it carries the head
_RIM_GAIN = 0.25  # of brows and cheeks under a rim, which would bend with them
_PROFILE_DEG = 16.0  # a head turned more than this in the picture shows too little of its far side


@dataclass(frozen=True, slots=True)
class Carries:
    """How much motion the picture can carry, 0..1 of what is asked."""

    turn: float
    """Of yaw, pitch and roll."""
    warnings: tuple[str, ...]


class HeadRig:
    """Turns a pose into the displacement of every node of the grid."""

    def __init__(
        self,
        grid: Grid,
        landmarks: LandmarksF32,
        frame: FaceFrame,
        cv2: ModuleType,
        *,
        has_glasses: bool = False,
        freedom: MaskF32 | None = None,
    ) -> None:
        """Prepare a head.

        Args:
            grid: Over the actor box.
            landmarks: In pixels of the grid.
            frame: Axes of the face.
            cv2: OpenCV.
            has_glasses: Whether brows and cheeks would bend a rim.
            freedom: 0..1 at each node: how much of every motion it takes part in; all if None.
        """
        self._grid, self._frame, self._cv2 = grid, frame, cv2
        x, y = grid.nodes()
        axis = frame.axis[:2].astype(np.float32)
        chin = float((landmarks[CHIN, :2] - axis) @ frame.down)
        offset = np.stack([x - axis[0], y - axis[1]], axis=-1)
        self._across = (offset @ frame.across).astype(np.float32)
        self._down = (offset @ frame.down).astype(np.float32)
        self._relief = relief(grid, landmarks, frame, cv2)
        unit = frame.unit
        self._edge = window(grid, 0.42 * unit)
        if freedom is not None:
            self._edge = np.asarray(self._edge * freedom, np.float32)
        self._head = self._edge * (1 - smoothstep(chin, chin + _NECK * unit, self._down))
        self._nod_pivot, self._tilt_pivot = 0.15 * unit, chin + 0.15 * unit
        self._bases = {
            name: _unfolded(
                field * self._edge[..., None] * _behind_glasses(name, has_glasses=has_glasses),
                grid.step,
            )
            for name, field in bases(grid, landmarks, frame).items()
        }
        self._breath = self._breathing(chin)
        self._gain = 1.0
        self.carries = self._measure(has_glasses=has_glasses)

    def backward(self, pose: Pose) -> FieldF32 | None:
        """Where each node of the posed head comes from, as an offset; None if nothing moves."""
        forward = self.forward(pose)
        if forward is None or float(np.abs(forward).max()) < 1e-3:
            return None
        return inverse(forward, self._grid.step, self._cv2)

    def forward(self, pose: Pose) -> FieldF32 | None:
        """Where each node goes, as an offset in pixels."""
        total: FieldF32 | None = None
        for name, basis in self._bases.items():
            if value := pose.get(name, 0.0):
                total = (
                    basis * np.float32(value)
                    if total is None
                    else total + basis * np.float32(value)
                )
        if breath := pose.get("breath", 0.0):
            moved = self._breath * np.float32(breath)
            total = moved if total is None else total + moved
        head = self._turned(pose, total)
        if head is None:
            return total
        return head if total is None else total + head

    def _turned(self, pose: Pose, skin: FieldF32 | None) -> FieldF32 | None:
        """The head's rigid motion, seen straight on (orthographic)."""
        names = ("yaw", "pitch", "roll", "shift_x", "shift_y")
        values = [pose.get(name, 0.0) for name in names]
        if not any(values):
            return None
        yaw, pitch, roll = (np.float32(np.radians(self._gain * v)) for v in values[:3])
        across, down = self._across, self._down
        if skin is not None:
            across = across + skin @ self._frame.across.astype(np.float32)
            down = down + skin @ self._frame.down.astype(np.float32)
        height = self._relief
        # Turn about the upright axis, nod about the ears, tilt about the top of the neck.
        a = across * np.cos(yaw) + height * np.sin(yaw)
        depth = height * np.cos(yaw) - across * np.sin(yaw)
        lever = down - self._nod_pivot
        d = lever * np.cos(pitch) - (depth * np.sin(pitch)) + self._nod_pivot
        lever = d - self._tilt_pivot
        a, d = (
            a * np.cos(roll) - lever * np.sin(roll),
            a * np.sin(roll) + lever * np.cos(roll) + self._tilt_pivot,
        )
        unit = np.float32(self._frame.unit)
        a = (a - across + np.float32(values[3]) * unit) * self._head
        d = (d - down + np.float32(values[4]) * unit) * self._head
        axes = self._frame.across.astype(np.float32), self._frame.down.astype(np.float32)
        return np.asarray(a[..., None] * axes[0] + d[..., None] * axes[1], np.float32)

    def _breathing(self, chin: float) -> FieldF32:
        """Shoulders and chest rise and widen; the head rides along a little."""
        unit = self._frame.unit
        chest = smoothstep(chin - 0.1 * unit, chin + 0.75 * unit, self._down)
        rise = (chest + _BREATH_HEAD * (1 - chest)) * _BREATH_UP * unit
        spread = chest * np.tanh(self._across / unit) * _BREATH_OUT * unit
        field = np.stack([spread, -rise], axis=-1)
        return np.asarray(field * self._edge[..., None], np.float32)

    def _measure(self, *, has_glasses: bool) -> Carries:
        """Lower the gain of head turns until no pose of the repertoire folds the picture."""
        warnings: list[str] = []
        if has_glasses:
            warnings.append("brows and cheeks move little, so that the glasses keep their shape")
        turned = abs(self._frame.yaw_deg)
        if turned > _PROFILE_DEG:
            self._gain = max(0.4, 1 - (turned - _PROFILE_DEG) / 70)
            warnings.append(
                f"the head is already turned {turned:.0f} degrees, so it turns and nods at "
                f"{self._gain:.0%} of the usual angle"
            )
        allowed = self._gain
        while self._gain > 0.2 and self._steepest() < _SAFE_JACOBIAN:
            self._gain *= 0.9
        if self._gain < _WORTH_SAYING * allowed:
            warnings.append(
                f"head motion is reduced to {self._gain:.0%}: more would fold hair or neck"
            )
        return Carries(turn=self._gain, warnings=tuple(warnings))

    def _steepest(self) -> float:
        extremes = [
            {"yaw": yaw, "pitch": pitch, "roll": roll}
            for yaw, pitch, roll in (
                (18.5, 8, 0),
                (-18.5, 8, 0),
                (18.5, -8, 0),
                (-18.5, -8, 0),
                (0, -12.5, 2),
            )
        ]
        fields = [self.forward(pose) for pose in extremes]
        return min(min_jacobian(f, self._grid.step) for f in fields if f is not None)


def _unfolded(field: FieldF32, step: int) -> FieldF32:
    """A displacement made so much smaller that it, and half its opposite, squeeze nothing flat."""
    worst = min(min_jacobian(field, step), min_jacobian(-field / 2, step))
    if worst >= _BASIS_JACOBIAN:
        return np.asarray(field, np.float32)
    return np.asarray(field * ((1 - _BASIS_JACOBIAN) / (1 - worst)), np.float32)


def _behind_glasses(name: str, *, has_glasses: bool) -> np.float32:
    bends_rims = name.startswith(("brow", "cheek"))
    return np.float32(_RIM_GAIN if has_glasses and bends_rims else 1.0)
