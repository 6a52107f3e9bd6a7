from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from prerender.core.faces import Faces, load_faces, save_faces
from prerender.core.stage import ArtifactKind, Engines, StageContext
from prerender.engines.base import BUILTIN
from prerender.engines.builtin_rebuild import BuiltinRebuild
from prerender.media.image import load_rgb, save_rgb
from prerender.stages.rebuild import RebuildParams, RebuildStage
from tests.fakes.engines import FakeFaces, FakeIdentity, FakeRebuild, landmarks_at

SMALL = np.full((200, 160, 3), 90, np.uint8)
LARGE = np.full((400, 320, 3), 90, np.uint8)


def people(*widths: float) -> Faces:
    """Side by side, eyes 0.4 of the width apart; with noses and mouths where faces have them."""
    (template,) = FakeFaces().find(SMALL)
    faces = []
    for number, width in enumerate(widths):
        x = 160 * (number + 1) / (len(widths) + 1)
        points = landmarks_at(x, 100, width)
        for index, (across, down) in ANCHORS.items():
            points[index, :2] = (x + across * width, 100 + down * width)
        box = replace(
            template.box, x=x - width / 2, y=100 - 0.7 * width, width=width, height=1.4 * width
        )
        faces.append(replace(template, landmarks=points, box=box))
    return Faces(tuple(faces), (0,))


_EYE, _NOSE, _CORNER = (0.2, -0.17), (0.0, 0.1), (0.17, 0.32)
ANCHORS = {
    **dict.fromkeys((33, 133, 159, 145), (-_EYE[0], _EYE[1])),
    **dict.fromkeys((362, 263, 386, 374), _EYE),
    4: _NOSE,
    61: (-_CORNER[0], _CORNER[1]),
    291: _CORNER,
}


class Finder:
    """Finds everybody again, a little lower."""

    info = FakeFaces.info

    def __init__(self, faces: Faces) -> None:
        self._faces = faces

    def find(self, image):
        return tuple(
            replace(face, landmarks=face.landmarks + np.array([0, 1, 0], np.float32))
            for face in self._faces.all
        )


class Blob:
    """Puts a light into the middle of the face, which no correction of its colours takes back."""

    info = FakeRebuild.info

    def rebuild(self, crop, fidelity):
        y, x = np.mgrid[:512, :512] - 256
        light = 0.6 * np.exp(-(x**2 + y**2) / (2 * 50**2))
        return np.clip(crop + light[..., np.newaxis], 0, 1).astype(np.float32)


def rebuild(tmp_path: Path, faces: Faces, engine=None, **params):
    names = {
        ArtifactKind.COLOURED: SMALL,
        ArtifactKind.ENLARGED: LARGE,
    }
    inputs = {kind: tmp_path / f"in-{kind.value}" for kind in (*names, *FACES)}
    for kind, image in names.items():
        save_rgb(inputs[kind], image)
    save_faces(inputs[ArtifactKind.FACES], faces)
    save_faces(inputs[ArtifactKind.ENLARGED_FACES], faces.scaled(2, 2))
    engines = SimpleNamespace(
        rebuild=lambda _id: engine or Blob(),
        identity=lambda _id: FakeIdentity(),
        faces=lambda _id: Finder(faces.scaled(2, 2)),
    )
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    context = StageContext(cast("Engines", engines), folder, Path("family.jpg"))
    measured = RebuildStage().run(inputs, RebuildParams(**params), context)
    canvas = load_rgb(folder / ArtifactKind.CANVAS.value)
    return canvas, load_faces(folder / ArtifactKind.CANVAS_FACES.value), measured


FACES = (ArtifactKind.FACES, ArtifactKind.ENLARGED_FACES)


def brighter(canvas, x: float) -> float:
    """What was added in the middle of a face, of 255."""
    return float(canvas[195:205, int(x) - 5 : int(x) + 5].mean()) - 90


def test_off_by_default_and_then_the_file_is_the_same(tmp_path):
    canvas, faces, measured = rebuild(tmp_path, people(100))
    assert np.array_equal(canvas, LARGE)
    assert measured.warnings == ()
    assert faces.all[0].interocular_px == pytest.approx(80, abs=0.1)
    assert not RebuildStage.uses_engine(RebuildParams())
    source = tmp_path / "in-enlarged.png"
    assert (tmp_path / "out" / "canvas.png").stat().st_ino == source.stat().st_ino


def test_a_rebuilt_face_lands_on_the_larger_picture_and_its_landmarks_follow(tmp_path):
    canvas, faces, measured = rebuild(tmp_path, people(100), strength=0.5, identity_limit=1.0)
    assert brighter(canvas, 160) > 5
    assert np.array_equal(canvas[:40], LARGE[:40])
    assert measured.scores["faces_rebuilt"] == 1.0
    assert measured.scores["strength"] == 0.5
    moved = faces.all[0].landmarks[4, 1] - people(100).scaled(2, 2).all[0].landmarks[4, 1]
    assert moved == pytest.approx(1.0, abs=1e-4)


def test_small_faces_are_left_alone_and_it_is_said(tmp_path):
    canvas, _, measured = rebuild(tmp_path, people(100, 40), strength=1.0, identity_limit=1.0)
    assert brighter(canvas, 2 * 160 / 3) > 10
    assert abs(brighter(canvas, 4 * 160 / 3)) < 2  # the neighbour passes softly into it
    assert "one face is too small to be rebuilt" in measured.warnings[0]


def test_large_faces_are_left_alone_since_they_would_lose_detail(tmp_path):
    canvas, _, measured = rebuild(tmp_path, people(520), strength=1.0)
    assert np.array_equal(canvas, LARGE)
    assert "one face is too large to gain" in measured.warnings[0]


def test_who_would_become_somebody_else_is_rebuilt_more_gently(tmp_path):
    bold, _, measured = rebuild(tmp_path, people(100), strength=1.0, identity_limit=1.0)
    limit = 0.6 * measured.scores["identity_drift"]
    canvas, _, measured = rebuild(tmp_path, people(100), strength=1.0, identity_limit=limit)
    assert measured.scores["strength"] == 0.5
    assert brighter(canvas, 160) == pytest.approx(brighter(bold, 160) / 2, abs=1.0)
    assert any("rebuilt more gently, to stay the same" in text for text in measured.warnings)


def test_who_stays_somebody_else_stays_as_they_were(tmp_path):
    canvas, faces, measured = rebuild(tmp_path, people(100), strength=1.0, identity_limit=0.01)
    assert np.array_equal(canvas, LARGE)
    assert measured.scores["faces_rebuilt"] == 0.0
    assert any("one face is left alone: rebuilt it would be" in text for text in measured.warnings)
    assert faces.all[0].landmarks[4, 1] == people(100).scaled(2, 2).all[0].landmarks[4, 1]


def test_without_an_engine_it_says_so(tmp_path):
    assert BuiltinRebuild.info.id == BUILTIN
    canvas, _, measured = rebuild(tmp_path, people(100), BuiltinRebuild(), strength=1.0)
    assert np.array_equal(canvas, LARGE)
    assert "no engine that rebuilds them" in measured.warnings[0]
