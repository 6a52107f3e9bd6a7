"""Clips as curves over time."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from frame_app.base.errors import ConfigError
from frame_app.base.paths import shipped
from frame_app.cliplib.schema import Viseme
from prerender.portrait.choreography import Choreography
from prerender.portrait.motion import Motion
from prerender.portrait.motion_files import load_motion, load_repertoire
from prerender.portrait.pose import PARAMETERS, Pose

REPERTOIRE = load_repertoire((shipped("config"),))
MOTIONS = REPERTOIRE.motions


SHIPPED = """
idle idle-bright idle-dreamy blink blink-double blink-slow blink-half saccades smile smile-soft
laugh nod shake wink surprise sad look-left look-right look-up look-down look-around tilt-smile
sleep asleep wake
"""


def played(name: str, seed: int) -> Choreography:
    motion, poses = MOTIONS[name], REPERTOIRE.poses
    return Choreography(motion, seed, poses[motion.start_pose], poses[motion.end_pose])


def same(pose: Pose, other: Pose) -> bool:
    return all(abs(pose.get(k, 0.0) - other.get(k, 0.0)) < 1e-5 for k in {**pose, **other})


def test_everything_a_portrait_should_know_is_shipped() -> None:
    assert set(MOTIONS) >= set(SHIPPED.split())
    assert {m.mood for m in MOTIONS.values() if m.family == "idle"} == {"calm", "bright", "dreamy"}
    assert set(REPERTOIRE.visemes) == set(Viseme)


def test_idle_loops_and_has_the_length_it_should() -> None:
    assert MOTIONS["idle"].loop
    assert 8 <= MOTIONS["idle"].duration_s <= 12


@pytest.mark.parametrize("name", sorted(MOTIONS))
def test_both_halves_of_a_face_and_all_seconds_of_a_clip_differ(name: str) -> None:
    motion = MOTIONS[name]
    choreography = played(name, 1)
    poses = [choreography.at(t) for t in np.arange(0.1, motion.duration_s - 0.1, 1 / 30)]
    breaths = {round(pose.get("breath", 0.0), 4) for pose in poses}
    assert len(breaths) > 10  # breath goes on
    if "smile" in motion.curves and motion.curves["smile"][1][1] > 0.3:
        assert {"smile_left", "smile_right", "roll", "yaw"} & set(motion.curves)


def test_eyes_lead_and_the_head_follows() -> None:
    look = played("look-left", 1)
    eyes_s, head_s = (
        next(t for t in np.arange(0, 3, 1 / 60) if abs(look.at(t).get(name, 0.0)) > 3.0)
        for name in ("gaze_x", "yaw")
    )
    assert 0.1 < head_s - eyes_s < 0.6


def test_a_large_jump_of_the_eyes_may_take_a_blink_along() -> None:
    motion = Motion(
        name="x",
        about="x",
        family="look",
        duration_s=20,
        saccades={"every_s": 1.0, "across_deg": 12.0},
        blinks={"per_minute": 0, "with_gaze": 1.0},
    )
    choreography = Choreography(motion, 4)
    times = np.arange(0, 20, 1 / 60)
    shut = [t for t in times if choreography.at(float(t)).get("blink_left", 0.0) > 0.9]
    assert shut
    for time_s in shut:
        before, after = (choreography.at(time_s + d).get("gaze_x", 0.0) for d in (-0.3, 0.3))
        assert abs(before - after) > 1.0


def test_a_head_takes_over_what_the_eyes_began() -> None:
    motion = Motion(
        name="x",
        about="x",
        family="look",
        duration_s=4,
        saccades={"every_s": 2.0, "across_deg": 10.0, "head": 0.5},
    )
    choreography = Choreography(motion, 2)
    poses = [choreography.at(t) for t in np.arange(0, 4, 1 / 60)]
    best = max(poses, key=lambda pose: abs(pose["yaw"]))
    assert abs(best["yaw"]) > 0.5
    assert best["yaw"] == pytest.approx(best["gaze_x"], abs=0.5 * abs(best["yaw"]))
    assert same(choreography.at(4.0), {})


def test_a_clip_may_lead_from_pose_to_pose() -> None:
    asleep = REPERTOIRE.poses["asleep"]
    assert same(played("sleep", 1).at(0.0), {})
    assert same(played("sleep", 1).at(99.0), asleep)
    assert same(played("wake", 1).at(0.0), asleep)
    loop = played("asleep", 1)
    assert all(loop.at(t)["blink_left"] == 1.0 for t in np.arange(0, 11, 0.5))


@pytest.mark.parametrize("name", sorted(MOTIONS))
@pytest.mark.parametrize("seed", [0, 7])
def test_a_clip_starts_and_ends_on_its_poses(name: str, seed: int) -> None:
    motion, choreography = MOTIONS[name], played(name, seed)
    assert same(choreography.at(0.0), REPERTOIRE.poses[motion.start_pose])
    assert same(choreography.at(motion.duration_s), REPERTOIRE.poses[motion.end_pose])


@pytest.mark.parametrize("name", sorted(MOTIONS))
def test_a_clip_moves_slowly_next_to_both_ends(name: str) -> None:
    motion, choreography = MOTIONS[name], played(name, 3)
    ends = (1 / 60, motion.start_pose), (motion.duration_s - 1 / 60, motion.end_pose)
    for time_s, name_of_pose in ends:
        pose, still = choreography.at(time_s), REPERTOIRE.poses[name_of_pose]
        moved = {key: abs(pose.get(key, 0.0) - still.get(key, 0.0)) for key in pose}
        assert moved.get("yaw", 0.0) + moved.get("pitch", 0.0) < 0.1
        assert moved.get("blink_left", 0.0) < 0.05


@pytest.mark.parametrize("name", sorted(MOTIONS))
def test_poses_stay_inside_their_ranges(name: str) -> None:
    choreography = played(name, 11)
    for time_s in np.linspace(0, MOTIONS[name].duration_s, 200):
        for parameter, value in choreography.at(float(time_s)).items():
            low, high, _ = PARAMETERS[parameter]
            assert low <= value <= high


def test_the_same_seed_gives_the_same_idle_and_another_seed_another_one() -> None:
    def poses(seed: int) -> list[dict[str, float]]:
        choreography = Choreography(MOTIONS["idle"], seed)
        return [dict(choreography.at(t)) for t in (1.0, 2.5, 7.7)]

    assert poses(5) == poses(5)
    assert poses(5) != poses(6)


@pytest.mark.parametrize("seed", range(6))
def test_idle_blinks_more_than_once_and_not_to_a_beat(seed: int) -> None:
    motion = MOTIONS["idle"]
    times = np.arange(0, motion.duration_s, 1 / 60)
    choreography = Choreography(motion, seed)
    shut = np.array([choreography.at(float(t)).get("blink_left", 0.0) > 0.5 for t in times])
    starts = times[1:][shut[1:] & ~shut[:-1]]
    assert 1 <= len(starts) <= 6
    assert starts[0] > 0.4
    if len(starts) > 2:
        assert np.ptp(np.diff(starts)) > 0.1


def test_a_curve_reaches_its_keys_and_does_not_overshoot() -> None:
    motion = Motion(
        name="x",
        about="x",
        family="smile",
        duration_s=3,
        curves={"smile": [(0, 0), (1, 0.8), (2, 0.3), (3, 0)]},
    )
    choreography = Choreography(motion, 0)
    assert choreography.at(1.0)["smile"] == pytest.approx(0.8)
    assert choreography.at(2.0)["smile"] == pytest.approx(0.3)
    values = [choreography.at(t)["smile"] for t in np.linspace(0, 3, 301)]
    assert max(values) <= 0.8 + 1e-9
    assert min(values) >= 0
    assert all(a >= b - 1e-9 for a, b in itertools.pairwise(values[100:]))


def test_at_its_rests_idle_is_on_the_still() -> None:
    motion = MOTIONS["idle"]
    assert motion.rests_s
    for seed in range(4):
        choreography = Choreography(motion, seed)
        for rest in motion.rests_s:
            assert all(abs(value) < 1e-6 for value in choreography.at(rest).values())


def test_frames_count_both_ends() -> None:
    motion = Motion(name="x", about="x", family="nod", duration_s=2.0)
    assert motion.frames(30) == 61
    assert motion.frames(24) == 49


HEAD = 'name="x"\nabout="x"\nfamily="nod"\nduration_s=1\n'
BROKEN = {
    "no toml": ("name = ", "is not a readable TOML file"),
    "unknown parameter": (HEAD + "[curves]\near=[[0,0],[1,0]]", r"line 6, curves.ear: unknown"),
    "not from zero": (HEAD + "[curves]\nyaw=[[0,1],[1,0]]", "line 6, curves.yaw: must start at 0"),
    "times fall": (HEAD + "[curves]\nyaw=[[0,0],[0.6,1],[0.4,0]]", "line 6, curves.yaw: times"),
    "over the end": (HEAD + "[curves]\nyaw=[[0,0],[1.5,0]]", "from 0 to 1"),
    "out of range": (HEAD + "[curves]\nyaw=[[0,0],[0.5,40],[1,0]]", "line 6.*-25 to 25, not 40"),
    "drift too wide": (
        HEAD + '[[drift]]\nparameter="yaw"\namplitude=1\n[[drift]]\nparameter="roll"\namplitude=99',
        "line 8, drift.1: roll may be -15 to 15, not 99",
    ),
    "too fast a breath": (HEAD + "[breath]\nrate_hz=3", "line 6, breath.rate_hz: must be less.* 1"),
    "rest at the end": (HEAD + "rests_s=[0.5]", "line 5|rests_s must rise"),
    "blink too late": (HEAD + "[[blink]]\nat_s=3", "blink.at_s: 3.0 is not inside"),
    "no such kind": (HEAD + '[[blink]]\nat_s=0.5\nkind="sly"', "line 7, blink.0.kind: .*'single'"),
    "no such pose": (HEAD + 'end_pose="upside-down"', "no pose upside-down; known are: neutral"),
    "no way to the pose": (HEAD + 'end_pose="asleep"', "pitch must lead from 0 to -7"),
    "unknown key": (HEAD + "speed=2", "line 5, speed: unknown key"),
    "another name": (HEAD.replace('"x"', '"y"', 1), "line 1, name: is y"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_wrong_with_a_motion_file_is_said_with_its_line(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=rf"x\.toml: .*{words}"):
        load_motion(file, REPERTOIRE.poses)


def test_the_users_own_files_come_over_the_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "motions"
    own.mkdir()
    shrug = 'name = "shrug"\nabout = "a shrug"\nfamily = "misc"\nduration_s = 2.0\n'
    (own / "shrug.toml").write_text(shrug)
    (own / "nod.toml").write_text(shrug.replace("shrug", "nod"))
    (tmp_path / "visemes.toml").write_text("[aa]\nmouth_open = 1.1\n")
    both = load_repertoire((shipped("config"), tmp_path))
    assert both.motions["shrug"].duration_s == both.motions["nod"].duration_s == 2.0
    assert both.motions["smile"] == MOTIONS["smile"]
    assert both.visemes[Viseme.AA] == {"mouth_open": 1.1}
    assert both.visemes[Viseme.PP] == REPERTOIRE.visemes[Viseme.PP]
    assert both.material("nod") != REPERTOIRE.material("nod")
    assert both.material("smile") == REPERTOIRE.material("smile")


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("poses.toml", "[neutral]\nyaw = 1.0\n", "neutral: is the picture itself"),
        ("poses.toml", "[bowed]\npitch = -90.0\n", "bowed: pitch may be -20 to 20, not -90"),
        ("visemes.toml", "[AH]\nmouth_open = 1.0\n", "AH: there is no such mouth shape"),
    ],
)
def test_a_broken_file_of_poses_is_named(tmp_path: Path, file: str, text: str, words: str) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_repertoire((tmp_path,))
