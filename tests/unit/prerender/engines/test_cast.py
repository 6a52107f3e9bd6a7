import numpy as np
import numpy.typing as npt
import pytest

from frame_app.base.arrays import ImageU8
from prerender.engines.base import Actor, ActorFrame, Face, Rect
from prerender.engines.builtin_animate import BuiltinAnimate
from prerender.engines.cast import delayed, make_cast, territories_of
from tests.fakes.engines import landmarks_at
from tests.fakes.sitter import ASTRONAUT, sitter


def head(x: float, y: float, height: float) -> Face:
    width = height / 1.4
    box = Rect(x - width / 2, y - height / 2, width, height)
    return Face(landmarks_at(x, y, width), box, 0.9)


COUPLE = (head(120, 150, 140), head(290, 190, 100))


def test_nobody_moves_where_a_neighbour_is() -> None:
    one, other = territories_of(COUPLE, 300, 400)
    assert float((one * other).max()) == 0.0
    assert one[150, 120] == other[190, 290] == 1.0
    assert one[190, 290] == other[150, 120] == 0.0


def test_a_large_head_has_a_large_territory() -> None:
    one, other = territories_of((head(100, 150, 160), head(300, 150, 80)), 300, 400)
    assert (one > 0).sum() > 1.5 * (other > 0).sum()


@pytest.mark.parametrize("rests_s", [(), (4.0, 8.0)])
def test_who_is_late_starts_rests_and_ends_with_the_others(rests_s) -> None:
    times = np.linspace(0, 12, 241)
    shown = [delayed(float(time), 12.0, rests_s, 0.4) for time in times]
    for mark in (0.0, *rests_s, 12.0):
        assert shown[round(mark * 20)] == pytest.approx(mark)
    assert (np.diff(shown) > 0).all()
    assert max(times - shown) == pytest.approx(0.4, abs=0.01)


@pytest.fixture(scope="module")
def twins():
    """The demo portrait beside itself, smaller; and where each stands."""
    sat = sitter(ASTRONAUT)
    low, high = sat.landmarks[:468, :2].min(axis=0), sat.landmarks[:468, :2].max(axis=0)
    x0, x1 = int(low[0] - 1.1 * (high - low)[0]), int(high[0] + 1.1 * (high - low)[0])
    part = np.s_[:480, x0:x1]
    subject = np.hstack([sat.subject[part]] * 2)
    matte = np.hstack([sat.matte[part]] * 2)
    wide = x1 - x0
    faces = []
    for number in range(2):
        landmarks = sat.landmarks + np.array([number * wide - x0, 0, 0], np.float32)
        box = Rect(float(low[0]) + number * wide - x0, float(low[1]), *(high - low).tolist())
        faces.append(Face(landmarks.astype(np.float32), box, 0.9))
    return make_cast(BuiltinAnimate(), subject, matte, matte, faces, (), 1), subject, wide


def frame(cast: Actor, name: str, index: int) -> ActorFrame:
    (found,) = cast.frames(name, 30.0, index, index + 1)
    return found


def moved(cast: Actor, subject: ImageU8, posed: ActorFrame) -> npt.NDArray[np.int64]:
    x, y, width, height = cast.box
    still = subject[y : y + height, x : x + width].astype(int)
    difference = np.abs(posed.colour.astype(np.int64) - still).max(axis=2)
    return np.asarray(difference, np.int64)


def test_everybody_smiles_each_in_their_own_time_and_the_seam_stands_still(twins) -> None:
    cast, subject, wide = twins
    x = cast.box[0]
    difference = moved(cast, subject, frame(cast, "smile", 30))
    left, right = difference[:, : wide - x], difference[:, wide - x :]
    assert left.mean() > 0.3
    assert right.mean() > 0.3
    assert difference[:, wide - x - 4 : wide - x + 4].max() == 0
    common = min(left.shape[1], right.shape[1])
    assert not np.array_equal(left[:, :common], right[:, :common])


def test_the_first_and_the_last_frame_are_the_still(twins) -> None:
    cast, subject, _ = twins
    for name in ("idle", "smile"):
        last = cast.clip(name, 30.0).frames - 1
        for index in (0, last):
            assert moved(cast, subject, frame(cast, name, index)).max() == 0
    assert moved(cast, subject, cast.neutral()).max() == 0


def test_everybody_looks_at_the_same_visitor(twins) -> None:
    cast, subject, wide = twins
    sheet = cast.gaze_frames(cast.gaze_grid())
    difference = moved(cast, subject, next(sheet))
    x = cast.box[0]
    assert difference[:, : wide - x].mean() > 0.3
    assert difference[:, wide - x :].mean() > 0.3


def test_one_face_alone_needs_no_cast() -> None:
    sat = sitter(ASTRONAUT)
    face = Face(sat.landmarks, Rect(0, 0, 1, 1), 0.9)
    actor = make_cast(BuiltinAnimate(), sat.subject, sat.matte, sat.matte, (face,), (), 1)
    assert (
        actor.clip_names()
        == BuiltinAnimate().actor(sat.subject, sat.matte, sat.matte, face, 1).clip_names()
    )
    assert "people" not in actor.measured.scores
