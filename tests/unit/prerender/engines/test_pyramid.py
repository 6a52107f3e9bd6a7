import numpy as np
import pytest

from prerender.engines.pyramid import guided_upsample, push_pull


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (97, 64), (256, 256)])
def test_one_colour_is_continued_as_that_colour(shape):
    weight = np.zeros(shape, np.float32)
    weight[0, 0] = 1
    values = np.full((*shape, 3), 0.3, np.float32)
    np.testing.assert_allclose(push_pull(values, weight), 0.3, atol=1e-4)


def test_known_pixels_stay_and_unknown_ones_lie_between():
    values = np.zeros((60, 80), np.float32)
    values[:, 60:] = 1
    weight = np.zeros((60, 80), np.float32)
    weight[:, :20] = weight[:, 60:] = 1
    filled = push_pull(values, weight)
    np.testing.assert_array_equal(filled[weight == 1], values[weight == 1])
    middle = filled[:, 20:60].mean(axis=0)
    assert (np.diff(middle) > -0.02).all()
    assert middle[0] < 0.25
    assert middle[-1] > 0.75


def test_what_lies_in_the_hole_has_no_influence():
    rng = np.random.default_rng(0)
    values = rng.random((50, 70, 3)).astype(np.float32)
    weight = np.ones((50, 70), np.float32)
    weight[10:40, 20:50] = 0
    other = values.copy()
    other[10:40, 20:50] = 99.0
    np.testing.assert_array_equal(push_pull(values, weight), push_pull(other, weight))


def test_a_small_mask_finds_the_edge_of_the_large_picture():
    image = np.full((240, 320, 3), 40, np.uint8)
    image[:, 163:] = 220
    mask = np.zeros((60, 80), np.float32)
    mask[:, 41:] = 1
    wide = guided_upsample(mask, image, radius=2, epsilon=1e-4)
    assert wide.shape == (240, 320)
    crossing = np.argmax(wide > 0.5, axis=1)
    assert np.abs(crossing - 163).max() <= 2
