"""What the wall's manners look like, by pixels; and queues, sleep and pause on screen."""

import numpy as np
import pytest

from frame_app.show.window import EyePosition
from frame_app.states.vocabulary import FrameState
from tests.fakes import synthetic_library as drawn
from tests.scene.conftest import HEIGHT, PLAIN, WIDTH, Pixels

MAT = (232, 226, 212)
FLAT = {"window": {"strength": 0.0}, "motion": {"breathing": 0.0}}


def _picture(**fields: object) -> dict[str, object]:
    return {"picture": {"burn_in_shift": 0.0, "mat": "#e8e2d4", **fields}}


def _near(colour: Pixels, wanted: tuple[int, ...], by: int = 3) -> bool:
    return bool(np.abs(colour.astype(int) - wanted).max() <= by)


def test_a_bevelled_mat_has_margins_a_shaded_and_a_lit_edge(make_wall, shared_library) -> None:
    settings = _picture(fit="mat", mat_style="bevel", mat_width=0.1)
    wall = make_wall(shared_library, **{**PLAIN, **settings})
    picture = wall.begin()
    place = wall.player._front.hanging.frame
    left, top = round(place[0] * WIDTH), round(place[1] * HEIGHT)
    bottom = top + round(place[3] * HEIGHT)
    middle = WIDTH // 2
    assert _near(picture[5, 5], MAT)
    assert _near(picture[top - 6, middle], MAT)
    upper, lower = picture[top - 1, middle].mean(), picture[bottom, middle].mean()
    assert upper < 190.0 < 225.0 < lower
    inner, deeper = picture[top + 1, left + 40].mean(), picture[top + 14, left + 40].mean()
    assert inner < deeper - 8.0  # the shadow of the mat falls on the picture


def test_a_line_runs_around_the_picture_and_nowhere_else(make_wall, shared_library) -> None:
    settings = _picture(fit="mat", mat_style="line", mat_width=0.15, mat="#202020")
    picture = make_wall(shared_library, **{**PLAIN, **settings}).begin()
    column = picture[: HEIGHT // 4, WIDTH // 2].mean(axis=1)
    starts = [y for y in range(1, len(column)) if column[y] > 60.0 >= column[y - 1]]
    assert len(starts) == 2  # the line, and after a gap the picture
    assert (column[: starts[0]] < 40.0).all()
    assert (column[starts[0] + 2 : starts[1]] < 40.0).all()


def test_the_light_of_the_night_is_dim_warm_and_darker_in_the_corners(
    make_wall, shared_library
) -> None:
    day = make_wall(shared_library, **PLAIN).begin().astype(float)
    night = {"night_brightness": 0.5, "night_warmth": 1.0, "vignette": 0.4}
    wall = make_wall(shared_library, **{**PLAIN, "light": night})
    wall.wall.time = wall.wall.time.replace(hour=2)
    lit = wall.begin().astype(float)
    middle = (slice(120, 280), slice(100, 220))
    ratio = lit[middle].mean(axis=(0, 1)) / day[middle].mean(axis=(0, 1))
    assert ratio[0] == pytest.approx(0.5, abs=0.03)
    assert ratio[0] > ratio[1] > ratio[2]
    corner = lit[:12, :12, 0].mean() / day[:12, :12, 0].mean()
    assert 0.4 < corner / ratio[0] < 0.7


def test_dimmed_tones_keep_their_mean_instead_of_falling_into_bands(
    make_wall, shared_library
) -> None:
    full = make_wall(shared_library, **PLAIN).begin().astype(float)
    dim = {**PLAIN, "picture": {"burn_in_shift": 0.0, "brightness": 0.3}}
    seen = make_wall(shared_library, **dim).begin().astype(float)
    tones = [tone for tone in range(30, 256) if (full == tone).sum() > 400]
    off = [abs(seen[full == tone].mean() - 0.3 * tone) for tone in tones]
    assert len(tones) > 5
    assert max(off) < 0.15  # rounding alone is off by up to 0.5
    assert seen[full == 0].max(initial=0.0) == 0.0


def test_a_turned_picture_is_the_upright_one_turned(make_wall, shared_library) -> None:
    upright = make_wall(shared_library, **{**PLAIN, **_picture(fit="cover")})
    upright.window.resize(HEIGHT, WIDTH)
    settings = {**PLAIN, **_picture(fit="cover", turn=180)}
    turned = make_wall(shared_library, **settings)
    turned.window.rootObject().setProperty("turn", 180)
    turned.window.resize(HEIGHT, WIDTH)
    one, two = upright.begin(), turned.begin()
    if one.shape != two.shape:
        pytest.fail("the windows differ")
    assert np.abs(np.rot90(two, 2).astype(int) - one).mean() < 1.5


def test_the_burn_in_shift_moves_whole_pixels_and_shows_no_edge(make_wall, shared_library) -> None:
    settings = {**PLAIN, **_picture(fit="cover", burn_in_shift=0.02)}
    wall = make_wall(shared_library, **settings)
    wall.begin()
    crops = set()
    for _ in range(40):
        wall.clock.advance(60.0)
        wall.player._minute_of_day(wall.clock.now_s())
        crop = wall.player._front.hanging.uniforms()["crop"]
        assert crop.x() >= -1e-6
        assert crop.y() >= -1e-6
        assert crop.x() + crop.z() <= 1.0 + 1e-6
        crops.add((round(crop.x() * 320, 3), round(crop.y() * 400, 3)))
    assert len(crops) > 10


def _played(wall, count: int) -> list[int]:
    """Numbers of the clips that were on screen, in order."""
    codes = [code[0] for code in map(wall.code, wall.steps(count)) if code]
    return [code for n, code in enumerate(codes) if n == 0 or code != codes[n - 1]]


def test_speech_is_a_queue_to_which_more_can_be_said(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    assert wall.controller.say(["nod"])
    states = [wall.controller.state]
    played = _played(wall, 15)
    assert wall.controller.say(["smile", "none such"])
    played += _played(wall, 100)
    assert played.index(drawn.NOD) < played.index(drawn.SMILE)
    assert played[-1] == drawn.IDLE
    assert [*states, wall.controller.state] == [FrameState.SPEAKING, FrameState.IDLE]
    assert not wall.controller.say(["none such"])


def test_an_answer_waits_until_the_sentence_is_over(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    wall.controller.say(["nod"])
    wall.steps(10)
    wall.controller.gesture_made("smile")
    assert wall.controller.state is FrameState.SPEAKING
    played = _played(wall, 90)
    assert played.index(drawn.SMILE) > played.index(drawn.NOD)


def test_paused_the_portrait_rests_and_answers_nobody_until_it_goes_on(
    make_wall, shared_library
) -> None:
    wall = make_wall(shared_library, **PLAIN)
    wall.begin()
    wall.steps(20)
    wall.controller.pause(on=True)
    wall.steps(15)
    rest = wall.steps(10)
    assert all(np.array_equal(rest[0], picture) for picture in rest[1:])
    wall.controller.gesture_made("smile")
    wall.controller.viewer_moved(EyePosition(0.5, 0.0, 1.0))
    assert np.array_equal(wall.steps(5)[-1], rest[0])
    wall.controller.viewer_left()
    wall.controller.pause(on=False)
    assert _played(wall, 30)[-1] == drawn.IDLE


def test_asleep_and_dark_nothing_is_drawn_and_waking_shows_the_picture_again(
    make_wall, shared_library
) -> None:
    night = {"doze_s": 0.1, "doze_brightness": 0.3}
    settings = {**PLAIN, "picture": {"fade_s": 0.2}, "quiet_hours": night}
    wall = make_wall(shared_library, **settings)
    day = wall.begin().mean()
    wall.controller.quiet_hours(begin=True)
    wall.steps(20)
    assert wall.player.is_dark
    assert wall.player.performer.front_name == ""  # nothing decodes
    wall.clock.advance(8 * 3600.0)
    wall.step()
    wall.controller.quiet_hours(begin=False)
    assert abs(wall.steps(15)[-1].mean() - day) < 3.0
    wall.step_until(lambda: wall.player._front.presence == 1.0)  # the film fades in over the still
    assert _played(wall, 60) == [drawn.IDLE]
    # The night does not count as time in which the portrait was seen.
    assert wall.player.portrait.manifest.id == "anna"
    assert not wall.player.is_dissolving


def test_the_evening_has_portraits_of_its_own(make_wall, shared_library) -> None:
    wall = make_wall(shared_library, **{**PLAIN, "schedule": {"evening": "berta"}})
    wall.begin()
    shown = [wall.player.portrait.manifest.id]
    wall.wall.time = wall.wall.time.replace(hour=20)
    wall.controller._part_until_s = 0.0
    wall.step_until(lambda: wall.player.portrait.manifest.id == "berta")
    wall.step_until(lambda: not wall.player.is_dissolving)
    wall.wall.time = wall.wall.time.replace(hour=12)  # the clock is set back
    wall.controller._part_until_s = 0.0
    wall.steps(3)
    assert [entry.id for entry in wall.controller._entries] == ["anna", "berta"]
    assert shown == ["anna"]
