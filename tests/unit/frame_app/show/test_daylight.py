import itertools

import pytest

from frame_app.config.model import FrameSettings, LightSettings
from frame_app.show.daylight import Light, light_at, orbit, part_of_day, tint
from frame_app.show.lamp import Lamp

PLAIN = LightSettings(
    morning="07:00", evening="19:00", night="22:00", blend_min=60.0, evening_brightness=0.8,
    night_brightness=0.4, evening_warmth=0.4, night_warmth=0.6, vignette=0.1,
)  # fmt: skip
DAY, EVENING, NIGHT = Light(1.0, 0.0, 0.1), Light(0.8, 0.4, 0.1), Light(0.4, 0.6, 0.2)


@pytest.mark.parametrize(
    ("hour", "light"),
    [
        (12.0, DAY), (18.4, DAY), (19.5, EVENING), (21.4, EVENING), (23.0, NIGHT), (3.0, NIGHT),
        (6.4, NIGHT),
    ],
)  # fmt: skip
def test_each_part_of_the_day_has_its_light(hour: float, light: Light) -> None:
    assert light_at(PLAIN, hour * 60.0) == light


def test_half_way_between_two_lights_it_is_half_of_each() -> None:
    assert light_at(PLAIN, 22 * 60.0) == pytest.approx((0.6, 0.5, 0.15))


@pytest.mark.parametrize("settings", [
    PLAIN,
    LightSettings(),
    PLAIN.model_copy(update={"night": "00:10", "blend_min": 120.0}),
    PLAIN.model_copy(update={"evening": "21:50", "blend_min": 240.0}),
])  # fmt: skip
def test_the_light_never_jumps(settings: LightSettings) -> None:
    for minute in range(24 * 60):
        one, two = light_at(settings, minute), light_at(settings, (minute + 1) % 1440)
        assert max(abs(a - b) for a, b in zip(one, two, strict=True)) < 0.1, minute


def test_lights_that_begin_at_the_same_time_do_no_harm() -> None:
    same = PLAIN.model_copy(update={"evening": "22:00"})
    assert light_at(same, 12 * 60.0) == DAY


def test_switched_off_the_light_is_always_the_same() -> None:
    off = LightSettings(on=False)
    assert {light_at(off, minute) for minute in range(1440)} == {Light(1.0, 0.0, 0.0)}


def test_warmth_takes_blue_first_and_leaves_red() -> None:
    assert tint(0.0) == (1.0, 1.0, 1.0)
    red, green, blue = tint(1.0)
    assert red == 1.0
    assert 1.0 > green > blue > 0.4


@pytest.mark.parametrize(
    ("hour", "part"),
    [
        (7, "morning"), (11.9, "morning"), (12, "afternoon"), (19, "evening"), (22, "night"),
        (3, "night"),
    ],
)  # fmt: skip
def test_the_day_has_four_parts(hour: float, part: str) -> None:
    assert part_of_day(PLAIN, hour * 60.0) == part


def test_the_orbit_is_slow_and_goes_all_the_way_round() -> None:
    places = [orbit(float(t)) for t in range(0, 4 * 3600, 10)]
    assert min(p.x for p in places) < -0.99
    assert max(p.y for p in places) > 0.99
    # At the default 0.003 of 1080 lines the fastest pixel step takes ten seconds.
    steps = [abs(a.y - b.y) * 0.003 * 1080 for a, b in itertools.pairwise(places)]
    assert max(steps) < 0.2


NIGHTLY = FrameSettings.model_validate(
    {
        "picture": {"fade_s": 1.0},
        "light": {"on": False},
        "quiet_hours": {"doze_s": 10.0, "doze_brightness": 0.2},
    }
)  # fmt: skip


def brightness(lamp: Lamp, now_s: float, elapsed_s: float = 0.5, minute: float = 720.0) -> float:
    return lamp.step(now_s, elapsed_s, NIGHTLY, minute).red


def test_it_dozes_dimly_then_grows_dark_and_wakes() -> None:
    lamp = Lamp()
    assert brightness(lamp, 0.0) == 1.0
    lamp.sleep(0.0, asleep=True, at_once=False)
    dozing = [brightness(lamp, t / 2) for t in range(1, 20)]
    assert dozing == sorted(dozing, reverse=True)
    assert dozing[-1] == pytest.approx(0.2)
    darkness = [lamp.is_dark]
    assert [brightness(lamp, 10.0), brightness(lamp, 11.0)][-1] == 0.0
    assert [*darkness, lamp.is_dark] == [False, True]
    lamp.sleep(20.0, asleep=False, at_once=False)
    assert [brightness(lamp, 20.5), brightness(lamp, 21.0)][-1] == 1.0


def test_asleep_at_once_nothing_is_ever_lit() -> None:
    lamp = Lamp()
    lamp.sleep(0.0, asleep=True, at_once=True)
    assert [brightness(lamp, t / 10) for t in range(20)] == [0.0] * 20


def test_a_clock_that_is_set_changes_the_light_slowly() -> None:
    lamp = Lamp()
    settings = FrameSettings()
    lamp.step(0.0, 0.0, settings, 720.0)
    lights = [lamp.step(t / 30, 1 / 30, settings, 60.0) for t in range(1, 200)]
    reds = [light.red for light in lights]
    assert max(abs(a - b) for a, b in itertools.pairwise(reds)) < 0.02
    assert reds[-1] == pytest.approx(settings.light.night_brightness)
