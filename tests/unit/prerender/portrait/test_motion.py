"""Clips as curves over time."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from frame_app.base.errors import ConfigError
from frame_app.base.paths import shipped
from prerender.portrait.motion import Choreography, Motion, load_motions
from prerender.portrait.pose import PARAMETERS, is_neutral

MOTIONS = load_motions(shipped("config", "motions"))


def test_the_clips_of_the_first_release_are_shipped() -> None:
    assert {"idle", "smile", "nod", "wink", "surprise"} <= set(MOTIONS)


def test_idle_loops_and_has_the_length_it_should() -> None:
    assert MOTIONS["idle"].loop
    assert 8 <= MOTIONS["idle"].duration_s <= 12


@pytest.mark.parametrize("name", sorted(MOTIONS))
@pytest.mark.parametrize("seed", [0, 7])
def test_a_clip_starts_and_ends_on_the_still(name: str, seed: int) -> None:
    motion = MOTIONS[name]
    choreography = Choreography(motion, seed)
    assert is_neutral(choreography.at(0.0))
    assert is_neutral(choreography.at(motion.duration_s))


@pytest.mark.parametrize("name", sorted(MOTIONS))
def test_a_clip_moves_slowly_next_to_both_ends(name: str) -> None:
    motion = MOTIONS[name]
    choreography = Choreography(motion, 3)
    for time_s in (1 / 60, motion.duration_s - 1 / 60):
        pose = choreography.at(time_s)
        assert abs(pose.get("yaw", 0)) + abs(pose.get("pitch", 0)) < 0.1
        assert pose.get("blink_left", 0) < 0.05


@pytest.mark.parametrize("name", sorted(MOTIONS))
def test_poses_stay_inside_their_ranges(name: str) -> None:
    choreography = Choreography(MOTIONS[name], 11)
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
    shut = np.array([choreography.at(float(t))["blink_left"] > 0.5 for t in times])
    starts = times[1:][shut[1:] & ~shut[:-1]]
    assert 1 <= len(starts) <= 6
    assert starts[0] > 0.4
    if len(starts) > 2:
        assert np.ptp(np.diff(starts)) > 0.1


def test_a_curve_reaches_its_keys_and_does_not_overshoot() -> None:
    motion = Motion(
        name="x",
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
    motion = Motion(name="x", family="nod", duration_s=2.0)
    assert motion.frames(30) == 61
    assert motion.frames(24) == 49


BROKEN = {
    "no toml": "name = ",
    "unknown parameter": 'name="x"\nfamily="nod"\nduration_s=1\n[curves]\near=[[0,0],[1,0]]',
    "not from zero": 'name="x"\nfamily="nod"\nduration_s=1\n[curves]\nyaw=[[0,1],[1,0]]',
    "times fall": 'name="x"\nfamily="nod"\nduration_s=1\n[curves]\nyaw=[[0,0],[0.6,1],[0.4,0]]',
    "over the end": 'name="x"\nfamily="nod"\nduration_s=1\n[curves]\nyaw=[[0,0],[1.5,0]]',
    "rest at the end": 'name="x"\nfamily="nod"\nduration_s=4\nrests_s=[3.5]',
    "unknown key": 'name="x"\nfamily="nod"\nduration_s=1\nspeed=2',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_motion_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"x\.toml"):
        load_motions(tmp_path)
