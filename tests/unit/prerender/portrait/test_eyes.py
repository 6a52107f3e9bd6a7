"""One drawn eye: what lids and iris do to it is known to the pixel."""

import dataclasses
import itertools

import cv2  # noqa: TID253  tests run in no Qt process
import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import ImageU8
from prerender.portrait.eye_fit import fitted
from prerender.portrait.eye_shape import SAMPLES, EyeShape
from prerender.portrait.eyes import EyeLayer, EyePose

SKIN, WHITE, IRIS, LASH = (200, 160, 130), (235, 232, 228), (60, 40, 25), (50, 35, 30)
HALF, RISE, FALL, RADIUS = 40.0, 17.0, 9.0, 13.0
CENTRE = np.array([100.0, 100.0])
U = np.linspace(-1, 1, SAMPLES)
OPEN = EyePose(0, 0, 0, 0)


def shape(up_px: float = 0.0, iris_px: float = 0.0) -> EyeShape:
    return EyeShape(
        centre=CENTRE,
        across=np.array([1.0, 0.0]),
        down=np.array([0.0, 1.0]),
        half=HALF,
        upper=-RISE * (1 - U**2) - up_px * (1 - U**4),
        lower=FALL * (1 - U**2),
        iris=CENTRE + np.array([iris_px, -4.0]),
        radius=RADIUS,
        outer=1,
        brow=-50.0,
    )


@pytest.fixture(scope="module")
def picture() -> ImageU8:
    big = np.full((800, 800, 3), SKIN, np.uint8)
    u = np.linspace(-1, 1, 400)
    x = 4 * (100 + HALF * u)
    upper, lower = 4 * (100 - RISE * (1 - u**2)), 4 * (100 + FALL * (1 - u**2))
    outline = np.concatenate([np.stack([x, upper], 1), np.stack([x, lower], 1)[::-1]])
    opening = np.zeros(big.shape[:2], np.uint8)
    cv2.fillPoly(opening, [outline.astype(np.int32)], (255,))
    ball = np.full_like(big, WHITE)
    cv2.circle(ball, (400, 384), int(4 * RADIUS), IRIS, -1)
    big[opening > 0] = ball[opening > 0]
    cv2.polylines(big, [np.stack([x, upper], 1).astype(np.int32)], False, LASH, 8)  # noqa: FBT003
    small = cv2.resize(big, (200, 200), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), np.uint8)


def painted(picture: ImageU8, pose: EyePose) -> ImageU8:
    out = picture.copy()
    EyeLayer(picture, shape(), cv2, 2.05 * RADIUS).paint(out, pose)
    return out


def near(picture: ImageU8, colour: tuple[int, int, int]) -> npt.NDArray[np.bool_]:
    return np.asarray(np.abs(picture.astype(int) - colour).max(axis=2) < 40)


def iris_column(picture: ImageU8) -> float:
    inside = near(picture[96:106, 60:140], IRIS)
    return float(np.nonzero(inside)[1].mean())


def test_an_open_eye_looking_ahead_is_the_picture(picture: ImageU8) -> None:
    assert np.abs(painted(picture, OPEN).astype(int) - picture).max() <= 2


def test_a_closed_lid_shows_neither_iris_nor_white(picture: ImageU8) -> None:
    closed = painted(picture, EyePose(1, 0, 0, 0))
    eye = closed[80:112, 62:138]
    assert near(eye, WHITE).mean() < 0.01
    lid = closed[86:102, 85:115].astype(int)
    assert np.abs(lid - SKIN).max(axis=2).mean() < 30


def test_the_closed_lid_has_one_lash_line_and_it_lies_low(picture: ImageU8) -> None:
    closed = painted(picture, EyePose(1, 0, 0, 0)).mean(axis=2)
    for column in (85, 100, 115):
        dark = np.flatnonzero(closed[75:125, column] < 110) + 75
        assert len(dark) > 0
        assert np.ptp(dark) <= 8
        assert dark.min() > 100


def test_lids_close_evenly_with_the_parameter(picture: ImageU8) -> None:
    seen = [
        (near(painted(picture, EyePose(blink, 0, 0, 0)), WHITE)).sum()
        for blink in (0, 0.25, 0.5, 0.75)
    ]
    assert all(a > b for a, b in itertools.pairwise(seen))


def test_a_wider_eye_shows_more_of_itself(picture: ImageU8) -> None:
    open_, wide = picture, painted(picture, EyePose(-0.5, 0, 0, 0))
    eye = np.s_[75:115, 60:140]
    assert near(wide[eye], SKIN).sum() < near(open_[eye], SKIN).sum()


def test_the_iris_goes_where_it_is_told(picture: ImageU8) -> None:
    columns = [
        iris_column(painted(picture, EyePose(0, 0, gaze, 0))) for gaze in (-14, -7, 0, 7, 14)
    ]
    steps = np.diff(columns)
    assert (steps > 1.5).all()
    # 2.05 radii of eyeball for each radius of iris.
    assert columns[4] - columns[2] == pytest.approx(2.05 * RADIUS * np.sin(np.radians(14)), abs=1.2)


def test_where_the_iris_was_is_white(picture: ImageU8) -> None:
    looked = painted(picture, EyePose(0, 0, 14, 0))
    left_behind = looked[95:103, 86:90].reshape(-1, 3).astype(int)
    assert (left_behind.min(axis=0) > 150).all()


def test_white_that_comes_to_light_lies_in_the_light_of_the_skin_beside_it(
    picture: ImageU8,
) -> None:
    light = np.interp(np.arange(200), [60, 140], [1.0, 0.45])[None, :, None]
    shaded = (picture * light).astype(np.uint8)
    left = painted(shaded, EyePose(0, 0, 14, 0))[95:103, 86:90].mean()
    right = painted(shaded, EyePose(0, 0, -14, 0))[95:103, 111:115].mean()
    assert right < 0.85 * left


def test_no_line_is_left_where_the_iris_was_not(picture: ImageU8) -> None:
    looked = painted(picture, EyePose(0, 0, 14, 0)).astype(int)
    corner = np.s_[94:107, 64:80]  # the iris was 7 pixels away and goes further
    assert np.abs(looked[corner] - picture[corner]).max() <= 25


def test_the_upper_lid_follows_a_downward_look(picture: ImageU8) -> None:
    down, up = (painted(picture, EyePose(0, 0, 0, gaze)) for gaze in (-10, 10))
    column = np.s_[75:100, 100]
    assert near(down, SKIN)[column].sum() > near(up, SKIN)[column].sum()


def test_nothing_outside_the_patch_is_touched(picture: ImageU8) -> None:
    layer = EyeLayer(picture, shape(), cv2, 2.05 * RADIUS)
    out = picture.copy()
    layer.paint(out, EyePose(1, 1, 10, 5))
    x0, y0, x1, y1 = layer.roi
    out[y0:y1, x0:x1] = picture[y0:y1, x0:x1]
    assert (out == picture).all()


@pytest.mark.parametrize("error_px", [-5.0, -3.0, 0.0, 3.0])
def test_a_lid_that_landmarks_misplace_is_found(picture: ImageU8, error_px: float) -> None:
    found = fitted(picture, shape(up_px=error_px), cv2)
    middle = SAMPLES // 2
    assert found.upper[middle] == pytest.approx(-RISE, abs=2.0)


@pytest.mark.parametrize("error_px", [-4.0, 0.0, 4.0])
def test_an_iris_that_landmarks_misplace_is_found(picture: ImageU8, error_px: float) -> None:
    found = fitted(picture, shape(iris_px=error_px), cv2)
    assert found.iris[0] == pytest.approx(CENTRE[0], abs=1.2)
    assert found.radius == pytest.approx(RADIUS, rel=0.1)


def test_a_blank_picture_leaves_the_landmarks_alone() -> None:
    blank = np.full((200, 200, 3), 128, np.uint8)
    wanted = shape()
    found = fitted(blank, wanted, cv2)
    assert np.allclose(found.iris, wanted.iris)
    assert np.abs(found.upper - wanted.upper).max() < 2
    assert dataclasses.replace(found, upper=wanted.upper).half == wanted.half


def test_a_look_to_the_side_leaves_the_skin_beyond_the_corners_alone(picture: ImageU8) -> None:
    for gaze in (-14, 14):
        looked = painted(picture, EyePose(0, 0, gaze, 0)).astype(int)
        for beyond in (np.s_[:, :59], np.s_[:, 142:]):
            assert np.abs(looked[beyond] - picture[beyond]).max() <= 2


@pytest.mark.parametrize("short_px", [0, 12])
def test_the_inner_corner_is_where_the_white_ends(picture: ImageU8, short_px: int) -> None:
    """Landmarks of painted eyes may end before it, and a shut eye would still show white there."""
    true = shape()
    short = dataclasses.replace(
        true, centre=CENTRE + np.array([short_px / 2, 0.0]), half=HALF - short_px / 2
    )
    found = fitted(picture, short, cv2)
    corners = [found.centre + side * found.half * found.across for side in (-1, 1)]
    wanted = [CENTRE + side * HALF * true.across for side in (-1, 1)]
    np.testing.assert_allclose(corners, wanted, atol=5.0)


def test_white_above_the_curve_of_a_lid_is_eye(picture: ImageU8) -> None:
    # Vermeer's girl: landmarks cut the white off between the corner at the nose and the iris.
    cut = dataclasses.replace(
        shape(), upper=shape().upper + 6.0 * np.exp(-(((U + 0.6) / 0.2) ** 2))
    )
    place = int(np.argmin(np.abs(U + 0.6)))
    without_lashes = picture.copy()
    lashes = (np.abs(np.arange(200)[:, None] - 100) < 20) & near(picture, LASH)
    without_lashes[lashes & (np.arange(200) < 85)] = SKIN
    found = fitted(without_lashes, cut, cv2)
    assert cut.upper[place] > shape().upper[place] + 5.0
    assert found.upper[place] == pytest.approx(shape().upper[place], abs=2.5)


def test_light_on_the_edge_of_an_open_lid_does_not_ride_down(picture: ImageU8) -> None:
    lit = picture.copy()
    u = np.linspace(-0.8, 0.8, 200)
    edge = np.stack([100 + HALF * u, 100 - RISE * (1 - u**2) - 3.0], 1).astype(np.int32)
    cv2.polylines(lit, [edge], False, (255, 250, 245), 1)  # noqa: FBT003
    for blink in (0.5, 0.75, 1.0):
        lid = painted(lit, EyePose(blink, 0, 0, 0))[88:112, 80:120].min(axis=2)
        plain = painted(picture, EyePose(blink, 0, 0, 0))[88:112, 80:120].min(axis=2)
        assert (lid.astype(int) - plain).max() < 25


def test_a_lid_stands_out_of_a_dark_orbit_into_the_light_of_the_cheek(picture: ImageU8) -> None:
    light = 0.4 + 0.6 * np.clip((np.arange(200) - 115) / 15, 0, 1)  # full under the eye only
    deep = (picture * light[:, np.newaxis, np.newaxis]).astype(np.uint8)
    lid = painted(deep, EyePose(1, 0, 0, 0))[96:102, 92:108].mean(axis=(0, 1))
    assert (lid / SKIN > 0.65).all()
    assert (lid / SKIN < 0.85).all()


def test_black_lashes_of_a_shut_eye_are_no_broader_line_than_brown_ones(picture: ImageU8) -> None:
    inked = np.where(near(picture, LASH)[..., np.newaxis], picture // 3, picture)
    brown, black = (painted(each, EyePose(1, 0, 0, 0)).mean(axis=2) for each in (picture, inked))
    for column in (85, 100, 115):
        assert (black[95:125, column] < 110).sum() <= (brown[95:125, column] < 110).sum()


def test_a_rim_of_glasses_under_the_eye_leaves_no_streak_on_the_lid(picture: ImageU8) -> None:
    rimmed = picture.copy()
    rimmed[132:136] = (20, 18, 16)
    shut = EyePose(1, 0, 0, 0)
    lids = [painted(each, shut)[80:100, 80:120].astype(int) for each in (picture, rimmed)]
    assert np.abs(lids[1] - lids[0]).max() < 12


@pytest.mark.parametrize("blink", [0.5, 1.0])
def test_thick_lashes_on_their_way_down_show_no_stairs(picture: ImageU8, blink: float) -> None:
    big = np.asarray(cv2.resize(picture, (800, 800), interpolation=cv2.INTER_CUBIC), np.uint8)
    u = np.linspace(-0.9, 0.9, 300)
    line = np.stack([4 * (100 + HALF * u), 4 * (100 - RISE * (1 - u**2) - 3)], 1)
    cv2.polylines(big, [line.astype(np.int32)], False, LASH, 24)  # noqa: FBT003
    lashy = cv2.resize(big, (200, 200), interpolation=cv2.INTER_AREA)
    lashy = cv2.GaussianBlur(lashy, (0, 0), 0.8)
    shut = painted(np.asarray(lashy, np.uint8), EyePose(blink, 0, 0, 0)).mean(axis=2)[
        70:115, 80:121
    ]
    # Where each column passes into the lashes, to a part of a pixel.
    below = np.argmax(shut < 110, axis=0)
    columns = np.arange(shut.shape[1])
    above, inside = shut[below - 1, columns], shut[below, columns]
    edge = below - 1 + (above - 110) / (above - inside)
    assert np.abs(np.diff(edge, 2)).max() < 0.4
