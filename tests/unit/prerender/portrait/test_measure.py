"""Measurements of clips made by hand."""

import numpy as np
import pytest

from frame_app.base.arrays import ImageU8, MaskU8
from prerender.media.frames import stacked
from prerender.portrait.measure import ClipMeter, edge_error, likeness_db

STILL: ImageU8 = np.random.default_rng(0).integers(0, 256, (128, 96, 3), np.uint8)
MATTE = np.full((128, 96), 255, np.uint8)


def stored(grey: MaskU8) -> MaskU8:
    """A grey picture as the luma of a clip, under a full matte."""
    luma = np.vstack([grey, np.full_like(grey, 255)]).astype(np.float64) * 219 / 255 + 16
    return luma.round().astype(np.uint8)


def test_an_identical_frame_has_the_best_likeness() -> None:
    assert likeness_db(stacked(STILL, MATTE), STILL, MATTE) == 99.0


def test_likeness_is_the_psnr() -> None:
    grey, light = np.full_like(STILL, 100), np.full_like(STILL, 110)
    assert likeness_db(stacked(light, MATTE), grey, MATTE) == pytest.approx(28.13, abs=0.01)


def test_colours_outside_the_matte_do_not_count() -> None:
    matte = np.zeros_like(MATTE)
    assert likeness_db(stacked(STILL, matte), STILL[::-1], matte) == 99.0


def test_only_the_outline_counts_as_edge() -> None:
    matte = MATTE.copy()
    matte[:, 40:44] = 128
    inside, edge = STILL.copy(), STILL.copy()
    inside[:, :40] //= 2
    edge[:, 40:44] = np.where(edge[:, 40:44] > 100, edge[:, 40:44] - 40, edge[:, 40:44] + 40)
    assert edge_error(stacked(inside, matte), STILL, matte) == 0.0
    assert edge_error(stacked(edge, matte), STILL, matte) == pytest.approx(20, abs=1)


def test_a_flickering_border_is_seen_and_motion_inside_is_not() -> None:
    border, inside = ClipMeter(128, 96, 30), ClipMeter(128, 96, 30)
    for index in range(6):
        picture = np.full((128, 96), 100, np.uint8)
        picture[40:80, 40:80] += 20 * (index % 2)
        inside.add(stored(picture))
        border.add(stored(np.full((128, 96), 100 + 8 * (index % 2), np.uint8)))
    assert border.still_deviation == pytest.approx(4.0, abs=0.3)
    assert inside.still_deviation == 0.0
