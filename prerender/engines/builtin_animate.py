"""The built-in animator as an engine: clips and the gaze sheet of one subject.

Method: see prerender/portrait. Any frame is a pure function of picture, seed, clip and time.
"""

from collections.abc import Iterator
from pathlib import Path

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from frame_app.base.errors import UsageError
from frame_app.cliplib.schema import NEUTRAL
from prerender.engines.base import (
    BUILTIN,
    ActorFrame,
    ClipPlan,
    EngineInfo,
    Face,
    GazeGrid,
    Measured,
    Part,
    VisemeGrid,
)
from prerender.portrait.choreography import Choreography
from prerender.portrait.gaze import looking
from prerender.portrait.motion import Motion
from prerender.portrait.motion_files import Repertoire, load_repertoire
from prerender.portrait.pose import Pose
from prerender.portrait.render import PortraitRenderer

_YAW_DEG = (-25.0, -20.0, -15.0, -10.0, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
_PITCH_DEG = (-12.0, -6.0, 0.0, 6.0, 12.0)
_LIDS = {"open": 0.0, "half": 0.5, "closed": 1.0}
_STRENGTHS = (
    0.5,
    1.0,
)  # of the viseme sheet: quiet and plain speech; the player blends to the still
_WHOLE = ("blink", "gaze")  # parameters that vigour leaves alone


class BuiltinAnimate:
    """Mesh animator; see `AnimateEngine`."""

    def __init__(self, *roots: Path) -> None:
        """Read the clips.

        Args:
            roots: Folders as `motion_files.motion_roots`; those if none is given.
        """
        self._repertoire = load_repertoire(roots or None)

    @property
    def info(self) -> EngineInfo:
        """Version counts changes of pixels; motions are a parameter and have a key of their own."""
        return EngineInfo(id=BUILTIN, version=8)

    def actor(
        self,
        subject: ImageU8,
        matte: MaskF32,
        depth: DepthF32,
        face: Face,
        seed: int,
        part: Part | None = None,
    ) -> "BuiltinActor":
        """See `AnimateEngine.actor`; the relief of the head is the landmarks', not `depth`'s."""
        del depth
        territory = part.territory if part is not None else None
        renderer = PortraitRenderer(subject, matte, face.landmarks, territory)
        return BuiltinActor(renderer, self._repertoire, seed, part.vigour if part else 1.0)


class BuiltinActor:
    """One subject that can be posed; see `Actor`."""

    def __init__(
        self,
        renderer: PortraitRenderer,
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
            yield self._posed(_scaled(pose, amplitude * self._vigour))

    def gaze_grid(self) -> GazeGrid:
        """See `Actor.gaze_grid`."""
        return GazeGrid(yaw_deg=_YAW_DEG, pitch_deg=_PITCH_DEG, lids=tuple(_LIDS))

    def gaze_frames(self, grid: GazeGrid) -> Iterator[ActorFrame]:
        """See `Actor.gaze_frames`."""
        sight = self._renderer.sight
        for lids in grid.lids:
            for pitch in grid.pitch_deg:
                for yaw in grid.yaw_deg:
                    yield self._posed(looking(yaw, pitch, _LIDS[lids], sight))

    def viseme_grid(self) -> VisemeGrid:
        """See `Actor.viseme_grid`."""
        return VisemeGrid(tuple(self._repertoire.visemes), _STRENGTHS)

    def viseme_frames(self) -> Iterator[ActorFrame]:
        """See `Actor.viseme_frames`."""
        for shape in self._repertoire.visemes.values():
            for strength in _STRENGTHS:
                yield self._posed({name: strength * value for name, value in shape.items()})

    def neutral(self) -> ActorFrame:
        """See `Actor.neutral`."""
        return self._posed({})

    def still(self, pose: str) -> ActorFrame:
        """See `Actor.still`."""
        return self._posed(_scaled(self._repertoire.poses[pose], self._vigour))

    def _posed(self, pose: Pose) -> ActorFrame:
        posed = self._renderer.render(pose)
        return ActorFrame(colour=posed.colour, matte=posed.matte, jacobian=posed.jacobian)

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
