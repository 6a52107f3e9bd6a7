"""Several people of one picture in one clip, each alive in their own way.

The player shows one clip at a time over one actor box, so a group is a single actor made of many:
each person is posed by the animate engine within a territory of their own, in which every motion
fades out before a neighbour begins, and the finished territories are laid beside one another. They
never overlap, so no outline shows twice and nobody is bent by somebody else. Each has an own seed,
blinks when they like, moves more or less, and answers a moment after the first.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import DepthF32, ImageU8, MaskF32
from prerender.engines.base import (
    Actor,
    ActorFrame,
    AnimateEngine,
    ClipPlan,
    Face,
    GazeGrid,
    Measured,
    Part,
    VisemeGrid,
)
from prerender.portrait.box import aligned
from prerender.portrait.grid import smoothstep

_HAIR = 0.12  # face sizes by which the middle of a head lies above that of its face
_STILL, _FREE = 0.08, 0.5  # lead over the nearest neighbour, in face sizes, of no and all motion
_FINE = 16  # steps of time within one frame that a delayed person can be shown at
_DELAY_S = 0.13  # from one person's answer to the next
_MOST_DELAY = 0.12  # of a part of a clip, so that it is never hurried by more than a third
_VIGOUR = (0.8, 1.05)

_Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Member:
    actor: Actor
    owns: _Bool
    """Of its own box."""
    delay_s: float


def make_cast(  # noqa: PLR0913 (as `AnimateEngine.actor`, for several)
    engine: AnimateEngine,
    subject: ImageU8,
    matte: MaskF32,
    depth: DepthF32,
    faces: Sequence[Face],
    others: Sequence[Face],
    seed: int,
) -> Actor:
    """One actor of all `faces`; `others` are in the subject too, and stay still."""
    if len(faces) == 1 and not others:
        return engine.actor(subject, matte, depth, faces[0], seed)
    height, width = matte.shape
    territories = territories_of((*faces, *others), height, width)
    members = []
    for number, face in enumerate(faces):
        dice = np.random.default_rng((seed, number))
        vigour = 1.0 if number == 0 else float(dice.uniform(*_VIGOUR))
        part = Part(territories[number], vigour)
        actor = engine.actor(subject, matte, depth, face, seed + 7919 * number, part)
        x, y, wide, high = actor.box
        owns = territories[number][y : y + high, x : x + wide] > 0
        delay_s = 0.0 if number == 0 else _DELAY_S * (number - 1 + float(dice.uniform(0.7, 1.3)))
        members.append(_Member(actor, owns, delay_s))
    return Cast(tuple(members), subject, matte)


def territories_of(faces: Sequence[Face], height: int, width: int) -> list[MaskF32]:
    """How freely each pixel may move with each person: 1 in their middle, 0 at a neighbour's."""
    away = [_distance(face, height, width) for face in faces]
    territories = []
    for number, own in enumerate(away):
        rest = [other for index, other in enumerate(away) if index != number]
        lead = np.min(rest, axis=0) - own if rest else np.full_like(own, np.inf)
        territories.append(smoothstep(_STILL, _FREE, lead))
    return territories


def _distance(face: Face, height: int, width: int) -> MaskF32:
    """From the middle of a head, in its own sizes: a large head reaches further."""
    size = max(face.box.width, face.box.height)
    x0 = face.box.x + face.box.width / 2
    y0 = face.box.y + face.box.height / 2 - _HAIR * size
    across = (np.arange(width, dtype=np.float32) + np.float32(0.5 - x0)) / np.float32(size)
    down = (np.arange(height, dtype=np.float32) + np.float32(0.5 - y0)) / np.float32(size)
    return np.asarray(np.hypot(across[np.newaxis], down[:, np.newaxis]), np.float32)


class Cast:
    """See the module; an `Actor` whose box holds the boxes of all."""

    def __init__(self, members: tuple[_Member, ...], subject: ImageU8, matte: MaskF32) -> None:
        self._members = members
        boxes = np.array([member.actor.box for member in members])
        low, high = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
        height, width = matte.shape
        x, box_width = aligned(float(low[0]), float(high[0]), width)
        y, box_height = aligned(float(low[1]), float(high[1]), height)
        self._box = (x, y, box_width, box_height)
        inside = np.s_[y : y + box_height, x : x + box_width]
        still = np.clip(matte[inside] * 255 + 0.5, 0, 255).astype(np.uint8)
        self._still = ActorFrame(np.ascontiguousarray(subject[inside]), still)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """See `Actor.box`."""
        return self._box

    @property
    def measured(self) -> Measured:
        """The least of every score; each warning says whose it is."""
        parts = [member.actor.measured for member in self._members]
        names = {name for part in parts for name in part.scores}
        scores = {
            name: min(part.scores[name] for part in parts if name in part.scores)
            for name in sorted(names)
        }
        warnings = tuple(
            f"person {number}: {text}"
            for number, part in enumerate(parts, start=1)
            for text in part.warnings
        )
        return Measured({**scores, "people": float(len(parts))}, warnings)

    def clip_names(self) -> tuple[str, ...]:
        """See `Actor.clip_names`."""
        return self._members[0].actor.clip_names()

    def clip(self, name: str, fps: float) -> ClipPlan:
        """See `Actor.clip`."""
        return self._members[0].actor.clip(name, fps)

    def frames(
        self, name: str, fps: float, start: int, stop: int, amplitude: float = 1.0
    ) -> Iterator[ActorFrame]:
        """See `Actor.frames`."""
        plan = self.clip(name, fps)
        fine = [member.actor.clip(name, fps * _FINE).frames - 1 for member in self._members]
        last = plan.frames - 1
        for index in range(start, min(stop, plan.frames)):
            posed = []
            for member, count in zip(self._members, fine, strict=True):
                at = delayed(index / fps, last / fps, plan.rests_s, member.delay_s)
                step = round(at * fps / last * count)
                posed += list(member.actor.frames(name, fps * _FINE, step, step + 1, amplitude))
            yield self._together(posed)

    def gaze_grid(self) -> GazeGrid:
        """See `Actor.gaze_grid`."""
        return self._members[0].actor.gaze_grid()

    def gaze_frames(self, grid: GazeGrid) -> Iterator[ActorFrame]:
        """See `Actor.gaze_frames`: everybody looks at the same visitor."""
        sheets = [member.actor.gaze_frames(grid) for member in self._members]
        return map(self._together, zip(*sheets, strict=True))

    def viseme_grid(self) -> VisemeGrid:
        """See `Actor.viseme_grid`."""
        return self._members[0].actor.viseme_grid()

    def viseme_frames(self) -> Iterator[ActorFrame]:
        """See `Actor.viseme_frames`: the first one speaks, the others listen."""
        first, *others = self._members
        listening = [member.actor.neutral() for member in others]
        for frame in first.actor.viseme_frames():
            yield self._together([frame, *listening])

    def neutral(self) -> ActorFrame:
        """See `Actor.neutral`."""
        return replace(self._still)

    def still(self, pose: str) -> ActorFrame:
        """See `Actor.still`."""
        return self._together([member.actor.still(pose) for member in self._members])

    def _together(self, posed: Sequence[ActorFrame]) -> ActorFrame:
        colour, matte = self._still.colour.copy(), self._still.matte.copy()
        for member, frame in zip(self._members, posed, strict=True):
            x, y, width, height = member.actor.box
            left, top = x - self._box[0], y - self._box[1]
            where = np.s_[top : top + height, left : left + width]
            np.copyto(colour[where], frame.colour, where=member.owns[..., np.newaxis])
            np.copyto(matte[where], frame.matte, where=member.owns)
        return ActorFrame(colour, matte, min(frame.jacobian for frame in posed))


def delayed(time_s: float, length_s: float, rests_s: Sequence[float], delay_s: float) -> float:
    """The time that somebody who is late shows; starts, ends and rests are everybody's.

    Within each part time runs first slower, then faster, and never backwards.
    """
    for begin, end in pairwise((0.0, *rests_s, length_s)):
        if begin <= time_s <= end and end > begin:
            part_s = end - begin
            late_s = min(delay_s, _MOST_DELAY * part_s)
            return time_s - late_s * math.sin(math.pi * (time_s - begin) / part_s)
    return time_s
