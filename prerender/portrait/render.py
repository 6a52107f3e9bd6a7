"""Pose to picture: layers are painted into the neutral picture, then the head is warped.

All still inputs are prepared once; a frame costs one upsampled field and two lookups over the actor
box, plus small patches for eyes and mouth when they are at work.
"""

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from frame_app.base.arrays import FieldF32, ImageU8, LandmarksF32, MaskF32, MaskU8
from frame_app.base.optional import require
from prerender.portrait.anatomy import LEFT_EYE, RIGHT_EYE, FaceFrame
from prerender.portrait.box import actor_box
from prerender.portrait.eye_fit import fitted
from prerender.portrait.eye_shape import EyeShape
from prerender.portrait.eyes import EyeLayer, EyePose
from prerender.portrait.grid import Grid
from prerender.portrait.mouth import MouthLayer
from prerender.portrait.pose import Pose, is_neutral
from prerender.portrait.rig import HeadRig

_SMALL_IRIS_PX = 4.0
_CELLS = 56  # grid cells across a face: finer than any field of the rig needs


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """One rendered actor box."""

    colour: ImageU8
    matte: MaskU8


class PortraitRenderer:
    """Renders one subject in any pose; the same pose always gives the same bytes."""

    def __init__(self, subject: ImageU8, matte: MaskF32, landmarks: LandmarksF32) -> None:
        """Prepare a subject.

        Args:
            subject: Canvas-sized colours, continued beyond the outline.
            matte: Its alpha, canvas size.
            landmarks: Of its face, in canvas pixels.
        """
        self._cv2: ModuleType = require("cv2")
        frame = FaceFrame.of(landmarks)
        self.box = actor_box(matte, landmarks, frame)
        x, y, width, height = self.box
        inside = np.s_[y : y + height, x : x + width]
        self._unit = frame.unit
        self._colour = np.ascontiguousarray(subject[inside])
        self._matte = np.clip(matte[inside] * 255 + 0.5, 0, 255).astype(np.uint8)
        local = landmarks - np.array([x, y, 0], np.float32)
        frame = FaceFrame.of(local)
        grid = self.grid = Grid(0, 0, width, height, _step(frame.unit))
        self.rig = HeadRig(grid, local, frame, self._cv2)
        self._eyes = {
            side: EyeLayer(
                self._colour,
                fitted(self._colour, EyeShape.of(local, indices), self._cv2),
                self._cv2,
            )
            for side, indices in (("right", RIGHT_EYE), ("left", LEFT_EYE))
        }
        self._mouth = MouthLayer(self._colour, local, frame, self._cv2)
        self._x, self._y = np.meshgrid(
            np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
        )

    def scores(self) -> dict[str, float]:
        """What the picture can carry."""
        return {
            "face_px": round(self._unit, 1),
            "turn_gain": round(self.rig.carries.turn, 3),
            "iris_radius_px": round(min(eye.radius for eye in self._eyes.values()), 1),
        }

    def warnings(self) -> tuple[str, ...]:
        """What was reduced, and why."""
        notes = list(self.rig.carries.warnings)
        if min(eye.radius for eye in self._eyes.values()) < _SMALL_IRIS_PX:
            notes.append("the eyes are only a few pixels wide, so gaze and blinks will look coarse")
        return tuple(notes)

    def neutral(self) -> Posed:
        """The subject as it is."""
        return Posed(self._colour.copy(), self._matte.copy())

    def render(self, pose: Pose) -> Posed:
        """The actor box in a pose."""
        if is_neutral(pose):
            return self.neutral()
        picture = self._painted(pose)
        back = self.rig.backward(pose)
        if back is None:
            return Posed(picture, self._matte.copy())
        return self._warped(picture, back)

    def _painted(self, pose: Pose) -> ImageU8:
        """The neutral head with eyes and mouth at work."""
        picture = self._colour.copy()
        for side, eye in self._eyes.items():
            state = EyePose(
                blink=pose.get(f"blink_{side}", 0.0),
                squint=pose.get(f"squint_{side}", 0.0),
                gaze_x=pose.get("gaze_x", 0.0),
                gaze_y=pose.get("gaze_y", 0.0),
            )
            if not state.is_still:
                eye.paint(picture, state)
        if (amount := pose.get("mouth_open", 0.0)) > 1e-3:
            self._mouth.paint(picture, amount)
        return picture

    def _warped(self, picture: ImageU8, back: FieldF32) -> Posed:
        cv2 = self._cv2
        height, width = self._matte.shape
        field = cv2.resize(back, (width, height), interpolation=cv2.INTER_LINEAR)
        x = cv2.add(self._x, field[..., 0])
        y = cv2.add(self._y, field[..., 1])
        replicate = cv2.BORDER_REPLICATE
        colour = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=replicate)
        matte = cv2.remap(self._matte, x, y, cv2.INTER_LINEAR, borderMode=replicate)
        return Posed(colour, matte)


def _step(unit: float) -> int:
    """Cell size in pixels: a power of two that divides the box."""
    for step in (16, 8, 4):
        if unit / step >= _CELLS / 2:
            return step
    return 2
