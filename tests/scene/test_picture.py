"""What the shader draws: no seam at the box, no still behind the actor, no stretch, no hole."""

import itertools

import numpy as np
import numpy.typing as npt

from frame_app.show.decode import Extent, Segment, decode_segment
from frame_app.show.morph import NO_WAY, Way
from frame_app.show.performer import Picture
from frame_app.show.window import EyePosition
from tests.fakes import synthetic_library as drawn
from tests.scene.conftest import HEIGHT, PLAIN, SCALE, WIDTH, Pixels, Wall


def _at(x: float, y: float) -> tuple[int, int]:
    return int(y * SCALE), int(x * SCALE)


def _still(wall: Wall) -> npt.NDArray[np.float64]:
    """The same picture without actors."""
    act = wall.player._front
    assert act is not None
    act.hanging.show_actors(Picture((None, None), 0.0, breathes=False), 0.0)
    still: npt.NDArray[np.float64] = wall.grab().astype(float)
    return still


def test_the_border_of_the_actor_box_cannot_be_seen(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    moving = wall.begin().astype(float)
    difference = np.abs(moving - _still(wall)).max(axis=2)
    box = drawn.BOX
    left, top = int(box.x * SCALE), int(box.y * SCALE)
    right, bottom = int((box.x + box.width) * SCALE), int((box.y + box.height) * SCALE)
    outside = difference.copy()
    outside[top:bottom, left:right] = 0
    assert outside.max() <= 1.0  # nothing outside depends on the video
    width = 8
    ring = np.ones_like(difference, bool)
    ring[top + width : bottom - width, left + width : right - width] = False
    ring[:top] = ring[bottom:] = ring[:, :left] = ring[:, right:] = False
    assert np.percentile(difference[ring], 99.5) <= 4.0
    assert difference[ring].max() <= 10.0


def test_the_still_head_does_not_show_behind_the_actor(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    wall.begin()
    # At frame 22 the eyes look aside as far as they go: where the still has its iris is white.
    picture = wall.step_until(lambda: wall.player.performer.frame == ("idle", 22))
    turn = 6.0 * np.sin(2 * np.pi * 22 / 90)
    eye = drawn.EYES.left
    row, column = _at(eye.x + 1.6 * turn, eye.y)
    assert picture[row, column].mean() < 90.0
    row, column = _at(eye.x + 1.6 * turn - 8.0, eye.y)
    assert picture[row, column].mean() > 200.0


def test_colours_of_the_video_are_those_of_the_still(make_wall, shared_library) -> None:
    wall = make_wall(shared_library)
    moving = wall.begin()
    row, column = _at(160, 190)  # the cheek, where nothing moves
    assert np.abs(moving[row, column].astype(int) - drawn.SKIN).max() <= 3


def test_what_the_subject_uncovers_is_plate_and_nothing_is_stretched(
    make_wall, shared_library
) -> None:
    wall = make_wall(
        shared_library,
        window={"strength": 1.0, "drift": 0.0, "easing_s": 0.02},
        motion={"breathing": 0.0, "glance": 0.0},
    )
    wall.begin()
    views = {}
    for side in (-2.0, 2.0):
        wall.player.see(EyePosition(side, 0.0, 1.0))
        views[side] = wall.steps(30)[-1]
    plate = {tuple(np.rint(colour / 8)) for colour in _palette(drawn.Person().plate()[120])}
    for side, picture in views.items():
        row = picture[int(120 * SCALE)]
        skin = np.abs(row.astype(int) - drawn.SKIN).max(axis=1) < 30
        inside = np.flatnonzero(skin)
        for column in (*range(4, inside[0] - 6), *range(inside[-1] + 7, WIDTH - 4)):
            assert _is_near(row[column], plate), (side, column, row[column])
    moved = [
        np.flatnonzero(np.abs(v[int(200 * SCALE)].astype(int) - drawn.SKIN).max(axis=1) < 30)[0]
        for v in views.values()
    ]
    assert moved[0] - moved[1] > 4  # the head is nearer than the pivot: it moves against the eye


def test_no_square_of_a_checkerboard_is_stretched_to_twice_its_side(make_wall, tmp_path) -> None:
    drawn.publish_portrait(tmp_path, "board", gaze=False, person=drawn.Checkered())
    wall = make_wall(
        tmp_path,
        window={"strength": 1.0, "drift": 0.0, "easing_s": 0.02},
        motion={"breathing": 0.0},
    )
    wall.begin()
    worst, count = 0.0, 0
    for x, y in (
        (0.0, 0.0),
        (2.0, 0.0),
        (-2.0, 0.0),
        (0.0, 2.0),
        (0.0, -2.0),
        (2.0, 2.0),
        (-0.5, 0.3),
    ):
        wall.player.see(EyePosition(x, y, 1.0))
        wall.steps(20)
        picture = _still(wall)
        zoom = WIDTH / (drawn.WIDTH * wall.player._front.hanging.uniforms()["crop"].z())
        sides = [*_sides(picture, 1), *_sides(picture.transpose(1, 0, 2), 2)]
        worst = max(worst, max(sides) / (drawn.CHECKER * zoom))
        count += len(sides)
    assert count > 20_000  # the squares were there to be measured
    assert 1.0 < worst <= 2.0


def _sides(picture: npt.NDArray[np.float64], channel: int) -> list[int]:
    """Lengths of the squares that the rows cut through, those at the border of a layer left out.

    A square is a run of one shade of `channel` within one layer, which red tells.
    """
    lengths = []
    for row in picture:
        layer, shade = row[:, 0] > 128, row[:, channel] > 128
        changes = np.flatnonzero((layer[1:] != layer[:-1]) | (shade[1:] != shade[:-1])) + 1
        for start, stop in itertools.pairwise(changes):
            if layer[start - 1] == layer[start] == layer[stop]:
                lengths.append(int(stop - start))
    return lengths


def test_the_edge_of_the_canvas_never_comes_into_sight(make_wall, shared_library) -> None:
    wall = make_wall(shared_library, window={"strength": 1.0, "easing_s": 0.02})
    wall.begin()
    for eye in (EyePosition(3.0, 2.0, 0.5), EyePosition(-3.0, -2.0, 0.5)):
        wall.player.see(eye)
        picture = wall.steps(20)[-1]
        crop = wall.player._front.hanging.uniforms()["crop"]
        shift = wall.player._front.hanging.uniforms()["shift"]
        assert crop.x() >= 0.5 * abs(shift.x()) - 1e-6
        assert crop.y() >= 0.5 * abs(shift.y()) - 1e-6
        assert picture.shape == (HEIGHT, WIDTH, 3)


def _palette(row: Pixels) -> Pixels:
    colours: Pixels = np.unique(row.reshape(-1, 3), axis=0)
    return colours


def _is_near(colour: Pixels, palette: set[tuple[float, ...]]) -> bool:
    found = np.rint(colour / 8)
    stripes = np.array(sorted(palette))
    low, high = stripes.min(axis=0) - 1, stripes.max(axis=0) + 1
    return bool(((found >= low) & (found <= high)).all())


def test_two_faces_half_dissolved_are_one_halfway_between_them(
    make_wall, shared_library, tmp_path
) -> None:
    wall = make_wall(shared_library, **PLAIN)
    wall.begin()
    way_px = 16
    subject = drawn.Person().subject()
    heads = (subject, np.roll(subject, way_px, axis=1))
    drawn.write_video(tmp_path / "heads.mp4", (drawn._stacked(head) for head in heads))
    box = drawn.BOX
    segment = Segment("heads", tmp_path / "heads.mp4", drawn.FPS, 0, 2)
    first, second = decode_segment(segment, Extent(box.width, box.height))
    way = Way((-way_px / box.width, 0.0, 0.0), NO_WAY.down)
    row, column = _at(drawn.EYES.left.x + way_px / 2, drawn.EYES.left.y)
    hanging = wall.player._front.hanging
    iris = {}
    for slots, each in (((first, second), way), ((second, first), way.back())):
        hanging.show_actors(Picture(slots, 0.5, breathes=False, way=each), 1.0)
        iris[each] = wall.grab()[row - 1 : row + 2, column - 2 : column + 3].mean()
    hanging.show_actors(Picture((first, second), 0.5, breathes=False), 1.0)
    without = wall.grab()[row, column].mean()
    assert max(iris.values()) < 75.0  # one iris, dark
    assert without > 200.0  # two half irises beside it
