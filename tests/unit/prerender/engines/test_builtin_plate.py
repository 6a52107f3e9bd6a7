import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from prerender.engines.builtin_plate import BuiltinPlate, hole_of
from prerender.engines.inpaint import fill_by_patches


@pytest.fixture(scope="module")
def engine():
    return BuiltinPlate()


def landscape(height: int = 320, width: int = 260, grain: float = 0.0) -> ImageU8:
    """Sky above, ground below a horizon; optional grain."""
    y = np.arange(height)[:, np.newaxis, np.newaxis]
    sky = np.array([150.0, 180.0, 210.0]) - 0.1 * y
    ground = np.array([110.0, 95.0, 60.0]) + 0.05 * y
    image = np.where(y < height * 0.55, sky, ground) * np.ones((1, width, 1))
    noise = np.random.default_rng(0).normal(0, grain, (height, width, 1))
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def person():
    mask = np.zeros((320, 260), np.uint8)
    y, x = np.mgrid[0:320, 0:260]
    mask[(x - 130) ** 2 / 50**2 + (y - 120) ** 2 / 65**2 < 1] = 255
    mask[190:, 50:210] = 255
    return mask


@pytest.fixture(scope="module")
def filled(engine, person):
    image = landscape()
    image[person > 0] = (255, 0, 255)
    return engine.fill(image, person)[0]


def test_outside_the_hole_nothing_changes(filled, person):
    np.testing.assert_array_equal(filled[person == 0], landscape()[person == 0])


def test_the_background_goes_on_and_nothing_of_the_person_is_left(filled, person):
    truth = landscape().astype(np.int32)
    rim = (person > 0) & (np.abs(np.arange(320) - 176)[:, np.newaxis] > 12)
    assert np.abs(filled.astype(np.int32) - truth)[rim].mean() < 8
    magenta = (filled[..., 0] > 180) & (filled[..., 1] < 90) & (filled[..., 2] > 180)
    assert not magenta.any()


def test_the_horizon_goes_on_behind_the_person(filled):
    for column in (84, 92, 168, 176):  # the rim of the hole at the height of the horizon
        light = filled[:, column].astype(np.int32).sum(axis=-1)
        step = int(np.argmax(-np.diff(light[120:240]))) + 120
        assert abs(step - 175) <= 14


def test_what_the_hole_held_does_not_matter(engine, person, filled):
    image = landscape()
    image[person > 0] = (0, 255, 0)
    np.testing.assert_array_equal(engine.fill(image, person)[0], filled)


def test_grain_is_matched_to_the_surroundings(engine, person):
    image = landscape(grain=6.0)
    image[person > 0] = 0
    plate, measured = engine.fill(image, person)
    luma = plate.astype(np.float32).mean(axis=-1)
    rough = luma - (np.roll(luma, 1, 0) + np.roll(luma, -1, 0)) / 2
    inside = rough[20:300, 90:170][person[20:300, 90:170] > 0].std()
    outside = rough[20:150, 5:60].std()
    assert 0.6 < inside / outside < 1.6
    assert measured.scores["plate_grain"] > 2


def test_no_hole_is_a_copy_and_all_hole_is_said_aloud(engine):
    image = landscape(40, 30)
    same, _ = engine.fill(image, np.zeros((40, 30), np.uint8))
    np.testing.assert_array_equal(same, image)
    flat, measured = engine.fill(image, np.full((40, 30), 255, np.uint8))
    assert len(np.unique(flat.reshape(-1, 3), axis=0)) == 1
    assert "no background" in measured.warnings[0]


@pytest.mark.parametrize("shape", [(6, 9), (40, 400), (700, 500)])
def test_any_size_is_filled(engine, shape):
    image = np.random.default_rng(1).integers(70, 80, (*shape, 3), dtype=np.uint8)
    hole = np.zeros(shape, np.uint8)
    hole[shape[0] // 3 :, shape[1] // 3 : 2 * shape[1] // 3] = 255
    image[hole > 0] = 255
    plate, _ = engine.fill(image, hole)
    assert plate[hole > 0].max() < 130


def test_a_hole_reaches_a_little_beyond_the_outline_and_spares_what_shines_through():
    matte = np.zeros((400, 300), np.float32)
    matte[200, 150] = 1.0
    matte[100, 50] = 0.3
    hole = hole_of(matte)
    assert hole[200, 152] == 255
    assert hole[200, 170] == 0
    assert hole[100, 50] == 0


def test_stripes_are_continued_as_stripes():
    x = np.arange(120)
    stripes = ((x // 6) % 2).astype(np.float32)[np.newaxis, :, np.newaxis] * np.ones((90, 1, 3))
    hole = np.zeros((90, 120), bool)
    hole[30:60, 40:80] = True
    image = stripes.astype(np.float32).copy()
    image[hole] = 0.5
    result = fill_by_patches(image, hole, seed=1).image
    assert np.abs(result - stripes)[hole].mean() < 0.15  # smearing would give 0.5


def test_sources_are_known_pixels_and_the_seed_decides():
    rng = np.random.default_rng(2)
    image = rng.random((60, 70, 3)).astype(np.float32)
    hole = np.zeros((60, 70), bool)
    hole[20:40, 20:50] = True
    one, two = fill_by_patches(image, hole, 5), fill_by_patches(image, hole, 5)
    np.testing.assert_array_equal(one.image, two.image)
    assert one.source is not None
    taken = one.source[hole]
    assert not hole[taken[:, 0], taken[:, 1]].any()
