from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np

from frame_app.base.arrays import ImageU8
from prerender.core.stage import ArtifactKind, Engines, StageContext
from prerender.engines.base import ColouriseEngine, Measured
from prerender.engines.builtin_colourise import BuiltinColourise
from prerender.media.image import load_rgb, save_rgb
from prerender.stages.colourise import ColouriseParams, ColouriseStage
from tests.fakes.engines import FakeColourise

GREY = np.repeat(np.linspace(20, 230, 64, dtype=np.uint8)[:, None, None], 48, axis=1).repeat(3, 2)


def colourise(
    tmp_path: Path, image: ImageU8, engine: ColouriseEngine | None = None, strength: float = 0.0
) -> tuple[ImageU8, Measured]:
    source = tmp_path / "restored.png"
    save_rgb(source, image)
    engines = SimpleNamespace(colourise=lambda _id: engine or FakeColourise())
    folder = tmp_path / "out"
    folder.mkdir()
    context = StageContext(cast("Engines", engines), folder, Path("family.jpg"))
    stage = ColouriseStage()
    measured = stage.run(
        {ArtifactKind.RESTORED: source}, ColouriseParams(strength=strength), context
    )
    return load_rgb(folder / ArtifactKind.COLOURED.value), measured


def test_off_by_default(tmp_path):
    coloured, measured = colourise(tmp_path, GREY)
    assert np.array_equal(coloured, GREY)
    assert measured.warnings == ()


def test_a_grey_picture_gets_as_much_colour_as_was_asked_for(tmp_path):
    coloured, measured = colourise(tmp_path, GREY, strength=0.5)
    full = FakeColourise().colourise(GREY)
    np.testing.assert_allclose(coloured, (GREY.astype(float) + full) / 2, atol=1)
    assert measured.scores == {"strength": 0.5}


def test_a_picture_with_colours_keeps_them(tmp_path):
    image = GREY.copy()
    image[:, :24] = (200, 40, 40)
    coloured, measured = colourise(tmp_path, image, strength=1.0)
    assert np.array_equal(coloured, image)
    assert "has colours of its own" in measured.warnings[0]


def test_without_an_engine_it_says_so(tmp_path):
    coloured, measured = colourise(tmp_path, GREY, BuiltinColourise(), strength=1.0)
    assert np.array_equal(coloured, GREY)
    assert "no engine for it" in measured.warnings[0]
