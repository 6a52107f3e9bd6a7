"""Limits by hand: what passes, what is rendered again, what is left out at once."""

import pytest

from frame_app.cliplib.schema import Family
from prerender.core.gate import LIMITS, Level, check, faults, next_amplitude
from prerender.core.stage import VISEME_SHEET

# One row per score that has a limit: family, scores, and where the first of them stands.
TABLE = [
    ("idle", {"start_db": 45.0}, Level.GOOD),
    ("idle", {"end_db": 39.9}, Level.POOR),
    ("gaze", {"centre_db": 39.0}, Level.FAIR),
    ("idle", {"border_max": 0.0}, Level.GOOD),
    ("idle", {"border_max": 1.0}, Level.FAIR),
    ("idle", {"border_max": 2.0}, Level.POOR),
    ("idle", {"still_deviation": 1.2}, Level.POOR),
    ("nod", {"tremble_px": 1.0}, Level.POOR),
    ("nod", {"grain_flicker": 0.7}, Level.FAIR),
    ("nod", {"jacobian": 0.15}, Level.FAIR),
    ("nod", {"jacobian": -0.1}, Level.POOR),
    ("sad", {"face_seen": 0.5}, Level.POOR),
    ("wink", {"edge_error": 8.0}, Level.POOR),
    ("smile", {"smile": 0.05, "smile_at_rest": 0.0}, Level.POOR),
    ("laugh", {"smile": 0.2, "smile_at_rest": 0.1}, Level.FAIR),
    ("smile", {"smile_mesh": 0.01}, Level.POOR),
    ("smile", {"smile_mesh": 0.01, "smile": 0.0, "smile_at_rest": 0.9}, Level.POOR),
    ("nod", {"turn_deg": 1.0}, Level.POOR),
    ("shake", {"turn_deg": 9.0}, Level.GOOD),
    ("tilt", {"roll_deg": 1.0}, Level.POOR),
    ("wink", {"lid_one": 0.05}, Level.POOR),
    ("surprise", {"surprise": 0.05}, Level.FAIR),
    ("blink", {"lids_both": 0.05}, Level.POOR),
    ("blink", {"lids_both": 0.3}, Level.GOOD),
    ("sleep", {"lids_both": 0.3}, Level.FAIR),
    ("wake", {"lids_both": 0.2}, Level.POOR),
    ("look", {"gaze_deg": 1.0}, Level.POOR),
    ("sad", {"frown_mesh": 0.01}, Level.POOR),
    ("sad", {"frown_mesh": 0.017}, Level.FAIR),
    ("visemes", {"lips_apart": 0.01}, Level.POOR),
]


@pytest.mark.parametrize(("family", "scores", "level"), TABLE)
def test_a_score_stands_where_the_table_says(family, scores, level) -> None:
    (found,) = check(family, scores)
    assert found.level is level


def test_the_table_knows_every_limit() -> None:
    assert {limit.score for limit in LIMITS} == {next(iter(scores)) for _, scores, _ in TABLE}
    families = {family for limit in LIMITS for family in limit.families}
    assert families <= {*(family.value for family in Family), VISEME_SHEET}


def test_other_families_need_not_smile() -> None:
    assert check("idle", {"smile": 0.0, "smile_mesh": 0.0, "lid_one": 0.0}) == ()


def test_a_mouth_that_smiles_already_is_not_asked_for_more_by_its_blendshape() -> None:
    scores = {"smile": 0.02, "smile_at_rest": 0.9, "smile_mesh": 0.2}
    assert [item.limit.score for item in check("smile", scores)] == ["smile_mesh"]


@pytest.mark.parametrize(
    ("scores", "now", "then"),
    [
        ({"jacobian": 0.0}, 1.0, 0.75),
        ({"jacobian": 0.0}, 0.75, 0.5),
        ({"jacobian": 0.0}, 0.5, None),
        ({"jacobian": 0.5}, 1.0, None),
        ({"turn_deg": 1.0}, 1.0, None),  # a gentler nod shows even less
        ({"turn_deg": 1.0, "jacobian": 0.0}, 1.0, None),
    ],
)
def test_a_fault_that_less_motion_mends_is_rendered_again(scores, now, then) -> None:
    assert next_amplitude(faults(check("nod", scores)), now, (0.75, 0.5)) == then


def test_a_fault_says_what_how_much_and_what_it_should_be() -> None:
    (item,) = check("idle", {"end_db": 31.234})
    assert (
        item.sentence() == "likeness of the last frame to the still: 31.2 dB, must be at least 40"
    )
