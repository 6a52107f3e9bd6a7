"""The posed head, read back by an independent eye."""

from collections.abc import Iterator

import cv2  # noqa: TID253  tests run in no Qt process
import numpy as np
import pytest

from frame_app.base.arrays import ImageU8
from prerender.engines.face_mirror import mirrored
from prerender.portrait.anatomy import LEFT_EYE, FaceFrame
from prerender.portrait.grid import min_jacobian
from prerender.portrait.render import PortraitRenderer
from tests.fakes.sitter import ASTRONAUT, MONA_LISA, PEARL_EARRING, Judge, Sitter, sitter

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

POSES = {
    "turned": {"yaw": 14.0, "pitch": 6.0},
    "turned back": {"yaw": -14.0, "pitch": -6.0},
    "nodding": {"pitch": -10.0},
    "tilted": {"roll": 4.0, "shift_x": 0.02},
    "smiling": {"smile": 1.0, "cheek": 1.0},
    "surprised": {"brow_up": 1.0, "mouth_open": 0.5, "pitch": 3.0},
    "breathing": {"breath": 1.0},
    "blinking": {"blink_left": 1.0, "blink_right": 1.0},
    "frowning": {"brow_down": 1.0, "smile": -0.6, "brow_inner": 0.5},
    "saying f": {"lip_tuck": 1.0, "press": 0.3, "mouth_open": 0.1},
    "laughing": {"smile": 1.0, "cheek": 1.0, "lip_up": 1.0, "mouth_open": 0.5},
    "saying u": {"pucker": 1.2, "mouth_open": 0.3},
    "asleep": {"relax": 1.0, "pitch": -7.0, "roll": 3.0, "smile": 0.05, "press": 0.1},
    "sad": {"relax": 1.0, "smile": -0.38, "brow_inner": 0.85, "pitch": -4.6},
    "pouting": {"pucker": 1.0, "press": 1.0, "jaw": 1.0},
}


@pytest.fixture(scope="module")
def sat() -> Sitter:
    return sitter(ASTRONAUT)


@pytest.fixture(scope="module")
def renderer(sat: Sitter) -> PortraitRenderer:
    return PortraitRenderer(sat.subject, sat.matte, sat.landmarks)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    judge = Judge()
    yield judge
    judge.close()


def whole(still: ImageU8, renderer: PortraitRenderer, pose: dict[str, float]) -> ImageU8:
    """The pose inside the whole picture."""
    x, y, width, height = renderer.box
    picture = still.copy()
    picture[y : y + height, x : x + width] = renderer.render(pose).colour
    return picture


def read(judge: Judge, sat: Sitter, renderer: PortraitRenderer, **pose: float) -> dict[str, float]:
    """What the judge says of the pose inside the whole picture."""
    return judge.read(whole(sat.subject, renderer, pose))


def test_neutral_is_the_subject_itself(sat: Sitter, renderer: PortraitRenderer) -> None:
    x, y, width, height = renderer.box
    posed = renderer.render({"yaw": 0.0, "smile": 0.0})
    assert (posed.colour == sat.subject[y : y + height, x : x + width]).all()
    matte = sat.matte[y : y + height, x : x + width]
    assert np.abs(posed.matte / 255 - matte).max() <= 0.5 / 255 + 1e-6


def test_the_box_is_even_and_on_the_canvas(sat: Sitter, renderer: PortraitRenderer) -> None:
    x, y, width, height = renderer.box
    assert all(number % 2 == 0 for number in renderer.box)
    assert width % 16 == height % 16 == 0
    assert x >= 0
    assert y >= 0
    assert x + width <= sat.subject.shape[1]
    assert y + height <= sat.subject.shape[0]


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES.keys())
def test_the_border_of_the_box_never_moves(
    renderer: PortraitRenderer, pose: dict[str, float]
) -> None:
    still, posed = renderer.neutral(), renderer.render(pose)
    for a, b in ((still.colour, posed.colour), (still.matte, posed.matte)):
        assert (a[:2] == b[:2]).all()
        assert (a[-2:] == b[-2:]).all()
        assert (a[:, :2] == b[:, :2]).all()
        assert (a[:, -2:] == b[:, -2:]).all()
    assert (still.colour != posed.colour).any()


@pytest.mark.parametrize("path", [ASTRONAUT, MONA_LISA, PEARL_EARRING], ids=lambda p: p.stem)
def test_no_pose_folds_the_picture(path) -> None:
    sat = sitter(path)
    renderer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
    for pose in POSES.values():
        field = renderer.rig.forward(pose)
        if field is not None:
            assert min_jacobian(field, renderer.grid.step) > 0.2


def test_the_same_pose_gives_the_same_bytes_in_any_order(
    sat: Sitter, renderer: PortraitRenderer
) -> None:
    first = renderer.render(POSES["smiling"])
    renderer.render(POSES["blinking"])
    fresh = PortraitRenderer(sat.subject, sat.matte, sat.landmarks).render(POSES["smiling"])
    assert (first.colour == renderer.render(POSES["smiling"]).colour).all()
    assert (first.colour == fresh.colour).all()


def test_a_grin_is_let_go(sat: Sitter, renderer: PortraitRenderer, judge: Judge) -> None:
    still, relaxed = read(judge, sat, renderer), read(judge, sat, renderer, relax=1.0)
    for side in ("mouthSmileLeft", "mouthSmileRight"):
        assert relaxed[side] < still[side] - 0.3


def test_a_mouth_at_rest_has_nothing_to_let_go() -> None:
    sat = sitter(MONA_LISA)
    renderer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
    assert (renderer.render({"relax": 1.0}).colour == renderer.neutral().colour).all()


def test_moved_frames_are_as_sharp_as_the_still(renderer: PortraitRenderer) -> None:
    def sharpness(picture: ImageU8) -> float:
        luma = picture.mean(axis=2)
        return float(np.abs(np.diff(luma, axis=0)).mean() + np.abs(np.diff(luma, axis=1)).mean())

    still = sharpness(renderer.neutral().colour)
    for yaw in (0.4, 0.8, 1.2, 1.6):
        moved = sharpness(renderer.render({"yaw": yaw, "pitch": 0.7 * yaw}).colour)
        assert 0.93 < moved / still < 1.07


def test_a_barely_moved_eye_differs_by_nothing_anybody_sees(renderer: PortraitRenderer) -> None:
    still = renderer.neutral().colour.astype(int)
    for pose in ({"gaze_x": 0.05}, {"blink_left": 0.005}, {"mouth_open": 0.003}):
        assert np.abs(renderer.render(pose).colour - still).max() <= 12


def test_lids_close(judge: Judge, sat: Sitter, renderer: PortraitRenderer) -> None:
    closed = read(judge, sat, renderer, blink_left=1.0, blink_right=1.0)
    half = read(judge, sat, renderer, blink_left=0.5, blink_right=0.5)
    for side in ("eyeBlinkLeft", "eyeBlinkRight"):
        assert closed[side] >= 0.45
        assert closed[side] > half[side]


def test_a_wink_is_of_one_eye(judge: Judge, sat: Sitter, renderer: PortraitRenderer) -> None:
    wink = read(judge, sat, renderer, blink_left=1.0, squint_left=1.0)
    assert wink["eyeBlinkLeft"] > wink["eyeBlinkRight"] + 0.2


def test_a_smile_is_seen_on_the_mona_lisa(judge: Judge) -> None:
    sat = sitter(MONA_LISA)
    renderer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
    still, smile = (
        read(judge, sat, renderer, **pose) for pose in ({}, {"smile": 1.0, "cheek": 0.9})
    )
    for side in ("mouthSmileLeft", "mouthSmileRight"):
        assert smile[side] >= still[side] + 0.3


def test_the_head_turns_and_nods_the_right_way(
    judge: Judge, sat: Sitter, renderer: PortraitRenderer
) -> None:
    still = read(judge, sat, renderer)
    for yaw in (-14.0, 14.0):
        turned = read(judge, sat, renderer, yaw=yaw)["yaw"] - still["yaw"]
        assert abs(turned - yaw) < 6
    for pitch in (-8.0, 8.0):
        nodded = read(judge, sat, renderer, pitch=pitch)["pitch"] - still["pitch"]
        assert abs(nodded - pitch) < 4


def test_eyes_look_further_the_more_they_are_told(
    judge: Judge, sat: Sitter, renderer: PortraitRenderer
) -> None:
    looks = []
    for gaze in (-12.0, -6.0, 0.0, 6.0, 12.0):
        seen = read(judge, sat, renderer, gaze_x=gaze)
        # The subject's left is the viewer's right.
        looks.append(
            seen["eyeLookOutLeft"]
            - seen["eyeLookInLeft"]
            + seen["eyeLookInRight"]
            - seen["eyeLookOutRight"]
        )
    assert looks == sorted(looks)
    assert looks[-1] - looks[0] > 0.4


def test_an_open_mouth_is_dark_at_the_back_and_shows_a_tongue(judge: Judge) -> None:
    sat = sitter(MONA_LISA)
    renderer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
    assert read(judge, sat, renderer, mouth_open=1.0)["jawOpen"] > 0.03
    closed, opened = (renderer.render({"mouth_open": a}).colour.mean(axis=2) for a in (0, 1))
    x, y = sat.landmarks[[13, 14], :2].mean(axis=0) - renderer.box[:2]
    column = opened[:, int(x)]
    lips = closed[int(y) - 2 : int(y) + 2, int(x)].mean()
    inside = np.flatnonzero(column[int(y) - 8 : int(y) + 30] < 0.6 * lips) + int(y) - 8
    assert len(inside) > 6
    levels = column[inside]
    assert levels[: len(levels) // 2].min() + 8 < levels[len(levels) // 2 :].max()


@pytest.mark.parametrize(
    ("pose", "shape"),
    [
        ({"pucker": 1.2}, "mouthPucker"),
        ({"mouth_open": 1.0}, "jawOpen"),
    ],
)
def test_mouth_shapes_for_speech_are_read(judge: Judge, pose: dict[str, float], shape: str) -> None:
    sat = sitter(MONA_LISA)
    renderer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
    assert read(judge, sat, renderer, **pose)[shape] > read(judge, sat, renderer)[shape] + 0.04


def test_surprise_lifts_the_brows(judge: Judge, sat: Sitter, renderer: PortraitRenderer) -> None:
    still = read(judge, sat, renderer)
    surprised = read(judge, sat, renderer, brow_up=1.0)
    assert surprised["browOuterUpLeft"] + surprised["browInnerUp"] > (
        still["browOuterUpLeft"] + still["browInnerUp"] + 0.1
    )


def test_a_three_quarter_head_turns_less_and_says_so() -> None:
    sat = sitter(PEARL_EARRING)
    renderer = PortraitRenderer(sat.subject, sat.matte, sat.landmarks)
    assert renderer.scores()["turn_gain"] < 0.9
    assert renderer.scores()["nod_gain"] > 0.95
    (warning,) = renderer.warnings()
    assert "already turned" in warning


@pytest.mark.parametrize(
    ("left", "top", "words"),
    [
        (0.5, 0.0, "the right eye reaches over the edge"),
        (0.0, 0.55, "the left eye reaches over the edge"),
    ],
)
def test_a_face_cut_by_the_edge_keeps_still_what_is_missing(
    sat: Sitter, left: float, top: float, words: str
) -> None:
    low, high = sat.landmarks[:468, :2].min(axis=0), sat.landmarks[:468, :2].max(axis=0)
    x, y = (
        int(v) if f else 0
        for v, f in zip(low + (high - low) * (left, top), (left, top), strict=True)
    )
    renderer = PortraitRenderer(
        sat.subject[y:, x:], sat.matte[y:, x:], sat.landmarks - np.array([x, y, 0], np.float32)
    )
    assert any(words in warning for warning in renderer.warnings())
    for pose in POSES.values():
        renderer.render(pose)


def test_an_eye_that_is_shut_in_the_picture_stays_shut(sat: Sitter) -> None:
    landmarks = sat.landmarks.copy()
    landmarks[list(LEFT_EYE.upper)] = landmarks[list(LEFT_EYE.lower)]
    renderer = PortraitRenderer(sat.subject, sat.matte, landmarks)
    assert renderer.warnings() == ("the left eye is shut in the picture and stays still",)
    still = renderer.neutral().colour
    assert (renderer.render({"blink_left": 1.0}).colour == still).all()
    assert (renderer.render({"blink_right": 1.0}).colour != still).any()


def test_tiny_faces_are_rendered_and_called_coarse(sat: Sitter) -> None:
    small = sat.subject[::6, ::6].copy(), sat.matte[::6, ::6].copy()
    renderer = PortraitRenderer(*small, sat.landmarks / 6)
    for pose in POSES.values():
        renderer.render(pose)
    assert any("only a few pixels" in warning for warning in renderer.warnings())


def test_a_subject_without_a_matte_is_no_trouble(sat: Sitter) -> None:
    renderer = PortraitRenderer(sat.subject, np.zeros_like(sat.matte), sat.landmarks)
    assert not renderer.render(POSES["turned"]).matte.any()


class TestGlasses:
    """A rim is drawn on the sitter; it must keep its shape."""

    @pytest.fixture(scope="class")
    def rimmed(self, sat: Sitter) -> PortraitRenderer:
        picture = sat.subject.copy()
        points = sat.landmarks[:, :2]
        for outer, inner in ((33, 133), (263, 362)):
            middle = (points[outer] + points[inner]) / 2 + (0, 3)
            wide = float(np.linalg.norm(points[outer] - points[inner])) * 0.78
            cv2.ellipse(
                picture,
                [int(v) for v in middle],
                (int(wide), int(0.72 * wide)),
                *(0, 0, 360),
                (30, 25, 25),
                3,
            )
        a, b = points[133] + (4, -3), points[362] + (-4, -3)
        cv2.line(picture, [int(v) for v in a], [int(v) for v in b], (30, 25, 25), 3)
        return PortraitRenderer(picture, sat.matte, sat.landmarks)

    def test_they_are_seen_on_her_and_not_without_them(
        self, rimmed: PortraitRenderer, renderer: PortraitRenderer
    ) -> None:
        assert any("glasses" in warning for warning in rimmed.warnings())
        assert not any("glasses" in warning for warning in renderer.warnings())

    def test_a_closing_lid_leaves_the_rim_alone(
        self, sat: Sitter, rimmed: PortraitRenderer
    ) -> None:
        x, y, width, height = rimmed.box
        bare = sat.subject[y : y + height, x : x + width].astype(int)
        still = rimmed.neutral().colour
        rim = (np.abs(still - bare).max(axis=2) > 60) & (still.max(axis=2) < 60)
        closed = rimmed.render({"blink_left": 1.0, "blink_right": 1.0}).colour
        assert rim.sum() > 300
        assert (closed.max(axis=2) < 110)[rim].mean() > 0.95


def test_a_mirrored_picture_moves_as_the_mirror_of_the_picture() -> None:
    girl = sitter(PEARL_EARRING)
    width = girl.subject.shape[1]
    picture, matte = (np.ascontiguousarray(a[:, ::-1]) for a in (girl.subject, girl.matte))
    plain = PortraitRenderer(girl.subject, girl.matte, girl.landmarks)
    twin = PortraitRenderer(picture, matte, mirrored(girl.landmarks, width))
    assert twin.sight.turns == pytest.approx(plain.sight.turns[::-1], abs=0.04)
    assert twin.sight.eyes_deg[0] == pytest.approx(-plain.sight.eyes_deg[0], abs=0.01)

    def difference(pose: dict[str, float], in_mirror: dict[str, float]) -> float:
        seen = whole(girl.subject, plain, pose), whole(picture, twin, in_mirror)[:, ::-1]
        return float(np.abs(seen[0].astype(int) - seen[1]).mean())

    # Boxes and grids lie on even pixels, so a head's warp differs by fractions of a pixel.
    assert difference({"yaw": 12.0}, {"yaw": -12.0}) < 1.0
    assert difference({"smile": 1.0, "smile_left": 0.2}, {"smile": 1.0, "smile_right": 0.2}) < 0.05
    assert difference({"blink_left": 1.0, "gaze_x": 9}, {"blink_right": 1.0, "gaze_x": -9}) < 0.01


def test_a_turned_head_turns_as_far_as_it_carries_to_either_side() -> None:
    girl = sitter(PEARL_EARRING)
    renderer = PortraitRenderer(girl.subject, girl.matte, girl.landmarks)
    mesh, frame = girl.landmarks[:468].astype(np.float64), FaceFrame.of(girl.landmarks)
    across, height = (mesh[:, :2] - frame.axis[:2]) @ frame.across, frame.axis[2] - mesh[:, 2]
    reached = []
    for side, carried in zip((-1, 1), renderer.rig.carries.turns, strict=True):
        shown = renderer.rig.moved(mesh[:, :2] - renderer.box[:2], {"yaw": side * 15.0})
        turn = side * np.radians(15.0 * carried)
        rigid = across * (np.cos(turn) - 1) + height * np.sin(turn)
        reached.append(np.cov(shown @ frame.across, rigid)[0, 1] / np.var(rigid, ddof=1))
    assert min(reached) > 0.85
    assert reached[0] == pytest.approx(reached[1], abs=0.1)


def test_the_far_outline_of_a_turned_face_moves_as_one_line() -> None:
    girl = sitter(PEARL_EARRING)
    renderer = PortraitRenderer(girl.subject, girl.matte, girl.landmarks)
    mesh, frame = girl.landmarks[:468, :2].astype(np.float64), FaceFrame.of(girl.landmarks)
    across, down = (mesh - frame.axis[:2]) @ frame.across, (mesh - frame.axis[:2]) @ frame.down
    rows = np.linspace(down.min(), down.max(), 24)
    inside = 0.02 * frame.unit
    edge = np.array([across[np.abs(down - row) < 3 * inside].min() for row in rows]) + inside
    outline = frame.axis[:2] + edge[:, None] * frame.across + rows[:, None] * frame.down
    ways = renderer.rig.moved(outline - renderer.box[:2], {"yaw": 13.8}) @ frame.across / frame.unit
    assert ways.min() > 0.1
    # From the forehead to the chin ever less: the cheek neither lags nor overtakes.
    to_and_fro = np.abs(np.diff(ways)).sum() - (ways[0] - ways[-1])
    assert to_and_fro < 0.02
