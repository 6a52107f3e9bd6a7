"""What the two actor slots show at a time: idle, reactions and gaze, joined without a jump.

Knows pictures and time, neither Qt nor states. A lane is one line of play; the lane in front is
shown, a lane behind it dissolves in and takes its place. The last good picture stays until the
next one is decoded.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from frame_app.cliplib.schema import Clip
from frame_app.config.model import MotionSettings
from frame_app.show.decode import FrameStream, Planes
from frame_app.show.gaze import Cell, GazePlanner, Look
from frame_app.show.playlist import Run, idle_runs
from frame_app.show.portrait import Portrait
from frame_app.show.timeline import Vec2, smoothstep

_CUT_FRAMES = 1  # an exit this near is waited for; more would be late on screen


class Shown(NamedTuple):
    """One or two pictures of a lane; `towards` covers `share` of `base`."""

    base: Planes
    towards: Planes | None = None
    share: float = 0.0


class Picture(NamedTuple):
    """What the shader draws: `mix` is the weight of the second slot."""

    slots: tuple[Planes | None, Planes | None]
    mix: float
    breathes: bool
    """The player adds the breath, since the picture has none of its own."""


class Started(NamedTuple):
    """A clip or the gaze sheet came on screen."""

    name: str
    decided_s: float


class Lane(Protocol):
    """One line of play."""

    @property
    def name(self) -> str:
        """The clip that is playing, or `gaze`."""

    @property
    def breathes(self) -> bool:
        """The player has to add the breath."""

    @property
    def is_over(self) -> bool:
        """There is nothing more to show."""

    def show(self, now_s: float) -> Shown | None:
        """The picture of now; None before the first one is decoded."""

    def settle(self) -> None:
        """Come to rest on a single picture: another lane wants to take over."""

    def frames_to_exit(self, now_s: float) -> int | None:
        """How many frames until a place to leave from without a dissolve; None if none is near."""

    def close(self) -> None:
        """Let go of what decodes."""


class ClipLane:
    """Runs of clip frames, one decoder playing, the next one ready behind it."""

    breathes = False

    def __init__(self, portrait: Portrait, runs: Iterator[Run]) -> None:
        self.is_over = False
        self.problem = ""
        self._portrait = portrait
        self._runs = runs
        self._since_s: float | None = None
        self._run, self._stream = self._open(next(runs))
        self._next: tuple[Run, FrameStream] | None = self._prepare()
        self._index = self._run.start
        self._shown: Shown | None = None
        self.late_frames = 0
        """Frames that were due and not decoded; the clip waits for them."""

    @property
    def name(self) -> str:
        """The clip that is playing."""
        return self._run.clip.name

    @property
    def fps(self) -> float:
        """Frames per second of the clip that is playing."""
        return self._run.clip.fps

    @property
    def index(self) -> int:
        """Number of the frame on screen."""
        return self._index

    def show(self, now_s: float) -> Shown | None:
        """See `Lane.show`."""
        if self._since_s is None:
            self._since_s = now_s
        due = self._due(now_s)
        while due >= self._run.stop and self._turn_over():
            due = self._due(now_s)
        due = min(due, self._run.stop - 1)
        if due == self._run.stop - 1 and self._next is None:
            self.is_over = True  # said with the last frame, so that it is not shown twice
        planes = self._stream.take(due)
        if planes is not None:
            self._index = planes.index
            if self._shown is None or self._shown.base is not planes:
                self._shown = Shown(planes)
        if planes is None or planes.index < due:
            self._wait_for(due, planes, now_s)
        return self._shown

    def settle(self) -> None:
        """A clip always shows a single picture."""

    def frames_to_exit(self, now_s: float) -> int | None:
        """See `Lane.frames_to_exit`."""
        due = self._due(now_s)
        ahead = [frame - due for frame in self._run.clip.exits if due <= frame < self._run.stop]
        if self.is_over:
            return 0
        return min(ahead, default=None)

    def close(self) -> None:
        """See `Lane.close`."""
        self._stream.close()
        if self._next is not None:
            self._next[1].close()

    def _due(self, now_s: float) -> int:
        since_s = now_s if self._since_s is None else self._since_s
        return self._run.start + int((now_s - since_s) * self._run.clip.fps + 1e-6)

    def _turn_over(self) -> bool:
        """Go on with the next run; False if there is none: the lane is over."""
        if self._next is None:
            return False
        length_s = (self._run.stop - self._run.start) / self._run.clip.fps
        self._since_s = (self._since_s or 0.0) + length_s
        self._stream.close()
        self._run, self._stream = self._next
        self._next = self._prepare()
        return True

    def _wait_for(self, due: int, planes: Planes | None, now_s: float) -> None:
        """Nothing newer is decoded: keep picture and place, so that no motion is skipped."""
        if self._stream.problem:
            self.problem = self._stream.problem
            self.is_over = True
            return
        if not self._stream.reaches(due):
            self.late_frames += 1
            shown = self._run.start if planes is None else planes.index + 1
            self._since_s = now_s - (shown - self._run.start) / self._run.clip.fps

    def _prepare(self) -> tuple[Run, FrameStream] | None:
        run = next(self._runs, None)
        return None if run is None else self._open(run)

    def _open(self, run: Run) -> tuple[Run, FrameStream]:
        return run, self._portrait.open_run(run)


class GazeLane:
    """The gaze sheet, looking at the viewer."""

    name = "gaze"
    breathes = True

    def __init__(self, portrait: Portrait, planner: GazePlanner, goal: Callable[[], Vec2]) -> None:
        if portrait.sheet is None or portrait.manifest.gaze is None:
            msg = "the portrait has no gaze sheet"
            raise ValueError(msg)
        self.is_over = False
        self._sheet = portrait.sheet
        self._grid = portrait.manifest.gaze
        self._planner = planner
        self._goal = goal
        self._is_settling = False
        self._has_started = False
        self._shown: Shown | None = None
        self._want((planner.centre(),))

    def adopt(self, motion: MotionSettings) -> None:
        """Blink and glance as often as these settings say."""
        self._planner.adopt(motion.blink_every_s, motion.glance)

    def show(self, now_s: float) -> Shown | None:
        """See `Lane.show`."""
        if not self._has_started:
            planes = self._find(self._planner.centre())
            if planes is None:
                return None
            self._has_started = True
            self._planner.start(now_s)
        look = self._planner.step(now_s, self._goal(), hold=self._is_settling)
        self._shown = self._resolve(look)
        self._want((*self._planner.upcoming(), *self._planner.neighbours()))
        self.is_over = bool(self._sheet.problem)
        return self._shown

    def settle(self) -> None:
        """See `Lane.settle`."""
        self._is_settling = True

    def frames_to_exit(self, now_s: float) -> int | None:  # noqa: ARG002 - the protocol's
        """Leaving a look always takes a dissolve."""
        return None

    def close(self) -> None:
        """The sheet belongs to the portrait."""

    def _resolve(self, look: Look) -> Shown | None:
        """The pictures of a look; a cell that is not decoded yet is passed over."""
        base = self._find(look.cell)
        towards = None if look.towards is None else self._find(look.towards)
        if base is None:
            return self._shown if self._shown is None or towards is None else Shown(towards)
        return Shown(base) if towards is None else Shown(base, towards, look.share)

    def _find(self, cell: Cell) -> Planes | None:
        return self._sheet.find(self._grid.frame_index(*cell))

    def _want(self, cells: tuple[Cell, ...]) -> None:
        self._sheet.want(self._grid.frame_index(*cell) for cell in cells)


@dataclass(slots=True)
class _Entry:
    """A lane waiting behind the one in front, or dissolving over it."""

    lane: Lane
    decided_s: float
    since_s: float | None = None
    """When its first picture was there and the change began."""
    length_s: float = 0.0


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
        self._motion = motion
        self._rng = rng
        self._goal = goal
        self._front: Lane | None = None
        self._entry: _Entry | None = None
        self._queued: _Entry | None = None
        self._slots: tuple[Planes | None, Planes | None] = (None, None)
        self._base_slot = 0
        self._started: list[Started] = []

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
    def heading(self) -> str:
        """What will be in front once everything asked for has happened."""
        entry = self._queued or self._entry
        return self.front_name if entry is None else entry.lane.name

    @property
    def is_finished(self) -> bool:
        """The lane in front has nothing more to show and nobody follows it."""
        has_follower = self._entry is not None or self._queued is not None
        return self._front is not None and self._front.is_over and not has_follower

    def idle(self, decided_s: float, *, fresh: bool) -> bool:
        """Go on with idle clips; False if the portrait has none."""
        clips = self.portrait.idle
        if clips:
            self._enter(
                ClipLane(self.portrait, idle_runs(clips, self._rng, fresh=fresh)), decided_s
            )
        return bool(clips)

    def look(self, decided_s: float) -> bool:
        """Look at the viewer; False if the portrait has no gaze sheet."""
        grid = self.portrait.gaze
        if grid is None:
            return False
        planner = GazePlanner(grid, self._motion.blink_every_s, self._motion.glance, self._rng)
        self._enter(GazeLane(self.portrait, planner, self._goal), decided_s)
        return True

    def react(self, clip: Clip, decided_s: float) -> None:
        """Play a clip once, from its first frame."""
        runs = iter((Run(clip, 0, clip.frames),))
        self._enter(ClipLane(self.portrait, runs), decided_s)

    def rest(self) -> None:
        """Play nothing: the still subject remains."""
        self.close()

    def advance(self, now_s: float) -> Picture:
        """The picture of now."""
        front = None if self._front is None else self._front.show(now_s)
        if self._entry is not None:
            return self._join(front, self._entry, now_s)
        return self._unchanged(front)

    def take_problem(self) -> str:
        """Why the lane in front broke off, once; its clip is not played again."""
        lane = self._front
        if not isinstance(lane, ClipLane) or not lane.problem:
            return ""
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
                entry.lane.close()
        self._front = self._entry = self._queued = None

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
            self._started.append(Started(entry.lane.name, entry.decided_s))
        share = 1.0
        if front is not None and entry.length_s > 0.0:
            share = (now_s - entry.since_s) / entry.length_s
        if share >= 1.0 or front is None:
            self._succeed(entry)
            return self._single(incoming, breathes=entry.lane.breathes)
        breathes = entry.lane.breathes
        return self._two(front.base, incoming.base, smoothstep(share), breathes=breathes)

    def _may_begin(self, old: Lane | None, entry: _Entry, now_s: float) -> bool:
        """Choose between leaving at an exit and dissolving; False while waiting for the exit."""
        if old is None:
            return True
        distance = old.frames_to_exit(now_s)
        if distance == 0 and entry.lane.name != "gaze":
            entry.length_s = 0.0
            return True
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
        self._front = entry.lane
        self._entry, self._queued = self._queued, None

    def _single(self, shown: Shown, *, breathes: bool) -> Picture:
        if shown.towards is not None:
            return self._two(shown.base, shown.towards, shown.share, breathes=breathes)
        slot = self._slots.index(shown.base) if shown.base in self._slots else self._base_slot
        self._put(slot, shown.base)
        return Picture(self._slots, float(slot), breathes)

    def _two(self, base: Planes, over: Planes, share: float, *, breathes: bool) -> Picture:
        """A picture that is in a slot already stays there, which spares an upload."""
        if over in self._slots:
            slot = self._slots.index(over) ^ 1
        else:
            slot = self._slots.index(base) if base in self._slots else self._base_slot
        self._put(slot ^ 1, over)
        self._put(slot, base)
        return Picture(self._slots, share if slot == 0 else 1.0 - share, breathes)

    def _put(self, slot: int, planes: Planes) -> None:
        other = self._slots[slot ^ 1]
        self._slots = (planes, other) if slot == 0 else (other, planes)
        self._base_slot = slot

    def _unchanged(self, front: Shown | None) -> Picture:
        if front is None:
            return Picture(self._slots, float(self._base_slot), breathes=True)
        return self._single(front, breathes=self._front is None or self._front.breathes)
