import numpy as np

from frame_app.base.arrays import ImageF32, MaskF32
from prerender.engines.closed_form import solve_alpha


def composite(height: int = 80, width: int = 120) -> tuple[ImageF32, MaskF32]:
    """Known alpha, soft over 16 px, between two smoothly shaded colours."""
    x = np.arange(width)[np.newaxis, :, np.newaxis]
    y = np.arange(height)[:, np.newaxis, np.newaxis]
    alpha = np.clip((x - 50 - 6 * np.sin(y / 9)) / 16, 0, 1)
    front = np.array([0.8, 0.4, 0.2]) * (0.8 + 0.2 * y / height)
    back = np.array([0.1, 0.3, 0.6]) * (0.7 + 0.3 * x / width)
    image = alpha * front + (1 - alpha) * back
    return image.astype(np.float32), alpha[..., 0].astype(np.float32)


def test_alpha_of_a_known_composite_comes_back():
    image, truth = composite()
    known = np.full(truth.shape, np.nan, np.float32)
    known[:, :35] = 0
    known[:, 85:] = 1
    prior = np.full(truth.shape, 0.5, np.float32)
    alpha, steps = solve_alpha(image, known, prior, 1e-6)
    assert steps > 0
    assert np.abs(alpha - truth).mean() < 0.02
    assert np.abs(alpha - truth).max() < 0.12


def test_known_pixels_are_returned_as_they_are():
    image, truth = composite()
    known = np.where((truth > 0) & (truth < 1), np.nan, truth).astype(np.float32)
    alpha, _ = solve_alpha(image, known, truth, 1e-3)
    sure = ~np.isnan(known)
    np.testing.assert_array_equal(alpha[sure], known[sure])


def test_nothing_unknown_needs_no_solver():
    image, truth = composite(8, 10)
    alpha, steps = solve_alpha(image, (truth > 0.5).astype(np.float32), truth, 1e-3)
    assert steps == 0
    assert set(np.unique(alpha)) <= {0.0, 1.0}


def test_a_flat_picture_follows_the_prior():
    image = np.full((30, 30, 3), 0.5, np.float32)
    known = np.full((30, 30), np.nan, np.float32)
    prior = np.full((30, 30), 0.25, np.float32)
    alpha, _ = solve_alpha(image, known, prior, 1e-2)
    np.testing.assert_allclose(alpha, 0.25, atol=0.01)
