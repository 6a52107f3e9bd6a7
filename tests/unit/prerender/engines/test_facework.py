import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from prerender.engines.base import Face
from prerender.engines.facework import SIDE, Crop, crop_face, in_tone, paste


@pytest.fixture(scope="module")
def crop(demo, demo_faces):
    return cut(demo, demo_faces)


def cut(image: ImageU8, faces: tuple[Face, ...]) -> Crop:
    found = crop_face(image, faces[0])
    assert found is not None
    return found


def test_the_face_fills_the_mask_and_the_mask_ends_inside_the_crop(crop):
    assert crop.pixels.shape == (SIDE, SIDE, 3)
    assert crop.mask[256, 256] == pytest.approx(1.0, abs=0.01)
    assert crop.mask[:10].max() == crop.mask[:, :10].max() == crop.mask[-10:].max() == 0.0
    assert 0.1 < crop.mask.mean() < 0.4
    assert np.abs(np.diff(crop.mask, axis=1)).max() < 0.06  # no edge that could show


def test_a_face_without_extent_cannot_be_cut_out(demo, demo_faces):
    face = demo_faces[0]
    assert crop_face(demo, face.scaled(0.0, 0.0)) is None


def test_the_same_face_goes_back_where_it_came_from(demo, crop):
    canvas = demo.copy()
    paste(canvas, crop.pixels, crop, crop.to_canvas(1, 1), 1.0)
    difference = np.abs(canvas.astype(int) - demo)
    assert difference.mean() < 0.15
    assert np.percentile(difference, 99.5) < 12  # two resamplings and the grain they lost


def test_outside_the_face_nothing_changes(demo, crop):
    canvas = demo.copy()
    paste(canvas, 1 - crop.pixels, crop, crop.to_canvas(1, 1), 1.0)
    changed = (canvas != demo).any(axis=-1)
    assert changed.any()
    y, x = np.nonzero(changed)
    middle = crop.to_canvas(1, 1) @ (256, 256, 1)
    assert np.hypot(x - middle[0], y - middle[1]).max() < 85  # face height of the demo: 140 px


def test_strength_blends(demo, crop):
    white = np.ones_like(crop.pixels)
    results = []
    for strength in (0.0, 0.5, 1.0):
        canvas = demo.copy()
        paste(canvas, white, crop, crop.to_canvas(1, 1), strength)
        results.append(canvas)
    assert np.array_equal(results[0], demo)
    x, y = (crop.to_canvas(1, 1) @ (256, 256, 1)).round().astype(int)
    assert results[2][y, x].min() > 240
    half = (demo[y, x].astype(int) + results[2][y, x]) / 2
    np.testing.assert_allclose(results[1][y, x], half, atol=3)


def test_a_face_beyond_the_picture_is_pasted_as_far_as_there_is_one(demo, crop):
    small = demo[:200, :250].copy()
    paste(small, np.ones_like(crop.pixels), crop, crop.to_canvas(1, 1), 1.0)
    assert not np.array_equal(small, demo[:200, :250])
    away = demo[:20, :20].copy()
    paste(away, np.ones_like(crop.pixels), crop, crop.to_canvas(1, 1), 1.0)
    assert np.array_equal(away, demo[:20, :20])


def monochrome(image: ImageU8, tint: tuple[float, float, float]) -> ImageU8:
    grey = np.rint(image.mean(axis=-1, keepdims=True))
    return np.asarray(np.clip(grey * np.array(tint), 0, 255), np.uint8)


def test_a_grey_photo_stays_grey_to_the_last_bit(demo, demo_faces, crop):
    grey = monochrome(demo, (1, 1, 1))
    old = cut(grey, demo_faces)
    toned = in_tone(crop.pixels, old, is_monochrome=True)
    assert np.ptp(toned, axis=-1).max() < 1e-6
    paste(grey, toned, old, old.to_canvas(1, 1), 1.0)
    assert (np.ptp(grey, axis=-1) == 0).all()


def test_a_brown_print_stays_brown(demo, demo_faces, crop):
    brown = monochrome(demo, (1.0, 0.85, 0.65))
    old = cut(brown, demo_faces)
    toned = in_tone(crop.pixels, old, is_monochrome=True)
    inside = old.mask > 0.5
    ratio = toned[inside] / np.maximum(toned[inside][:, :1], 0.05)
    np.testing.assert_allclose(np.median(ratio, axis=0), (1.0, 0.85, 0.65), atol=0.02)
    assert toned[inside].mean() == pytest.approx(old.pixels[inside].mean(), abs=0.01)


def test_a_tinted_answer_takes_the_colours_of_the_photo(crop):
    green = np.clip(crop.pixels * (0.8, 1.1, 0.8), 0, 1).astype(np.float32)
    toned = in_tone(green, crop, is_monochrome=False)
    inside = crop.mask > 0.5
    wrong = np.abs(green[inside].mean(axis=0) - crop.pixels[inside].mean(axis=0)).max()
    left = np.abs(toned[inside].mean(axis=0) - crop.pixels[inside].mean(axis=0)).max()
    assert wrong > 0.05
    assert left < 0.01


def test_a_smooth_face_gets_the_grain_of_its_picture(demo, demo_faces):
    noise = np.random.default_rng(1).normal(0, 5, demo.shape[:2])[..., np.newaxis]
    grainy = np.clip(demo * 0.6 + 40 + noise, 0, 255).astype(np.uint8)
    crop = cut(grainy, demo_faces)
    flat = np.full_like(crop.pixels, crop.pixels[crop.mask > 0.5].mean())
    canvas = grainy.copy()
    paste(canvas, flat, crop, crop.to_canvas(1, 1), 1.0)
    x, y = (crop.to_canvas(1, 1) @ (256, 256, 1)).round().astype(int)
    cheek = canvas[y - 12 : y + 12, x - 12 : x + 12, 1].astype(float)
    assert 3.0 < cheek.std() < 7.0
    paste(again := grainy.copy(), flat, crop, crop.to_canvas(1, 1), 1.0)
    assert np.array_equal(again, canvas)
