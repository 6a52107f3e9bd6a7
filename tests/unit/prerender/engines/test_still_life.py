import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.living_light import LivingLight
from prerender.engines.still_life import _open_share, find_subject, is_whole, scene_depth

cv2 = require("cv2")
Signed = npt.NDArray[np.int64]
RNG = np.random.default_rng(3)


def bear() -> ImageU8:
    """A round brown animal with eyes and nose, sitting before a wall."""
    picture = np.full((500, 400, 3), (168, 176, 160), np.float32)
    picture[360:] = (120, 110, 90)
    for place, axes in (((200, 380), (105, 150)), ((200, 195), (82, 86)), ((130, 130), (30, 32))):
        cv2.ellipse(picture, place, axes, 0, 0, 360, (120, 78, 44), -1, cv2.LINE_AA)
    for x in (170, 230):
        cv2.circle(picture, (x, 180), 10, (20, 14, 12), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (200, 222), (17, 12), 0, 0, 360, (25, 20, 20), -1, cv2.LINE_AA)
    return np.clip(picture + RNG.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


def hills() -> ImageU8:
    """Sky over three ranges: nothing in it is the subject."""
    y = np.arange(320, dtype=np.float32)[:, None]
    picture = np.empty((320, 480, 3), np.float32)
    picture[:] = np.stack([120 + 0.1 * y, 160 + 0.1 * y, 215 - 0.1 * y], -1)
    for number, (base, colour) in enumerate(((150, (110, 130, 150)), (210, (70, 105, 80)))):
        ridge = base + 20 * np.sin(np.arange(480) / (60 - 15 * number) + number)
        picture[y > ridge[None]] = colour
    return np.clip(picture + RNG.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


def test_an_animal_before_a_wall_is_cut_out() -> None:
    found = find_subject(bear())
    assert found.is_found
    assert found.matte[200, 200] > 0.98
    assert found.matte[400, 200] > 0.98
    assert found.matte[60, 40] < 0.02
    assert found.matte[300, 20] < 0.02
    assert not is_whole(found.matte)


def test_an_outline_through_the_middle_of_a_thing_is_known_for_what_it_is() -> None:
    picture = np.full((120, 160, 3), 200, np.uint8)
    picture[30:90, 40:120] = (150, 40, 30)
    whole = (picture == (150, 40, 30)).all(axis=2)
    half = whole & (np.arange(160) < 80)
    assert _open_share(picture, whole) < 0.02
    assert 0.2 < _open_share(picture, half) < 0.45


def test_a_landscape_stays_whole() -> None:
    found = find_subject(hills())
    assert not found.is_found
    assert is_whole(found.matte)


def test_the_ground_is_nearer_than_the_sky_and_the_depth_has_no_step() -> None:
    depth = scene_depth(hills())
    assert depth[300].mean() > depth[30].mean() + 0.2
    assert np.abs(np.diff(depth, axis=0)).max() < 0.02


@pytest.fixture(scope="module")
def scene() -> tuple[LivingLight, ImageU8]:
    picture = bear()
    return LivingLight(picture, np.ones(picture.shape[:2], np.float32), 1), picture


def frames(light: LivingLight, *indices: int) -> list[Signed]:
    found = [next(light.frames("idle", 10.0, i, i + 1)) for i in indices]
    return [frame.colour.astype(np.int64) for frame in found]


def test_the_light_swells_softly_and_ends_where_it_began(scene) -> None:
    light, _ = scene
    still = light.neutral().colour.astype(int)
    last = light.clip("idle", 10.0).frames - 1
    first, swollen, after, end = frames(light, 0, 30, 31, last)
    assert (first == still).all()
    assert (end == still).all()
    assert 3 < (swollen - still)[150:350, 100:300].mean() < 20
    assert np.abs(after - swollen).max() <= 2  # nobody sees it move
    assert (swollen >= still).all()


def test_the_border_of_the_box_keeps_its_light(scene) -> None:
    light, _ = scene
    still, (swollen,) = light.neutral().colour.astype(int), frames(light, 30)
    for side in (np.s_[:4], np.s_[-4:], np.s_[:, :4], np.s_[:, -4:]):
        assert (swollen[side] == still[side]).all()


def test_a_still_life_has_no_other_clip(scene) -> None:
    light, _ = scene
    assert light.clip_names() == ("idle",)
    assert light.clip("idle", 30.0).loop
    with pytest.raises(UsageError, match="no clip smile of a still life"):
        light.clip("smile", 30.0)
