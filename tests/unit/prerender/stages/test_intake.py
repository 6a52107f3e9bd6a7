from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PIL import Image

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import NoFaceError
from prerender.core.facts import SourceFacts, load_facts
from prerender.core.stage import ArtifactKind, Engines, StageContext
from prerender.engines.base import Face, Measured, Rect
from prerender.engines.upright import TURNED
from prerender.stages.intake import IntakeParams, IntakeStage, choose_faces
from tests.fakes.engines import FakeFaces, landmarks_at

PHOTO = Path("family.jpg")


def face(x: float, width: float) -> Face:
    return Face(landmarks_at(x, 100, width), Rect(x - width / 2, 50, width, width * 1.4), 0.9)


PIXELS = np.full((200, 400, 3), 128, np.uint8)
GROUP = (face(200, 90), face(50, 70), face(350, 60))  # largest first, as engines give them


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("largest", (0,)),
        ("left", (1,)),
        ("right", (2,)),
        ("1", (0,)),
        ("3", (2,)),
        ("3,1", (0, 2)),
        ("2,2", (1,)),
    ],
)
def test_the_wanted_faces_are_chosen(wanted, chosen) -> None:
    assert choose_faces(PIXELS, GROUP, wanted, PHOTO) == chosen


def test_no_face_and_no_such_face_name_the_photo_and_what_to_do() -> None:
    with pytest.raises(NoFaceError, match=r"family.jpg: no face was found; use a photo"):
        choose_faces(PIXELS, (), "largest", PHOTO)
    with pytest.raises(NoFaceError, match=r"no face 4, 3 faces were found; list them with"):
        choose_faces(PIXELS, GROUP, "4", PHOTO)
    assert np.isfinite(GROUP[0].interocular_px)


class LyingFace:
    """Finds one face, with its eyes in a column if the picture is wide."""

    info = FakeFaces.info

    def find(self, image: ImageU8) -> tuple[Face, ...]:
        height, width = image.shape[:2]
        (found,) = FakeFaces().find(image)
        landmarks = found.landmarks.copy()
        step = (0.0, 40.0) if width > height else (40.0, 0.0)
        landmarks[33, :2], landmarks[263, :2] = (100.0, 100.0), np.add(100.0, step)
        return (Face(landmarks, found.box, found.score),)


def taken_in(tmp_path: Path, params: IntakeParams) -> tuple[ImageU8, Measured, Path]:
    """Noise in which a face of little worth lies on its side, and what intake makes of it."""
    photo = tmp_path / "side.png"
    lying = np.random.default_rng(7).integers(20, 220, (160, 240, 3)).astype(np.uint8)
    Image.fromarray(lying).save(photo)
    engines = SimpleNamespace(faces=lambda _id: LyingFace())
    folder = tmp_path / "out"
    folder.mkdir()
    context = StageContext(cast("Engines", engines), folder, photo)
    measured = IntakeStage().run({ArtifactKind.PHOTO: photo}, params, context)
    return lying, measured, folder


def test_a_still_life_is_not_turned_by_what_is_no_face(tmp_path) -> None:
    lying, measured, folder = taken_in(tmp_path, IntakeParams(still_life=True))
    stored = np.asarray(Image.open(folder / ArtifactKind.PICTURE.value).convert("RGB"))
    np.testing.assert_array_equal(stored, lying)
    assert TURNED not in measured.warnings


def test_a_picture_on_its_side_is_stored_upright_and_said_to_be(tmp_path) -> None:
    lying, measured, folder = taken_in(tmp_path, IntakeParams())
    stored = np.asarray(Image.open(folder / ArtifactKind.PICTURE.value).convert("RGB"))
    np.testing.assert_array_equal(stored, np.rot90(lying))
    facts = load_facts(folder / ArtifactKind.SOURCE.value, SourceFacts)
    assert (facts.width, facts.height) == (160, 240)
    assert TURNED in measured.warnings
