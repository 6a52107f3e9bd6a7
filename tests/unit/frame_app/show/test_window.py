import math

import pytest

from frame_app.cliplib.schema import Parallax
from frame_app.show.timeline import Vec2
from frame_app.show.window import EyeFollower, EyePosition, Spring, gaze_of, shift_of

SCENE = Parallax(max_shift=0.04, pivot=0.5)


def test_from_straight_ahead_nothing_is_shifted() -> None:
    assert shift_of(EyePosition(0.0, 0.0, 1.0), SCENE, 1.0) == Vec2(0.0, 0.0)


def test_near_things_move_against_the_eye_on_screen() -> None:
    shift = shift_of(EyePosition(0.3, 0.2, 1.0), SCENE, 1.0)
    assert shift.x > 0.0  # looked up further right, so it appears further left
    assert shift.y < 0.0  # the eye is higher, so near things appear lower


@pytest.mark.parametrize("x", [-50.0, -1.0, -0.2, 0.2, 1.0, 50.0])
def test_the_shift_never_passes_what_the_portrait_can_carry(x: float) -> None:
    assert abs(shift_of(EyePosition(x, x, 0.4), SCENE, 1.0).x) <= 0.04
    assert abs(shift_of(EyePosition(x, x, 0.4), SCENE, 0.5).x) <= 0.02


def test_moving_away_flattens_the_picture() -> None:
    near, far = (shift_of(EyePosition(0.3, 0.0, z), SCENE, 1.0).x for z in (0.6, 2.4))
    assert far < 0.5 * near


def test_gaze_is_the_angle_from_the_portraits_own_eyes() -> None:
    assert gaze_of(EyePosition(1.0, 0.0, 1.0), Vec2(0.0, 0.0)).x == pytest.approx(45.0)
    assert gaze_of(EyePosition(0.0, 0.2, 1.0), Vec2(0.0, 0.2)) == Vec2(0.0, 0.0)
    assert gaze_of(EyePosition(0.0, -0.5, 1.0), Vec2(0.0, 0.0)).y < -20.0


def test_the_spring_follows_without_overshoot_and_the_same_at_every_rate() -> None:
    ends = []
    for rate in (15, 30, 60, 240):
        spring = Spring(0.0, 0.2)
        values = [spring.step(1.0, 1.0 / rate) for _ in range(rate // 2)]
        assert max(values) <= 1.0
        assert values == sorted(values)
        ends.append(spring.value)
    assert max(ends) - min(ends) < 0.03
    assert min(ends) > 0.93


def test_the_follower_glides_to_another_viewer() -> None:
    eye = EyeFollower(EyePosition(0.0, 0.0, 1.0), 0.2)
    first = eye.step(EyePosition(0.5, -0.5, 2.0), 1.0 / 30.0)
    assert 0.0 < first.x < 0.05
    last = [eye.step(EyePosition(0.5, -0.5, 2.0), 1.0 / 30.0) for _ in range(90)][-1]
    assert math.dist((last.x, last.y, last.z), (0.5, -0.5, 2.0)) < 0.01
