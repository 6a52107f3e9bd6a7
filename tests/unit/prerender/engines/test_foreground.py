import numpy as np
import pytest

from frame_app.base.optional import require
from prerender.engines.foreground import background_of, estimate_foreground, estimate_layers

cv2 = require("cv2")


@pytest.fixture(scope="module")
def composite():
    """A warm disc with a soft, streaky edge over a blue wall; colours and alpha known."""
    height, width = 200, 260
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    radius = np.hypot(x - 130, y - 110) + 4 * np.sin(np.arctan2(y - 110, x - 130) * 25)
    alpha = np.clip((75 - radius) / 14, 0, 1).astype(np.float32)
    front = np.stack([210 - 0.3 * y, 130 + 0.1 * x, 60 + 0 * x], axis=-1)
    back = np.stack([30 + 0.1 * x, 60 + 0 * x, 190 - 0.2 * y], axis=-1)
    image = alpha[..., None] * front + (1 - alpha[..., None]) * back
    return np.rint(image).astype(np.uint8), alpha, front, back


def test_colours_at_the_edge_are_the_subjects(composite):
    image, alpha, front, _ = composite
    colours = estimate_foreground(image, alpha).astype(np.float32)
    edge = (alpha > 0.05) & (alpha < 0.95)
    assert np.abs(colours - front)[edge].mean() < 8
    assert np.abs(image.astype(np.float32) - front)[edge].mean() > 30  # what it was cured of


def test_the_wall_is_nowhere_in_the_subject_layer(composite):
    image, alpha, _, _ = composite
    colours = estimate_foreground(image, alpha).astype(np.int32)
    assert (colours[..., 0] > colours[..., 2]).mean() > 0.995  # warm, far beyond the outline too


def test_solid_pixels_are_the_picture(composite):
    image, alpha, _, _ = composite
    solid = alpha >= 0.995
    np.testing.assert_array_equal(estimate_foreground(image, alpha)[solid], image[solid])


def test_layers_blend_back_to_the_picture(composite):
    image, alpha, _, back = composite
    front, behind = estimate_layers(image, alpha)
    mix = alpha[..., None] * front + (1 - alpha[..., None]) * behind
    assert np.abs(mix * 255 - image).mean() < 1.0
    edge = (alpha > 0.05) & (alpha < 0.95)
    assert np.abs(behind * 255 - back)[edge].mean() < 12


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_an_empty_or_full_matte_is_no_accident(level):
    image = cv2.resize(np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5, (40, 30))
    colours = estimate_foreground(image, np.full((30, 40), level, np.float32))
    assert colours.shape == image.shape
    if level == 1.0:
        np.testing.assert_array_equal(colours, image)


def test_what_shines_through_is_the_old_background_and_the_layers_give_the_picture_again():
    rng = np.random.default_rng(3)
    wall = rng.integers(150, 200, (120, 160, 3)).astype(np.float32)
    hair = np.full((120, 160, 3), (60, 40, 30), np.float32)
    alpha = np.clip((np.arange(160, dtype=np.float32) - 60) / 60, 0, 1)
    matte = np.ascontiguousarray(np.broadcast_to(alpha, (120, 160)))
    image = np.rint(matte[..., None] * hair + (1 - matte[..., None]) * wall).astype(np.uint8)
    front = estimate_foreground(image, matte)
    behind = background_of(image, front, matte)
    again = matte[..., None] * front + (1 - matte[..., None]) * behind
    thin = (matte > 0) & (matte < 0.6)
    assert np.abs(again - image)[thin].max() <= 1.0
    assert np.abs(behind - wall)[thin].mean() < 12
    np.testing.assert_array_equal(behind[matte == 0], image[matte == 0])
