"""Lines of play: clips one after the other, the gaze sheet, the still.

Each shows one thing by time; the performer joins them. No Qt, no states.
"""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol, Self

from frame_app.cliplib.schema import NEUTRAL, Clip
from frame_app.config.model import MotionSettings
from frame_app.show.decode import FrameStream, Planes
from frame_app.show.gaze import Cell, GazePlanner, Look
from frame_app.show.morph import NO_WAY, Way, WayBook
from frame_app.show.playlist import Run, whole
from frame_app.show.portrait import Portrait
from frame_app.show.timeline import Vec2


class Shown(NamedTuple):
    """One or two pictures of a lane; `towards` covers `share` of `base`."""

    base: Planes
    towards: Planes | None = None
    share: float = 0.0
    way: Way = NO_WAY
    """From `towards` to `base`."""


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

    @property
    def start_pose(self) -> str:
        """The pose of its first picture."""

    @property
    def pose(self) -> str:
        """The pose it is in, or nearest to."""

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
        self._is_broken = False
        self._portrait = portrait
        self._runs = runs
        self._since_s: float | None = None
        self._run, self._stream = self._open(next(runs))
        self._next: tuple[Run, FrameStream] | None = self._prepare()
        self._index = self._run.start
        self.start_pose = self._run.clip.start_pose
        self._shown: Shown | None = None
        self.late_frames = 0
        """Frames that were due and not decoded; the clip waits for them."""

    @property
    def name(self) -> str:
        """The clip that is playing."""
        return self._run.clip.name

    @property
    def pose(self) -> str:
        """See `Lane.pose`."""
        clip = self._run.clip
        is_late = self.is_over or 2 * self._index >= clip.frames
        return clip.end_pose if is_late else clip.start_pose

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
        if self._next is None:
            self._next = self._prepare()  # what plays may have been given more to play
        due = self._due(now_s)
        while due >= self._run.stop and self._turn_over():
            due = self._due(now_s)
        due = min(due, self._run.stop - 1)
        # Said with the last frame, so that it is not shown twice.
        self.is_over = self._is_broken or (due == self._run.stop - 1 and self._next is None)
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
            self._is_broken = self.is_over = True
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


class Queue(Iterator[Run]):
    """Whole clips to play, to which more may be added while they play."""

    def __init__(self, clips: Iterable[Clip]) -> None:
        self._clips: deque[Clip] = deque()
        self.pose = NEUTRAL
        """Where the last of them ends."""
        self.add(clips)

    def add(self, clips: Iterable[Clip]) -> None:
        """Play these too."""
        for clip in clips:
            self._clips.append(clip)
            self.pose = clip.end_pose

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Run:
        if not self._clips:
            raise StopIteration
        return whole(self._clips.popleft())


class StillLane:
    """The portrait at rest: one picture, which breathes."""

    name = "still"
    breathes = True
    is_over = False
    start_pose = NEUTRAL
    pose = NEUTRAL

    def __init__(self, still: Planes) -> None:
        self._shown = Shown(still)

    def show(self, now_s: float) -> Shown:  # noqa: ARG002 - the protocol's
        """See `Lane.show`."""
        return self._shown

    def settle(self) -> None:
        """It is at rest."""

    def frames_to_exit(self, now_s: float) -> int | None:  # noqa: ARG002 - the protocol's
        """It shows the pose itself and may be left at any time."""
        return 0

    def close(self) -> None:
        """Nothing decodes."""


class GazeLane:
    """The gaze sheet, looking at the viewer."""

    name = "gaze"
    breathes = True
    start_pose = NEUTRAL
    pose = NEUTRAL

    def __init__(
        self, portrait: Portrait, planner: GazePlanner, goal: Callable[[], Vec2], ways: WayBook
    ) -> None:
        if portrait.sheet is None or portrait.manifest.gaze is None:
            msg = "the portrait has no gaze sheet"
            raise ValueError(msg)
        self.is_over = False
        self._sheet = portrait.sheet
        self._grid = portrait.manifest.gaze
        self._planner = planner
        self._goal = goal
        self._ways = ways
        self._step: tuple[Cell, Cell] | None = None
        self._way = NO_WAY
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
        self._learn(look.cell)
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
        if look.towards is None or towards is None:
            return Shown(base)
        step = (look.cell, look.towards)
        if self._step != step:  # one way for all of a step, or the picture would jump
            self._step, self._way = step, self._ways.find(self._frames_of(*step))
        return Shown(base, towards, look.share, self._way)

    def _learn(self, cell: Cell) -> None:
        """The ways of the steps that are planned, and of those that may be next."""
        planned = itertools.pairwise((cell, *self._planner.upcoming()))
        for start, end in (*planned, *((cell, other) for other in self._planner.neighbours())):
            step = self._frames_of(start, end)
            if start[:2] == end[:2] or self._ways.knows(step):
                continue
            first, second = self._find(start), self._find(end)
            if first is not None and second is not None:
                self._ways.learn(step, first, second)

    def _frames_of(self, start: Cell, end: Cell) -> tuple[int, int]:
        return self._grid.frame_index(*start), self._grid.frame_index(*end)

    def _find(self, cell: Cell) -> Planes | None:
        return self._sheet.find(self._grid.frame_index(*cell))

    def _want(self, cells: tuple[Cell, ...]) -> None:
        self._sheet.want(self._grid.frame_index(*cell) for cell in cells)
