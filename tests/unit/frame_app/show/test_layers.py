from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from frame_app.base.errors import PictureError
from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from frame_app.show.layers import load_layers, load_still
from tests.fakes import synthetic_library as drawn


@pytest.fixture
def anna(library: Path) -> tuple[Path, Manifest]:
    with open_library(library) as opened:
        return opened.folder(opened.entries[0]), opened.manifest(opened.entries[0])


def test_layers_have_the_canvas_size_and_premultiplied_colours(
    anna: tuple[Path, Manifest],
) -> None:
    layers = load_layers(*anna, 1.0)
    assert layers.plate.shape == layers.subject.shape == (drawn.HEIGHT, drawn.WIDTH, 4)
    assert (layers.plate[..., 3] == 255).all()
    assert (layers.subject[..., :3].max(axis=2) <= layers.subject[..., 3]).all()
    assert layers.has_subject


def test_bounds_and_spans_hold_all_that_occurs(anna: tuple[Path, Manifest]) -> None:
    layers = load_layers(*anna, 1.0)
    rows, columns = np.nonzero(layers.subject[..., 3])
    bounds = layers.subject_bounds
    assert bounds.left * drawn.WIDTH <= columns.min()
    assert bounds.right * drawn.WIDTH >= columns.max() + 1
    assert bounds.top * drawn.HEIGHT <= rows.min()
    assert bounds.bottom * drawn.HEIGHT >= rows.max() + 1
    assert layers.plate_span.low < layers.plate_span.high < layers.subject_span.high


def test_a_smaller_screen_gets_smaller_layers_and_the_same_colours(
    anna: tuple[Path, Manifest],
) -> None:
    full, half = load_layers(*anna, 1.0), load_layers(*anna, 0.5)
    assert half.plate.shape == (drawn.HEIGHT // 2, drawn.WIDTH // 2, 4)
    assert abs(float(half.subject.mean()) - float(full.subject.mean())) < 1.0


def test_hidden_colour_does_not_bleed_into_the_edge(tmp_path: Path) -> None:
    """A green that alpha hides must not tint the outline when the layer is made smaller."""
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[..., 1] = 255
    picture[16:48, 16:48] = (200, 0, 0, 255)
    Image.fromarray(picture).save(tmp_path / "subject.png")
    layers = load_still(tmp_path / "subject.png", 0.3)
    assert layers.plate[..., 1].max() == 0


def test_depth_keeps_its_values_when_it_is_made_smaller(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 3000, dtype=np.uint16)[:, np.newaxis].repeat(1200, axis=1)
    Image.fromarray(ramp).save(tmp_path / "depth.png")
    from frame_app.show import layers

    smaller = layers._read_depth(tmp_path / "depth.png")
    assert max(smaller.shape) <= 1024
    assert abs(float(smaller.mean()) - float(ramp.mean())) < 40.0


def test_a_still_is_a_scene_without_subject(anna: tuple[Path, Manifest]) -> None:
    layers = load_still(anna[0] / "poster.jpg")
    assert not layers.has_subject
    assert layers.plate.shape == (drawn.HEIGHT, drawn.WIDTH, 4)


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_a_layer_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "poster.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PictureError, match=r"poster\.jpg"):
        load_still(path)
