"""Keypoint mathematics, transfer, expression numbers, the crop, and motion templates."""

import io
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from frame_app.base.arrays import LandmarksF32
from prerender.engines.liveportrait.crop import (
    OUT_PX,
    eye_openness,
    fading,
    lip_openness,
    still_crop,
    video_crop,
)
from prerender.engines.liveportrait.expression import (
    EYE_POINTS,
    expression_of,
    lids_of,
    shut_expression,
    turned_deg,
    within_angles,
    within_expression,
)
from prerender.engines.liveportrait.keypoints import (
    KeyFace,
    angles_of,
    degrees_of,
    key_face,
    rotation,
)
from prerender.engines.liveportrait.template import (
    Template,
    TemplateError,
    read_template,
    save_template,
)
from prerender.engines.liveportrait.transfer import (
    Region,
    Transfer,
    amplified,
    at_time,
    carried,
    listed,
    rest_expression,
    size_ratio,
    smoothed,
)


@pytest.fixture
def face() -> KeyFace:
    dice = np.random.default_rng(3)
    return KeyFace(
        points=dice.uniform(-0.4, 0.4, (21, 3)),
        angles_deg=(4.0, -7.0, 2.0),
        expression=dice.normal(0, 0.003, (21, 3)),
        scale=1.4,
        place=np.array([0.02, -0.05, 9.0]),
    )


def recording(frames: int = 5, fps: float = 25.0, noise: float = 0.0) -> Template:
    """A head that turns to one side while the mouth opens."""
    dice = np.random.default_rng(5)
    at = np.linspace(0, 1, frames)
    expression = dice.normal(0, 0.002, (1, 21, 3)).repeat(frames, 0)
    expression[:, 19, 1] += 0.06 * at
    expression += noise * dice.normal(size=expression.shape)
    return Template(
        fps=fps,
        rotation=np.array([rotation(3, 1 - 12 * x, 0) for x in at], np.float32),
        expression=expression.astype(np.float32),
        scale=(1.2 + 0.1 * at).astype(np.float32),
        place=np.array([[0.1 * x, 0.02, 5.0] for x in at], np.float32),
    )


# --------------------------------------------------------------------------- mathematics


def test_a_rotation_is_the_transpose_of_roll_after_yaw_after_pitch():
    # By hand for (10, -20, 5) degrees, rows of (Rz Ry Rx)'.
    wanted = [
        [0.936116807, 0.081899608, 0.342020143],
        [-0.144996824, 0.975883980, 0.163175911],
        [-0.320407936, -0.202343548, 0.925416578],
    ]
    assert np.abs(rotation(10, -20, 5) - wanted).max() < 1e-8
    assert np.allclose(angles_of(rotation(10, -20, 5)), (10, -20, 5))


@pytest.mark.parametrize(("index", "degrees"), [(0, -97.5), (32, -1.5), (33, 1.5), (65, 97.5)])
def test_a_certain_bin_is_its_angle(index, degrees):
    logits = np.zeros(66)
    logits[index] = 1e4
    assert degrees_of(logits) == pytest.approx(degrees, abs=1e-9)


def test_undecided_bins_are_the_middle():
    assert degrees_of(np.zeros(66)) == pytest.approx(0.0, abs=1e-9)


def test_the_networks_answer_becomes_a_face():
    said: dict[str, Any] = {"kp": range(63), "exp": [1] * 63, "scale": [1.5], "t": [0.1, 0.2, 0.3]}
    heads = {name: np.asarray([value], np.float32) for name, value in said.items()}
    heads |= {name: np.zeros((1, 66), np.float32) for name in ("pitch", "yaw", "roll")}
    found = key_face(heads)
    assert found.points[20].tolist() == [60, 61, 62]
    assert found.scale == 1.5
    laid = found.laid()
    # size times (point plus expression), then the place, of which z is dropped
    assert laid[0] == pytest.approx([1.5 * 1 + 0.1, 1.5 * 2 + 0.2, 1.5 * 3])


def test_directions_are_those_of_the_published_templates(face):
    """Near points have a negative z: a nose goes left with yaw, down with pitch."""
    nose = np.array([[0.0, 0.0, -1.0]])
    assert (nose @ rotation(0, 10, 0))[0, 0] < 0
    assert (nose @ rotation(10, 0, 0))[0, 1] > 0
    crown = np.array([[0.0, -1.0, 0.0]])
    assert (crown @ rotation(0, 0, 10))[0, 0] > 0
    pitch, yaw, roll = turned_deg(face, {"pitch": 5, "yaw": 6, "roll": 7})
    assert (pitch, yaw, roll) == (-1.0, -13.0, 9.0)


# ------------------------------------------------------------------------------ transfer


@pytest.mark.parametrize("region", Region)
def test_the_first_frame_of_a_motion_is_the_still(face, region):
    first = carried(face, recording(), 0, Transfer(region)).laid(face)
    assert np.abs(first - face.laid()).max() < 1e-7


def test_relative_motion_is_what_changed_on_top_of_the_still(face):
    motion = recording()
    last = carried(face, motion, 4, Transfer())
    assert last.expression[19, 1] - face.expression[19, 1] == pytest.approx(0.06, abs=1e-6)
    assert last.scale == pytest.approx(face.scale * 1.3 / 1.2)
    assert last.place[:2] == pytest.approx(face.place[:2] + np.array([0.1, 0.0]))
    turned = rotation(3, -11, 0) @ rotation(3, 1, 0).T @ rotation(*face.angles_deg)
    assert np.abs(last.rotation - turned).max() < 1e-6


def test_absolute_motion_takes_listed_components_and_the_stills_size(face):
    motion = recording()
    last = carried(face, motion, 4, Transfer(relative=False))
    assert last.scale == face.scale
    assert last.expression[19] == pytest.approx(motion.expression[4, 19])
    assert last.expression[0] == pytest.approx(face.expression[0])
    assert last.expression[3, 1] == pytest.approx(motion.expression[4, 3, 1])
    assert last.expression[3, 0] == pytest.approx(face.expression[3, 0])
    assert np.abs(last.rotation - motion.rotation[4]).max() < 1e-6


@pytest.mark.parametrize(
    ("region", "moves"),
    [
        (Region.LIPS, (6, 12, 14, 17, 19, 20)),
        (Region.EYES, (11, 13, 15, 16, 18)),
        (Region.POSE, ()),
    ],
)
def test_a_region_moves_its_keypoints_only(face, region, moves):
    motion = replace(recording(), expression=np.cumsum(np.full((5, 21, 3), 0.01, np.float32), 0))
    last = carried(face, motion, 4, Transfer(region))
    changed = np.flatnonzero(np.abs(last.expression - face.expression).max(axis=1) > 1e-9)
    assert tuple(changed) == moves
    assert (np.abs(last.rotation - face.rotation).max() > 0.01) == (region is Region.POSE)
    assert last.scale == face.scale


def test_the_listed_components_are_the_contracts():
    mask = listed(Region.ALL)
    assert mask.sum() == 13 * 3 + 1 + 1 + 1 + 1 + 2
    assert mask[9].tolist() == [False, True, True]
    assert mask[5].tolist() == [False, False, True]


def test_a_single_picture_is_held_against_a_mouth_at_rest(face):
    motion = recording(frames=1)
    moved = carried(face, motion, 0, Transfer())
    added = moved.expression - face.expression
    assert added == pytest.approx(motion.expression[0] - rest_expression(), abs=1e-7)
    assert rest_expression()[19].tolist() == [0, -0.01509, -0.00255]


def test_the_still_is_not_touched_by_a_transfer(face):
    place = face.place.copy()
    carried(face, recording(), 3, Transfer(Region.LIPS)).laid(face)
    assert face.place.tolist() == place.tolist()


def test_a_multiplier_of_nothing_is_the_still(face):
    moved = carried(face, recording(), 4, Transfer()).laid(face)
    assert np.allclose(amplified(face.laid(), moved, 0.0), face.laid())
    assert np.allclose(amplified(face.laid(), moved, 1.0), moved)


def test_larger_faces_move_farther(face):
    still = face.laid()
    assert size_ratio(2 * still, still) == pytest.approx(2.0)


def test_smoothing_takes_noise_and_keeps_ends_and_rotations():
    clean, noisy = recording(60), recording(60, noise=0.003)
    smooth = smoothed(noisy, seconds=0.08)

    def tremble(motion: Template) -> float:
        return float(np.abs(np.diff(motion.expression, n=2, axis=0)).mean())

    assert tremble(smooth) < 0.25 * tremble(noisy)
    error = np.abs(smooth.expression - clean.expression)[5:-5].mean()
    assert error < 0.7 * np.abs(noisy.expression - clean.expression).mean()
    assert np.allclose(smooth.expression[[0, -1]], noisy.expression[[0, -1]], atol=1e-6)
    turned = smooth.rotation @ smooth.rotation.transpose(0, 2, 1)
    assert np.abs(turned - np.eye(3)).max() < 1e-5


def test_a_motion_is_read_at_any_time():
    motion = recording(frames=5, fps=20.0)
    half = at_time(motion, 0.075)  # between frames 1 and 2
    assert half.scale[1] == pytest.approx((motion.scale[1] + motion.scale[2]) / 2)
    assert np.allclose(half.rotation[0], motion.rotation[0])
    assert np.abs(half.rotation[1] @ half.rotation[1].T - np.eye(3)).max() < 1e-5
    assert np.allclose(at_time(motion, 99.0).expression[1], motion.expression[-1])


# ---------------------------------------------------------------------------- expression


def test_a_pose_at_rest_adds_nothing():
    assert not expression_of({}).any()
    assert lids_of({}) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("pose", "point", "axis", "value"),
    [
        ({"smile": 1.0}, 14, 1, -0.02),
        ({"smile": 1.0}, 17, 2, 0.003),
        ({"smile": -0.8}, 20, 1, 0.003),
        ({"gaze_x": 30.0}, 15, 0, 0.0201),
        ({"gaze_x": -30.0}, 11, 0, -0.0201),
        ({"brow_up": 1.0}, 1, 1, 0.01),
        ({"brow_down": 1.0}, 2, 0, -0.01),
        ({"mouth_open": 1.0}, 19, 1, 0.045),
        ({"pucker": 1.0}, 14, 1, 0.012),
    ],
)
def test_our_parameters_become_the_editors_numbers(pose, point, axis, value):
    assert expression_of(pose)[point, axis] == pytest.approx(value)


def test_an_upward_look_opens_the_lids_and_a_downward_look_lowers_them():
    up, down = expression_of({"gaze_y": 10.0}), expression_of({"gaze_y": -10.0})
    assert up[11, 1] < 0 < down[11, 1]
    assert up[13, 1] > 0 > down[13, 1]


def test_each_eye_closes_by_its_own_keypoints():
    right = shut_expression(1.0, 0.0)
    assert right[11, 1] == pytest.approx(0.018)
    assert not right[list(EYE_POINTS["left"])].any()
    assert lids_of({"blink_right": 1.0, "squint_right": 1.0}) == (1.0, 0.0)


def test_clamps_hold_what_is_out_of_reach_and_leave_the_still_alone():
    still = np.zeros((21, 3))
    still[19, 1] = 0.3  # a face of its own kind
    wanted = still + 1.0
    held = within_expression(wanted, still)
    assert (held <= wanted).all()
    assert held[11, 1] == pytest.approx(0.034)
    assert held[19, 1] == pytest.approx(0.3)
    assert np.array_equal(within_expression(still, still), still)


@pytest.mark.parametrize(
    ("wanted", "still", "held"),
    [
        ((0.0, 50.0, 0.0), (0.0, 5.0, 0.0), (0.0, 35.0, 0.0)),
        ((45.0, 0.0, 25.0), (0.0, 0.0, 0.0), (30.0, 0.0, 20.0)),
        ((35.0, 70.0, -25.0), (35.0, 70.0, -25.0), (35.0, 70.0, -25.0)),
        ((35.0, 75.0, -25.0), (0.0, 50.0, 0.0), (30.0, 60.0, -20.0)),
    ],
)
def test_heads_turn_as_far_as_a_picture_carries(wanted, still, held):
    assert within_angles(wanted, still) == held


# ---------------------------------------------------------------------------------- crop


def mesh(angle_deg: float = 0.0) -> LandmarksF32:
    """A plain face: outline on an ellipse of 200 by 240 around (300, 400), eyes and mouth."""
    from prerender.portrait.anatomy import FACE_OVAL

    points = np.zeros((478, 3), np.float32)
    points[:, :2] = (300, 400)
    for number, index in enumerate(FACE_OVAL):
        turn = 2 * np.pi * number / len(FACE_OVAL)
        points[index, :2] = (300 + 100 * np.sin(turn), 400 - 120 * np.cos(turn))
    places = {33: (240, 360), 133: (280, 360), 159: (260, 352), 145: (260, 366)}
    places |= {362: (320, 360), 263: (360, 360), 386: (340, 353), 374: (340, 367)}
    places |= {61: (265, 460), 291: (335, 460), 13: (300, 456), 14: (300, 463)}
    for index, place in places.items():
        points[index, :2] = place
    turn = np.radians(angle_deg)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    points[:, :2] = (points[:, :2] - (300, 400)) @ spin + np.array((300, 400), np.float32)
    return points


def test_the_square_of_a_straight_face_is_upright():
    crop = still_crop(mesh())
    to_crop = crop.to_crop
    assert abs(to_crop[0, 1]) < 1e-9
    # The jaw's box is 200 wide and lower than the forehead; times 2.3, moved up an eighth.
    assert OUT_PX / crop.zoom == pytest.approx(2.3 * 200, rel=0.02)
    middle = crop.to_picture @ (OUT_PX / 2, OUT_PX / 2, 1)
    assert middle[0] == pytest.approx(299.5, abs=1e-6)
    box_middle = (mesh()[[152, 356]][:, 1].sum()) / 2 - 0.5
    assert middle[1] == pytest.approx(box_middle - 0.125 * 2.3 * 200, abs=4)


@pytest.mark.parametrize("angle", [-30.0, 12.0, 90.0])
def test_a_tilted_face_stands_upright_in_its_square(angle):
    straight, tilted = still_crop(mesh()), still_crop(mesh(angle))
    for index in (33, 291, 152):
        there, here = (
            crop.to_crop @ (*(points[index, :2] - 0.5), 1)
            for crop, points in ((straight, mesh()), (tilted, mesh(angle)))
        )
        assert np.allclose(there, here, atol=0.05)


def test_a_video_has_one_upright_square():
    crop = video_crop([mesh(-8), mesh(8)])
    assert crop.to_crop[0, 1] == 0
    assert np.allclose(crop.to_picture @ crop.to_crop, np.eye(3))


def test_a_square_moves_with_the_origin_of_the_picture():
    crop = still_crop(mesh())
    moved = crop.shifted(100, 50)
    assert np.allclose(moved.to_crop @ (200, 350, 1), crop.to_crop @ (300, 400, 1))


def test_openness_is_height_over_width():
    assert eye_openness(mesh()) == pytest.approx((14 / 40, 14 / 40), abs=0.02)
    assert lip_openness(mesh()) == pytest.approx(7 / 70, abs=1e-4)


def test_the_squares_edge_fades_over_sixteen_pixels():
    mask = fading()
    assert mask[256, 0] == 0
    assert mask[256, 8] == 0.5
    assert mask[256, 16] == 1
    assert mask[256, 511 - 16] == 1


# ----------------------------------------------------------------------------- templates


def published(path: Path, frames: int = 3, *, old: bool = False, **changes: Any) -> Path:
    """A template as it is published: a pickle of a dictionary, with newer or older names."""
    motion = recording(frames)
    names = ("R_d", "c_d_eyes_lst", "c_d_lip_lst") if old else ("R", "c_eyes_lst", "c_lip_lst")
    content = {
        "n_frames": frames,
        "output_fps": np.float64(25) if old else 25,
        "motion": [
            {
                "scale": motion.scale[i].reshape(1, 1),
                names[0]: motion.rotation[i][None],
                "exp": motion.expression[i][None],
                "t": motion.place[i][None],
            }
            for i in range(frames)
        ],
        names[1]: [np.full((1, 2), 0.3, np.float32)] * frames,
        names[2]: [np.full((1, 1), 0.05, np.float32)] * frames,
    } | changes
    path.write_bytes(pickle.dumps(content))
    return path


@pytest.mark.parametrize("old", [False, True])
def test_published_templates_are_read_and_kept_as_npz(tmp_path, old):
    found = read_template(published(tmp_path / "wink.pkl", old=old))
    wanted = recording(3)
    assert (len(found), found.fps) == (3, 25.0)
    assert np.array_equal(found.rotation, wanted.rotation)
    assert found.eyes is not None
    assert found.eyes.shape == (3, 2)
    assert found.points is None
    for name in ("a.npz", "b.npz"):
        save_template(found, tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = read_template(tmp_path / "a.npz")
    assert np.array_equal(again.expression, found.expression)
    assert again.points is None


def test_pickles_of_newer_numpy_are_read_too(tmp_path):
    path = published(tmp_path / "new.pkl")
    data = pickle.dumps(pickle.loads(path.read_bytes()), protocol=3)  # noqa: S301 (our own)
    assert b"cnumpy.core.multiarray" in data
    path.write_bytes(data.replace(b"cnumpy.core.multiarray", b"cnumpy._core.multiarray"))
    assert np.array_equal(read_template(path).rotation, recording(3).rotation)


class Trap:
    """What a hostile pickle does."""

    def __reduce__(self):
        import os

        return os.system, ("touch trapped",)


@pytest.mark.parametrize(
    "content",
    [
        Trap(),
        {"motion": [Trap()], "n_frames": 1},
        {"motion": [{"R": np.array([Trap()], object)}], "n_frames": 1},
        {"motion": [io.BytesIO()], "n_frames": 1},
    ],
)
def test_a_pickle_with_anything_but_numbers_is_refused_and_nothing_runs(
    tmp_path, monkeypatch, content
):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "trap.pkl"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(TemplateError, match="nothing of it was run"):
        read_template(path)
    assert not (tmp_path / "trapped").exists()


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "another count": ({"n_frames": 7}, "says 7 frames and holds 3"),
    "no motion": ({"motion": 5}, "no list called motion"),
    "empty": ({"motion": [], "n_frames": 0}, "holds 0"),
    "odd rate": ({"output_fps": 0}, "0 frames per second"),
    "no number": ({"output_fps": [1, 2]}, "no number for its frames per second"),
    "strangers": ({"motion": [1, 2, 3]}, "says nothing of rotation"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_motion_is_refused_in_words(tmp_path, name):
    changes, words = BROKEN[name]
    with pytest.raises(TemplateError, match=words):
        read_template(published(tmp_path / "odd.pkl", **changes))


def spoilt(**changes) -> Template:
    return replace(recording(3), **changes)


@pytest.mark.parametrize(
    ("motion", "words"),
    [
        (spoilt(scale=np.array([1, np.nan, 1], np.float32)), "no face has"),
        (spoilt(place=np.full((3, 3), 1e6, np.float32)), "no face has"),
        (spoilt(rotation=np.ones((3, 3, 3), np.float32)), "rotations that are none"),
        (spoilt(scale=np.ones(2, np.float32)), r"numbers for \[2, 3\] frames"),
        (spoilt(expression=np.ones((3, 20, 3), np.float32)), "not 21 x 3"),
    ],
)
def test_numbers_that_are_no_face_are_refused(tmp_path, motion, words):
    save_template(motion, tmp_path / "odd.npz")
    with pytest.raises(TemplateError, match=words):
        read_template(tmp_path / "odd.npz")


@pytest.mark.parametrize("data", [b"", b"\x80\x04", b"PK\x03\x04junk", b"not a pickle at all"])
def test_a_damaged_template_is_said_to_be_so(tmp_path, data):
    path = tmp_path / "broken.pkl"
    path.write_bytes(data)
    with pytest.raises(TemplateError, match=r"damaged|refused"):
        read_template(path)


def test_a_template_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TemplateError, match=r"none\.pkl"):
        read_template(tmp_path / "none.pkl")
