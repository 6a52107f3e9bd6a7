"""Where eyes look, worked out by hand on an eye 30 mm wide around an eyeball of 12 mm radius."""

import math

import pytest

from prerender.core.readback import look_deg

# Yaw of the head, way of the iris in eye widths, where the eyes look.
TABLE = [
    (0.0, 0.0, 0.0),
    (0.0, 0.2, 30.0),  # 6 mm of 12
    (0.0, -0.2, -30.0),
    (30.0, 0.0, math.degrees(math.asin(0.25))),  # the corners have gone 3 mm, the iris with them
    (30.0, -3 / 30 / math.cos(math.radians(30)), 0.0),  # the iris stays where it was
]


@pytest.mark.parametrize(("yaw", "iris", "look"), TABLE)
def test_eyes_look_where_iris_and_corners_say(yaw, iris, look) -> None:
    assert look_deg(yaw, 0.0, iris, 0.0) == pytest.approx((look, 0.0), abs=1e-6)


def test_a_nod_with_eyes_on_the_camera_looks_nowhere() -> None:
    up = 0.5 * math.sin(math.radians(12)) / 2.5
    assert look_deg(0.0, -12.0, 0.0, up)[1] == pytest.approx(0.0, abs=1e-6)
