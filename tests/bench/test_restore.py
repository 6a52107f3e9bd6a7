"""The built-in restoration on clean portraits and on the same ones damaged in known ways."""

from pathlib import Path

import pytest

from frame_app.base.paths import shipped
from prerender.engines.builtin_faces import BuiltinFaces
from prerender.engines.builtin_restore import BuiltinRestore
from prerender.media.image import load_rgb
from prerender.stages.restore import RestoreParams
from tests.bench.figures import Report
from tests.fakes.damage import DAMAGE, colour_difference, decibels

pytestmark = pytest.mark.bench
DEMO = shipped("assets", "demo", "astronaut.png")
PORTRAITS = [DEMO, *sorted(Path("../shared/data/portraits").glob("*.jpg"))]


@pytest.mark.parametrize("photo", PORTRAITS, ids=lambda path: path.stem)
def test_restoration_never_makes_worse(photo: Path, report: Report) -> None:
    clean = load_rgb(photo)
    engine, strength = BuiltinRestore(), RestoreParams().strength
    with BuiltinFaces() as finder:
        faces = finder.find(clean)
    kept, measured = engine.restore(clean, faces, strength)
    marks = measured.scores["dust_specks"] + measured.scores["scratches"]
    report(f"{photo.stem}: clean, kept", decibels(kept, clean), 45.0, "dB", at_least=True)
    report(f"{photo.stem}: clean, marks taken for damage", marks, 0.0, "")
    for name, damage in DAMAGE.items():
        worse = damage(clean)
        better, _ = engine.restore(worse, faces, strength)
        gain = decibels(better, clean) - decibels(worse, clean)
        closer = colour_difference(worse, clean) - colour_difference(better, clean)
        report(f"{photo.stem}: {name}, gain", gain, -0.05, "dB", at_least=True)
        report(f"{photo.stem}: {name}, colours nearer by", closer, -0.05, "dE", at_least=True)
