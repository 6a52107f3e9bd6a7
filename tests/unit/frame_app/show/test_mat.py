import pytest

from frame_app.cliplib.schema import Size
from frame_app.config.model import PictureSettings
from frame_app.show.mat import opening
from frame_app.show.portrait import Panel

UPRIGHT, WIDE = Size(width=800, height=1000), Size(width=1600, height=900)
PANEL = Panel(1000, 1000)


@pytest.mark.parametrize(
    ("fit", "canvas", "expected"),
    [
        ("contain", UPRIGHT, (100, 0, 800, 1000)),
        ("contain", WIDE, (0, 219, 1000, 562)),
        ("cover", UPRIGHT, (0, 0, 1000, 1000)),
        ("cover", WIDE, (0, 0, 1000, 1000)),
        ("mat", UPRIGHT, (192, 100, 616, 770)),
        ("mat", WIDE, (100, 239, 800, 450)),
    ],
)
def test_a_picture_of_any_aspect_has_its_place(fit: str, canvas: Size, expected) -> None:
    picture = PictureSettings.model_validate({"fit": fit, "mat_width": 0.1})
    assert opening(PANEL, canvas, picture)[:4] == expected


def test_the_lower_margin_of_a_mat_is_wider() -> None:
    place = opening(PANEL, UPRIGHT, PictureSettings(fit="mat", mat_width=0.1))
    assert 1000 - place.top - place.height == 130
    assert place.top == 100


def test_a_picture_that_fills_its_panel_has_no_mat() -> None:
    assert not opening(PANEL, UPRIGHT, PictureSettings(fit="cover")).has_mat
    assert not opening(PANEL, Size(width=500, height=500), PictureSettings()).has_mat
