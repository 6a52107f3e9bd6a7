from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from prerender.core.faces import Faces, save_faces
from prerender.core.stage import ArtifactKind, Engines, StageContext
from prerender.engines.base import Face, Measured
from prerender.media.image import load_rgb, save_rgb
from prerender.stages.restore import RestoreParams, RestoreStage
from tests.fakes.engines import FakeFaces

STILL = np.full((300, 240, 3), 100, np.uint8)


class Beautifier:
    """Brightens by its strength, and is too sure of itself."""

    info = FakeFaces.info

    def restore(self, image: ImageU8, faces: tuple[Face, ...], strength: float):
        return (image + round(100 * strength)).astype(np.uint8), Measured({"tries": 1.0})


class Judge:
    """Sees a face that is the narrower the brighter the picture, and none in a white one."""

    info = FakeFaces.info

    def find(self, image: ImageU8) -> tuple[Face, ...]:
        (face,) = FakeFaces().find(image)
        squeeze = (float(image.mean()) - 100) / 100
        if squeeze > 0.9:
            return ()
        landmarks = face.landmarks.copy()
        middle = landmarks[:, 0].mean()
        landmarks[:, 0] = middle + (1 - 0.2 * squeeze) * (landmarks[:, 0] - middle)
        return (replace(face, landmarks=landmarks),)


def restore(tmp_path: Path, strength: float) -> tuple[ImageU8, Measured]:
    picture, faces = tmp_path / "picture.png", tmp_path / "faces.npz"
    save_rgb(picture, STILL)
    save_faces(faces, Faces(Judge().find(STILL), (0,)))
    engines = SimpleNamespace(restore=lambda _id: Beautifier(), faces=lambda _id: Judge())
    context = StageContext(cast("Engines", engines), tmp_path, Path("family.jpg"))
    inputs = {ArtifactKind.PICTURE: picture, ArtifactKind.FACES: faces}
    measured = RestoreStage().run(inputs, RestoreParams(strength=strength), context)
    return load_rgb(tmp_path / ArtifactKind.RESTORED.value), measured


def test_who_stays_the_same_is_restored_as_asked(tmp_path) -> None:
    restored, measured = restore(tmp_path, 0.1)
    assert restored.mean() == 110
    assert measured.scores["strength"] == 0.1
    assert 0 < measured.scores["identity_change"] <= 0.01
    assert measured.warnings == ()


def test_who_changes_is_restored_more_gently_and_it_is_said(tmp_path) -> None:
    restored, measured = restore(tmp_path, 0.6)
    assert 100 < restored.mean() < 160
    assert measured.scores["strength"] == pytest.approx(0.15)
    assert measured.scores["identity_change"] <= 0.01
    (said,) = measured.warnings
    assert "changed a face by" in said
    assert "held back to 25% of it" in said


def test_who_cannot_be_found_again_says_so_too(tmp_path) -> None:
    _, measured = restore(tmp_path, 1.0)
    assert "unrecognisable" in measured.warnings[0]
    assert measured.scores["strength"] < 1.0
