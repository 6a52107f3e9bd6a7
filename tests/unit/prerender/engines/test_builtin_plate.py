import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from prerender.engines.builtin_plate import BuiltinPlate
from prerender.engines.continuity import even_seam
from prerender.engines.inpaint import fill_by_patches
from prerender.engines.rim import hole_of, with_true_rim

cv2 = require("cv2")


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


def test_the_hole_reaches_beyond_the_outline():
    matte = np.zeros((400, 300), np.float32)
    matte[200, 150] = 1.0
    hole = hole_of(matte)
    assert hole[200, 153] == 255
    assert hole[200, 170] == 0


@pytest.fixture(scope="module")
def ringed():
    """A dark subject on a striped wall with a bright ring of sharpening around it, as scanned."""
    y, x = np.mgrid[0:400, 0:400].astype(np.float32)
    radius = np.hypot(x - 200, y - 200)
    wall = np.dstack([150 + 25 * np.sin(y / 3), 150 + 0 * x, 150 - 25 * np.sin(y / 3)])
    matte = np.clip(100.5 - radius, 0, 1).astype(np.float32)
    picture = wall + 40 * np.exp(-(((radius - 103) / 1.5) ** 2))[..., None]
    picture = picture * (1 - matte[..., None]) + 30 * matte[..., None]
    subject = np.full((400, 400, 3), 30, np.uint8)
    return np.rint(picture).astype(np.uint8), subject, matte, wall, radius


def test_the_ring_around_an_outline_is_no_part_of_the_plate(ringed):
    picture, subject, matte, _, radius = ringed
    smooth = np.full((400, 400, 3), 150, np.uint8)
    plate = with_true_rim(smooth, picture, subject, matte).astype(np.float32)
    ring = (radius > 101) & (radius < 105)
    assert picture[ring].mean() > 165
    assert plate[ring].mean() < 153


def test_what_is_no_trace_of_the_subject_is_put_back_beside_it(ringed):
    _, subject, matte, wall, radius = ringed
    stripes = np.rint(wall).astype(np.uint8)
    smooth = np.where(hole_of(matte)[..., None] > 0, 150, stripes).astype(np.uint8)
    plate = with_true_rim(smooth, stripes, subject, matte).astype(np.float32)
    beside = (radius > 103.5) & (radius < 115)
    assert np.abs(plate - wall)[beside].mean() < 0.25 * np.abs(150 - wall)[beside].mean()


def test_what_is_put_back_beside_the_subject_ends_in_no_arc(ringed):
    _, _, matte, _, radius = ringed
    lighter = np.full((400, 400, 3), 170, np.uint8)
    filled = np.where(hole_of(matte)[..., None] > 0, 150, lighter).astype(np.uint8)
    subject = np.full((400, 400, 3), (30, 200, 200), np.uint8)  # neither is a trace of it
    plate = with_true_rim(filled, lighter, subject, matte).astype(np.float32)
    assert plate[(radius > 105) & (radius < 120)].min() >= 169
    assert np.abs(np.diff(plate[200, 200:, 0])).max() <= 9


def beside_a_hole(bright: slice) -> ImageU8:
    """A hole in the right half, filled flat; the wall left of it is brighter in some rows."""
    wall = np.full((400, 400, 3), 120, np.uint8)
    wall[bright, :200] = 180
    hole = np.zeros((400, 400), bool)
    hole[:, 200:] = True
    even_seam(wall, hole)
    return wall


def test_bright_ground_fades_slowly_into_the_filling():
    light = beside_a_hole(slice(170, 230))[200, 200:, 0].astype(int)
    assert light[8] > 155
    assert light[60] == 120
    assert np.abs(np.diff(light[1:])).max() <= 4


def test_the_trace_of_a_narrow_stripe_is_soon_gone():
    light = beside_a_hole(slice(198, 202))[200, 200:, 0].astype(int)
    assert light[12] < 135  # of 180 at the rim


def test_fine_detail_is_copied_in_pieces_and_makes_no_weave(engine):
    cell = 4  # pixels of the picture in one of the picture that is searched
    noise = np.random.default_rng(3).normal(128, 14, (1200, 1200, 1))
    image = np.repeat(np.clip(noise, 0, 255), 3, axis=2).astype(np.uint8)
    hole = np.zeros((1200, 1200), np.uint8)
    hole[300:900, 300:900] = 255
    plate, _ = engine.fill(image, hole)
    rim = plate[320:340, 320:880, 0].astype(np.float32)
    rim -= rim.mean()
    same = [float((rim[:, :-lag] * rim[:, lag:]).mean() / rim.var()) for lag in (cell, cell + 1)]
    assert same[0] - same[1] < 0.1


def test_nothing_of_other_people_is_copied(engine, finder, demo):
    half = demo[:, 60:440]
    pair = np.ascontiguousarray(np.concatenate([half, half[:, ::-1]], axis=1))
    _, right = sorted(finder.find(pair), key=lambda face: face.box.x)
    hole = np.zeros(pair.shape[:2], np.uint8)
    hole[:, :440] = 255
    plate, _ = engine.fill(pair, hole, (right,))
    orange = (plate[..., 0] > 150) & (plate[..., 0].astype(int) - plate[..., 2] > 80)
    alone, _ = engine.fill(pair, hole)
    copied = (alone[..., 0] > 150) & (alone[..., 0].astype(int) - alone[..., 2] > 80)
    assert orange[hole > 0].mean() < 0.0005
    assert copied[hole > 0].mean() > 0.003  # what the engine does when nobody tells it


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


def test_a_stripe_that_runs_behind_the_person_does_not_end_at_the_outline(engine):
    y, x = np.mgrid[0:320, 0:320]
    stripe = np.abs(y - 0.8 * x - 90) < 16  # as of a flag beside a shoulder
    image = np.where(stripe[..., np.newaxis], (150, 20, 30), (205, 198, 190)).astype(np.uint8)
    person = np.where((x > 90) & (y > 60), 255, 0).astype(np.uint8)
    image[person > 0] = (0, 255, 0)
    plate, _ = engine.fill(image, person)
    behind = stripe & (person > 0) & (x < 90 + 15)  # as far as parallax uncovers
    assert (plate[behind][:, 1] < 110).mean() > 0.9


def test_a_narrow_floor_goes_on_beside_the_person(engine):
    image = np.full((400, 720, 3), (170, 160, 140), np.uint8)
    image[280:] = (90, 80, 75)
    person = np.zeros((400, 720), np.uint8)
    person[100:, 60:670] = 255
    image[person > 0] = (0, 255, 0)
    plate, _ = engine.fill(image, person)
    beside = plate[292:, 652:670].astype(int)
    assert (np.abs(beside - (90, 80, 75)).max(axis=-1) < 25).mean() > 0.95


def test_the_grain_of_a_carpet_is_not_laid_over_a_calm_wall(engine):
    image = np.full((300, 300, 3), 150, np.int32)
    image[130:] += np.random.default_rng(3).normal(0, 25, (170, 300, 1)).astype(int)
    person = np.zeros((300, 300), np.uint8)
    person[20:110, 100:200] = 255
    person[110:, 120:180] = 255
    image[person > 0] = 0
    plate, _ = engine.fill(np.clip(image, 0, 255).astype(np.uint8), person)
    head = plate[30:80, 110:190].astype(float)
    assert head.std() < 6
    assert plate[200:290, 125:175].astype(float).std() > 8


def test_the_edge_of_a_stripe_behind_the_person_is_not_torn(engine):
    y, x = np.mgrid[0:900, 0:900]
    stripe = np.abs(y - 0.8 * (x - 270) - 450) < 60
    image = np.where(stripe[..., np.newaxis], (150, 20, 30), (205, 198, 190)).astype(np.float32)
    image = cv2.GaussianBlur(image, (0, 0), 4).astype(np.uint8)
    person = np.where(x > 270, 255, 0).astype(np.uint8)
    image[person > 0] = (0, 255, 0)
    plate, _ = engine.fill(image, person)
    edge = np.argmax(plate[:, 275:300, 1] < 110, axis=0)
    line = np.polyval(np.polyfit(np.arange(25), edge, 1), np.arange(25))
    assert np.std(edge - line) < 0.8  # px; 1.5 where the borders of sources waver
