"""A changed setting is seen in the next picture."""

import numpy as np

from tests.scene.conftest import HEIGHT, WIDTH


def test_brightness_fit_and_mat_change_in_the_next_picture(make_wall, shared_library) -> None:
    wall = make_wall(shared_library, window={"strength": 0.0}, motion={"breathing": 0.0})
    day = wall.begin().mean()
    wall.settings.change("picture", "brightness", 0.5)
    assert abs(wall.step().mean() - 0.5 * day) < 3.0
    wall.settings.change("picture", "brightness", 1.0)
    wall.window.resize(2 * WIDTH, HEIGHT)
    wall.wait(lambda: wall.window.rootObject().width() == 2 * WIDTH)
    wall.player.lay_out()
    wall.settings.change("picture", "mat", "#204060")
    wall.step()
    assert np.abs(wall.step()[HEIGHT // 2, 20].astype(int) - (0x20, 0x40, 0x60)).max() <= 2
    wall.settings.change("picture", "fit", "cover")
    wall.step()
    assert np.abs(wall.step()[HEIGHT // 2, 20].astype(int) - (0x20, 0x40, 0x60)).max() > 20


def test_breathing_can_be_turned_off_and_on_while_it_plays(make_wall, shared_library) -> None:
    wall = make_wall(shared_library, window={"strength": 0.0}, motion={"breathing": 1.0})
    wall.begin()
    hanging = wall.player._front.hanging
    assert hanging._breath[0] > 0.0
    wall.settings.change("motion", "breathing", 0.0)
    wall.step()
    assert hanging._breath[0] == 0.0


def test_blinks_follow_the_setting_while_the_portrait_looks(make_wall, shared_library) -> None:
    wall = make_wall(shared_library, window={"strength": 0.0}, motion={"blink_every_s": 60.0})
    wall.begin()
    wall.wait(lambda: wall.player.portrait.sheet is not None)
    wall.controller.viewer_seen()
    wall.step_until(lambda: wall.player.performer.front_name == "gaze")
    wall.settings.change("motion", "blink_every_s", 1.0)
    assert wall.player.performer._front._planner._blink_every_s == 1.0
