"""What the two actor slots show at a time: idle, reactions and gaze, joined without a jump.

Knows pictures and time, neither Qt nor states. A lane is one line of play; the lane in front is
shown, a lane behind it dissolves in and takes its place. The last good picture stays until the
next one is decoded.
"""

import functools
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from frame_app.cliplib.schema import NEUTRAL, Clip
from frame_app.config.model import MotionSettings
from frame_app.show.decode import Planes
from frame_app.show.gaze import GazePlanner
from frame_app.show.lanes import ClipLane, GazeLane, Lane, Queue, Shown, StillLane
from frame_app.show.morph import NO_WAY, Face, Morph, Way, WayBook, face_of
from frame_app.show.playlist import Run, choose_idle, idle_runs, whole
from frame_app.show.portrait import Portrait
from frame_app.show.poses import find_route, resting_clips
from frame_app.show.timeline import Vec2, smoothstep

_CALM = "calm"
_STEP_S = 1.0 / 15.0  # of a dissolve, at most: a machine that was held up does not jump over it
_CUT_FRAMES = 1  # an exit this near is waited for; more would be late on screen


class Picture(NamedTuple):
    """What the shader draws: `mix` is the weight of the second slot."""

    slots: tuple[Planes | None, Planes | None]
    mix: float
    breathes: bool
    """The player adds the breath, since the picture has none of its own."""
    way: Way = NO_WAY
    """From the second slot to the first, see `Way`."""


class Started(NamedTuple):
    """A clip or the gaze sheet came on screen."""

    name: str
    decided_s: float


@dataclass(slots=True)
class _Entry:
    """A lane waiting behind the one in front, or dissolving over it."""

    lane: Lane
    decided_s: float
    since_s: float | None = None
    """When its first picture was there and the change began."""
    length_s: float = 0.0
    morph: Morph | None = None
    """Brings both faces together while one dissolves into the other."""

    def close(self) -> None:
        """It is not wanted any more."""
        self.lane.close()
        self.end_morph()

    def end_morph(self) -> None:
        """The dissolve is over."""
        if self.morph is not None:
            self.morph.close()


class Performer:
    """Joins the lanes of one portrait; UI thread only, never blocks."""

    def __init__(
        self,
        portrait: Portrait,
        motion: MotionSettings,
        rng: random.Random,
        goal: Callable[[], Vec2],
    ) -> None:
        self.portrait = portrait
        self.aim = ""
        """What was asked for last: idle, gaze, clips, speech, sleep, still, or nothing."""
        self._motion = motion
        self._rng = rng
        self._goal = goal
        self._face: Face | None = face_of(portrait.manifest)
        self._ways = WayBook(self._face)
        self._front: Lane | None = None
        self._entry: _Entry | None = None
        self._queued: _Entry | None = None
        self._slots: tuple[Planes | None, Planes | None] = (None, None)
        self._base_slot = 0
        self._started: list[Started] = []
        self._later: deque[Callable[[], Lane]] = deque()
        """Lanes that follow when the one in front is over."""
        self._speech: Queue | None = None
        self._rest_pose = NEUTRAL
        self._last_s = 0.0
        self._mood: tuple[str | None, float] = (None, 0.0)

    def adopt(self, motion: MotionSettings) -> None:
        """Move by other settings from now on."""
        self._motion = motion
        waiting = [entry.lane for entry in (self._entry, self._queued) if entry is not None]
        for lane in (self._front, *waiting):
            if isinstance(lane, GazeLane):
                lane.adopt(motion)

    @property
    def front_name(self) -> str:
        """What is in front: the name of a clip, `gaze`, or nothing."""
        return "" if self._front is None else self._front.name

    @property
    def frame(self) -> tuple[str, int]:
        """Clip and frame in front."""
        index = self._front.index if isinstance(self._front, ClipLane) else -1
        return self.front_name, index

    @property
    def late_frames(self) -> int:
        """Frames of the lane in front that came too late."""
        return self._front.late_frames if isinstance(self._front, ClipLane) else 0

    @property
    def fps(self) -> float:
        """Frames per second of the clip in front, 0 if there is none."""
        return self._front.fps if isinstance(self._front, ClipLane) else 0.0

    @property
    def is_finished(self) -> bool:
        """The lane in front has nothing more to show and nobody follows it."""
        has_follower = bool(self._entry or self._queued or self._later)
        return self._front is not None and self._front.is_over and not has_follower

    @property
    def pose(self) -> str:
        """The pose it is in, or will be in once everything asked for has begun."""
        entry = self._queued or self._entry
        if entry is not None:
            return entry.lane.pose
        return self._rest_pose if self._front is None else self._front.pose

    def feel(self, mood: str | None, strength: float) -> None:
        """Choose idle clips by a mood, as often as it is strong, 0..1; else calm ones."""
        self._mood = (mood, strength)

    def idle(self, decided_s: float, *, fresh: bool) -> bool:
        """Go on with idle clips, awake; False if the portrait has none."""
        if not self.portrait.idle:
            return False
        runs = idle_runs(self._idle_clips, self._rng, fresh=fresh)
        self._play("idle", self._way_to(NEUTRAL), decided_s, lambda: self._lane(runs))
        return True

    def look(self, decided_s: float) -> bool:
        """Look at the viewer, awake; False if the portrait has no gaze sheet."""
        grid = self.portrait.gaze
        if grid is None:
            return False
        planner = GazePlanner(grid, self._motion.blink_every_s, self._motion.glance, self._rng)
        lane = functools.partial(GazeLane, self.portrait, planner, self._goal, self._ways)
        self._play("gaze", self._way_to(NEUTRAL), decided_s, lane)
        return True

    def react(self, clips: Sequence[Clip], decided_s: float) -> None:
        """Play clips once, one after the other, from their first frames."""
        self._play("clips", clips, decided_s)

    def speak(self, clips: Sequence[Clip], decided_s: float) -> None:
        """Play clips one after the other; what is said before they end is added."""
        if self.aim == "speech" and self._speech is not None and not self.is_finished:
            for clip in clips:
                way = find_route(self.portrait.usable, self._speech.pose, clip.start_pose)
                self._speech.add((*(way or ()), clip))
            return
        self._play("speech", clips, decided_s)

    def sleep(self, pose: str, decided_s: float) -> bool:
        """Pass into a pose and stay there; False if no clip leads to it."""
        way = find_route(self.portrait.usable, self.pose, pose)
        if way is None:
            return False
        rest = resting_clips(self.portrait.usable, pose)
        runs = (whole(self._rng.choice(rest)) for _ in itertools.count()) if rest else None
        lane = None if runs is None else functools.partial(self._lane, runs)
        self._play("sleep", way, decided_s, lane)
        return True

    def hold(self, decided_s: float) -> None:
        """Come to rest on the still, which breathes."""
        still = self.portrait.still_planes
        if still is None:
            self.rest()
        else:
            lane = functools.partial(StillLane, still)
            self._play("still", self._way_to(NEUTRAL), decided_s, lane)

    def rest(self, pose: str = NEUTRAL) -> None:
        """Play nothing: the last picture remains, and what is played next begins in `pose`."""
        self.close()
        self.aim = ""
        self._rest_pose = pose

    def advance(self, now_s: float) -> Picture:
        """The picture of now."""
        late_s = now_s - self._last_s - _STEP_S
        self._last_s = now_s
        if self._entry is not None and self._entry.since_s is not None and late_s > 0.0:
            self._entry.since_s += late_s
        if self._later and self._entry is None and (self._front is None or self._front.is_over):
            self._enter(self._later.popleft()(), now_s)
        front = None if self._front is None else self._front.show(now_s)
        if self._entry is not None:
            return self._join(front, self._entry, now_s)
        return self._unchanged(front)

    def take_problem(self) -> str:
        """Why the lane in front broke off, once; its clip is not played again."""
        lane = self._front
        if not isinstance(lane, ClipLane) or not lane.problem:
            return ""
        if lane.name in self.portrait.broken:
            return ""  # told already; the lane stays until something takes its place
        self.portrait.broken[lane.name] = lane.problem
        problem, lane.problem = lane.problem, ""
        return problem

    def take_started(self) -> tuple[Started, ...]:
        """What came on screen since the last call, oldest first."""
        started, self._started = tuple(self._started), []
        return started

    def close(self) -> None:
        """Let go of all lanes."""
        if self._front is not None:
            self._front.close()
        for entry in (self._entry, self._queued):
            if entry is not None:
                entry.close()
        self._front = self._entry = self._queued = None
        self._later.clear()
        self._ways.close()

    def _idle_clips(self) -> Sequence[Clip]:
        """The clips an idle is made of now."""
        mood, strength = self._mood
        felt = mood if self._rng.random() < strength else _CALM
        return choose_idle(self.portrait.idle, felt if mood is not None else None)

    def _way_to(self, pose: str) -> tuple[Clip, ...]:
        """Clips that connect the pose of now with another; none if only a dissolve can."""
        return find_route(self.portrait.usable, self.pose, pose) or ()

    def _play(
        self,
        aim: str,
        clips: Sequence[Clip],
        decided_s: float,
        last: Callable[[], Lane] | None = None,
    ) -> None:
        """Play clips and then a lane, instead of what plays now and what was to follow."""
        queues = [Queue(leg) for leg in self._legs(clips)]
        lanes: list[Callable[[], Lane]] = [functools.partial(self._lane, q) for q in queues]
        lanes += [] if last is None else [last]
        self.aim = aim
        self._speech = queues[-1] if queues else None
        self._later.clear()
        self._later.extend(lanes[1:])
        if lanes:
            self._enter(lanes[0](), decided_s)

    def _lane(self, runs: Iterator[Run]) -> ClipLane:
        return ClipLane(self.portrait, runs)

    def _legs(self, clips: Iterable[Clip]) -> list[list[Clip]]:
        """The clips with those that connect their poses; a new leg where only a dissolve can."""
        pose = self.pose
        legs: list[list[Clip]] = []
        for clip in clips:
            way = find_route(self.portrait.usable, pose, clip.start_pose)
            if way is None or not legs:
                legs.append([])
            legs[-1] += (*(way or ()), clip)
            pose = clip.end_pose
        return legs

    def _enter(self, lane: Lane, decided_s: float) -> None:
        entry = _Entry(lane, decided_s)
        if self._entry is None or self._entry.since_s is None:
            if self._entry is not None:
                self._entry.lane.close()
            self._entry = entry
        else:  # two lanes are on screen already: a third would make one of them jump
            if self._queued is not None:
                self._queued.lane.close()
            self._queued = entry

    def _join(self, front: Shown | None, entry: _Entry, now_s: float) -> Picture:
        """A lane is entering: wait for its picture and the right moment, then dissolve."""
        old = self._front
        if old is not None:
            old.settle()
        is_blending = front is not None and front.towards is not None
        if entry.since_s is None and (is_blending or not self._may_begin(old, entry, now_s)):
            return self._unchanged(front)
        incoming = entry.lane.show(now_s)
        if incoming is None:
            return self._unchanged(front)
        if entry.since_s is None:
            entry.since_s = now_s - self._first_step_s(entry)
            entry.morph = None if self._face is None else Morph(self._face)
            self._started.append(Started(entry.lane.name, entry.decided_s))
        share = 1.0
        if front is not None and entry.length_s > 0.0:
            share = (now_s - entry.since_s) / entry.length_s
        if share >= 1.0 or front is None:
            self._succeed(entry)
            return self._single(incoming, breathes=entry.lane.breathes)
        way = NO_WAY if entry.morph is None else entry.morph.find(front.base, incoming.base)
        return self._two(
            front.base, incoming.base, smoothstep(share), way, breathes=entry.lane.breathes
        )

    def _may_begin(self, old: Lane | None, entry: _Entry, now_s: float) -> bool:
        """Choose between leaving at an exit and dissolving; False while waiting for the exit."""
        if old is None:
            return True
        distance = old.frames_to_exit(now_s)
        at_exit = old.pose if old.is_over else NEUTRAL
        is_gaze = entry.lane.name == "gaze"
        if distance == 0 and not is_gaze and at_exit == entry.lane.start_pose:
            entry.length_s = 0.0
            return True
        if at_exit != entry.lane.start_pose:
            distance = None  # no exit leads there
        fps = self._frame_rate()
        entry.length_s = self._motion.dissolve_frames / fps
        waited = (now_s - entry.decided_s) * fps
        return distance is None or distance + waited > _CUT_FRAMES

    def _frame_rate(self) -> float:
        clips = self.portrait.manifest.clips
        return clips[0].fps if clips else 30.0

    def _first_step_s(self, entry: _Entry) -> float:
        """A dissolve begins with its first step, not with a picture that shows nothing new."""
        return entry.length_s / (self._motion.dissolve_frames + 1)

    def _succeed(self, entry: _Entry) -> None:
        if self._front is not None:
            self._front.close()
        entry.end_morph()
        self._front = entry.lane
        self._entry, self._queued = self._queued, None

    def _single(self, shown: Shown, *, breathes: bool) -> Picture:
        if shown.towards is not None:
            return self._two(shown.base, shown.towards, shown.share, shown.way, breathes=breathes)
        slot = self._slots.index(shown.base) if shown.base in self._slots else self._base_slot
        self._put(slot, shown.base)
        return Picture(self._slots, float(slot), breathes)

    def _two(
        self, base: Planes, over: Planes, share: float, way: Way, *, breathes: bool
    ) -> Picture:
        """A picture that is in a slot already stays there, which spares an upload."""
        if over in self._slots:
            slot = self._slots.index(over) ^ 1
        else:
            slot = self._slots.index(base) if base in self._slots else self._base_slot
        self._put(slot ^ 1, over)
        self._put(slot, base)
        if slot == 0:
            return Picture(self._slots, share, breathes, way)
        return Picture(self._slots, 1.0 - share, breathes, way.back())

    def _put(self, slot: int, planes: Planes) -> None:
        other = self._slots[slot ^ 1]
        self._slots = (planes, other) if slot == 0 else (other, planes)
        self._base_slot = slot

    def _unchanged(self, front: Shown | None) -> Picture:
        if front is None:
            return Picture(self._slots, float(self._base_slot), breathes=True)
        return self._single(front, breathes=self._front is None or self._front.breathes)
