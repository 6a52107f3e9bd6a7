"""What is seen when clips follow one another: the right frame, none twice, never black."""

import itertools

import numpy as np
import numpy.typing as npt
from PySide6.QtQml import QQmlProperty

from tests.fakes import synthetic_library as drawn
from tests.scene.conftest import SCALE, Pixels

_DARK = 40.0  # mean of the screen; the drawn portrait has about 100
_FLASH = 12.0  # mean difference of two pictures; neighbouring frames differ by less than 3


def test_idle_shows_every_frame_once_and_in_order(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    codes = [wall.code(picture) for picture in wall.steps(120)]
    assert all(code is not None and code[0] == drawn.IDLE for code in codes)
    frames = [code[1] for code in codes if code]
    for before, after in itertools.pairwise(frames):
        is_jump = (before, after) in {(75, 15), (89, 0)}
        assert after == before + 1 or is_jump, (before, after)


def test_a_reaction_is_on_screen_within_two_pictures_and_starts_at_its_first_frames(
    make_wall, shared_library
) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    for _ in range(20):  # between two exits of the idle
        picture = wall.step()
        code = wall.code(picture)
        if code and code[1] % 15 == 5:
            break
    before = wall.step()
    wall.controller.gesture_made("smile")
    after = [wall.step(), wall.step()]
    changes = [np.abs(_code_area(a) - _code_area(before)).max() for a in after]
    assert max(changes) > 4.0
    (record,) = [r for r in wall.journal.of("clip") if r["name"] == "smile"]
    assert record["frames"] <= 2


def test_a_dissolve_goes_steadily_from_one_clip_to_the_other_without_dark_or_flash(
    make_wall, shared_library
) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    wall.steps(5)
    wall.controller.gesture_made("smile")
    pictures = wall.steps(20)
    assert min(picture.mean() for picture in pictures) > _DARK
    steps = [np.abs(a.astype(float) - b).mean() for a, b in itertools.pairwise(pictures)]
    assert max(steps) < _FLASH
    codes = [wall.code(picture) for picture in pictures[10:]]
    assert codes == [(drawn.SMILE, frame) for frame in range(codes[0][1], codes[0][1] + 10)]


def test_at_an_exit_the_reaction_follows_without_a_dissolve(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    wall.step_until(lambda: wall.player.performer.frame[1] == 14)
    wall.controller.gesture_made("nod")
    codes = [wall.code(picture) for picture in wall.steps(3)]
    assert codes[-1] is not None
    assert codes[-1][0] == drawn.NOD
    assert None not in codes


def test_after_the_last_frame_of_a_reaction_idle_begins_at_once(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    wall.controller.gesture_made("nod")
    pictures = wall.steps(60)
    assert min(picture.mean() for picture in pictures) > _DARK
    codes = [wall.code(picture) for picture in pictures]
    end = codes.index((drawn.NOD, 29))
    assert codes[end + 1 : end + 4] == [(drawn.IDLE, frame) for frame in range(3)], codes


def test_an_interrupt_during_a_dissolve_waits_for_it_and_jumps_nowhere(
    make_wall, shared_library
) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    wall.steps(5)
    wall.controller.gesture_made("smile")
    wall.steps(3)
    wall.controller.viewer_seen()
    wall.controller.viewer_left()
    pictures = wall.steps(30)
    steps = [np.abs(a.astype(float) - b).mean() for a, b in itertools.pairwise(pictures)]
    assert max(steps) < _FLASH


def _code_area(picture: Pixels) -> npt.NDArray[np.float64]:
    top, left = int(drawn.CODE_TOP * SCALE), int(drawn.CODE_LEFT * SCALE)
    height, width = int(2 * drawn.CELL * SCALE), int(drawn.CELLS * drawn.CELL * SCALE)
    area: npt.NDArray[np.float64] = picture[top : top + height, left : left + width].astype(float)
    return area


def test_the_rehearsal_of_a_dissolve_leaves_nothing_behind(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.step_until(lambda: wall.player.portrait is not None)
    (spare,) = wall.player._spare
    front = wall.player._front.hanging
    wall.step()
    assert not spare.view.isVisible()
    assert not QQmlProperty.read(front.view, "layer.enabled")
    assert spare.view.property("luma") is spare._items["luma"]
    assert front.view.property("luma") is front._items["luma"]
