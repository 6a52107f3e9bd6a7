"""Where the eyes are, and what the face does."""

import math

import numpy as np
import pytest

from frame_app.config.model import PerceptionSettings
from frame_app.perception.people import People
from frame_app.perception.viewer import EyesSeen, Lens, OneEuro, Smile

FOCAL_PX = 320.0 / math.tan(math.radians(32.5))  # of 65 degrees over 640 px


def seen(x_m: float, y_m: float, z_m: float) -> EyesSeen:
    """Eyes at a place before the lens, x to the viewer's right: the camera's left."""
    scale = FOCAL_PX / z_m
    return EyesSeen(320.0 - x_m * scale, 240.0 - y_m * scale, 0.063 * scale)


@pytest.mark.parametrize(("x", "y", "z"), [(0.0, 0.0, 0.5), (0.4, -0.2, 1.0), (-1.0, 0.1, 3.0)])
def test_eyes_are_found_where_they_are(x: float, y: float, z: float) -> None:
    settings = PerceptionSettings(camera_y_m=0.0)
    assert Lens(640, 480, settings).place(seen(x, y, z)) == pytest.approx((x, y, z), abs=1e-9)


def test_place_and_tilt_of_the_camera_are_taken_into_account() -> None:
    # By hand: the lens 0.3 m above and 0.1 m right of the middle, looking 30 degrees down, sees
    # somebody 1 m straight before it: 0.5 m lower and 0.866 m before the screen.
    settings = PerceptionSettings(camera_x_m=0.1, camera_y_m=0.3, camera_tilt_deg=30.0)
    place = Lens(640, 480, settings).place(seen(0.0, 0.0, 1.0))
    assert place == pytest.approx((0.1, 0.3 - 0.5, 0.866), abs=1e-3)


def test_the_calibration_scales_the_distance() -> None:
    settings = PerceptionSettings(camera_y_m=0.0, distance_factor=1.5)
    assert Lens(640, 480, settings).place(seen(0.2, 0.0, 1.0)) == pytest.approx((0.3, 0.0, 1.5))


def test_a_smile_is_measured_against_the_mouth_at_rest() -> None:
    # Curves of `mouth_curve` as measured on the animator's clips of three portraits.
    for rest, full in ((0.38, 0.57), (0.51, 0.66), (0.54, 0.77)):
        smile = Smile()
        calm = [smile.take(number / 15, rest) for number in range(60)]
        glad = [smile.take(4.0 + number / 15, full) for number in range(15)]
        assert max(calm[5:]) == 0.0
        assert min(glad) > 0.6


def test_somebody_who_comes_with_a_smile_smiles() -> None:
    assert Smile().take(0.0, 0.85) == 1.0


def test_the_filter_calms_a_resting_eye_and_follows_a_moving_one() -> None:
    rng = np.random.default_rng(1)
    still = OneEuro(rest_hz=1.0, beta=2.5)
    noisy = rng.normal(0.0, 0.01, (150, 3))
    calm = np.array([still.take(number / 15, noise) for number, noise in enumerate(noisy)])
    assert calm[30:].std() < 0.6 * noisy[30:].std()
    moving = OneEuro(rest_hz=1.0, beta=2.5)
    path = [moving.take(number / 15, np.array([number / 15, 0.0, 1.0])) for number in range(30)]
    assert path[-1][0] > 29 / 15 - 0.09  # at a metre a second


def test_one_sighting_is_nobody_and_two_are_somebody() -> None:
    people = People()
    people.see(EyesSeen(300, 200, 30), 0.0)
    people.settle(0.0)
    assert (people.count, people.main) == (0, None)
    people.see(EyesSeen(303, 200, 30), 0.1)
    people.settle(0.1)
    assert people.count == 1
    people.settle(1.0)
    assert people.count == 1  # hidden for a moment
    people.settle(1.5)
    assert people.count == 0


def test_the_nearer_one_takes_over_only_if_much_nearer_and_for_long() -> None:
    def stand(apart: float, seconds: float) -> tuple[int, int]:
        people = People()
        people.see(EyesSeen(100, 200, 30), -0.1)
        for number in range(round(seconds * 15)):
            people.see(EyesSeen(100, 200, 30), number / 15)
            people.see(EyesSeen(500, 200, apart), number / 15)
            people.settle(number / 15)
        assert people.main is not None
        return people.main.number, people.count

    assert stand(33.0, 5.0) == (1, 2)
    assert stand(45.0, 0.8) == (1, 2)
    assert stand(45.0, 2.0) == (2, 2)
