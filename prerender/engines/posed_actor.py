"""An actor for whatever can render a pose: clips from our motions, the gaze sheet, visemes.

Frames are asked for in a row, so that a renderer may make several at once.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

from frame_app.base.errors import UsageError
from frame_app.cliplib.schema import NEUTRAL
from prerender.engines.base import ActorFrame, ClipPlan, GazeGrid, Measured, VisemeGrid
from prerender.portrait.choreography import Choreography
from prerender.portrait.gaze import Sight, looking
from prerender.portrait.motion import Motion
from prerender.portrait.motion_files import Repertoire
from prerender.portrait.pose import Pose
from prerender.portrait.render import Posed

_COLUMNS = range(-5, 6)
_COLUMN_DEG = 5.0  # from one to the next; less for a head that turns less
_FINEST = 2  # columns to a degree
_AS_USUAL = 0.95
_PITCH_DEG = (-12.0, -6.0, 0.0, 6.0, 12.0)
_LIDS: Mapping[str, float] = MappingProxyType({"open": 0.0, "half": 0.5, "closed": 1.0})
_STRENGTHS = (
    0.5,
    1.0,
)  # of the viseme sheet: quiet and plain speech; the player blends to the still
_WHOLE = ("blink", "gaze")  # parameters that vigour leaves alone


class PoseRenderer(Protocol):
    """One subject that can be rendered in any pose; the same pose always gives the same bytes."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """See `Actor.box`."""
        ...

    @property
    def sight(self) -> Sight:
        """What head and eyes can do for a direction, and where they look in the still."""
        ...

    def scores(self) -> dict[str, float]:
        """What the picture can carry."""
        ...

    def warnings(self) -> tuple[str, ...]:
        """What was reduced, and why."""
        ...

    def render_all(self, poses: Iterable[Pose]) -> Iterator[Posed]:
        """The actor box in each pose, in order; takes poses as it needs them."""
        ...


class PosedActor:
    """One subject that can be posed; see `Actor`."""

    def __init__(
        self,
        renderer: PoseRenderer,
        repertoire: Repertoire,
        seed: int,
        vigour: float = 1.0,
    ) -> None:
        self._renderer, self._repertoire, self._seed = renderer, repertoire, seed
        self._vigour = vigour
        self._choreographies: dict[str, Choreography] = {}

    @property
    def box(self) -> tuple[int, int, int, int]:
        """See `Actor.box`."""
        return self._renderer.box

    @property
    def measured(self) -> Measured:
        """See `Actor.measured`."""
        return Measured(scores=self._renderer.scores(), warnings=self._renderer.warnings())

    def clip_names(self) -> tuple[str, ...]:
        """See `Actor.clip_names`."""
        return tuple(self._repertoire.motions)

    def clip(self, name: str, fps: float) -> ClipPlan:
        """See `Actor.clip`."""
        motion = self._motion(name)
        return ClipPlan(
            name=name,
            family=motion.family.value,
            frames=motion.frames(fps),
            fps=fps,
            loop=motion.loop,
            start_pose=motion.start_pose,
            end_pose=motion.end_pose,
            mood=motion.mood,
            rests_s=motion.rests_s,
        )

    def frames(
        self, name: str, fps: float, start: int, stop: int, amplitude: float = 1.0
    ) -> Iterator[ActorFrame]:
        """See `Actor.frames`."""
        return self._posed(self._poses(name, fps, start, stop, amplitude))

    def gaze_grid(self) -> GazeGrid:
        """See `Actor.gaze_grid`.

        A head that is turned away already looks less far to the sides: past that its picture shows
        a distorted cheek, and whites where its irises cannot follow.
        """
        turn, column_deg = sum(self._renderer.sight.turns) / 2, _COLUMN_DEG
        if turn < _AS_USUAL:
            column_deg = round(_COLUMN_DEG * turn * _FINEST) / _FINEST
        yaw_deg = tuple(column * column_deg for column in _COLUMNS)
        return GazeGrid(yaw_deg=yaw_deg, pitch_deg=_PITCH_DEG, lids=tuple(_LIDS))

    def gaze_frames(self, grid: GazeGrid) -> Iterator[ActorFrame]:
        """See `Actor.gaze_frames`."""
        sight = self._renderer.sight
        return self._posed(
            looking(yaw, pitch, _LIDS[lids], sight)
            for lids in grid.lids
            for pitch in grid.pitch_deg
            for yaw in grid.yaw_deg
        )

    def viseme_grid(self) -> VisemeGrid:
        """See `Actor.viseme_grid`."""
        return VisemeGrid(tuple(self._repertoire.visemes), _STRENGTHS)

    def viseme_frames(self) -> Iterator[ActorFrame]:
        """See `Actor.viseme_frames`."""
        return self._posed(
            {name: strength * value for name, value in shape.items()}
            for shape in self._repertoire.visemes.values()
            for strength in _STRENGTHS
        )

    def neutral(self) -> ActorFrame:
        """See `Actor.neutral`."""
        return next(self._posed([{}]))

    def still(self, pose: str) -> ActorFrame:
        """See `Actor.still`."""
        return next(self._posed([_scaled(self._repertoire.poses[pose], self._vigour)]))

    def _poses(
        self, name: str, fps: float, start: int, stop: int, amplitude: float
    ) -> Iterator[Pose]:
        motion = self._motion(name)
        if name not in self._choreographies:
            poses = self._repertoire.poses
            self._choreographies[name] = Choreography(
                motion, self._seed, poses[motion.start_pose], poses[motion.end_pose]
            )
        if {motion.start_pose, motion.end_pose} != {NEUTRAL}:
            amplitude = 1.0  # or it would end beside the pose that the next clip starts on
        choreography = self._choreographies[name]
        last = motion.frames(fps) - 1
        for index in range(start, min(stop, last + 1)):
            pose = choreography.at(motion.duration_s * index / last)
            yield _scaled(pose, amplitude * self._vigour)

    def _posed(self, poses: Iterable[Pose]) -> Iterator[ActorFrame]:
        return self._shown(self._renderer.render_all(poses))

    @staticmethod
    def _shown(frames: Iterable[Posed]) -> Iterator[ActorFrame]:
        for posed in frames:
            yield ActorFrame(colour=posed.colour, matte=posed.matte, jacobian=posed.jacobian)

    def _motion(self, name: str) -> Motion:
        motions = self._repertoire.motions
        if name not in motions:
            known = ", ".join(motions)
            msg = f"there is no clip named {name}; known are {known}"
            raise UsageError(msg)
        return motions[name]


def _scaled(pose: Pose, amplitude: float) -> Pose:
    """With less or more vigour; lids and eyes know only all or nothing."""
    if amplitude == 1.0:
        return pose
    return {
        name: value if name.startswith(_WHOLE) else amplitude * value
        for name, value in pose.items()
    }
