"""Pose to picture by LivePortrait: one crop per portrait, keypoints per frame, one collage."""

from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType
from typing import NamedTuple

import numpy as np

from frame_app.base.arrays import FieldF32, ImageU8, LandmarksF32, MaskF32
from frame_app.base.optional import require
from prerender.engines.liveportrait.collage import Collage
from prerender.engines.liveportrait.crop import eye_openness, still_crop
from prerender.engines.liveportrait.expression import (
    EYE_POINTS,
    expression_of,
    lids_of,
    shut_expression,
    turned_deg,
    within_expression,
    within_place,
)
from prerender.engines.liveportrait.keypoints import KeyFace, Points, laid, rotation
from prerender.engines.liveportrait.painter import FacePainter, Painted
from prerender.engines.neural.batches import in_batches
from prerender.portrait.anatomy import FaceFrame
from prerender.portrait.box import actor_box
from prerender.portrait.gaze import Sight
from prerender.portrait.grid import Grid, window
from prerender.portrait.pose import Pose, is_neutral
from prerender.portrait.render import Posed
from prerender.portrait.resample import split_grain
from prerender.portrait.rig import HeadRig

_STEP_PX = 8  # of the grid on which breath and the fading border are made
_MARGIN = 0.42  # face widths over which motion fades before the border of the box
_STILL = 1e-5  # keypoints that have moved no farther, 0.003 pixels, are where they were
_SHUT = 0.12  # height over width: an eye that is open no further has no way to close
_WIDE = 0.8  # of the same, at most
_LARGE = 0.5  # pixels painted per pixel of the box: with fewer, what is new is seen to be soft
# How a head's place goes with its turn, in half sides of the square per degree: read from the
# published templates, except the tilt, which is that about the top of the neck.
_PER_YAW, _PER_PITCH, _PER_ROLL = -0.005, 0.006, 0.011


class _Wanted(NamedTuple):
    """One frame: where the keypoints lie, and how deep the breath is."""

    points: Points
    breath: float = 0.0


class FaceRenderer:
    """See the module; a `PoseRenderer`. One frame at a time."""

    def __init__(
        self,
        painter: FacePainter,
        subject: ImageU8,
        matte: MaskF32,
        landmarks: LandmarksF32,
        territory: MaskF32 | None = None,
    ) -> None:
        """Prepare a subject.

        Args:
            painter: The networks.
            subject: Canvas-sized colours, continued beyond the outline.
            matte: Its alpha, canvas size.
            landmarks: Of its face, in canvas pixels.
            territory: 0..1, canvas size: how freely each pixel may move; all may if None.
        """
        self._cv2: ModuleType = require("cv2")
        self._painter = painter
        frame = FaceFrame.of(landmarks)
        own = matte if territory is None else matte * (territory > 0)
        self.box = actor_box(own, landmarks, frame)
        x, y, width, height = self.box
        inside = np.s_[y : y + height, x : x + width]
        self._unit = frame.unit
        self._colour = np.ascontiguousarray(subject[inside])
        self._matte = np.clip(matte[inside] * 255 + 0.5, 0, 255).astype(np.uint8)
        crop = still_crop(landmarks, painter.side_px)
        self._crop_zoom = crop.zoom
        small = self._small(crop.cut(subject, self._cv2))
        self._face: KeyFace = painter.read(small)
        self._source = self._face.laid()
        self._still = painter.still(small, self._source)
        (rest,) = painter.painted(self._still, [self._source])
        clean, *grain = split_grain(self._colour, self._cv2)
        self._grain = grain[0], grain[1]
        grid = Grid(0, 0, width, height, _STEP_PX)
        freedom = None
        if territory is not None:
            nodes = grid.shape[::-1]
            freedom = self._cv2.resize(territory[inside], nodes, interpolation=self._cv2.INTER_AREA)
        self._rig = self._breathing(grid, landmarks - np.array([x, y, 0], np.float32), freedom)
        self._collage = Collage(
            clean, self._matte, crop.shifted(x, y), self._freedom(grid, freedom), rest, self._cv2
        )
        self._open = eye_openness(landmarks)
        self._sewn = painter.stitching(self._source, self._source)
        self._lids_at_rest = painter.lids(self._source, self._open, self._mean_open)

    @property
    def sight(self) -> Sight:
        """See `PoseRenderer.sight`: the networks turn a head as far as they are told."""
        return Sight(head_deg=-self._face.angles_deg[1])

    def scores(self) -> dict[str, float]:
        """See `PoseRenderer.scores`."""
        pitch, yaw, _ = self._face.angles_deg
        return {
            "face_px": round(self._unit, 1),
            "painted_per_px": round(self._crop_zoom, 3),
            "head_yaw_deg": round(-yaw, 1),
            "head_pitch_deg": round(-pitch, 1),
        }

    def warnings(self) -> tuple[str, ...]:
        """See `PoseRenderer.warnings`."""
        notes = []
        if self._crop_zoom < _LARGE:
            notes.append(
                "the face is larger than the networks paint, so lids and lips that move are softer"
            )
        shut = [side for side, wide in self._eyes() if wide < _SHUT]
        notes += [f"the {side} eye is shut in the picture and stays so" for side in shut]
        return tuple(notes)

    @property
    def face(self) -> KeyFace:
        """The still face as the networks see it."""
        return self._face

    @property
    def source(self) -> Points:
        """Its keypoints in the picture."""
        return self._source

    def render_all(self, poses: Iterable[Pose]) -> Iterator[Posed]:
        """See `PoseRenderer.render_all`; a few at once where the device has room for it."""
        return self._frames(self._wanted(pose) for pose in poses)

    def render_points(self, moved: Iterable[Points]) -> Iterator[Posed]:
        """The box with keypoints that were moved by something else than a pose.

        They are sewn here; those of the still are the still.
        """
        return self._frames(_Wanted(self.sewn(points)) for points in moved)

    def sewn(self, points: Points) -> Points:
        """Moved keypoints sewn to shoulders that stay; those at rest by nothing."""
        if np.abs(points - self._source).max() < _STILL:
            return self._source
        return np.asarray(points + self._painter.stitching(self._source, points) - self._sewn)

    def eyes_to(self, openness: float, first: float) -> Points:
        """What opens both eyes as far as `openness` is more than `first`, of somebody else's."""
        at = self._mean_open * openness / max(first, 1e-3)
        way = self._painter.lids(self._source, self._open, min(at, _WIDE))
        return np.asarray(way - self._lids_at_rest)

    def moved(self, pose: Pose) -> Points:
        """The keypoints in a pose; exactly those of the still where nothing of the face moves."""
        face = self._face
        right, left = self._lid_ways(pose)
        expression = within_expression(face.expression + expression_of(pose), face.expression)
        angles = turned_deg(face, pose)
        turn = rotation(*angles) if angles != face.angles_deg else face.rotation
        points = laid(face.points, turn, expression, face.scale, self._place(pose, angles))
        if right or left:
            points = points + self._shut(right, left)
        return self.sewn(points)

    def _wanted(self, pose: Pose) -> "_Wanted":
        if is_neutral(pose):
            return _Wanted(self._source)
        return _Wanted(self.moved(pose), pose.get("breath", 0.0))

    def _frames(self, wanted: Iterable["_Wanted"]) -> Iterator[Posed]:
        return in_batches(wanted, self._rendered, self._painter.batch)

    def _rendered(self, wanted: Sequence["_Wanted"]) -> list[Posed]:
        todo = [frame.points for frame in wanted if frame.points is not self._source]
        painted = iter(self._painter.painted(self._still, todo) if todo else ())
        return [
            self._laid(None if frame.points is self._source else next(painted), frame.breath)
            for frame in wanted
        ]

    def _laid(self, painted: Painted | None, breath: float) -> Posed:
        if painted is None and not breath:
            return Posed(self._colour.copy(), self._matte.copy())
        colour, matte = self._collage.laid(painted, self._breath(breath))
        lighter, darker = self._grain
        grained = self._cv2.subtract(self._cv2.add(colour, lighter), darker)
        return Posed(np.asarray(grained, np.uint8), matte)

    def _place(self, pose: Pose, angles_deg: tuple[float, float, float]) -> Points:
        """Where the head is: moved by the pose, and by its turn about the neck."""
        face = self._face
        pitch, yaw, roll = (
            now - still for now, still in zip(angles_deg, face.angles_deg, strict=True)
        )
        width = 2 * self._unit * self._crop_zoom / self._painter.side_px  # a face's, in crop units
        across = width * pose.get("shift_x", 0.0) + _PER_YAW * yaw + _PER_ROLL * roll
        down = width * pose.get("shift_y", 0.0) + _PER_PITCH * pitch
        return within_place(face.place + np.array([across, down, 0.0]), face.place)

    def _shut(self, right: float, left: float) -> Points:
        """What closing the lids so far adds to the keypoints.

        The eye network closes both at once, so each eye takes its own keypoints from a call of its
        own; what it would do to eyes that stay as they are is taken away again.
        """
        painter, source = self._painter, self._source
        both = {}
        for side, way in (("right", right), ("left", left)):
            target = min(self._mean_open * (1 - way), _WIDE)
            both[side] = painter.lids(source, self._open, target) - self._lids_at_rest
        total = (both["right"] + both["left"]) / 2
        for side, points in EYE_POINTS.items():
            total[list(points)] = both[side][list(points)]
        lids = shut_expression(right, left) * self._face.scale
        # Where the network does less than people's eyes do in the templates, those count.
        return np.where(np.abs(lids) > np.abs(total), lids, total)

    def _lid_ways(self, pose: Pose) -> tuple[float, float]:
        ways = zip(lids_of(pose), self._eyes(), strict=True)
        right, left = (way if wide >= _SHUT else 0.0 for way, (_, wide) in ways)
        return right, left

    def _eyes(self) -> tuple[tuple[str, float], tuple[str, float]]:
        """How far each eye of the subject is open; its right one is on the viewer's left."""
        return ("right", self._open[0]), ("left", self._open[1])

    @property
    def _mean_open(self) -> float:
        return float(np.mean(self._open))

    def _small(self, square: ImageU8) -> ImageU8:
        side = self._painter.sizes.side_px
        small = self._cv2.resize(square, (side, side), interpolation=self._cv2.INTER_AREA)
        return np.asarray(small, np.uint8)

    def _breathing(self, grid: Grid, landmarks: LandmarksF32, freedom: MaskF32 | None) -> HeadRig:
        """The built-in rig, for the shoulders: the networks move only faces."""
        return HeadRig(grid, landmarks, FaceFrame.of(landmarks), self._cv2, freedom=freedom)

    def _breath(self, amount: float) -> FieldF32 | None:
        back = self._rig.backward({"breath": amount}) if amount else None
        if back is None:
            return None
        size = self._matte.shape[1], self._matte.shape[0]
        cubic = self._cv2.INTER_CUBIC
        return np.asarray(self._cv2.resize(back[0], size, interpolation=cubic), np.float32)

    def _freedom(self, grid: Grid, freedom: MaskF32 | None) -> MaskF32:
        """How freely each pixel of the box may move: not at all along its border."""
        nodes = window(grid, _MARGIN * self._unit)
        if freedom is not None:
            nodes = np.asarray(nodes * freedom, np.float32)
        size = self._matte.shape[1], self._matte.shape[0]
        fine = self._cv2.resize(nodes, size, interpolation=self._cv2.INTER_LINEAR)
        return np.asarray(fine, np.float32)
