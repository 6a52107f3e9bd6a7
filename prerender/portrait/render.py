"""Pose to picture: layers are painted into the neutral picture, then the head is warped.

All still inputs are prepared once; a frame costs one upsampled field and one lookup over the actor
box, plus small patches for eyes and mouth when they are at work.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from frame_app.base.arrays import FieldF32, ImageU8, LandmarksF32, MaskF32, MaskU8
from frame_app.base.optional import require
from prerender.portrait.anatomy import CHIN, EYES, MOUTH_CORNERS, EyeIndices, FaceFrame
from prerender.portrait.box import actor_box
from prerender.portrait.eye_fit import below_rim, fitted
from prerender.portrait.eye_shape import EyeShape
from prerender.portrait.eyes import EyeLayer, EyePose
from prerender.portrait.gaze import Sight
from prerender.portrait.glasses import wears_glasses
from prerender.portrait.grid import Grid
from prerender.portrait.mouth import MouthLayer
from prerender.portrait.pose import Pose, is_neutral
from prerender.portrait.resample import FineSource, Region, bands_of, split_grain
from prerender.portrait.rig import HeadRig

_SMALL_IRIS_PX = 4.0
_SHUT = 0.09  # of its width: an eye that is open no further hides its iris
_PARTED = 1e-3  # of mouth_open: less than that parts no lips
_REACH = 0.25  # face widths: farther than any motion carries the outline
_CORNERS_BEFORE = 0.5  # eyeball radii; this and the next from 13 portraits that look at the camera
_IRIS_UP_DEG = 8.0  # how far above the corners' line an iris stands that looks straight ahead
_CELLS = 56  # grid cells across a face: finer than any field of the rig needs


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
        self._grain = grain[0], grain[1]
        self._clean = self._still.copy()  # painted on while a frame is made
        self._fine = FineSource(self._still, self._matte, self._cv2)
        self._bands = bands_of(self._matte, _REACH * frame.unit, self._cv2)
        self._eyes: dict[str, EyeLayer] = {}
        self._still_eyes: dict[str, str] = {}
        for side, indices in EYES.items():
            self._add_eye(side, local, indices)
        self._mouth: MouthLayer | None = None
        if self._shows(local, (*MOUTH_CORNERS, CHIN)):
            self._mouth = MouthLayer(self._still, local, frame, self._cv2)

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

    def _add_eye(self, side: str, landmarks: LandmarksF32, indices: EyeIndices) -> None:
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
        self._eyes[side] = EyeLayer(self._still, shape, self._cv2)

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
            across = float(x + _CORNERS_BEFORE * self.rig.still_yaw_deg)
            up = float(y - _IRIS_UP_DEG)
        carries = self.rig.carries
        return Sight(carries.turn, carries.nod, self.rig.still_yaw_deg, (across, up))

    def neutral(self) -> Posed:
        """The subject as it is."""
        return Posed(self._colour.copy(), self._matte.copy())

    def render(self, pose: Pose) -> Posed:
        """The actor box in a pose."""
        if is_neutral(pose):
            return self.neutral()
        painted = self._paint(pose)
        back = self.rig.backward(pose)
        jacobian = 1.0
        if back is None:
            colour, matte = self._clean.copy(), self._matte.copy()
        else:
            field, jacobian = back
            colour, matte = self._warped(field, painted)
        for x0, y0, x1, y1 in painted:
            self._clean[y0:y1, x0:x1] = self._still[y0:y1, x0:x1]
        return Posed(self._with_grain(colour), matte, jacobian)

    def _paint(self, pose: Pose) -> list[Region]:
        """Put eyes and mouth to work in the clean picture; answers where."""
        painted: list[Region] = []
        for side, eye in self._eyes.items():
            state = EyePose(
                blink=pose.get(f"blink_{side}", 0.0),
                squint=pose.get(f"squint_{side}", 0.0),
                gaze_x=pose.get("gaze_x", 0.0),
                gaze_y=pose.get("gaze_y", 0.0),
            )
            if not state.is_still:
                eye.paint(self._clean, state)
                painted.append(eye.roi)
        amount = pose.get("mouth_open", 0.0)
        if self._mouth is not None and amount > _PARTED:
            self._mouth.paint(self._clean, amount)
            painted.append(self._mouth.roi)
        return painted

    def _warped(self, back: FieldF32, painted: list[Region]) -> tuple[ImageU8, MaskU8]:
        for region in painted:
            self._fine.patch(self._clean, region)
        posed = self._fine.warped(back, self._bands)
        self._fine.restore()
        return posed

    def _with_grain(self, clean: ImageU8) -> ImageU8:
        lighter, darker = self._grain
        added = self._cv2.add(clean, lighter)
        return np.asarray(self._cv2.subtract(added, darker), np.uint8)


def _step(unit: float) -> int:
    """Cell size in pixels: a power of two that divides the box."""
    for step in (16, 8, 4):
        if unit / step >= _CELLS / 2:
            return step
    return 2
