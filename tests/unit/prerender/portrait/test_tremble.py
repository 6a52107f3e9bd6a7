"""Trembling and restless grain, in films of a textured picture made by hand."""

from collections.abc import Callable, Iterable

import cv2  # noqa: TID253  no Qt in this process
import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import MaskU8
from prerender.core.gate import Level, check
from prerender.portrait.tremble import TrembleMeter

SIZE = 320
RNG = np.random.default_rng(3)
FRAMES = 40

Grey = npt.NDArray[np.float32]
Way = Callable[[int], float]  # frame to pixels


def texture(size: int = SIZE) -> Grey:
    """Brush strokes of all sizes."""
    noise = RNG.normal(size=(size, size)).astype(np.float32)
    layers = [cv2.GaussianBlur(noise, (0, 0), sigma) * sigma for sigma in (1, 3, 9)]
    return np.asarray(110 + 25 * sum(layers), np.float32)


PICTURE = texture()


def moved(right: float, down: float = 0.0, picture: Grey = PICTURE) -> Grey:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size, border = picture.shape[::-1], cv2.BORDER_REFLECT
    shown = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=border)
    return np.asarray(shown, np.float32)


def metered(pictures: Iterable[Grey]) -> TrembleMeter:
    meter = TrembleMeter()
    for picture in pictures:
        stored = np.clip(picture, 0, 255) * 219 / 255 + 16
        grey: MaskU8 = stored.round().astype(np.uint8)
        meter.add(grey, np.full_like(grey, 235))
    return meter


def level(meter: TrembleMeter, fps: float = 30) -> tuple[Level, Level]:
    """What the gate says of trembling and of grain."""
    scores = {"tremble_px": meter.tremble_px(fps), "grain_flicker": meter.grain_flicker}
    tremble, grain = check("nod", scores)
    return tremble.level, grain.level


def shaking(number: int) -> float:
    """A head that is shaken as fast as heads are: 12 pixels to both sides, 1.5 times a second."""
    return 12 * float(np.sin(2 * np.pi * 1.5 * number / 30))


@pytest.mark.parametrize(
    "way", [lambda n: 0.0, lambda n: 0.3 * n, lambda n: 2.5 * n, shaking, lambda n: 6.0 * (n > 20)]
)
def test_stillness_even_motion_and_one_start_do_not_tremble(way: Way) -> None:
    assert level(metered(moved(way(n)) for n in range(FRAMES)))[0] is Level.GOOD


@pytest.mark.parametrize("under", [lambda n: 0.0, shaking])
def test_half_a_pixel_back_and_forth_trembles_at_rest_and_in_motion(under: Way) -> None:
    meter = metered(moved(under(n) + (n % 2 - 0.5)) for n in range(FRAMES))
    assert meter.tremble_px(30) == pytest.approx(1.0, rel=0.4)
    assert level(meter)[0] is Level.POOR


def test_ways_found_anew_for_each_frame_tremble() -> None:
    """As of a network that reads every frame by itself."""
    errors = np.random.default_rng(5).normal(0, 0.6, (FRAMES, 2))
    assert level(metered(moved(*error) for error in errors))[0] is Level.POOR


def test_a_face_that_trembles_alone_is_seen() -> None:
    def film() -> Iterable[Grey]:
        for number in range(FRAMES):
            picture = PICTURE.copy()
            picture[80:200, 80:200] = moved(number % 2)[80:200, 80:200]
            yield picture

    assert level(metered(film()))[0] is Level.POOR


def test_grain_drawn_anew_in_each_frame_is_restless_and_no_trembling() -> None:
    grain = np.random.default_rng(6)
    meter = metered(PICTURE + grain.normal(0, 3, PICTURE.shape) for _ in range(FRAMES))
    assert level(meter) == (Level.GOOD, Level.POOR)


def test_grain_that_swims_over_a_head_at_rest_is_restless() -> None:
    grain = RNG.normal(0, 4, PICTURE.shape).astype(np.float32)
    meter = metered(PICTURE + np.roll(grain, 7 * n, axis=1) for n in range(FRAMES))
    assert level(meter)[1] is Level.POOR


def test_motion_is_no_restless_grain_as_long_as_it_comes_to_rest() -> None:
    meter = metered(moved(shaking(n) if n < 30 else 0.0) for n in range(FRAMES))
    assert level(meter)[1] is Level.GOOD


def test_in_between_frames_do_not_hide_a_tremble() -> None:
    meter = metered(moved((0, 0.5, 1, 0.5)[n % 4]) for n in range(2 * FRAMES))
    assert level(meter, fps=60)[0] is Level.POOR


def test_the_same_motion_trembles_as_much_on_a_larger_canvas() -> None:
    seen = []
    for scale in (4, 8):
        large = np.asarray(cv2.resize(PICTURE, None, fx=scale, fy=scale), np.float32)
        film = (moved(scale * (n % 2), picture=large) for n in range(10))
        seen.append(metered(film).tremble_px(30))
    assert seen[0] == pytest.approx(seen[1], rel=0.25)


def test_plain_ground_and_what_the_matte_hides_do_not_tremble() -> None:
    plain = metered(np.full((SIZE, SIZE), 90 + n % 2, np.float32) for n in range(FRAMES))
    hidden = TrembleMeter()
    for number in range(FRAMES):
        grey = np.clip(moved(number % 2), 16, 235).astype(np.uint8)
        hidden.add(grey, np.full_like(grey, 16))
    assert plain.tremble_px(30) == hidden.tremble_px(30) == 0.0
    assert hidden.grain_flicker == 0.0


def test_a_clip_of_a_few_frames_measures_nothing() -> None:
    assert metered([]).grain_flicker == 0.0
    assert metered(moved(n % 2) for n in range(3)).tremble_px(30) == 0.0
