import numpy as np
import pytest

from prerender.media.tiling import Tile, tiles


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (65, 64), (300, 220), (129, 1000)])
def test_tiles_cover_every_pixel_once(size):
    height, width = size
    seen = np.zeros(size, int)
    for tile in tiles(height, width, side=64):
        assert tile.bottom - tile.top <= 64 + 4
        assert tile.right - tile.left <= 64 + 4
        seen[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert (seen == 1).all()


def test_a_picture_that_fits_is_one_tile():
    assert list(tiles(64, 40, side=64)) == [Tile(0, 64, 0, 40)]


def test_no_tile_is_a_narrow_rest():
    widths = [tile.right - tile.left for tile in tiles(10, 130, side=64)]
    assert widths == [44, 44, 42]


def test_borders_inside_are_multiples_of_four():
    for tile in tiles(301, 223, side=50):
        assert tile.top % 4 == 0
        assert tile.left % 4 == 0


def test_a_margin_ends_at_the_picture():
    tile = Tile(0, 32, 64, 96)
    assert tile.grown(16, 40, 100) == Tile(0, 40, 48, 100)
