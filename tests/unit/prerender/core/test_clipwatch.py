import numpy as np

from prerender.core.clipwatch import ClipWatch
from prerender.engines.base import ActorFrame

RNG = np.random.default_rng(4)
COLOUR = np.kron(RNG.integers(0, 255, (12, 10, 3)), np.ones((8, 8, 1))).astype(np.uint8)
MATTE = np.full(COLOUR.shape[:2], 255, np.uint8)
STILL = ActorFrame(COLOUR, MATTE)


def moved(rows: slice, columns: slice, by: int) -> ActorFrame:
    colour = COLOUR.copy()
    colour[rows, columns] = np.clip(colour[rows, columns].astype(int) + by, 0, 255)
    return ActorFrame(colour, MATTE)


def test_frames_like_the_still_are_exits_and_others_are_not() -> None:
    watch = ClipWatch(STILL)
    blink = moved(slice(40, 56), slice(30, 50), -80)
    for frame in (STILL, blink, blink, STILL):
        watch.see(frame)
    assert watch.exits() == (0, 3)


def test_motion_at_the_border_is_seen_and_inside_it_is_not() -> None:
    watch = ClipWatch(STILL)
    watch.see(moved(slice(10, 80), slice(10, 70), 40))
    assert watch.border_max == 0
    watch.see(moved(slice(-1, None), slice(5, 6), -25))
    assert 0 < watch.border_max <= 25


def test_what_the_matte_hides_does_not_count() -> None:
    hidden = ActorFrame(COLOUR, np.zeros_like(MATTE))
    watch = ClipWatch(hidden)
    watch.see(ActorFrame(np.asarray(255 - COLOUR, np.uint8), np.zeros_like(MATTE)))
    assert watch.border_max == 0


def test_a_loop_that_comes_back_to_the_same_place_can_jump() -> None:
    watch = ClipWatch(STILL)
    for number in range(120):
        lift = round(30 * np.sin(2 * np.pi * number / 60))
        watch.see(moved(slice(20, 60), slice(20, 60), lift))
    jumps = watch.jumps(30.0)
    assert jumps
    assert all(abs(jump.source - jump.target) >= 29 for jump in jumps)
