from pathlib import Path

import pytest

from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from frame_app.ui.hanging import breath_of
from frame_app.ui.textures import TexelFormat, Texels, _high_bytes
from tests.fakes import synthetic_library as drawn


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    root: Path = tmp_path_factory.mktemp("hanging")
    drawn.publish_portrait(root, "anna", frames=10, gaze=False)
    with open_library(root) as library:
        return library.manifest(library.entries[0])


def test_breath_begins_below_the_chin_and_is_full_at_the_chest(manifest: Manifest) -> None:
    rise, begin, full = breath_of(manifest, 1.0)
    eyes_y = drawn.EYES.left.y / drawn.HEIGHT
    assert eyes_y < begin < full <= 1.0
    assert 0.0 < rise * drawn.HEIGHT < 6.0


def test_without_depth_or_eyes_nothing_breathes(manifest: Manifest) -> None:
    assert breath_of(manifest, 0.0)[0] == 0.0
    assert breath_of(manifest.model_copy(update={"eyes": None}), 1.0)[0] == 0.0


def test_eight_bits_of_sixteen_are_the_high_ones() -> None:
    texels = Texels(TexelFormat.R16, 2, 1, (0x1234).to_bytes(2, "little") * 2)
    assert _high_bytes(texels) == Texels(TexelFormat.R8, 2, 1, bytes([0x12, 0x12]))
