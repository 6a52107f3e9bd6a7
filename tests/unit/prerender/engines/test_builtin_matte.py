import numpy as np
import pytest

from frame_app.base.optional import require
from prerender.engines.base import Face
from prerender.engines.builtin_matte import BuiltinMatte
from prerender.engines.face_regions import face_mask
from prerender.engines.segmentation import PeopleSegmenter, decide, share_of
from tests.fakes.variants import with_hat

cv2 = require("cv2")


@pytest.fixture(scope="module")
def engine():
    matte = BuiltinMatte()
    yield matte
    matte.close()


@pytest.fixture(scope="module")
def demo_matte(engine, demo, demo_faces):
    return engine.matte(demo, demo_faces)


def test_head_and_shoulders_are_inside_and_the_wall_is_outside(demo_matte, demo_faces):
    alpha, _ = demo_matte
    box = demo_faces[0].box
    assert alpha[face_mask(demo_faces, (512, 512)) > 0].mean() > 0.99
    assert alpha[400:500, 150:250].min() > 0.99  # the suit
    assert alpha[20:60, 20:60].max() < 0.01  # the flag
    assert alpha[60:160, 400:500].max() < 0.01  # the shuttle
    assert alpha[int(box.y - 0.35 * box.height), int(box.x + box.width / 2)] > 0.9  # hair


def test_the_matte_is_one_piece_without_pinholes(demo_matte):
    alpha, _ = demo_matte
    count, _ = cv2.connectedComponents((alpha > 0.5).astype(np.uint8), connectivity=4)
    assert count == 2
    _, _, stats, _ = cv2.connectedComponentsWithStats((alpha < 0.5).astype(np.uint8))
    assert stats[1:, cv2.CC_STAT_AREA].min() > 30


def test_most_of_the_matte_is_decided_and_its_edge_explains_the_picture(demo_matte):
    _, measured = demo_matte
    assert measured.scores["matte_soft_share"] < 0.06
    assert measured.scores["matte_edge_error"] < 0.02
    assert measured.warnings == ()


def test_in_a_wide_picture_a_person_is_as_sure_as_in_a_portrait(finder, demo) -> None:
    """Squeezed into the network's square people are too thin to be seen; colours then took hair."""
    wall = np.full((512, 640, 3), 90, np.uint8)
    wide = np.hstack([wall, demo, wall])
    segmenter = PeopleSegmenter()
    sure = segmenter.probability(wide, finder.find(wide)[:1])
    segmenter.close()
    assert sure[350:500, 640 + 130 : 640 + 250].mean() > 0.93  # the suit


def test_the_same_picture_gives_the_same_matte(engine, demo, demo_faces, demo_matte):
    again, _ = engine.matte(demo, demo_faces)
    np.testing.assert_array_equal(again, demo_matte[0])


def test_a_known_cut_out_before_a_new_wall_is_found_again(engine, finder, demo, demo_matte):
    truth = demo_matte[0]
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    wall = np.stack([90 + 0.1 * x, 120 + 0.1 * y, 140 - 0.05 * x], axis=-1)
    image = truth[..., None] * demo + (1 - truth[..., None]) * wall
    image = np.rint(image).astype(np.uint8)
    alpha, _ = engine.matte(image, finder.find(image))
    assert np.abs(alpha - truth).mean() < 0.02
    overlap = np.minimum(alpha, truth).sum() / np.maximum(alpha, truth).sum()
    assert overlap > 0.95


def test_a_picture_larger_than_the_solver_is_matted_at_its_own_size(engine, finder, demo):
    large = cv2.resize(demo, (1400, 1400), interpolation=cv2.INTER_CUBIC)
    alpha, _ = engine.matte(large, finder.find(large))
    assert alpha.shape == (1400, 1400)
    assert alpha.dtype == np.float32
    assert alpha[1150:1350, 450:650].min() > 0.99
    assert alpha[60:160, 60:160].max() < 0.01
    # the collar's metal, as grey as a mixture of its black lining and the wall
    assert alpha[418:426, 440:480].min() > 0.95


def test_only_the_chosen_one_of_two_people_is_cut_out(engine, finder, demo):
    half = demo[:, 60:440]
    pair = np.ascontiguousarray(np.concatenate([half, half[:, ::-1]], axis=1))
    left, right = sorted(finder.find(pair), key=lambda face: face.box.x)
    alpha, measured = engine.matte(pair, (left,), (right,))
    assert measured.scores["people_excluded"] == 1

    def inside(face: Face) -> float:
        box = face.box
        rows = slice(int(box.y), int(box.y + box.height))
        return float(alpha[rows, int(box.x) : int(box.x + box.width)].mean())

    assert inside(left) > 0.95
    assert inside(right) < 0.02


def test_without_a_face_the_largest_thing_is_taken(engine):
    image = np.full((160, 120, 3), 200, np.uint8)
    alpha, _ = engine.matte(image, ())
    assert alpha.shape == (160, 120)
    assert np.isfinite(alpha).all()


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 700), (8, 8)])
def test_pictures_too_small_for_anybody_pass(engine, shape):
    alpha, measured = engine.matte(np.full((*shape, 3), 90, np.uint8), ())
    assert alpha.shape == shape
    assert measured.warnings


def test_nobody_else_means_no_share_is_lost(demo_faces):
    np.testing.assert_array_equal(share_of(demo_faces, (), 8, 9), np.ones((8, 9)))


def test_a_region_the_network_half_believes_in_and_colours_cut_off_is_inside():
    image = np.full((100, 100, 3), 30, np.uint8)  # a helmet as dark as the wall...
    image[:40, 20:80] = image[80:, 20:80] = 200
    image[40:80, 20:25] = image[40:80, 75:80] = 200  # ...surrounded by the subject
    chance = np.zeros((100, 100), np.float32)
    chance[:, 20:80] = 0.99
    chance[45:75, 30:70] = 0.5
    inside = decide(image, chance, np.zeros((100, 100), bool))
    assert inside[60, 50]
    assert not inside[60, 5]


def test_a_face_that_fills_the_picture_keeps_its_hair(engine, finder, demo):
    tight = cv2.resize(demo[50:200, 165:290], (500, 600), interpolation=cv2.INTER_CUBIC)
    alpha, _ = engine.matte(tight, finder.find(tight))
    assert alpha[:60, :400].min() > 0.9  # hair goes on to the upper border...
    assert alpha[100:200, 440:470].mean() > 0.95  # ...and nearly to the right one
    assert alpha[350:450, 480:].max() < 0.05  # the wall


def test_a_rare_colour_that_the_network_trusts_is_inside():
    image = np.full((100, 100, 3), 200, np.uint8)
    image[30:, 30:70] = (60, 50, 40)
    image[5:30, 30:70] = 190  # a hat much like the wall
    chance = np.zeros((100, 100), np.float32)
    chance[30:, 30:70] = 0.99
    chance[5:30, 30:70] = 0.85
    inside = decide(image, chance, np.zeros((100, 100), bool))
    assert inside[15, 50]
    assert not inside[50, 10]


def test_no_sliver_of_wall_stays_beside_a_face_that_fills_the_picture():
    chance = np.zeros((200, 200), np.float32)
    chance[:, 30:195] = 0.99  # 5 px of wall at the right, 30 at the left
    image = np.where(chance[..., None] > 0.5, 90, 200).astype(np.uint8).repeat(3, axis=2)
    y, x = np.mgrid[:200, :200]
    face = np.hypot(x - 110, y - 100) < 60
    inside = decide(image, chance, face)
    assert inside[20:180, 196:].all()
    assert not inside[:, :20].any()
    assert not decide(image, chance, face & (y < 60))[:, 198:].any()


def test_stripes_of_a_wall_beside_the_outline_stay_outside(engine, demo, demo_faces, demo_matte):
    truth = demo_matte[0]
    x = np.arange(512)[np.newaxis, :, np.newaxis]
    wall = np.where((x // 18) % 2 < 1, (170.0, 60.0, 55.0), (225.0, 215.0, 190.0))
    image = truth[..., None] * demo + (1 - truth[..., None]) * wall
    alpha, _ = engine.matte(np.rint(image).astype(np.uint8), demo_faces)
    assert float(alpha[truth < 0.02].mean()) < 0.0065


def test_the_wall_above_a_hat_that_ends_just_below_the_border_stays_wall(engine, finder, demo):
    picture = with_hat(demo)
    alpha, _ = engine.matte(picture, finder.find(picture)[:1])
    changed = np.abs(picture.astype(int) - demo).max(axis=2) > 20
    top = int(np.argmax(changed.any(axis=1)))
    assert 2 < top < 15
    assert alpha[: top - 1].max() < 0.1
    assert alpha[top + 6 : top + 20, 190:230].min() > 0.95
