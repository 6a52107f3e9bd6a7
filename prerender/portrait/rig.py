"""Landmarks to a head that can be posed: its fields, made once per portrait."""

import dataclasses
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, LandmarksF32, MaskF32
from prerender.portrait.anatomy import CHIN, FaceFrame
from prerender.portrait.expression import bases
from prerender.portrait.gaze import Pair, of_side
from prerender.portrait.grid import Grid, inverse, min_jacobian, smoothstep, window
from prerender.portrait.pose import Pose
from prerender.portrait.relief import relief

_SAFE_JACOBIAN = 0.25  # a map flatter than this visibly squeezes; 0.2 is the promise
_AS_USUAL = 0.95
_WORTH_SAYING = 0.85  # of the usual angle; above that nobody misses anything
_BASIS_JACOBIAN = 0.45  # of one expression alone; several may add up
_NECK = 0.75  # face widths below the chin over which the head's motion fades
_BREATH_UP, _BREATH_OUT = 0.016, 0.006  # face widths at a full breath, at the collarbones
_BREATH_HEAD = 0.35  # how much of it carries the head
_RIM_GAIN = 0.25  # of brows and cheeks under a rim, which would bend with them
_HEAD = 0.6  # face widths from the axis to beyond the ears
_FAR = 0.8, 2.0  # face widths from the axis over which hats and scarves stop to follow
_DISTANCE = 7.0  # face widths from the head to the camera: about a metre
_NODS: tuple[Pose, ...] = ({"pitch": -13.5}, {"pitch": 12.5})
_TURN_DEG, _NOD_DEG = 15.0, 8.0  # the farthest turn and nod that go together
_SIDES = -1, 1
_TURNS: tuple[tuple[Pose, ...], ...] = tuple(({"yaw": side * _TURN_DEG},) for side in _SIDES)
_BOTH: tuple[Pose, ...] = tuple(
    ({"yaw": yaw * _TURN_DEG, "pitch": pitch * _NOD_DEG}) for yaw in _SIDES for pitch in _SIDES
)
_TILTED: tuple[Pose, ...] = ({"pitch": -12.5, "roll": 2},)
_MESH = 468  # landmarks of the skin, without the irises
_LEAST_SHOWN = 0.45
_TRIES = 4  # until a turn of the relief shows what was asked, to a hundredth
_PROFILE_DEG = 16.0  # a head turned more than this in the picture shows too little of its far side
# Degrees past that in which a turn, away and back, would come to nothing. What a turn back brings
# out is stretched from what little the picture shows of it.
_PAST_DEG = 200.0, 85.0


@dataclass(frozen=True, slots=True)
class Carries:
    """How much motion the picture can carry, 0..1 of what is asked."""

    turns: Pair
    """Of yaw, to the viewer's left and right."""
    nod: float
    """Of pitch."""
    both: float = 1.0
    """Of yaw and pitch, where the head turns and nods as far as it can at once."""
    warnings: tuple[str, ...] = ()

    @property
    def turn(self) -> float:
        """Of yaw to the side that can take less, and of roll."""
        return min(self.turns)

    def lessened(self, left: float, right: float, nod: float, both: float = 1.0) -> "Carries":
        """The same, each times a factor."""
        turns = self.turns[0] * left, self.turns[1] * right
        return Carries(turns, self.nod * nod, self.both * both, self.warnings)

    def together(self, yaw_deg: float, pitch_deg: float) -> float:
        """What is left of a turn and a nod that are made at once."""
        share = min(abs(yaw_deg) / _TURN_DEG, 1.0) * min(abs(pitch_deg) / _NOD_DEG, 1.0)
        return 1 - (1 - self.both) * share


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
        away = np.hypot(self._across, np.minimum(self._down, 0.0) / 1.2)
        self._head = self._head * (1 - smoothstep(_FAR[0] * unit, _FAR[1] * unit, away))
        self._nod_pivot, self._tilt_pivot = 0.15 * unit, chin + 0.15 * unit
        self._bases = {
            name: _unfolded(
                field * self._edge[..., None] * _behind_glasses(name, has_glasses=has_glasses),
                grid.step,
            )
            for name, field in bases(grid, landmarks, frame).items()
        }
        self._breath = self._breathing(chin)
        self.carries = Carries(turns=(1.0, 1.0), nod=1.0)
        self._shown: Pair = (1.0, 1.0)
        self._shown = self._shares_of_turn(landmarks)
        self.carries = self._measure(has_glasses=has_glasses)

    @property
    def still_yaw_deg(self) -> float:
        """How far the head is turned in the picture; negative is to the viewer's left."""
        return self._frame.yaw_deg

    def backward(self, pose: Pose) -> tuple[FieldF32, float] | None:
        """Where each node of the posed head comes from, as an offset; None if nothing moves.

        With it comes the smallest Jacobian of the way there, see `grid.min_jacobian`.
        """
        forward = self.forward(pose)
        if forward is None or float(np.abs(forward).max()) < 1e-3:
            return None
        step = self._grid.step
        return inverse(forward, step, self._cv2), min_jacobian(forward, step)

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

    def moved(self, points: npt.NDArray[np.float64], pose: Pose) -> npt.NDArray[np.float64]:
        """(n, 2) offsets of some points, (n, 2), all in pixels."""
        field = self.forward(pose)
        if field is None:
            return np.zeros_like(points)
        at = (points - (self._grid.x, self._grid.y)) / self._grid.step - 0.5
        at = at.astype(np.float32)[:, np.newaxis]
        linear, border = self._cv2.INTER_LINEAR, self._cv2.BORDER_REPLICATE
        found = self._cv2.remap(field, at, None, linear, borderMode=border)
        return np.asarray(found[:, 0], np.float64)

    def _turned(self, pose: Pose, skin: FieldF32 | None) -> FieldF32 | None:
        """The head's rigid motion in perspective."""
        names = ("yaw", "pitch", "roll", "shift_x", "shift_y")
        values = [pose.get(name, 0.0) for name in names]
        if not any(values):
            return None
        carries = self.carries
        left, right = (turn / shown for turn, shown in zip(carries.turns, self._shown, strict=True))
        both = carries.together(values[0], values[1])
        gains = both * of_side((left, right), values[0]), both * carries.nod, carries.turn
        angles = [np.radians(gain * value) for gain, value in zip(gains, values[:3], strict=True)]
        turn = _rotation(angles[0], angles[1], np.radians(self._frame.yaw_deg))
        unit, distance = np.float32(self._frame.unit), np.float32(_DISTANCE * self._frame.unit)
        across, down, height = self._across, self._down, self._relief
        if skin is not None:
            across = across + skin @ self._frame.across.astype(np.float32)
            down = down + skin @ self._frame.down.astype(np.float32)
        # What is farther from the axis than the head is wide (a hat's brim, a scarf) goes with it.
        beside = across - _clamped(across, _HEAD * unit)
        across = across - beside
        # What stands nearer is shown larger: undo that, turn, and show it again.
        nearness = 1 - height / distance
        x, y = across * nearness, down * nearness
        # Turn about the upright axis, nod about the ears, tilt about the top of the neck.
        y = y - self._nod_pivot
        turned = [row[0] * x + row[1] * y + row[2] * height for row in turn]
        scale = distance / (distance - turned[2])
        a, d = turned[0], turned[1] + self._nod_pivot
        lever = d - self._tilt_pivot
        cos, sin = np.float32(np.cos(angles[2])), np.float32(np.sin(angles[2]))
        a, d = a * cos - lever * sin, a * sin + lever * cos + self._tilt_pivot
        a = (a * scale - across + np.float32(values[3]) * unit) * self._head
        d = (d * scale - down + np.float32(values[4]) * unit) * self._head
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

    def _shares_of_turn(self, landmarks: LandmarksF32) -> Pair:
        """How much of a turn to each side the relief shows, against a head that really turns.

        A relief has one height at each place, so it cannot hold the far side of a face that is
        turned away already, and shows less of a turn: least of one back to the viewer, which
        would bring that side out. At most 1.
        """
        mesh = landmarks[:_MESH].astype(np.float64)
        place = (mesh[:, :2] - self._frame.axis[:2]) @ self._frame.across
        height = self._frame.axis[2] - mesh[:, 2]
        shares = []
        for angle in (side * _TURN_DEG for side in _SIDES):
            turn = np.radians(angle)
            real = place * (np.cos(turn) - 1) + height * np.sin(turn)
            share = 1.0
            for _ in range(_TRIES):
                made = self.moved(mesh[:, :2], {"yaw": angle / share}) @ self._frame.across
                reached = np.cov(real, made)[0, 1] / max(float(np.var(real, ddof=1)), 1e-9)
                share = float(np.clip(share * reached, _LEAST_SHOWN, 1.0))
            shares.append(share)
        return shares[0], shares[1]

    def _measure(self, *, has_glasses: bool) -> Carries:
        """Lower the gains of the head until no pose of the repertoire folds the picture."""
        warnings: list[str] = []
        if has_glasses:
            warnings.append("brows and cheeks move little, so that the glasses keep their shape")
        turned = abs(self._frame.yaw_deg)
        past = max(0.0, turned - _PROFILE_DEG)
        away, back = (max(0.5, 1 - past / until_deg) for until_deg in _PAST_DEG)
        turns = (away, back) if self._frame.yaw_deg < 0 else (back, away)
        carries, allowed = Carries(turns, nod=1.0), back
        for extremes, lessen in (
            (_NODS, (1.0, 1.0, 0.97)),
            (_TURNS[0], (0.97, 1.0, 1.0)),
            (_TURNS[1], (1.0, 0.97, 1.0)),
            (_TILTED, (0.98, 0.98, 0.98)),
            (_BOTH, (1.0, 1.0, 1.0, 0.97)),
        ):
            while min(carries.turn, carries.nod, carries.both) > 0.2 and self._steepest(
                carries, extremes
            ):
                carries = carries.lessened(*lessen)
        if allowed < _AS_USUAL:
            warnings.append(
                f"the head is already turned {turned:.0f} degrees, so it turns by "
                f"{carries.turn:.0%} of the usual angle"
            )
            allowed = 0.0  # said
        for what, is_now, was in (
            ("turns", carries.turn, allowed),
            ("nods", carries.nod, 1.0),
        ):
            if is_now < _WORTH_SAYING * was:
                warnings.append(f"{what} are reduced to {is_now:.0%}: more would fold hair or neck")
        return dataclasses.replace(carries, warnings=tuple(warnings))

    def _steepest(self, carries: Carries, extremes: tuple[Pose, ...]) -> bool:
        """Whether one of these poses would squeeze the picture too flat."""
        self.carries = carries
        fields = [self.forward(pose) for pose in extremes]
        return any(
            min_jacobian(field, self._grid.step) < _SAFE_JACOBIAN
            for field in fields
            if field is not None
        )


def _clamped(values: MaskF32, limit: np.float32) -> MaskF32:
    """Values whose size is at most about 1.7 `limit`, unchanged up to `limit`."""
    excess = np.maximum(np.abs(values) - limit, 0)
    bound = np.float32(0.7) * limit
    return np.asarray(values - np.sign(values) * (excess - bound * np.tanh(excess / bound)))


def _rotation(yaw: float, pitch: float, still_yaw: float) -> npt.NDArray[np.float32]:
    """(3, 3) of a head that is already turned by `still_yaw` and nods about its own ears.

    Axes are across, down and towards the viewer; roll is done apart, about the neck.
    """
    there = _about_upright(yaw + still_yaw)
    nod = np.array(
        [
            [1, 0, 0],
            [0, np.cos(pitch), -np.sin(pitch)],
            [0, np.sin(pitch), np.cos(pitch)],
        ]
    )
    return np.asarray(there @ nod @ _about_upright(-still_yaw), np.float32)


def _about_upright(angle: float) -> npt.NDArray[np.float64]:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])


def _unfolded(field: FieldF32, step: int) -> FieldF32:
    """A displacement made so much smaller that it, and half its opposite, squeeze nothing flat."""
    worst = min(min_jacobian(field, step), min_jacobian(-field / 2, step))
    if worst >= _BASIS_JACOBIAN:
        return np.asarray(field, np.float32)
    return np.asarray(field * ((1 - _BASIS_JACOBIAN) / (1 - worst)), np.float32)


def _behind_glasses(name: str, *, has_glasses: bool) -> np.float32:
    bends_rims = name.startswith(("brow", "cheek"))
    return np.float32(_RIM_GAIN if has_glasses and bends_rims else 1.0)
