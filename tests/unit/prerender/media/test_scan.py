import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from prerender.media.scan import cut_out_print

cv2 = require("cv2")


def picture(width: int = 300, height: int = 400) -> ImageU8:
    """Colours that rise from corner to corner, so that places can be told from colours."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    lively = np.random.default_rng(1).normal(0, 6, (height, width))
    channels = [40 + 90 * x / width, 40 + 90 * y / height, 90 + lively]
    return np.asarray(np.clip(np.stack(channels, axis=-1), 0, 255), np.uint8)


def scanned(inner: ImageU8, tilt_deg: float, colour: tuple[int, int, int]) -> ImageU8:
    height, width = inner.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt_deg, 1.0)
    turn[:, 2] += 60
    size = (width + 120, height + 120)
    scan = cv2.warpAffine(
        inner, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=colour
    )
    noise = np.random.default_rng(2).normal(0, 2, scan.shape)
    return np.asarray(np.clip(scan + noise, 0, 255), np.uint8)


@pytest.mark.parametrize("colour", [(250, 249, 247), (6, 6, 6), (150, 150, 148), (60, 45, 35)])
@pytest.mark.parametrize("tilt_deg", [0.0, 1.5, -2.0, 7.0])
def test_a_tilted_print_comes_out_straight(colour, tilt_deg) -> None:
    inner = picture()
    found = cut_out_print(scanned(inner, tilt_deg, colour))
    assert abs(found.shape[0] - 400) <= 12
    assert abs(found.shape[1] - 300) <= 12
    inset = ((400 - found.shape[0]) // 2, (300 - found.shape[1]) // 2)
    same = inner[inset[0] :, inset[1] :][: found.shape[0], : found.shape[1]]
    away = np.abs(found[5:-5, 5:-5].astype(float) - same[5:-5, 5:-5])[..., :2]
    assert away.mean() < 3.0  # a pixel of displacement costs 0.3


def test_an_album_page_and_the_margin_of_the_print_both_go() -> None:
    margin = cv2.copyMakeBorder(picture(), *(20,) * 4, cv2.BORDER_CONSTANT, value=(240, 232, 215))
    found = cut_out_print(scanned(margin, 1.0, (60, 45, 35)))
    assert abs(found.shape[0] - 400) <= 14
    assert found[3:-3, 3:-3].max() < 200


def test_a_person_before_a_plain_wall_keeps_the_wall() -> None:
    wall = np.full((400, 300, 3), 150, np.uint8)
    y, x = np.mgrid[:400, :300]
    wall[(x - 150) ** 2 + (y - 180) ** 2 < 80**2] = 90
    wall[(np.abs(x - 150) < 130) & (y > 300)] = 60
    assert cut_out_print(wall) is wall


def test_an_oval_medallion_is_no_rectangle() -> None:
    page = np.full((400, 300, 3), 240, np.uint8)
    y, x = np.mgrid[:400, :300]
    page[((x - 150) / 120) ** 2 + ((y - 200) / 170) ** 2 < 1] = 90
    assert cut_out_print(page) is page


def test_a_small_rectangle_is_a_thing_in_the_picture() -> None:
    wall = np.full((400, 300, 3), 150, np.uint8)
    wall[100:200, 100:180] = 20
    assert cut_out_print(wall) is wall


@pytest.mark.parametrize("shape", [(64, 64), (64, 900)])
def test_plain_and_tiny_pictures_stay_as_they_are(shape) -> None:
    plain = np.full((*shape, 3), 90, np.uint8)
    assert cut_out_print(plain) is plain
