import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.builtin_upscale import BuiltinUpscale

cv2 = require("cv2")


@pytest.fixture(scope="module")
def engine():
    return BuiltinUpscale()


@pytest.mark.parametrize("size", [(1, 1), (37, 91), (512, 512), (900, 700), (300, 900)])
def test_any_size_is_met_exactly(engine, demo, size):
    assert engine.upscale(demo, *size).shape == (size[1], size[0], 3)


def test_the_same_size_is_a_copy(engine, demo):
    same = engine.upscale(demo, 512, 512)
    np.testing.assert_array_equal(same, demo)
    assert same is not demo


def test_upscaling_is_sharper_than_lanczos_and_nearer_to_the_truth_than_bicubic(engine, demo):
    small = cv2.resize(demo, (256, 256), interpolation=cv2.INTER_AREA)
    ours = engine.upscale(small, 512, 512)
    lanczos = cv2.resize(small, (512, 512), interpolation=cv2.INTER_LANCZOS4)
    bicubic = cv2.resize(small, (512, 512), interpolation=cv2.INTER_CUBIC)

    def crispness(image: ImageU8) -> float:
        return float(np.abs(cv2.Laplacian(image[..., 1].astype(np.float32), cv2.CV_32F)).mean())

    def error(image: ImageU8) -> float:
        return float(np.sqrt(((image.astype(np.float32) - demo) ** 2).mean()))

    assert crispness(ours) > crispness(lanczos)
    assert error(ours) < error(bicubic)


def test_an_edge_has_no_halo(engine):
    small = np.full((40, 40, 3), 60, np.uint8)
    small[:, 20:] = 190
    large = engine.upscale(small, 160, 160).astype(np.int32)
    assert large.min() >= 60 - 6
    assert large.max() <= 190 + 6
    lanczos = cv2.resize(small, (160, 160), interpolation=cv2.INTER_LANCZOS4)
    assert int(lanczos.max()) > large.max()


def test_grain_is_not_sharpened(engine):
    rng = np.random.default_rng(0)
    small = np.clip(rng.normal(120, 8, (100, 100, 1)), 0, 255).repeat(3, axis=2).astype(np.uint8)
    ours = engine.upscale(small, 300, 300).astype(np.float32)
    lanczos = cv2.resize(small, (300, 300), interpolation=cv2.INTER_LANCZOS4)
    assert ours.std() < 1.1 * lanczos.std()


def test_going_down_does_not_alias(engine):
    checks = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    small = engine.upscale(np.repeat(checks[..., None], 3, axis=2), 64, 64)
    assert np.abs(small.astype(np.int32) - 127).max() <= 2


def test_a_size_that_does_not_exist_is_refused(engine, demo):
    with pytest.raises(UsageError, match="0 by 5"):
        engine.upscale(demo, 0, 5)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_strong_edge_rings_less_than_lanczos_alone(engine, factor):
    step = np.full((40, 40, 3), 20, np.uint8)
    step[:, 20:] = 235
    step = cv2.GaussianBlur(step, (0, 0), 0.5)
    large = engine.upscale(step, 40 * factor, 40 * factor).astype(np.int32)
    beyond = max(int(large.max()) - 235, 20 - int(large.min()))
    assert beyond <= 0.025 * 215  # Lanczos alone: 3.3 % of the step at 3 times
