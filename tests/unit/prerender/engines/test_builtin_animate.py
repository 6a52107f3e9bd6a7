"""The animator behind the engine protocol."""

import itertools

import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import UsageError
from frame_app.cliplib.schema import GazeSheet, Lids, Viseme
from prerender.engines.base import Actor, ActorFrame, AnimateEngine, Face, Rect
from prerender.engines.builtin_animate import BuiltinAnimate
from tests.fakes.sitter import ASTRONAUT, PEARL_EARRING, Judge, eye_angle_deg, sitter

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def actor() -> Actor:
    sat = sitter(ASTRONAUT)
    engine: AnimateEngine = BuiltinAnimate()
    face = Face(landmarks=sat.landmarks, box=Rect(0, 0, 1, 1), score=1.0)
    return engine.actor(sat.subject, sat.matte, sat.matte, face, seed=1)


def same(a: ActorFrame, b: ActorFrame) -> bool:
    return bool((a.colour == b.colour).all() and (a.matte == b.matte).all())


def test_every_clip_starts_and_ends_on_the_stills_of_its_poses(actor: Actor) -> None:
    stills = {"neutral": actor.neutral(), "asleep": actor.still("asleep")}
    assert not same(stills["neutral"], stills["asleep"])
    assert same(stills["neutral"], actor.still("neutral"))
    for name in actor.clip_names():
        plan = actor.clip(name, 30.0)
        (first,) = actor.frames(name, 30.0, 0, 1)
        (last,) = actor.frames(name, 30.0, plan.frames - 1, plan.frames)
        assert same(first, stills[plan.start_pose])
        assert same(last, stills[plan.end_pose])


def test_the_mouth_has_shapes_that_differ_and_silence_is_the_still(actor: Actor) -> None:
    grid = actor.viseme_grid()
    assert grid.visemes == tuple(viseme.value for viseme in Viseme)
    frames = list(actor.viseme_frames())
    assert len(frames) == len(grid.visemes) * len(grid.strengths)
    assert same(frames[0], actor.neutral())
    full = dict(zip(grid.visemes, frames[len(grid.strengths) - 1 :: 2], strict=True))
    # The others differ by the tongue more than by the lips.
    for one, other in itertools.combinations(
        [full[name] for name in ("PP", "aa", "I", "O", "U")], 2
    ):
        assert np.abs(one.colour.astype(int) - other.colour).max() > 12


def test_a_segment_has_the_frames_of_the_whole(actor: Actor) -> None:
    whole = list(actor.frames("nod", 24.0, 0, 12))
    late = list(actor.frames("nod", 24.0, 8, 12))
    early = list(actor.frames("nod", 24.0, 0, 8))
    assert all(same(a, b) for a, b in zip(whole, [*early, *late], strict=True))


def test_frames_end_with_the_clip(actor: Actor) -> None:
    count = actor.clip("wink", 30.0).frames
    assert len(list(actor.frames("wink", 30.0, count - 2, count + 50))) == 2


def test_frame_rates_show_the_same_motion(actor: Actor) -> None:
    (slow,) = actor.frames("smile", 30.0, 30, 31)
    (fast,) = actor.frames("smile", 60.0, 60, 61)
    assert same(slow, fast)


def test_an_unknown_clip_is_named(actor: Actor) -> None:
    with pytest.raises(UsageError, match="juggle"):
        actor.clip("juggle", 30.0)


def test_the_gaze_sheet_begins_open_and_its_middle_is_the_still(actor: Actor) -> None:
    grid = actor.gaze_grid()
    assert (len(grid.yaw_deg), len(grid.pitch_deg)) == (11, 5)
    middle = 2 * 11 + 5
    still = actor.neutral()
    for index, frame in enumerate(actor.gaze_frames(actor.gaze_grid())):
        if index == middle:
            assert same(frame, still)
            break
        assert frame.colour.shape == still.colour.shape


def test_the_sheet_looks_where_it_says(actor: Actor) -> None:
    judge, sat = Judge(), sitter(ASTRONAUT)
    x, y, width, height = actor.box

    def shown(frame: ActorFrame) -> ImageU8:
        picture = sat.subject.copy()
        picture[y : y + height, x : x + width] = frame.colour
        return picture

    row = list(itertools.islice(actor.gaze_frames(actor.gaze_grid()), 22, 33))
    still = shown(actor.neutral())
    ahead = judge.read(still)["yaw"]
    for column in (0, 2, 8, 10):
        picture = shown(row[column])
        seen = judge.read(picture)["yaw"] - ahead + eye_angle_deg(picture, still)
        assert abs(seen - actor.gaze_grid().yaw_deg[column]) < 6
    judge.close()


def test_a_head_that_is_turned_away_looks_less_far_to_the_sides() -> None:
    girl, engine = sitter(PEARL_EARRING), BuiltinAnimate()
    depth = np.zeros_like(girl.matte)
    face = Face(girl.landmarks, Rect(0, 0, 1, 1), 1.0)
    grid = engine.actor(girl.subject, girl.matte, depth, face, 1).gaze_grid()
    assert len(grid.yaw_deg) == 11
    assert 15.0 <= grid.yaw_deg[-1] == -grid.yaw_deg[0] <= 20.0


def test_the_gaze_grid_is_what_the_library_takes(actor: Actor) -> None:
    grid = actor.gaze_grid()
    video = {"file": "clips/gaze.mp4", "sha256": "0" * 64, "size_bytes": 1}
    sheet = GazeSheet(video=video, yaw_deg=grid.yaw_deg, pitch_deg=grid.pitch_deg, lids=grid.lids)
    assert sheet.lids == (Lids.OPEN, Lids.HALF, Lids.CLOSED)


def test_measured_figures_are_there(actor: Actor) -> None:
    scores = actor.measured.scores
    assert 0.2 < scores["turn_gain"] <= 1.0
    assert scores["face_px"] > 50
