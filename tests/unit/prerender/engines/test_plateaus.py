import numpy as np
import pytest

from frame_app.base.optional import require
from prerender.engines.plateaus import decided_plateaus

cv2 = require("cv2")
WALL, COAT, FACE_PX = (220, 215, 205), (20, 20, 25), 60.0


@pytest.fixture
def coat():
    """A black coat that fills the lower half of a light wall, and its matte."""
    image = np.full((120, 120, 3), WALL, np.uint8)
    image[60:] = COAT
    return image, (np.arange(120)[:, None] >= 60).astype(np.float32).repeat(120, axis=1)


def test_a_grey_collar_between_coat_and_wall_is_solid(coat):
    image, alpha = coat
    image[52:60] = 128  # half way between both, so matting mixes it of them
    image[60:80, :8] = image[60:80, -8:] = 128  # a ring: it goes on in front of the coat
    alpha[52:60] = 0.47
    decided = decided_plateaus(image, alpha, FACE_PX)
    assert (decided[54:58, 5:-5] == 1.0).all()
    assert np.isnan(decided[:50]).all()
    assert np.isnan(decided[62:]).all()


def test_a_grey_bar_that_could_be_the_walls_own_is_left_to_matting(coat):
    image, alpha = coat
    image[52:60] = 128
    alpha[52:60] = 0.47
    assert np.isnan(decided_plateaus(image, alpha, FACE_PX)).all()


def test_wall_that_came_out_half_transparent_is_wall(coat):
    image, alpha = coat
    alpha[48:60, 40:80] = 0.3  # of the wall's own colour
    decided = decided_plateaus(image, alpha, FACE_PX)
    assert (decided[50:57, 43:77] == 0.0).all()
    assert np.isnan(decided[:, :36]).all()


def test_a_faint_fold_of_another_colour_is_left_to_matting(coat):
    image, alpha = coat
    shade = np.clip((np.arange(40, 60) - 40) / 20, 0, 1)[:, None, None]
    image[40:60, 40:80] = np.rint((1 - 0.3 * shade) * np.array(WALL))  # darkens without an edge
    alpha[48:60, 40:80] = 0.3
    assert np.isnan(decided_plateaus(image, alpha, FACE_PX)).all()


def test_a_wedge_of_wall_between_coat_and_a_dark_table_is_wall(coat):
    image, alpha = coat
    image[30:60, 70:] = 5  # the table
    alpha[48:60, 50:70] = 0.4
    decided = decided_plateaus(image, alpha, FACE_PX)
    assert (decided[50:57, 53:67] == 0.0).all()


def test_a_blurred_edge_stays_a_mixture(coat):
    image, alpha = coat
    image, alpha = (cv2.GaussianBlur(layer, (0, 0), 4.0) for layer in (image, alpha))
    assert np.isnan(decided_plateaus(image, alpha, FACE_PX)).all()


def test_strands_of_hair_stay_a_mixture(coat):
    image, alpha = coat
    strands = np.random.default_rng(2).random((14, 120)).astype(np.float32)
    alpha[46:60] = cv2.GaussianBlur(strands, (0, 0), 0.8)
    mixed = alpha[..., None] * np.array(COAT) + (1 - alpha[..., None]) * np.array(WALL)
    image = np.rint(mixed).astype(np.uint8)
    assert np.isnan(decided_plateaus(image, alpha, FACE_PX)).all()


def test_a_spot_smaller_than_an_earring_is_left_to_matting(coat):
    image, alpha = coat
    alpha[50:54, 60:64] = 0.4
    assert np.isnan(decided_plateaus(image, alpha, 200.0)).all()
