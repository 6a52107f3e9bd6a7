"""Where the portrait looks: cells of the gaze sheet, saccades, glances and blinks.

Times are those of people at rest: fixations of a second or more with small saccades in between,
blinks of about 150 ms, one with most large shifts of gaze.
"""

import random
from collections import deque
from typing import NamedTuple

from frame_app.cliplib.schema import GazeSheet, Lids
from frame_app.show.timeline import Vec2, smoothstep

_STEP_S = 0.066  # between neighbouring cells within a larger move
_LID_S = 0.05  # each state of the lids within a blink
_HYSTERESIS = 0.65  # of a cell: how far the viewer moves before the eyes follow
_BLINK_STEPS = 4  # a move over this many cells brings a blink in most cases
_BLINK_WITH_MOVE = 0.6
_FIXATION_S = (1.2, 3.5)
_GLANCE_S = (0.5, 1.1)


class Cell(NamedTuple):
    """One picture of the sheet."""

    column: int
    row: int
    lids: Lids


class Look(NamedTuple):
    """What to show: `cell`, on its way to `towards` by `share`."""

    cell: Cell
    towards: Cell | None
    share: float


class GazePlanner:
    """Moves over the sheet's grid towards the viewer; deterministic for a seeded random source."""

    def __init__(
        self, sheet: GazeSheet, blink_every_s: float, glance: float, rng: random.Random
    ) -> None:
        self._sheet = sheet
        self._blink_every_s = blink_every_s
        self._glance = glance
        self._rng = rng
        self._cell = self.centre()
        self._path: deque[tuple[Cell, float]] = deque()
        self._step_since_s = 0.0
        self._aim = (self._cell.column, self._cell.row)
        self._glance_until_s = -1.0
        self._glance_offset = (0, 0)
        self._next_move_s = 0.0
        self._next_blink_s = 0.0

    def adopt(self, blink_every_s: float, glance: float) -> None:
        """Blink and glance in another rhythm from the next time on."""
        self._blink_every_s, self._glance = blink_every_s, glance

    def centre(self) -> Cell:
        """The cell that looks straight ahead, the one closest to neutral."""
        return Cell(
            _nearest(self._sheet.yaw_deg, 0.0), _nearest(self._sheet.pitch_deg, 0.0), Lids.OPEN
        )

    def start(self, now_s: float) -> None:
        """Begin at the centre."""
        self._cell = self.centre()
        self._path.clear()
        self._next_blink_s = now_s + 0.4 * self._blink_pause_s()
        self._next_move_s = now_s + self._rng.uniform(*_FIXATION_S)

    def step(self, now_s: float, goal: Vec2, *, hold: bool = False) -> Look:
        """What to show at `now_s` when the viewer is at `goal` (yaw, pitch in degrees).

        With `hold` the current step is finished and no other begun.
        """
        while self._path and now_s - self._step_since_s >= self._path[0][1]:
            self._cell, duration_s = self._path.popleft()
            self._step_since_s += duration_s
            if hold:
                self._path.clear()
        if not self._path and not hold:
            self._plan(now_s, goal)
            self._step_since_s = now_s
        if not self._path:
            return Look(self._cell, None, 0.0)
        towards, duration_s = self._path[0]
        return Look(self._cell, towards, smoothstep((now_s - self._step_since_s) / duration_s))

    def upcoming(self) -> tuple[Cell, ...]:
        """Cells that will be shown soon, in order."""
        return tuple(cell for cell, _ in self._path)

    def neighbours(self) -> tuple[Cell, ...]:
        """Cells that may be asked for next: around this one, and its lids."""
        column, row, _ = self._cell
        around = [
            Cell(column + right, row + down, Lids.OPEN)
            for right, down in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
            if 0 <= column + right < len(self._sheet.yaw_deg)
            and 0 <= row + down < len(self._sheet.pitch_deg)
        ]
        return (*around, *(Cell(column, row, lids) for lids in self._sheet.lids[1:]))

    def _plan(self, now_s: float, goal: Vec2) -> None:
        self._follow(goal)
        if now_s >= self._next_move_s:
            self._fixate_anew(now_s)
        offset = self._glance_offset if now_s < self._glance_until_s else (0, 0)
        column = min(max(self._aim[0] + offset[0], 0), len(self._sheet.yaw_deg) - 1)
        row = min(max(self._aim[1] + offset[1], 0), len(self._sheet.pitch_deg) - 1)
        steps = max(abs(column - self._cell.column), abs(row - self._cell.row))
        self._path.extend(
            (cell, _STEP_S) for cell in _line(self._cell, Cell(column, row, Lids.OPEN), steps)
        )
        is_large = steps >= _BLINK_STEPS and self._rng.random() < _BLINK_WITH_MOVE
        if is_large or now_s >= self._next_blink_s:
            self._blink(now_s)

    def _follow(self, goal: Vec2) -> None:
        """Aim anew once the viewer has left the cell that is aimed at."""
        self._aim = (
            _follow_axis(self._sheet.yaw_deg, self._aim[0], goal.x),
            _follow_axis(self._sheet.pitch_deg, self._aim[1], goal.y),
        )

    def _fixate_anew(self, now_s: float) -> None:
        """After a fixation: a glance aside, or a small saccade on the viewer's face."""
        self._next_move_s = now_s + self._rng.uniform(*_FIXATION_S)
        if self._rng.random() < self._glance:
            reach = self._rng.choice((-3, -2, 2, 3))
            self._glance_offset = (reach, self._rng.choice((-1, 0, 0, 1)))
            self._glance_until_s = now_s + self._rng.uniform(*_GLANCE_S)
        else:
            self._glance_offset = self._rng.choice(((-1, 0), (1, 0), (0, 1), (0, -1)))
            self._glance_until_s = now_s + self._rng.uniform(0.25, 0.6)

    def _blink(self, now_s: float) -> None:
        """Close and open the lids in the middle of the planned way, or on the spot."""
        self._next_blink_s = now_s + self._blink_pause_s()
        states = self._sheet.lids
        half = [Lids.HALF] if Lids.HALF in states else []
        closed = [Lids.CLOSED] if Lids.CLOSED in states else []
        lids = [*half, *closed, *half, Lids.OPEN]
        if len(lids) == 1:
            return
        way = [cell for cell, _ in self._path] or [self._cell]
        places = [way[min(number, len(way) - 1)] for number in range(len(lids))]
        blink = [
            (place._replace(lids=state), _LID_S) for place, state in zip(places, lids, strict=True)
        ]
        rest = [(cell, _STEP_S) for cell in way[len(lids) :]]
        self._path = deque([*blink, *rest])

    def _blink_pause_s(self) -> float:
        """Irregular: a log-normal around the wanted mean, never less than a second."""
        return max(1.0, self._blink_every_s * self._rng.lognormvariate(-0.125, 0.5))


def _nearest(axis: tuple[float, ...], angle: float) -> int:
    return min(range(len(axis)), key=lambda index: abs(axis[index] - angle))


def _follow_axis(axis: tuple[float, ...], index: int, angle: float) -> int:
    wanted = _nearest(axis, angle)
    if wanted == index or len(axis) < 2:
        return index
    pitch = (axis[-1] - axis[0]) / (len(axis) - 1)
    return wanted if abs(angle - axis[index]) > _HYSTERESIS * pitch else index


def _line(start: Cell, end: Cell, steps: int) -> list[Cell]:
    """Neighbouring cells from `start`, not included, to `end`."""
    return [
        Cell(
            start.column + round((end.column - start.column) * step / steps),
            start.row + round((end.row - start.row) * step / steps),
            Lids.OPEN,
        )
        for step in range(1, steps + 1)
    ]
