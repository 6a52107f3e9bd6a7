import random
from itertools import pairwise

import pytest

from frame_app.cliplib.schema import FileRef, GazeSheet, Lids
from frame_app.show.gaze import Cell, GazePlanner
from frame_app.show.timeline import Vec2

YAW = tuple(float(angle) for angle in range(-25, 26, 5))
PITCH = (-12.0, -6.0, 0.0, 6.0, 12.0)
VIDEO = FileRef(file="clips/gaze.mp4", sha256="0" * 64, size_bytes=1)


def planner(*, lids=tuple(Lids), blink_every_s=1000.0, glance=0.0, seed=3) -> GazePlanner:
    sheet = GazeSheet(video=VIDEO, yaw_deg=YAW, pitch_deg=PITCH, lids=lids)
    made = GazePlanner(sheet, blink_every_s, glance, random.Random(seed))  # noqa: S311 - dice
    made.start(0.0)
    return made


def watch(looker: GazePlanner, goal: Vec2, seconds: float, start_s: float = 0.0) -> list[Cell]:
    """The cells it rests on or comes from, at 60 pictures a second."""
    beats = range(int(seconds * 60))
    return [looker.step(start_s + beat / 60.0, goal).cell for beat in beats]


def test_it_begins_at_the_centre() -> None:
    assert planner().step(0.0, Vec2(0.0, 0.0)).cell == Cell(5, 2, Lids.OPEN)


@pytest.mark.parametrize(("goal", "column"), [(-24.0, 0), (11.0, 7), (80.0, 10)])
def test_it_arrives_where_the_viewer_is(goal: float, column: int) -> None:
    cells = watch(planner(), Vec2(goal, 0.0), 0.9)
    assert cells[-1] == Cell(column, 2, Lids.OPEN)


def test_it_moves_only_through_neighbouring_cells() -> None:
    cells = watch(planner(glance=1.0), Vec2(25.0, 12.0), 20.0)
    for before, after in pairwise(cells):
        assert abs(before.column - after.column) <= 1
        assert abs(before.row - after.row) <= 1


def test_a_viewer_who_sways_within_a_cell_is_not_followed() -> None:
    looker = planner()
    cells = watch(looker, Vec2(0.0, 0.0), 0.5)
    cells += watch(looker, Vec2(3.0, 0.0), 0.5, 0.5)
    assert {cell.column for cell in cells} == {5}


def test_it_never_stares() -> None:
    cells = watch(planner(glance=0.5), Vec2(0.0, 0.0), 20.0)
    longest, run = 0, 0
    for before, after in pairwise(cells):
        run = run + 1 if before == after else 0
        longest = max(longest, run)
    assert longest / 60.0 < 4.0


def test_blinks_close_through_half_and_come_irregularly() -> None:
    cells = watch(planner(blink_every_s=3.0), Vec2(0.0, 0.0), 120.0)
    lids = [before.lids for before, after in pairwise(cells) if before.lids != after.lids]
    starts = [
        number / 60.0
        for number, (before, after) in enumerate(pairwise(cells))
        if before.lids is Lids.OPEN and after.lids is not Lids.OPEN
    ]
    assert 25 <= len(starts) <= 60
    pauses = [b - a for a, b in pairwise(starts)]
    assert max(pauses) > 2.0 * min(pauses)
    assert min(pauses) >= 1.0
    assert lids[:4] == [Lids.OPEN, Lids.HALF, Lids.CLOSED, Lids.HALF]


def test_a_sheet_without_lids_does_without_blinks() -> None:
    cells = watch(planner(lids=(Lids.OPEN,), blink_every_s=1.0), Vec2(20.0, 0.0), 10.0)
    assert {cell.lids for cell in cells} == {Lids.OPEN}


def test_hold_finishes_the_step_and_begins_no_other() -> None:
    looker = planner()
    looker.step(0.0, Vec2(25.0, 0.0))
    looks = [looker.step(beat / 60.0, Vec2(25.0, 0.0), hold=True) for beat in range(1, 30)]
    assert looks[-1].towards is None
    assert {look.cell.column for look in looks} <= {5, 6}


def test_the_share_of_a_step_rises_smoothly() -> None:
    looker = planner()
    looker.step(0.0, Vec2(25.0, 0.0))
    shares = [looker.step(beat / 240.0, Vec2(25.0, 0.0)).share for beat in range(1, 15)]
    assert shares == sorted(shares)
    assert 0.0 < shares[0] < 0.05
