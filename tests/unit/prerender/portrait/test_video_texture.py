"""Exits and jumps of a clip that is known by construction."""

import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from prerender.portrait.video_texture import Thumbnail, find_exits, find_jumps, thumbnail

FPS = 30.0


def frame(offset_px: float) -> ImageU8:
    """A dark disc on grey, moved sideways."""
    y, x = np.mgrid[0:192, 0:192].astype(np.float32)
    disc = np.clip(40 - np.hypot(x - 96 - offset_px, y - 96), 0, 1)
    grey = (180 - 140 * disc).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def swinging(seconds: float, period_s: float, reach_px: float) -> list[Thumbnail]:
    matte = np.full((192, 192), 255, np.uint8)
    times = np.arange(round(seconds * FPS)) / FPS
    return [thumbnail(frame(reach_px * np.sin(2 * np.pi * t / period_s)), matte) for t in times]


def test_thumbnails_are_small_whatever_the_frame() -> None:
    colour, matte = np.zeros((900, 800, 3), np.uint8), np.zeros((900, 800), np.uint8)
    assert thumbnail(colour, matte).shape == (96, 85)


def test_exits_are_where_the_disc_is_back_in_its_place() -> None:
    thumbnails = swinging(4.0, 2.0, 20.0)
    exits = find_exits(thumbnails, thumbnails[0])
    assert exits[0] == 0
    assert all(min(abs(e - k) for k in (0, 30, 60, 90, 120)) <= 1 for e in exits)
    assert {30, 60, 90} <= set(exits)


def test_a_small_blink_is_no_exit() -> None:
    matte = np.full((192, 192), 255, np.uint8)
    still = frame(0)
    blink = still.copy()
    blink[60:66, 60:75] = 60  # a quarter of a percent of the picture
    assert find_exits([thumbnail(blink, matte)], thumbnail(still, matte)) == ()


def test_jumps_keep_place_and_direction_of_motion() -> None:
    thumbnails = swinging(4.0, 2.0, 20.0)
    jumps = find_jumps(thumbnails, FPS)
    assert jumps
    for jump in jumps:
        # One period is 60 frames; half a period later the disc is there too, but moves back.
        assert (jump.target - jump.source - 1) % 60 in (0, 1, 59)


def test_jumps_are_never_short_and_rise() -> None:
    thumbnails = swinging(6.0, 0.5, 20.0)
    jumps = find_jumps(thumbnails, FPS)
    assert jumps
    assert all(abs(jump.target - jump.source - 1) >= FPS for jump in jumps)
    assert [j.source for j in jumps] == sorted(j.source for j in jumps)


def test_a_clip_that_never_repeats_has_no_jumps() -> None:
    matte = np.full((192, 192), 255, np.uint8)
    assert find_jumps([thumbnail(frame(x), matte) for x in range(-45, 45)], FPS) == ()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_very_short_clips_are_no_trouble(count: int) -> None:
    thumbnails = swinging(1.0, 1.0, 5.0)[:count]
    assert find_jumps(thumbnails, FPS) == ()
