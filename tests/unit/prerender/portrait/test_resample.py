"""Sub-pixel lookups that keep what they look up."""

import cv2  # noqa: TID253  tests run in no Qt process
import numpy as np
import pytest

from frame_app.base.arrays import FieldF32, ImageU8
from prerender.portrait.resample import FineSource, bands_of, split_grain

SIZE = 96
WHOLE = [(0, 0, SIZE, SIZE)]


def texture(seed: int = 0) -> ImageU8:
    """Fine detail, a little below what the pixels can hold."""
    noise = np.random.default_rng(seed).normal(128, 60, (SIZE, SIZE, 3)).astype(np.float32)
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 0.7), 0, 255).astype(np.uint8)


def source(picture: ImageU8) -> FineSource:
    return FineSource(picture, np.full((SIZE, SIZE), 255, np.uint8), cv2)


def by(dx: float, dy: float = 0.0) -> FieldF32:
    return np.full((SIZE // 8, SIZE // 8, 2), (dx, dy), np.float32)


def moved(source: FineSource, offset: FieldF32) -> ImageU8:
    return source.warped(offset, WHOLE)[0]


def test_whole_pixels_are_taken_as_they_are() -> None:
    picture = texture()
    assert (moved(source(picture), by(3, -2))[8:-8, 8:-8] == picture[6:-10, 11:-5]).all()


def test_parts_of_a_pixel_cost_hardly_any_sharpness() -> None:
    picture, x, y = texture(), *np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    fine = source(picture)
    kept, plain = [], []
    for shift in np.arange(0, 1, 0.0625):
        places = (x + shift).astype(np.float32), (y + shift).astype(np.float32)
        kept.append(sharpness(moved(fine, by(shift, shift))) / sharpness(picture))
        looked_up = np.asarray(cv2.remap(picture, *places, cv2.INTER_CUBIC), np.uint8)
        plain.append(sharpness(looked_up) / sharpness(picture))
    assert min(kept) > 0.93
    # A picture that drifts pulses by as much as sharpness differs from shift to shift.
    assert max(kept) - min(kept) < 0.5 * (max(plain) - min(plain))


def test_an_enlarged_picture_takes_half_the_room_and_looks_the_same() -> None:
    enlarged = np.asarray(
        cv2.resize(texture(), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC), np.uint8
    )
    matte = np.full(enlarged.shape[:2], 255, np.uint8)
    offset = np.full((SIZE // 8, SIZE // 8, 2), 0.25, np.float32)
    whole = [(0, 0, 3 * SIZE, 3 * SIZE)]
    soft = FineSource(enlarged, matte, cv2)
    moved = soft.warped(offset, whole)[0]
    assert soft.scale == 2
    assert source(texture()).scale == 4
    assert 0.95 < sharpness(moved) / sharpness(enlarged) < 1.03


def sharpness(picture: ImageU8) -> float:
    inside = picture[10:-10, 10:-10].astype(np.float32)
    return float(cv2.Laplacian(inside, cv2.CV_32F).std())


@pytest.mark.parametrize("size", [(90, 122), (250, 90)])
def test_a_picture_too_large_for_memory_is_looked_up_as_well(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    picture = np.asarray(cv2.resize(texture(), size[::-1]), np.uint8)
    matte = picture[..., 0].copy()
    offset = np.full((4, 4, 2), (0.3, 0.6), np.float32)
    whole = [(0, 0, size[1], size[0])]
    usual = FineSource(picture, matte, cv2).warped(offset, whole)
    monkeypatch.setattr("prerender.portrait.resample._LARGE_PX", 10)
    large = FineSource(picture, matte, cv2).warped(offset, whole)
    for one, other in zip(usual, large, strict=True):
        assert np.abs(one.astype(int) - other)[4:-4, 4:-4].mean() < 2


def test_a_patch_is_seen_and_then_gone_without_a_trace() -> None:
    picture = texture()
    fine = source(picture)
    before = moved(fine, by(0.3))
    other = picture.copy()
    other[30:50, 40:60] = 0
    fine.patch(other, (24, 24, 64, 64))
    patched = moved(fine, by(0.3))
    assert patched[35:45, 45:55].max() < 10
    assert (patched[:18] == before[:18]).all()
    fine.restore()
    assert (moved(fine, by(0.3)) == before).all()


def test_a_patch_equal_to_the_picture_changes_nothing() -> None:
    picture = texture()
    fine = source(picture)
    before = moved(fine, by(0.4, 0.2))
    fine.patch(picture, (20, 30, 50, 70))
    assert (moved(fine, by(0.4, 0.2)) == before).all()


def test_outside_the_bands_nothing_moves() -> None:
    picture = texture()
    colour, _ = source(picture).warped(by(0.5), [(20, 32, 60, 64)])
    assert (colour[:32] == picture[:32]).all()
    assert (colour[32:64, :20] == picture[32:64, :20]).all()
    assert (colour[40, 20:60] != picture[40, 20:60]).any()


def test_the_matte_moves_with_the_picture() -> None:
    matte = np.zeros((SIZE, SIZE), np.uint8)
    matte[:, 40:] = 200
    _, shifted = FineSource(texture(), matte, cv2).warped(by(5.25), WHOLE)
    assert (shifted[10:-10, 36:80] == 200).all()
    assert (shifted[10:-10, 10:33] == 0).all()
    assert np.abs(shifted[10:-10, 34].astype(int) - 50).max() <= 2


def test_bands_hold_the_subject_and_its_reach() -> None:
    matte = np.zeros((128, 128), np.uint8)
    matte[70:90, 50:60] = 255
    bands = bands_of(matte, 10, cv2)
    assert bands == [(40, 32, 70, 64), (40, 64, 70, 96), (40, 96, 70, 128)]


def test_grain_and_clean_picture_give_the_picture_back_exactly() -> None:
    picture = texture(4)
    clean, lighter, darker = split_grain(picture, cv2)
    assert (cv2.subtract(cv2.add(clean, lighter), darker) == picture).all()


def test_grain_is_taken_from_flats_and_edges_are_left() -> None:
    step = np.full((SIZE, SIZE, 3), 60, np.float32)
    step[:, SIZE // 2 :] = 180
    grainy = step + np.random.default_rng(1).normal(0, 4, step.shape)
    clean, _, _ = split_grain(np.clip(grainy, 0, 255).astype(np.uint8), cv2)
    assert clean[:, :40].std() < 0.75 * grainy[:, :40].std()
    edge = clean[:, SIZE // 2].astype(float).mean() - clean[:, SIZE // 2 - 1].astype(float).mean()
    assert edge > 100


def test_a_picture_without_grain_is_left_alone() -> None:
    smooth = cv2.GaussianBlur(texture(2), (0, 0), 3)
    clean, lighter, darker = split_grain(np.asarray(smooth, np.uint8), cv2)
    assert (clean == smooth).all()
    assert not lighter.any()
    assert not darker.any()


def test_stripes_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = texture(5)
    whole = moved(source(picture), by(0.5, 0.5)), split_grain(picture, cv2)[0]
    monkeypatch.setattr("prerender.portrait.resample._STRIPE_PX", 20)
    striped = moved(source(picture), by(0.5, 0.5)), split_grain(picture, cv2)[0]
    assert (whole[0] == striped[0]).all()
    assert (whole[1] == striped[1]).all()
