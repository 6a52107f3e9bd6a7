import numpy as np
import pytest
from numpy.typing import NDArray

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.blemish import find_blemishes
from prerender.engines.builtin_restore import BuiltinRestore
from prerender.engines.deblock import blockiness, deblock
from prerender.engines.face_regions import face_mask, feature_mask
from prerender.engines.noise import grain_of, noise_sigma
from prerender.engines.tone import apply_tone, is_monochrome, tone_of
from tests.fakes.damage import DAMAGE, colour_difference, decibels, scratched

cv2 = require("cv2")


@pytest.fixture(scope="module")
def engine():
    return BuiltinRestore()


def rms(one: ImageU8, other: ImageU8, where: NDArray[np.bool_] | None = None) -> float:
    difference = one.astype(np.float32) - other
    return float(np.sqrt((difference**2 if where is None else difference[where] ** 2).mean()))


def grey(image: ImageU8) -> MaskU8:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def test_strength_0_changes_no_byte(engine, demo, demo_faces):
    same, measured = engine.restore(demo, demo_faces, 0.0)
    np.testing.assert_array_equal(same, demo)
    assert same is not demo
    assert measured.scores["noise_sigma"] >= 0


@pytest.mark.parametrize("strength", [-0.1, 1.5])
def test_a_strength_beyond_its_range_is_refused(engine, demo, strength):
    with pytest.raises(UsageError, match="strength"):
        engine.restore(demo, (), strength)


def test_a_good_photo_is_left_nearly_as_it_is(engine, demo, demo_faces):
    restored, _ = engine.restore(demo, demo_faces, 1.0)
    assert rms(restored, demo) < 4
    features = feature_mask(demo_faces, (512, 512)) > 0
    assert rms(restored, demo, features) < 3


def test_paintings_keep_palette_and_face(engine, finder, portraits):
    for name, picture in portraits.items():
        faces = finder.find(picture)
        restored, _ = engine.restore(picture, faces, 0.6)
        shift = np.abs(restored.mean(axis=(0, 1)) - picture.mean(axis=(0, 1)))
        assert shift.max() < 7, name
        after = finder.find(restored)[0].landmarks[:, :2]
        off = np.abs(after - faces[0].landmarks[:, :2]).mean()
        assert off < 0.015 * faces[0].box.height, name


@pytest.mark.parametrize("sigma", [4.0, 9.0])
def test_noise_is_measured_and_lessened(engine, sigma):
    y, x = np.mgrid[0:240, 0:320].astype(np.float32)
    clean = np.stack([90 + 0.2 * x, 120 + 0.1 * y, 100 + 0.1 * x], axis=-1)
    clean[:, :12], clean[:, -12:] = 5, 250  # a full scale: nothing for the tone to mend
    noisy = clean + np.random.default_rng(0).normal(0, sigma, (240, 320, 1))
    noisy = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    assert noise_sigma(grey(noisy)) == pytest.approx(sigma, rel=0.2)
    restored, measured = engine.restore(noisy, (), 1.0)
    assert measured.scores["noise_sigma_after"] < 0.6 * sigma
    assert rms(restored, clean) < 0.75 * rms(noisy, clean)


def test_scratch_and_dust_are_mended_and_eyes_stay(engine, demo, demo_faces):
    soft = cv2.GaussianBlur(demo, (0, 0), 0.6)
    damaged = soft.copy()
    cv2.line(damaged, (330, 10), (318, 120), (250, 250, 245), 1)  # on the wall
    specks = [(300, 40), (345, 60), (350, 140), (120, 30), (365, 90)]  # on the wall
    for x, y in specks:
        cv2.circle(damaged, (x, y), 1, (252, 252, 250), -1)
    marked = np.abs(damaged.astype(np.int32) - soft).max(axis=-1) > 20
    restored, measured = engine.restore(damaged, demo_faces, 1.0)
    assert measured.scores["scratches"] >= 1
    assert rms(restored, soft, marked) < 0.4 * rms(damaged, soft, marked)
    features = feature_mask(demo_faces, (512, 512)) > 0
    marks = find_blemishes(
        damaged,
        noise_sigma(grey(damaged)),
        np.where(features, 255, 0).astype(np.uint8),
        face_mask(demo_faces, (512, 512)),
    )
    assert not (marks.mask[features] > 0).any()


def test_catchlights_and_pearls_are_no_dust(portraits, finder):
    picture = portraits["girl-with-a-pearl-earring"]
    faces = finder.find(picture)
    shape = picture.shape[:2]
    marks = find_blemishes(
        picture,
        noise_sigma(grey(picture)),
        feature_mask(faces, shape),
        face_mask(faces, shape, 0.45),
    )
    pearl = marks.mask[700:800, 640:720]  # by eye
    assert not pearl.any()
    box = faces[0].box
    face = marks.mask[int(box.y) : int(box.y + box.height), int(box.x) : int(box.x + box.width)]
    assert not face.any()


def test_a_faded_cast_photo_comes_part_of_the_way_back(engine, demo):
    faded = 60 + demo.astype(np.float32) * 0.55 + np.array([12.0, -4.0, -8.0])
    faded = np.clip(faded, 0, 255).astype(np.uint8)
    restored, measured = engine.restore(faded, (), 1.0)
    assert grey(restored).std() > 1.1 * grey(faded).std()
    assert measured.scores["cast_correction"] > 0.5
    dark = grey(demo) < 12

    def tint(image: ImageU8) -> float:
        return float(np.ptp(image[dark].mean(axis=0)))

    assert tint(restored) < 0.9 * tint(faded)


def test_sepia_stays_sepia(engine, demo):
    luma = grey(demo)[..., None].astype(np.float32)
    sepia = np.clip(luma * (0.9, 0.78, 0.6) + (25, 18, 8), 0, 255).astype(np.uint8)
    assert is_monochrome(sepia)
    assert not is_monochrome(demo)
    restored, measured = engine.restore(sepia, (), 1.0)
    assert measured.scores["monochrome"] == 1
    assert measured.scores["cast_correction"] == 0
    before, after = sepia.mean(axis=(0, 1)), restored.mean(axis=(0, 1))
    assert after[0] - after[2] == pytest.approx(before[0] - before[2], rel=0.35)


def test_the_lattice_of_strong_compression_is_softened(engine, demo):
    coded = cv2.imencode(".jpg", demo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 12])[1]
    blocky = np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])
    assert blockiness(demo) < 1.12 < blockiness(blocky)
    smooth = deblock(blocky, 1.0)
    assert blockiness(smooth) < blockiness(blocky) - 0.5 * (blockiness(blocky) - 1)
    assert rms(smooth, demo) <= rms(blocky, demo)


def test_tiny_and_flat_pictures_pass(engine):
    for image in (np.zeros((1, 1, 3), np.uint8), np.full((9, 200, 3), 128, np.uint8)):
        restored, _ = engine.restore(image, (), 1.0)
        assert restored.shape == image.shape


def test_a_picture_exposed_far_too_little_is_lifted(demo, demo_faces):
    dark = (demo * 0.18).astype(np.uint8)
    restored, measured = BuiltinRestore().restore(dark, demo_faces, 0.5)
    assert np.percentile(restored, 99) > 1.8 * np.percentile(dark, 99)
    assert np.percentile(restored, 1) <= np.percentile(dark, 1) + 4
    assert measured.scores["contrast_gain"] > 1.8


def test_noise_that_hides_the_face_is_mostly_taken_out(demo, demo_faces):
    noise = np.random.default_rng(3).normal(0, 28, demo.shape)
    noisy = np.clip(demo + noise, 0, 255).astype(np.uint8)
    restored, measured = BuiltinRestore().restore(noisy, demo_faces, 0.5)
    assert measured.scores["noise_sigma_after"] < 0.35 * measured.scores["noise_sigma"]
    assert np.abs(restored.astype(float) - demo).mean() < 0.6 * np.abs(noisy - demo * 1.0).mean()


def dusted(picture: ImageU8) -> tuple[ImageU8, NDArray[np.bool_]]:
    """White dust all over, and where it fell."""
    rng = np.random.default_rng(4)
    result = picture.copy()
    for _ in range(80):
        x, y = (int(rng.integers(4, side - 4)) for side in picture.shape[1::-1])
        cv2.circle(result, (x, y), int(rng.integers(1, 3)), (235, 235, 230), -1, cv2.LINE_AA)
    return result, np.abs(result.astype(np.int32) - picture).max(axis=-1) > 20


def test_dust_goes_where_it_lies_on_calm_ground_and_lights_of_a_clean_picture_stay(
    demo, demo_faces
):
    features = feature_mask(demo_faces, (512, 512))
    face = face_mask(demo_faces, (512, 512), 0.45)
    assert find_blemishes(demo, 1.5, features, face).specks == 0
    dusty, fallen = dusted(demo)
    marks = find_blemishes(dusty, 1.5, features, face)
    assert marks.specks > 20
    hit = (marks.mask > 0) & (cv2.dilate(fallen.astype(np.uint8), np.ones((5, 5))) > 0)
    assert hit.sum() > 0.6 * (marks.mask > 0).sum()


def test_paint_and_its_cracks_are_no_noise_but_noise_on_them_is(portraits):
    paint = grey(portraits["mona-lisa"])
    noisy = np.clip(paint + np.random.default_rng(1).normal(0, 8, paint.shape), 0, 255)
    assert grain_of(paint).sigma > 4
    assert grain_of(paint).removable < 2
    assert grain_of(noisy.astype(np.uint8)).removable == pytest.approx(8, rel=0.25)


def test_a_cracked_painting_keeps_its_surface(engine, portraits):
    paint = portraits["mona-lisa"][300:700, 200:600]
    restored, _ = engine.restore(paint, (), 0.5)

    def surface(image: ImageU8) -> float:
        level = grey(image).astype(np.float32)
        return float((level - cv2.GaussianBlur(level, (0, 0), 1.5)).std())

    assert surface(restored) > 0.95 * surface(paint)


def test_a_yellowed_print_turns_towards_white():
    y, x = np.mgrid[0:200, 0:300].astype(np.float32)
    photo = np.dstack([40 + 0.7 * x, 40 + y, 40 + 0.35 * (x + y)]).clip(0, 255)
    photo[:, :20], photo[:, -20:] = 15, 245
    yellowed = np.clip(photo * (1, 0.96, 0.82) + (14, 8, 0), 0, 255)
    tone = tone_of(yellowed.astype(np.uint8), 1.0)
    after = apply_tone(yellowed.astype(np.uint8), tone).astype(np.float32)
    before = float(np.ptp(yellowed[100, -5]))
    assert float(np.ptp(after[100, -5])) < 0.75 * before


@pytest.fixture(scope="module")
def sitters(finder, demo, portraits):
    """Clean pictures of at most 512 px with their faces."""
    found = {}
    for name, picture in {"demo": demo, **portraits}.items():
        scale = min(1.0, 512 / max(picture.shape[:2]))
        size = (round(scale * picture.shape[1]), round(scale * picture.shape[0]))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        found[name] = (np.asarray(small), finder.find(small))
    return found


def test_clean_portraits_lose_no_speck_and_no_line(engine, sitters, portraits):
    for name, (small, faces) in sitters.items():
        large = portraits.get(name, small)
        scale = large.shape[1] / small.shape[1]
        same = tuple(face.scaled(scale, scale) for face in faces)
        for picture, people in ((small, faces), (large, same)):
            restored, measured = engine.restore(picture, people, 0.5)
            assert measured.scores["dust_specks"] == measured.scores["scratches"] == 0, name
            assert decibels(restored, picture) >= 45, name


# Least gain of the worst portrait, measured less a margin: dB, and nearness of colours. A painting
# that has yellowed without any white in it cannot be told from a warm one, and stays as it is.
GAINS = {
    "faded": (2.0, 2.0),
    "yellowed": (-0.05, -0.05),
    "dust": (0.5, -0.05),
    "scratches": (0.3, 0.0),
    "noise": (1.0, 1.0),
    "jpeg": (-0.02, -0.02),
    "together": (1.0, 1.5),
}


@pytest.mark.parametrize("name", list(DAMAGE))
def test_a_damaged_copy_comes_nearer_to_the_picture_it_was(engine, sitters, name):
    least_db, least_colour = GAINS[name]
    for title, (clean, faces) in sitters.items():
        worse = DAMAGE[name](clean)
        better, _ = engine.restore(worse, faces, 0.5)
        assert decibels(better, clean) - decibels(worse, clean) >= least_db, title
        gained = colour_difference(worse, clean) - colour_difference(better, clean)
        assert gained >= least_colour, title


def test_a_scratch_goes_on_through_an_eye_and_a_lash_stays():
    image = np.full((300, 300, 3), 90, np.uint8)
    image[:20], image[280:] = 250, 5
    cv2.line(image, (100, 60), (103, 240), (250, 250, 250), 1)
    cv2.line(image, (201, 130), (203, 170), (250, 250, 250), 1)
    eyes, nobody = np.zeros((300, 300), np.uint8), np.zeros((300, 300), np.uint8)
    eyes[125:175, 80:230] = 255
    marks = find_blemishes(image, 0.0, eyes, nobody)
    assert (marks.mask[62:238, 95:110] > 0).any(axis=1).all()
    assert not marks.mask[:, 190:].any()


def test_short_lines_prove_no_scratch():
    image = np.full((300, 300, 3), 90, np.uint8)
    image[:40] = 250
    image[280:] = 5
    cv2.line(image, (100, 100), (100, 125), (250, 250, 250), 1)
    nothing = np.zeros((300, 300), np.uint8)
    assert find_blemishes(image, 0.0, nothing, nothing).scratches == 0
    assert find_blemishes(scratched(image), 0.0, nothing, nothing).scratches >= 4
