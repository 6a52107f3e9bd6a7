"""LivePortrait behind the engine protocol, with networks of a handful of channels."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from frame_app.base.errors import UsageError
from frame_app.cliplib.schema import Viseme
from prerender.engines.base import Actor, ActorFrame, Face, Part, Rect
from prerender.engines.liveportrait.engine import LivePortrait
from prerender.engines.liveportrait.files import load_net
from prerender.engines.liveportrait.layout import OFFICIAL
from prerender.engines.liveportrait.nets import Warped
from prerender.engines.liveportrait.painter import FacePainter, surface_flow
from prerender.engines.liveportrait.renderer import FaceRenderer
from prerender.engines.neural.workbench import Compute, NetworkError, Workbench
from tests.fakes.liveportrait import TINY, put, save
from tests.fakes.sitter import ASTRONAUT, Sitter, sitter
from tests.fakes.weights import WeightsFolder

torch = pytest.importorskip("torch", reason="the neural extra is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

BENCH = Compute(device="cpu", threads=1)
FPS = 10.0


@pytest.fixture(scope="module")
def small() -> Sitter:
    """The demo portrait on a canvas of 288 pixels."""
    import cv2

    sat = sitter(ASTRONAUT)
    size, share = (288, 288), 288 / sat.subject.shape[1]
    return Sitter(
        np.asarray(cv2.resize(sat.subject, size, interpolation=cv2.INTER_AREA), np.uint8),
        np.asarray(cv2.resize(sat.matte, size, interpolation=cv2.INTER_AREA), np.float32),
        (sat.landmarks * share).astype(np.float32),
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, Path]:
    return save(tmp_path_factory.mktemp("liveportrait"))


@pytest.fixture(scope="module")
def painter(files) -> Iterator[FacePainter]:
    made = FacePainter(files, TINY, Workbench(BENCH))
    yield made
    made.close()


@pytest.fixture(scope="module")
def renderer(painter, small) -> FaceRenderer:
    return FaceRenderer(painter, small.subject, small.matte, small.landmarks)


@pytest.fixture(scope="module")
def actor(tmp_path_factory, small) -> Iterator[Actor]:
    """As a run gets it: weights in the user's folder, verified."""
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        put(WeightsFolder.at(home / "home", patch), home)
        engine = LivePortrait("liveportrait", Workbench(BENCH))
        face = Face(landmarks=small.landmarks, box=Rect(0, 0, 1, 1), score=1.0)
        yield engine.actor(small.subject, small.matte, small.matte, face, seed=1)
        engine.close()


def same(a: ActorFrame, b: ActorFrame) -> bool:
    return bool((a.colour == b.colour).all() and (a.matte == b.matte).all())


def change(a: ActorFrame, b: ActorFrame) -> float:
    return float(np.abs(a.colour.astype(int) - b.colour).mean())


# --------------------------------------------------------------------- what the player relies on


def test_the_still_is_the_subject_itself(actor, small):
    x, y, width, height = actor.box
    still = actor.neutral()
    assert (still.colour == small.subject[y : y + height, x : x + width]).all()
    alpha = small.matte[y : y + height, x : x + width] * 255
    assert np.abs(still.matte - alpha).max() <= 0.5 + 1e-4


def test_clips_start_and_end_on_the_stills_of_their_poses(actor):
    stills = {"neutral": actor.neutral(), "asleep": actor.still("asleep")}
    assert not same(stills["neutral"], stills["asleep"])
    for name in ("smile", "nod", "sleep", "wake", "idle"):
        plan = actor.clip(name, FPS)
        (first,) = actor.frames(name, FPS, 0, 1)
        (last,) = actor.frames(name, FPS, plan.frames - 1, plan.frames)
        assert same(first, stills[plan.start_pose])
        assert same(last, stills[plan.end_pose])


def test_a_clip_leaves_the_still_without_a_step(renderer):
    still, little, more = renderer.render_all([{}, {"yaw": 1e-4, "smile": 1e-4}, {"yaw": 5.0}])
    least = np.abs(little.colour.astype(int) - still.colour)
    assert least.mean() < 0.05
    assert np.abs(more.colour.astype(int) - still.colour).mean() > 1.0


def test_any_range_of_frames_is_a_part_of_the_whole(actor):
    whole = list(actor.frames("nod", FPS, 3, 9))
    parts = [*actor.frames("nod", FPS, 3, 5), *actor.frames("nod", FPS, 5, 9)]
    assert all(same(a, b) for a, b in zip(whole, parts, strict=True))


def test_the_border_of_the_box_never_moves(actor):
    still = actor.neutral()
    for frame in actor.frames("laugh", FPS, 8, 11):
        for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
            assert (frame.colour[edge] == still.colour[edge]).all()
            assert (frame.matte[edge] == still.matte[edge]).all()


def test_the_gaze_sheet_is_the_grids_and_its_middle_the_still(actor):
    grid = replace(
        actor.gaze_grid(), yaw_deg=(-10.0, 0.0), pitch_deg=(0.0,), lids=("open", "closed")
    )
    frames = list(actor.gaze_frames(grid))
    assert len(frames) == 4
    assert same(frames[1], actor.neutral())
    assert all(change(frames[i], frames[1]) > 0.1 for i in (0, 2, 3))


def test_the_mouth_has_all_visemes_and_silence_is_the_still(actor):
    assert actor.viseme_grid().visemes == tuple(viseme.value for viseme in Viseme)
    frames = list(itertools.islice(actor.viseme_frames(), 6))
    assert same(frames[0], actor.neutral())
    assert change(frames[5], frames[0]) > 0.01


def test_an_unknown_clip_is_named(actor):
    with pytest.raises(UsageError, match="juggle"):
        actor.clip("juggle", FPS)


def test_what_was_measured_is_told(actor):
    scores = actor.measured.scores
    assert scores["painted_per_px"] > 0.1
    assert abs(scores["head_yaw_deg"]) < 5


def test_frames_come_one_by_one(actor, monkeypatch):
    """Memory does not grow with a clip: what was not asked for is not painted."""
    asked = 0
    paint = FacePainter.painted

    def counted(self, still, moved):
        nonlocal asked
        asked += len(moved)
        return paint(self, still, moved)

    monkeypatch.setattr(FacePainter, "painted", counted)
    list(itertools.islice(actor.frames("smile", FPS, 0, 30), 4))
    assert asked <= 4


def test_a_persons_territory_is_all_that_moves(painter, small):
    territory = np.ones_like(small.matte)
    middle = int(small.landmarks[1, 0])
    territory[:, middle:] = 0.0
    renderer = FaceRenderer(
        painter, small.subject, small.matte, small.landmarks, Part(territory).territory
    )
    x = renderer.box[0]
    still, moved = renderer.render_all([{}, {"yaw": 8.0}])
    differs = (still.colour != moved.colour).any(axis=(0, 2))
    assert differs.any()
    assert not differs[middle - x + 16 :].any()


# ---------------------------------------------------------------------------- from pose to points


def test_a_breath_moves_shoulders_and_asks_no_network(renderer, monkeypatch):
    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr(FacePainter, "painted", refuse)
    still, breath = renderer.render_all([{}, {"breath": 1.0}])
    assert (still.colour != breath.colour).any()


def test_a_pose_that_moves_nothing_of_the_face_is_exactly_the_stills_keypoints(renderer):
    assert renderer.moved({"breath": 1.0}) is renderer.moved({})


def test_each_lid_moves_the_keypoints_of_its_own_eye(renderer):
    rest = renderer.moved({})
    right, left = renderer.moved({"blink_right": 1.0}), renderer.moved({"blink_left": 1.0})
    assert (right - rest)[11, 1] > 0.01 > abs((right - rest)[15, 1])
    assert (left - rest)[15, 1] > 0.01 > abs((left - rest)[11, 1])


def test_an_eye_that_is_shut_in_the_picture_stays_so_and_it_is_said(painter, small):
    asleep = small.landmarks.copy()
    asleep[159, 1] = asleep[145, 1]
    renderer = FaceRenderer(painter, small.subject, small.matte, asleep)
    assert "the right eye is shut" in renderer.warnings()[-1]
    assert renderer.moved({"blink_right": 1.0}) is renderer.moved({})


def test_a_head_that_turns_right_takes_its_near_side_right(renderer):
    face = renderer._face
    near = int(np.argmin(face.points[:, 2]))
    turned = renderer.moved({"yaw": 10.0}) - renderer.moved({})
    assert turned[near, 0] > 0


# -------------------------------------------------------------------------------- the networks


def test_the_surface_moves_as_the_volume_does_where_the_keypoints_are():
    """Layers move apart; the keypoints lie on the second of four, and so does the surface."""
    shape = (4, 8, 8)
    z, y, x = torch.meshgrid(*[torch.linspace(-1, 1, size) for size in shape], indexing="ij")
    moved = torch.stack([x + torch.tensor([0.1, 0.2, 0.3, 0.4])[:, None, None], y, z], dim=-1)[None]
    points = torch.zeros(1, 21, 3)
    points[..., 2] = -1 / 3
    flow = surface_flow(Warped(torch.zeros(1), torch.zeros(1), moved), points)
    assert flow.shape == (1, 8, 8, 2)
    assert torch.allclose(flow[..., 0], torch.tensor(0.2), atol=1e-6)
    assert not flow[..., 1].any()


def test_answers_that_are_no_numbers_are_a_sentence(files, small, tmp_path):
    """Tensors may be sound and their sums still overflow."""
    content = torch.load(files["generator"], weights_only=True)
    content["fc.bias"][:] = 3e38
    broken = tmp_path / "generator.pth"
    torch.save(content, broken)
    painter = FacePainter({**files, "generator": broken}, TINY, Workbench(BENCH))
    with pytest.raises(NetworkError, match="no numbers"):
        FaceRenderer(painter, small.subject, small.matte, small.landmarks)


def test_too_little_memory_halves_the_batch_and_goes_on(renderer, painter, monkeypatch):
    poses = [{"yaw": float(angle)} for angle in range(1, 6)]
    wanted = [frame.colour for frame in renderer.render_all(poses)]
    run, sizes = painter._painting.run, []

    def drawn(call, nets, points):
        if len(points) > 2:
            torch.empty(1 << 46)  # torch's own error
        return call(nets, points)

    def narrow(points, call):
        sizes.append(len(points))
        return run(points, call=partial(drawn, call))

    monkeypatch.setattr(painter, "_batch", 4)
    monkeypatch.setattr(painter._painting, "run", narrow)
    found = [frame.colour for frame in renderer.render_all(poses)]
    assert sizes == [4, 2, 2, 2]
    for a, b in zip(wanted, found, strict=True):
        assert np.abs(a.astype(int) - b).max() <= 1


@pytest.mark.parametrize(
    ("device", "limit", "at_once"),
    [
        ("cpu", 0, 1),
        ("cuda", 24e9, 8),
        ("cuda", 8e9, 4),  # 8 GB, less 4 for the networks, 0.6 of that, 0.55 a frame
        ("cuda", 3e9, 1),
    ],
)
def test_frames_at_once_are_as_many_as_the_device_holds_beside_the_networks(
    files, monkeypatch, device, limit, at_once
):
    painter = FacePainter(files, OFFICIAL, Workbench(BENCH), need_bytes=4 * 10**9)
    room = max(1, int(limit) - 4 * 10**9) if device == "cuda" else 0
    monkeypatch.setattr(type(painter._painting), "room_bytes", lambda _: room)
    assert painter.batch == at_once


def test_networks_that_were_sent_away_come_back(renderer, painter):
    (before,) = renderer.render_all([{"smile": 0.7}])
    painter._painting.release()
    painter._reading.release()
    (after,) = renderer.render_all([{"smile": 0.7}])
    assert (before.colour == after.colour).all()


def test_the_lip_network_opens_lips_by_its_own_measure(painter, renderer):
    delta = painter.lips(renderer.moved({}), 0.02, 0.3)
    assert delta.shape == (21, 3)
    assert np.isfinite(delta).all()


def test_all_networks_of_the_set_are_loaded_by_name(files):
    for net in ("stitching", "eye", "lip"):
        assert "mlp.0.weight" in load_net(net, files, TINY)
