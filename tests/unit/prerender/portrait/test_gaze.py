"""How eyes and head share a direction."""

import pytest

from frame_app.base.arrays import ImageU8
from prerender.portrait.gaze import Sight, looking
from prerender.portrait.render import PortraitRenderer
from tests.fakes.sitter import ASTRONAUT, MONA_LISA, PEARL_EARRING, eye_angle_deg, mesh, sitter

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


def test_eyes_lead_and_head_and_eyes_share_the_angle() -> None:
    small, large = looking(5.0, 0.0, 0.0), looking(25.0, 0.0, 0.0)
    assert small["gaze_x"] > small["yaw"]
    assert 10 < large["yaw"] < large["gaze_x"] < 20
    assert not any(looking(0.0, 0.0, 0.0).values())


def test_eyes_do_not_roll_up_behind_half_closed_lids() -> None:
    assert looking(0.0, 12.0, 0.5)["gaze_y"] < looking(0.0, 12.0, 0.0)["gaze_y"]
    assert looking(0.0, -12.0, 0.5)["gaze_y"] == looking(0.0, -12.0, 0.0)["gaze_y"]


def test_where_the_head_cannot_follow_the_eyes_do_more() -> None:
    free, stiff = looking(20.0, 0.0, 0.0), looking(20.0, 0.0, 0.0, Sight(turns=(0.6, 0.6)))
    assert stiff["yaw"] == free["yaw"]  # the rig makes less of it
    assert stiff["gaze_x"] > free["gaze_x"]


def test_in_a_turned_head_the_eyes_have_less_way_to_where_it_points() -> None:
    sight = Sight(head_deg=-35.0)  # to the viewer's left
    along, back = (looking(yaw, 0.0, 0.0, sight)["gaze_x"] for yaw in (-15.0, 15.0))
    assert 0 < -along < back


@pytest.mark.parametrize(
    ("seen", "corrected"), [((5.0, 3.0), (0.0, 0.0)), ((20.0, -16.0), (-20.0, 16.0))]
)
def test_only_a_plain_look_aside_is_taken_back(
    seen: tuple[float, float], corrected: tuple[float, float]
) -> None:
    pose = looking(0.0, 0.0, 0.0, Sight(eyes_deg=seen))
    assert (pose["gaze_x"], pose["gaze_y"]) == corrected


@pytest.mark.parametrize("path", [ASTRONAUT, MONA_LISA, PEARL_EARRING], ids=lambda p: p.stem)
def test_a_portrait_that_looks_at_the_viewer_is_left_alone(path) -> None:
    sat = sitter(path)
    sight = PortraitRenderer(sat.subject, sat.matte, sat.landmarks).sight
    assert sight.correction_deg == (0.0, 0.0)


def test_eyes_that_look_aside_in_the_photo_come_back_to_the_viewer() -> None:
    sat = sitter(ASTRONAUT)

    def shown(renderer: PortraitRenderer, **pose: float) -> ImageU8:
        x, y, width, height = renderer.box
        picture = sat.subject.copy()
        picture[y : y + height, x : x + width] = renderer.render(pose).colour
        return picture

    at_viewer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
    aside = shown(at_viewer, gaze_x=22.0)
    renderer = PortraitRenderer(aside, sat.matte, mesh(aside))
    back = shown(renderer, **looking(0.0, 0.0, 0.0, renderer.sight))
    away = eye_angle_deg(aside, sat.subject)
    assert away > 8
    assert abs(eye_angle_deg(back, sat.subject)) < away / 2
