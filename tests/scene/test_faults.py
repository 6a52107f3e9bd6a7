"""What breaks beneath a playing wall is not seen on it: no dark, no flash, no rest, no jump."""

import itertools
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from frame_app.cliplib import writer
from frame_app.states.vocabulary import FrameState
from frame_app.ui.night import House, Night
from tests.fakes import synthetic_library as drawn
from tests.scene.conftest import Pixels, Wall

_ALIVE: dict[str, Any] = {"window": {"strength": 0.0}, "motion": {"breathing": 1.0}}
_DARK = 40.0  # mean of the screen; the drawn portrait has about 100
_FLASH = 12.0  # mean difference of two pictures; neighbouring frames differ by less than 3
_REST = 2  # pictures in a row that may be the same


def calm(pictures: list[Pixels], darkest: float = _DARK) -> None:
    """Nothing dark, nothing sudden, and never more than two pictures that are the same."""
    assert min(picture.mean() for picture in pictures) > darkest
    steps = [np.abs(a.astype(float) - b).mean() for a, b in itertools.pairwise(pictures)]
    assert max(steps) < _FLASH
    rests = [len(list(run)) for is_same, run in itertools.groupby(step == 0 for step in steps)
             if is_same]  # fmt: skip
    assert max(rests, default=0) < _REST


def test_clips_deleted_while_they_play_leave_a_portrait_that_breathes(make_wall, tmp_path) -> None:
    drawn.publish_portrait(tmp_path, "anna", gaze=False)
    wall = make_wall(tmp_path, **_ALIVE)
    wall.begin()
    pictures = wall.steps(20)
    for clip in tmp_path.glob("portraits/*/clips/*.mp4"):
        clip.unlink()
    pictures += wall.steps(110)  # past a jump of the idle, for which its file is opened anew
    calm(pictures)
    assert wall.notices == []


def test_a_reaction_that_broke_since_its_head_was_decoded_ends_without_a_jump(
    make_wall, tmp_path
) -> None:
    drawn.publish_portrait(tmp_path, "anna", gaze=False)
    wall = make_wall(tmp_path, **_ALIVE)
    wall.begin()
    (smile,) = tmp_path.glob("portraits/*/clips/smile.mp4")
    smile.write_bytes(bytes(500))
    pictures = wall.steps(10)
    wall.controller.gesture_made("smile")
    pictures += wall.steps(60)
    calm(pictures)
    assert wall.controller.state is FrameState.IDLE
    assert wall.code(pictures[-1])[0] == drawn.IDLE
    assert wall.notices == []
    assert len(wall.journal.of("notice")) == 1


def test_a_portrait_that_is_deleted_with_all_its_files_dissolves_into_another(
    make_wall, tmp_path
) -> None:
    drawn.publish_portrait(tmp_path, "anna", gaze=False)
    drawn.publish_portrait(tmp_path, "berta", hue=1.0, gaze=False)
    wall = make_wall(tmp_path, **_ALIVE, library={"dissolve_s": 0.5})
    wall.begin()
    pictures = wall.steps(10)
    (folder,) = tmp_path.glob("portraits/anna-*")
    shutil.rmtree(folder)
    writer.remove(tmp_path, "anna")
    pictures.append(wall.step_until(lambda: wall.player.portrait.manifest.id == "berta"))
    pictures += wall.steps(40)
    calm(pictures)
    assert wall.notices == []


def test_an_index_that_is_torn_while_playing_does_not_bring_back_what_was_deleted(
    make_wall, tmp_path
) -> None:
    drawn.publish_portrait(tmp_path, "anna", gaze=False)
    drawn.publish_portrait(tmp_path, "berta", hue=1.0, gaze=False)
    wall = make_wall(tmp_path, **_ALIVE)
    wall.begin()
    newest = max((tmp_path / "generations").iterdir())
    newest.unlink()  # the last good generation on disk is older than the one on the wall
    (tmp_path / "library.json").write_text("{")
    calm(wall.steps(40))
    assert [entry.id for entry in wall.controller.portraits] == ["anna", "berta"]
    assert wall.notices == []


def test_a_clock_that_is_set_changes_the_light_step_by_step(
    make_wall, shared_library: Path
) -> None:
    wall = make_wall(shared_library, **_ALIVE, light={"on": True}, picture={"burn_in_shift": 0.0})
    wall.begin()
    pictures = wall.steps(5)
    for time in (datetime(2026, 11, 20, 2), datetime(1970, 1, 1, 12), datetime(2026, 11, 20, 20)):
        wall.wall.time = time
        pictures += wall.steps(36)  # the clock on the wall is looked at once a second
    calm(pictures, darkest=20.0)
    means = [picture.mean() for picture in pictures]
    assert max(abs(b - a) for a, b in itertools.pairwise(means)) < 1.5
    assert min(means) < means[0] - 10.0
    assert wall.player.portrait.manifest.id == "anna"


class _Panel:
    """Hears what is wished of the panel."""

    def __init__(self) -> None:
        self.wishes: list[bool] = []

    def wish(self, *, on: bool, by: str = "auto") -> None:
        assert by
        self.wishes.append(on)


def _with_night(wall: Wall, folder: Path) -> _Panel:
    panel = _Panel()
    house = House(
        wall.clock, wall.wall, wall.settings, wall.journal, panel, lambda _path, _data: None
    )
    Night(wall.controller, wall.player, house, folder / "night.json")
    return panel


def test_a_clock_set_into_the_night_and_back_dims_and_lights_without_a_jump(
    make_wall, shared_library, tmp_path
) -> None:
    night = {"doze_s": 0.5, "doze_brightness": 0.3}
    wall = make_wall(shared_library, **_ALIVE, quiet_hours=night, picture={"fade_s": 1.0})
    panel = _with_night(wall, tmp_path)
    wall.begin()
    wall.wall.time = datetime(2026, 11, 20, 2)
    pictures = wall.steps(120)
    assert wall.player.is_dark
    assert panel.wishes == [False]
    wall.wall.time = datetime(2026, 11, 20, 12)
    pictures += wall.steps(60)
    assert panel.wishes == [False, True]
    assert wall.controller.state is FrameState.IDLE
    steps = [np.abs(a.astype(float) - b).mean() for a, b in itertools.pairwise(pictures)]
    assert max(steps) < _FLASH
    assert abs(pictures[-1].mean() - pictures[0].mean()) < 3.0


def test_a_machine_that_is_held_up_during_a_dissolve_does_not_jump_over_it(
    make_wall, shared_library
) -> None:
    wall = make_wall(shared_library, **_ALIVE, library={"dissolve_s": 1.0})
    wall.begin()
    wall.controller.turn(1)
    wall.step_until(lambda: wall.player.is_dissolving)
    pictures = wall.steps(10)
    wall.clock.advance(0.3)
    pictures += wall.steps(40)
    calm(pictures)
    assert not wall.player.is_dissolving
