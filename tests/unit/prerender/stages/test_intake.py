from pathlib import Path

import numpy as np
import pytest

from frame_app.base.errors import NoFaceError
from prerender.engines.base import Face, Rect
from prerender.stages.intake import choose_face
from tests.fakes.engines import landmarks_at

PHOTO = Path("family.jpg")


def face(x: float, width: float) -> Face:
    return Face(landmarks_at(x, 100, width), Rect(x - width / 2, 50, width, width * 1.4), 0.9)


GROUP = (face(200, 90), face(50, 70), face(350, 60))  # largest first, as engines give them


@pytest.mark.parametrize(
    ("wanted", "index"), [("largest", 0), ("left", 1), ("right", 2), ("1", 0), ("3", 2)]
)
def test_the_wanted_face_is_chosen(wanted, index) -> None:
    assert choose_face(GROUP, wanted, PHOTO) == index


def test_no_face_and_no_such_face_name_the_photo_and_what_to_do() -> None:
    with pytest.raises(NoFaceError, match=r"family.jpg: no face was found; use a photo"):
        choose_face((), "largest", PHOTO)
    with pytest.raises(NoFaceError, match=r"no face 4, 3 faces were found; list them with"):
        choose_face(GROUP, "4", PHOTO)
    assert np.isfinite(GROUP[0].interocular_px)
