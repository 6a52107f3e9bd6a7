"""Sheets with faults drawn by hand, and what is left of them."""

from dataclasses import replace

import pytest

from prerender.core.readback import Look
from prerender.core.sheetgate import kept
from prerender.engines.base import GazeGrid

YAW, PITCH = (-20.0, -10.0, 0.0, 10.0, 20.0), (-8.0, -4.0, 0.0, 4.0, 8.0)
GRID = GazeGrid(YAW, PITCH, ("open",))
STILL = Look(
    **dict.fromkeys(Look.__dataclass_fields__, 0.0) | {"open_left": 0.3, "open_right": 0.3}
)
# One sign per cell, rows from low to high: . passes, f folds, - shows no face.
CASES: dict[str, tuple[str, tuple[float, ...], tuple[float, ...]]] = {
    "all passes": (".....|.....|.....|.....|.....", YAW, PITCH),
    "a column folds": ("....f|....f|....f|....f|....f", YAW[:4], PITCH),
    "both sides fold": ("f...f|f...f|f...f|f...f|f...f", YAW[1:4], PITCH),
    "the lowest row shows no face": ("-----|.....|.....|.....|.....", YAW, PITCH[1:]),
    "one corner costs one line": ("f....|.....|.....|.....|.....", (), ()),
    "a fold beside the middle": (".....|.....|...f.|.....|.....", YAW[:3], PITCH),
    "folds around the middle": (".....|.....|.f.f.|.....|.....", (), ()),
    "the middle folds": (".....|.....|..f..|.....|.....", (), ()),
}


def drawn(cells: str) -> tuple[list[float], list[Look | None]]:
    signs = cells.replace("|", "")
    looks = [
        None if sign == "-" else replace(STILL, yaw_deg=YAW[i % 5] / 2, pitch_deg=PITCH[i // 5])
        for i, sign in enumerate(signs)
    ]
    return [-0.1 if sign == "f" else 1.0 for sign in signs], looks


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[1]])
def test_a_sheet_shrinks_to_what_passes(name) -> None:
    cells, yaw, pitch = CASES[name]
    jacobians, looks = drawn(cells)
    assert kept(GRID, jacobians, STILL, looks) == GazeGrid(yaw, pitch, ("open",))


def test_one_corner_costs_one_line() -> None:
    jacobians, looks = drawn(CASES["one corner costs one line"][0])
    left = kept(GRID, jacobians, STILL, looks)
    assert left is not None
    assert len(left.yaw_deg) * len(left.pitch_deg) == 20


@pytest.mark.parametrize("name", ["folds around the middle", "the middle folds"])
def test_too_little_is_nothing(name) -> None:
    jacobians, looks = drawn(CASES[name][0])
    assert kept(GRID, jacobians, STILL, looks) is None


def test_a_column_that_looks_back_goes_with_all_beyond_it() -> None:
    jacobians, looks = drawn(CASES["all passes"][0])
    back = [
        replace(look, yaw_deg=-12.0) if look is not None and i % 5 == 3 else look
        for i, look in enumerate(looks)
    ]
    left = kept(GRID, jacobians, STILL, back)
    assert left is not None
    assert left.yaw_deg == YAW[:3]


def test_without_a_judge_only_folds_count() -> None:
    jacobians, _ = drawn(CASES["both sides fold"][0])
    left = kept(GRID, jacobians, None, [None] * 25)
    assert left is not None
    assert left.yaw_deg == YAW[1:4]
