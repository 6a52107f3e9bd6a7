"""Pose to picture: layers are painted into the neutral picture, then the head is warped.

All still inputs are prepared once; a frame costs one upsampled field and one lookup over the actor
box, plus small patches for eyes and mouth when they are at work.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TypeAlias

import numpy as np

from frame_app.base.arrays import FieldF32, ImageU8, LandmarksF32, MaskF32, MaskU8
from frame_app.base.optional import require
from prerender.portrait.anatomy import CHIN, EYES, MOUTH_CORNERS, EyeIndices, FaceFrame
from prerender.portrait.box import actor_box
from prerender.portrait.expression import grin
from prerender.portrait.eye_fit import below_rim, fitted
from prerender.portrait.eye_shape import EyeShape
from prerender.portrait.eyes import EyeLayer, EyePose
from prerender.portrait.gaze import CORNERS_BEFORE, Sight
from prerender.portrait.glasses import wears_glasses
from prerender.portrait.grid import Grid
from prerender.portrait.mouth import MouthLayer
from prerender.portrait.pose import Pose, is_neutral
from prerender.portrait.resample import FILTERS_PX, FineSource, Region, bands_of, split_grain
from prerender.portrait.rig import HeadRig

_SMALL_IRIS_PX = 4.0
_SHUT = 0.09  # of its width: an eye that is open no further hides its iris
_PARTED = 1e-3  # of mouth_open: less than that parts no lips
_REACH = 0.25  # face widths: farther than any motion carries the outline
# How far above the corners' line an iris stands that looks straight ahead: from 13 portraits.
_IRIS_UP_DEG = 8.0
_EYEBALL = 0.42  # radius up to the iris, in eye widths: 12 mm of 29
_STEP_PX = 0.04  # of an iris, a lid or a lip: no smaller step is painted
_IN_PLACE = ("blink_", "squint_", "gaze_")  # parameters that move nothing outside the eyes
_REMEMBERED = 64  # fields of the rig; a row of lids of the gaze sheet has 55
_MOUTH = "mouth"
_CELLS = 56  # grid cells across a face: finer than any field of the rig needs


_Worn: TypeAlias = tuple[str, EyePose | float]
"""An eye by its side and what it does, or the mouth and how far it opens; below 0 it closes."""


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """One rendered actor box."""

    colour: ImageU8
    matte: MaskU8
    jacobian: float = 1.0
    """Smallest factor by which the warp scales an area."""


class PortraitRenderer:
    """Renders one subject in any pose; the same pose always gives the same bytes.

    One frame at a time: processes may have a renderer each, threads must not share one.
    """

    def __init__(
        self,
        subject: ImageU8,
        matte: MaskF32,
        landmarks: LandmarksF32,
        territory: MaskF32 | None = None,
    ) -> None:
        """Prepare a subject.

        Args:
            subject: Canvas-sized colours, continued beyond the outline.
            matte: Its alpha, canvas size.
            landmarks: Of its face, in canvas pixels.
            territory: 0..1, canvas size: how freely each pixel may move; all may if None.
        """
        self._cv2: ModuleType = require("cv2")
        frame = FaceFrame.of(landmarks)
        own = matte if territory is None else matte * (territory > 0)
        self.box = actor_box(own, landmarks, frame)
        x, y, width, height = self.box
        inside = np.s_[y : y + height, x : x + width]
        self._unit = frame.unit
        self._colour = np.ascontiguousarray(subject[inside])
        self._matte = np.clip(matte[inside] * 255 + 0.5, 0, 255).astype(np.uint8)
        local = landmarks - np.array([x, y, 0], np.float32)
        frame = FaceFrame.of(local)
        grid = self.grid = Grid(0, 0, width, height, _step(frame.unit))
        self._glasses = wears_glasses(self._colour, frame, self._cv2)
        freedom = None
        if territory is not None:
            nodes, how = grid.shape[::-1], self._cv2.INTER_AREA
            freedom = self._cv2.resize(territory[inside], nodes, interpolation=how)
        self.rig = HeadRig(
            grid, local, frame, self._cv2, has_glasses=self._glasses, freedom=freedom
        )
        self._still, *grain = split_grain(self._colour, self._cv2)
        self._grain = (grain[0], grain[1]) if any(part.any() for part in grain) else None
        self._clean = self._still.copy()  # painted on while a frame is made
        self._fine = FineSource(self._still, self._matte, self._cv2)
        self._bands = bands_of(self._matte, _REACH * frame.unit, self._cv2)
        self._eyes: dict[str, EyeLayer] = {}
        self._still_eyes: dict[str, str] = {}
        reach = _EYEBALL * frame.eye_px
        for side, indices in EYES.items():
            self._add_eye(side, local, indices, reach)
        self._worn: tuple[_Worn, ...] = ()
        self._painted: list[Region] = []
        self._unpatched: list[Region] = []
        self._fields: dict[tuple[tuple[str, float], ...], tuple[FieldF32, float] | None] = {}
        self._grin = grin(local, frame)
        self._mouth: MouthLayer | None = None
        if self._shows(local, (*MOUTH_CORNERS, CHIN)):
            self._mouth = MouthLayer(self._still, local, frame)

    def scores(self) -> dict[str, float]:
        """What the picture can carry."""
        return {
            "face_px": round(self._unit, 1),
            "turn_gain": round(self.rig.carries.turn, 3),
            "nod_gain": round(self.rig.carries.nod, 3),
            "iris_radius_px": round(self._iris_px(), 1),
        }

    def warnings(self) -> tuple[str, ...]:
        """What was reduced, and why."""
        notes = list(self.rig.carries.warnings)
        if 0 < self._iris_px() < _SMALL_IRIS_PX:
            notes.append("the eyes are only a few pixels wide, so gaze and blinks will look coarse")
        notes += [f"the {side} eye {why} and stays still" for side, why in self._still_eyes.items()]
        if self._mouth is None:
            notes.append("the mouth reaches over the edge of the picture and stays shut")
        return tuple(notes)

    def _add_eye(
        self, side: str, landmarks: LandmarksF32, indices: EyeIndices, reach: float
    ) -> None:
        if not self._shows(landmarks, (*indices.upper, *indices.lower)):
            self._still_eyes[side] = "reaches over the edge of the picture"
            return
        shape = EyeShape.of(landmarks, indices)
        if shape.aperture < _SHUT * 2 * shape.half:
            self._still_eyes[side] = "is shut in the picture"
            return
        shape = fitted(self._colour, shape, self._cv2)
        if self._glasses:
            shape = below_rim(self._colour, shape, self._cv2)
        self._eyes[side] = EyeLayer(self._still, shape, self._cv2, reach)

    def _iris_px(self) -> float:
        return min((eye.radius for eye in self._eyes.values()), default=0.0)

    def _shows(self, landmarks: LandmarksF32, ids: tuple[int, ...]) -> bool:
        """Whether all of a feature is inside the box."""
        points, (height, width) = landmarks[list(ids), :2], self._matte.shape
        return bool((points >= 1).all() and (points <= (width - 1, height - 1)).all())

    @property
    def sight(self) -> Sight:
        """What head and eyes can do for a direction, and where they look in the still.

        The corners of an eye lie before the eyeball's centre, so that in a turned head the iris of
        an eye that looks at the camera stands to one side of their middle.
        """
        across, up = 0.0, 0.0
        if self._eyes:
            x, y = np.mean([eye.looks_deg for eye in self._eyes.values()], axis=0)
            across = float(x + CORNERS_BEFORE * self.rig.still_yaw_deg)
            up = float(y - _IRIS_UP_DEG)
        carries = self.rig.carries
        return Sight(carries.turns, carries.nod, self.rig.still_yaw_deg, (across, up))

    def neutral(self) -> Posed:
        """The subject as it is."""
        return Posed(self._colour.copy(), self._matte.copy())

    def render(self, pose: Pose) -> Posed:
        """The actor box in a pose."""
        if is_neutral(pose):
            return self.neutral()
        self._wear(self._features(pose))
        back = self._backward(pose)
        jacobian = 1.0
        if back is None:
            colour, matte = self._clean.copy(), self._matte.copy()
        else:
            field, jacobian = back
            while self._unpatched:
                self._fine.patch(self._clean, self._unpatched.pop())
            colour, matte = self._fine.warped(field, self._bands)
        return Posed(self._with_grain(colour), matte, jacobian)

    def render_all(self, poses: Iterable[Pose]) -> Iterator[Posed]:
        """Each pose in its turn."""
        return map(self.render, poses)

    def _backward(self, pose: Pose) -> tuple[FieldF32, float] | None:
        """As the rig's, remembered: the rows of a gaze sheet differ by their lids only."""
        key = tuple(sorted(item for item in pose.items() if not item[0].startswith(_IN_PLACE)))
        if key not in self._fields:
            if len(self._fields) >= _REMEMBERED:
                self._fields.pop(next(iter(self._fields)))
            self._fields[key] = self.rig.backward(pose)
        return self._fields[key]

    def _features(self, pose: Pose) -> tuple[_Worn, ...]:
        """What eyes and mouth do, in steps too small to be seen; nothing for those at rest."""
        worn: list[_Worn] = []
        for side, eye in self._eyes.items():
            turn = float(np.degrees(_STEP_PX / (2 * eye.radius)))
            lid = _STEP_PX / (2 * eye.radius)
            state = EyePose(
                blink=_in_steps(pose.get(f"blink_{side}", 0.0), lid),
                squint=_in_steps(pose.get(f"squint_{side}", 0.0), lid),
                gaze_x=_in_steps(pose.get("gaze_x", 0.0), turn),
                gaze_y=_in_steps(pose.get("gaze_y", 0.0), turn),
            )
            if not state.is_still:
                worn.append((side, state))
        amount = _in_steps(pose.get("mouth_open", 0.0), _STEP_PX / (0.1 * self._unit))
        if amount <= _PARTED:
            amount = -_in_steps(self._grin * pose.get("relax", 0.0), 0.01)
        if self._mouth is not None and abs(amount) > _PARTED:
            worn.append((_MOUTH, amount))
        return tuple(worn)

    def _wear(self, features: tuple[_Worn, ...]) -> None:
        """Paint eyes and mouth into the clean picture, unless it shows just these already.

        Eyes dwell and lips rest for many frames on end, and painting costs as much as warping.
        """
        if features == self._worn:
            return
        self._fine.restore()
        for x0, y0, x1, y1 in self._painted:
            self._clean[y0:y1, x0:x1] = self._still[y0:y1, x0:x1]
        self._painted = []
        for name, state in features:
            if isinstance(state, EyePose):
                self._eyes[name].paint(self._clean, state)
                self._painted.append(self._eyes[name].roi)
            elif self._mouth is not None:
                if state > 0:
                    self._mouth.paint(self._clean, state)
                else:
                    self._mouth.close(self._clean, -state)
                self._painted.append(self._mouth.roi)
        self._worn = features
        changed = (self._changed(region) for region in self._painted)
        self._unpatched = [region for region in changed if region is not None]

    def _changed(self, region: Region) -> Region | None:
        """The part of a painted region that differs from the still, and what sees it."""
        x0, y0, x1, y1 = region
        part = np.s_[y0:y1, x0:x1]
        differs = self._cv2.absdiff(self._clean[part], self._still[part])
        # Channels side by side: one pass, and numbers of three to a pixel.
        x, y, width, height = self._cv2.boundingRect(differs.reshape(len(differs), -1))
        if not width:
            return None
        high, wide = self._matte.shape
        return (
            max(0, x0 + x // 3 - FILTERS_PX),
            max(0, y0 + y - FILTERS_PX),
            min(wide, x0 + (x + width + 2) // 3 + FILTERS_PX),
            min(high, y0 + y + height + FILTERS_PX),
        )

    def _with_grain(self, clean: ImageU8) -> ImageU8:
        if self._grain is None:
            return clean
        lighter, darker = self._grain
        added = self._cv2.add(clean, lighter)
        return np.asarray(self._cv2.subtract(added, darker), np.uint8)


def _step(unit: float) -> int:
    """Cell size in pixels: a power of two that divides the box."""
    for step in (16, 8, 4):
        if unit / step >= _CELLS / 2:
            return step
    return 2


def _in_steps(value: float, step: float) -> float:
    return round(value / step) * step
