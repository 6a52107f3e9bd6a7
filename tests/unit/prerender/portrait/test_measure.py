"""Measurements of clips made by hand."""

import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from prerender.portrait.measure import ClipMeter, closure_db

STILL: ImageU8 = np.random.default_rng(0).integers(0, 256, (128, 96, 3), np.uint8)
MATTE = np.full((128, 96), 255, np.uint8)


def test_an_identical_frame_has_the_best_closure() -> None:
    assert closure_db(STILL, MATTE, STILL, MATTE) == 99.0


def test_closure_is_the_psnr() -> None:
    grey, light = np.full_like(STILL, 100), np.full_like(STILL, 110)
    assert closure_db(light, MATTE, grey, MATTE) == pytest.approx(28.13, abs=0.01)


def test_colours_outside_the_matte_do_not_count() -> None:
    matte = np.zeros_like(MATTE)
    assert closure_db(STILL, matte, STILL[::-1], matte) == 99.0


def test_a_still_clip_measures_nothing() -> None:
    meter = ClipMeter(STILL, MATTE)
    for _ in range(5):
        meter.add(STILL, MATTE)
    assert meter.scores() == {
        "closure_start_db": 99.0,
        "closure_end_db": 99.0,
        "border_deviation": 0.0,
        "jerk": 0.0,
    }


def test_a_flickering_border_is_seen() -> None:
    meter = ClipMeter(STILL, MATTE)
    for index in range(6):
        picture = STILL.copy()
        picture[0, 0] = 100 + 8 * (index % 2)
        meter.add(picture, MATTE)
    assert meter.scores()["border_deviation"] == pytest.approx(4.0, abs=0.01)


def test_even_motion_has_less_jerk_than_shaking() -> None:
    def jerk(levels: list[int]) -> float:
        meter = ClipMeter(STILL, MATTE)
        for level in levels:
            meter.add(np.full_like(STILL, level), MATTE)
        return meter.scores()["jerk"]

    assert jerk([10, 12, 14, 16]) == pytest.approx(0.0, abs=1e-3)
    assert jerk([10, 14, 10, 14]) == pytest.approx(8.0, abs=1e-3)
