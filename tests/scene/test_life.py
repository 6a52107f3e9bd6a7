"""The portrait at length: looking, breathing, changing portraits, losing and finding a library."""

import itertools
import shutil

import numpy as np

from frame_app.show.window import EyePosition
from frame_app.states.vocabulary import FrameState
from tests.fakes import synthetic_library as drawn
from tests.scene.conftest import PLAIN, SCALE, Pixels, Wall

_COLUMNS, _ROWS = len(drawn.YAW), len(drawn.PITCH)
_DARK = 40.0


def _looks(wall: Wall, pictures: list[Pixels]) -> list[tuple[int, int, int]]:
    """Column, row and lids of the pictures that show one cell of the sheet."""
    found = []
    for picture in pictures:
        code = wall.code(picture)
        if code and code[0] == drawn.GAZE:
            lids, cell = divmod(code[1], _COLUMNS * _ROWS)
            row, column = divmod(cell, _COLUMNS)
            found.append((column, row, lids))
    return found


def test_the_eyes_follow_the_viewer_cell_by_cell_and_blink(make_wall, shared_library) -> None:
    wall = make_wall(
        shared_library,
        window={"strength": 0.0},
        motion={"breathing": 0.0, "glance": 0.0, "blink_every_s": 1.0},
    )
    wall.begin()
    wall.wait(lambda: wall.player.portrait.sheet is not None)
    wall.wait(lambda: len(wall.player.portrait.sheet._cells) == 3 * _COLUMNS * _ROWS)
    wall.controller.viewer_moved(EyePosition(-0.8, 0.0, 1.5))
    left = wall.steps(60)
    wall.controller.viewer_moved(EyePosition(0.8, 0.0, 1.5))
    right = wall.steps(90)
    assert min(column for column, _, _ in _looks(wall, left)) == 0
    assert max(column for column, _, _ in _looks(wall, right)) == _COLUMNS - 1
    columns = [column for column, _, _ in _looks(wall, right)]
    # Between two clean pictures at most one cell was seen only in a blend.
    assert all(abs(a - b) <= 2 for a, b in itertools.pairwise(columns))
    assert {lids for _, _, lids in _looks(wall, left + right)} >= {0, 2}
    assert wall.controller.state is FrameState.ATTENTIVE


def test_when_the_viewer_leaves_idle_goes_on(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    wall.controller.viewer_moved(EyePosition(0.5, 0.0, 1.0))
    wall.steps(30)
    wall.controller.viewer_left()
    pictures = wall.steps(20)
    assert wall.code(pictures[-1])[0] == drawn.IDLE
    assert min(picture.mean() for picture in pictures) > _DARK


def test_a_portrait_without_clips_shows_its_still_and_breathes(make_wall, tmp_path) -> None:
    drawn.make_library(tmp_path)
    for clip in tmp_path.glob("portraits/*/clips/*.mp4"):
        clip.unlink()
    wall = make_wall(tmp_path, window={"strength": 0.0}, motion={"breathing": 1.0})
    wall.begin()
    pictures = np.stack([p.astype(float) for p in wall.steps(150)[30:]])
    change = np.ptp(pictures, axis=0).max(axis=2)
    shoulder = change[int(330 * SCALE) : int(395 * SCALE)]
    eyes = change[int(130 * SCALE) : int(170 * SCALE), 100:220]
    assert shoulder.max() > 40.0
    assert eyes.max() <= 2.0
    assert wall.notices
    assert "still" in wall.notices[0]


def test_one_portrait_dissolves_into_the_next_without_dark(make_wall, shared_library) -> None:
    wall = make_wall(shared_library, **PLAIN, library={"dissolve_s": 0.5})
    first = wall.begin()
    wall.controller.turn(1)
    wall.step_until(lambda: wall.player.portrait.manifest.id == "berta")
    pictures = wall.steps(30)
    assert min(picture.mean() for picture in pictures) > _DARK
    reds = [picture[20:60, 20:60, 0].mean() for picture in pictures]
    assert all(after >= before - 1.0 for before, after in itertools.pairwise(reds))
    assert reds[-1] > first[20:60, 20:60, 0].mean() + 60.0


def test_a_new_generation_with_the_same_portrait_disturbs_nothing(make_wall, tmp_path) -> None:
    drawn.publish_portrait(tmp_path, "anna", gaze=False)
    wall = make_wall(tmp_path)
    wall.begin()
    portrait = wall.player.portrait
    drawn.publish_portrait(tmp_path, "berta", hue=1.0, gaze=False)
    wall.step_until(lambda: len(wall.controller._entries) == 2)
    codes = [wall.code(picture) for picture in wall.steps(20)]
    assert wall.player.portrait is portrait
    assert all(code and code[0] == drawn.IDLE for code in codes)


def test_without_a_library_the_fallback_hangs_until_there_is_one(make_wall, tmp_path) -> None:
    root = tmp_path / "library"
    wall = make_wall(root)
    wall.step_until(lambda: wall.controller.state is FrameState.FALLBACK)
    assert wall.steps(3)[-1].mean() > _DARK
    assert "inbox" in wall.notices[0]
    drawn.publish_portrait(root, "anna", gaze=False)
    wall.step_until(lambda: wall.controller.state is FrameState.IDLE)
    assert wall.code(wall.steps(60)[-1])[0] == drawn.IDLE


def test_a_library_that_breaks_while_playing_changes_nothing(make_wall, tmp_path) -> None:
    drawn.publish_portrait(tmp_path, "anna", gaze=False)
    wall = make_wall(tmp_path)
    wall.begin()
    (tmp_path / "library.json").write_text('{"schema": 99}')
    shutil.rmtree(tmp_path / "generations")
    codes = [wall.code(picture) for picture in wall.steps(40)]
    assert wall.controller.state is FrameState.IDLE
    assert all(code and code[0] == drawn.IDLE for code in codes)


def test_quiet_hours_darken_and_the_morning_brings_the_picture_back(
    make_wall, shared_library
) -> None:
    night = {"doze_s": 0.2, "doze_brightness": 0.3}
    wall = make_wall(shared_library, **{**PLAIN, "picture": {"fade_s": 0.2}, "quiet_hours": night})
    day = wall.begin().mean()
    wall.controller.quiet_hours(begin=True)
    assert wall.steps(16)[-1].max() == 0
    wall.controller.quiet_hours(begin=False)
    assert abs(wall.steps(12)[-1].mean() - day) < 3.0


def test_a_portrait_that_is_switched_off_makes_room_and_can_be_shown_all_the_same(
    make_wall, shared_library
) -> None:
    wall = make_wall(shared_library, **PLAIN, library={"dissolve_s": 0.1})
    wall.begin()
    wall.controller.settings(opened=True)
    assert wall.controller.state == "settings"
    wall.arrangement.switch("anna", on=False)
    wall.step_until(lambda: wall.player.portrait.manifest.id == "berta")
    wall.step_until(lambda: not wall.player.is_dissolving)
    wall.controller.show("anna")
    wall.step_until(lambda: wall.player.portrait.manifest.id == "anna")
    wall.step_until(lambda: len(wall.player.portrait.reactions) >= 2)
    wall.controller.preview("smile")
    wall.step_until(lambda: wall.player.performer.front_name == "smile")
    wall.step_until(lambda: wall.player.performer.front_name == "idle")
    wall.controller.settings(opened=False)
    assert wall.controller.state is FrameState.IDLE
