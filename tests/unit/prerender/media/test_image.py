import numpy as np
from PIL import Image

from prerender.media.image import (
    load_rgba,
    load_unit16,
    over,
    save_poster,
    save_rgba,
    save_unit16,
)
from prerender.media.provenance import TRAINED_COMPOSITE, XMP_CHUNK, xmp_packet

RNG = np.random.default_rng(2)
COLOUR = RNG.integers(0, 256, (40, 30, 3)).astype(np.uint8)
BELOW = RNG.integers(0, 256, (40, 30, 3)).astype(np.uint8)
ALPHA = RNG.integers(0, 256, (40, 30)).astype(np.uint8)


def test_over_is_the_rounded_mean_of_every_pair() -> None:
    weight = ALPHA.astype(np.float64)[..., np.newaxis] / 255
    exact = COLOUR * weight + BELOW * (1 - weight)
    assert np.abs(over(COLOUR, ALPHA, BELOW) - exact).max() <= 0.5 + 1e-9
    solid = np.full_like(ALPHA, 255)
    assert np.array_equal(over(COLOUR, solid, BELOW), COLOUR)
    assert np.array_equal(over(COLOUR, np.zeros_like(ALPHA), BELOW), BELOW)


def test_colours_beyond_the_alpha_survive(tmp_path) -> None:
    save_rgba(tmp_path / "a.png", COLOUR, ALPHA)
    colour, alpha = load_rgba(tmp_path / "a.png")
    assert np.array_equal(colour, COLOUR)
    assert np.array_equal(alpha, ALPHA)


def test_16_bit_values_come_back_within_half_a_step(tmp_path) -> None:
    values = RNG.random((50, 60)).astype(np.float32)
    values[0, :2] = (-0.5, 1.5)
    save_unit16(tmp_path / "a.png", values)
    found = load_unit16(tmp_path / "a.png")
    assert np.abs(found - np.clip(values, 0, 1)).max() <= 0.51 / 65535
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode.startswith("I;16")


def test_provenance_is_in_the_pictures_themselves(tmp_path) -> None:
    packet = xmp_packet(generative=True)
    assert TRAINED_COMPOSITE.encode() in packet
    save_rgba(tmp_path / "a.png", COLOUR, ALPHA, packet)
    save_poster(tmp_path / "a.jpg", COLOUR, packet)
    with Image.open(tmp_path / "a.png") as image:
        assert image.info[XMP_CHUNK].encode() == packet
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.info["xmp"] == packet
