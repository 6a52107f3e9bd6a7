"""Waves, swipes and nods, and what is none: places over time, made by hand."""

import math
import random
from collections.abc import Callable

import pytest

from frame_app.perception.motion import HandSpot, Nod, Swipe, Wave

RATE_HZ = 15.0


def spots(
    at: Callable[[float], tuple[float, float]], seconds: float, *, raised: bool = True
) -> list[tuple[float, HandSpot]]:
    times = [number / RATE_HZ for number in range(round(seconds * RATE_HZ))]
    return [(time, HandSpot(*at(time), is_raised=raised)) for time in times]


def sine(time: float, hz: float) -> float:
    return math.sin(2.0 * math.pi * hz * time)


def waves(path: list[tuple[float, HandSpot]]) -> list[float]:
    wave = Wave()
    return [time for time, spot in path if wave.take(time, spot) >= 1.0]


def swipes(path: list[tuple[float, HandSpot | None]]) -> list[int]:
    swipe = Swipe()
    ways = [swipe.take(time, spot) for time, spot in path]
    return [way for way in ways if way]


@pytest.mark.parametrize("hz", [1.2, 2.0, 3.0])
@pytest.mark.parametrize("width", [0.35, 0.8, 1.5])
def test_a_hand_that_swings_waves(hz: float, width: float) -> None:
    made = waves(spots(lambda t: (1.5 + width * sine(t, hz), 0.3 + 0.1 * sine(t, 2 * hz)), 2.0))
    assert made
    assert made[0] <= 2.0 / hz


def test_a_hand_that_hangs_does_not_wave() -> None:
    assert not waves(spots(lambda t: (sine(t, 2.0), 4.0), 4.0, raised=False))


def test_a_hand_that_is_only_raised_does_not_wave() -> None:
    assert not waves(spots(lambda t: (1.0, max(0.0, 3.0 - 4.0 * t)), 4.0))


def test_a_slow_hand_does_not_wave() -> None:
    assert not waves(spots(lambda t: (1.5 * sine(t, 0.5), 0.3), 8.0))


def test_a_trembling_hand_does_not_wave() -> None:
    assert not waves(spots(lambda t: (1.0 + 0.1 * sine(t, 4.0), 0.5), 4.0))


@pytest.mark.parametrize("seed", range(20))
def test_hands_of_somebody_who_talks_neither_wave_nor_swipe(seed: int) -> None:
    # Beats of about one a second, more up and down than sideways, each of another size.
    rng = random.Random(seed)  # noqa: S311 - no secret
    goals = [(rng.uniform(0.2, 1.2), rng.uniform(1.0, 3.0)) for _ in range(30)]
    times = [0.0]
    for _ in goals[1:]:
        times.append(times[-1] + rng.uniform(0.3, 0.8))

    def at(time: float) -> tuple[float, float]:
        number = max(index for index, begin in enumerate(times) if begin <= time)
        if number + 1 == len(times):
            return goals[-1]
        share = (time - times[number]) / (times[number + 1] - times[number])
        ease = share * share * (3.0 - 2.0 * share)
        (x0, y0), (x1, y1) = goals[number], goals[number + 1]
        return x0 + (x1 - x0) * ease, y0 + (y1 - y0) * ease

    path = spots(at, times[-1])
    assert not waves(path)
    assert not swipes([*path])


@pytest.mark.parametrize("way", [-1, 1])
def test_a_hand_that_goes_far_at_once_swipes(way: int) -> None:
    def at(time: float) -> tuple[float, float]:
        share = min(1.0, max(0.0, (time - 0.5) / 0.3))
        return way * (-1.2 + 2.6 * share), 1.0

    assert swipes([*spots(at, 2.0)]) == [way]


def test_a_swipe_may_end_outside_of_the_picture() -> None:
    path: list[tuple[float, HandSpot | None]] = [
        *spots(lambda t: (-1.5 + 8.0 * t, 1.0), 0.5),
        *((0.5 + number / RATE_HZ, None) for number in range(10)),
    ]
    assert swipes(path) == [1]


def test_a_wide_wave_is_no_swipe() -> None:
    assert not swipes([*spots(lambda t: (1.2 * sine(t, 1.6), 0.5), 3.0)])


def test_a_hand_raised_past_the_body_is_no_swipe() -> None:
    assert not swipes([*spots(lambda t: (2.0 - 4.0 * min(t, 0.5), 3.0 - 4.0 * min(t, 0.5)), 2.0)])


def nods(pitch: Callable[[float], float], yaw: Callable[[float], float], seconds: float) -> int:
    nod = Nod()
    times = [number / RATE_HZ for number in range(round(seconds * RATE_HZ))]
    return sum(nod.take(time, pitch(time), yaw(time)) >= 1.0 for time in times)


def test_a_head_that_goes_down_and_up_twice_nods_once() -> None:
    assert nods(lambda t: 6.0 * sine(min(t, 1.2), 1.7), lambda _: 0.0, 4.0) == 1


def test_looking_down_and_up_again_is_no_nod() -> None:
    assert nods(lambda t: 20.0 if 1.0 < t < 3.0 else 0.0, lambda _: 0.0, 5.0) == 0


def test_looking_around_is_no_nod() -> None:
    assert nods(lambda t: 5.0 * sine(t, 1.5), lambda t: 25.0 * sine(t, 0.7), 4.0) == 0


@pytest.mark.parametrize("seed", range(10))
def test_a_head_that_rests_or_talks_does_not_nod(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    noise = [rng.gauss(0.0, 0.6) for _ in range(400)]
    assert nods(lambda t: noise[round(t * RATE_HZ)] + sine(t, 0.9), lambda _: 0.0, 20.0) == 0
