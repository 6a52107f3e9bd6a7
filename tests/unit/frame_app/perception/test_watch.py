"""What a person does before the camera, as pixels, and what the frame makes of it.

Portrait and hand are pasted over a room, so what is shown when is known. The models are real.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from frame_app.base.arrays import ImageU8
from frame_app.config.model import PerceptionSettings
from frame_app.perception.landmarker import HandSeen, Landmarker, Region
from frame_app.perception.messages import Gesture, GestureMade, Observation, Report, ViewersChanged
from frame_app.perception.watch import Sight, Watch
from tests.fakes.people import FPS, HAND_PHOTO, STANDING, Sprite, scene, swing

needs_hand = pytest.mark.skipif(not HAND_PHOTO.exists(), reason="no shared test data")
Stage = Callable[[float], tuple[Sprite | None, Sprite | None]]
FAR = Sprite(320.0, 250.0, 90.0)
"""Somebody three metres away."""


def play(sight: Sight, at: Stage, seconds: float) -> list[Report]:
    watch = Watch(sight, PerceptionSettings())
    reports: list[Report] = []
    time_s = 0.0
    while time_s < seconds:
        number = round(time_s * FPS)
        reports += watch.look(scene(*at(number / FPS), seed=number), number / FPS)
        time_s = number / FPS + max(1.0 / FPS, 1.0 / watch.rate_hz)
    return reports


def gestures(reports: list[Report]) -> list[tuple[Gesture, float]]:
    made = [report for report in reports if isinstance(report, GestureMade)]
    return [(one.gesture, one.time_s) for one in made if one.gesture is not Gesture.SMILE]


def test_nobody_is_seen_in_an_empty_room_and_it_costs_little(sight: Landmarker) -> None:
    asked: list[Region] = []

    class Counting:
        face, hand, pose = sight.face, sight.hand, sight.pose

        def find_faces(self, picture: ImageU8, region: Region) -> list[object]:
            asked.append(region)
            return list(sight.find_faces(picture, region))

    reports = play(Counting(), lambda _: (None, None), 6.0)  # type: ignore[arg-type]
    assert not any(isinstance(report, ViewersChanged | GestureMade) for report in reports)
    assert len(asked) <= 2 * 7  # two views a second


def test_somebody_is_seen_at_once_and_missed_soon(sight: Landmarker) -> None:
    reports = play(sight, lambda t: (STANDING if 1.0 < t < 3.0 else None, None), 6.0)
    counts = [(report.count, index) for index, report in enumerate(reports)
              if isinstance(report, ViewersChanged)]  # fmt: skip
    assert [count for count, _ in counts] == [1, 0]
    seen = [report for report in reports if isinstance(report, Observation) and report.viewers]
    assert 1.0 < seen[0].time_s < 1.8
    assert seen[-1].time_s < 4.6
    # The demo portrait's eyes are 26 px apart there: 63 mm at 502 px focal length are 1.1 to 1.2 m.
    eye = seen[-1].eye
    assert eye is not None
    assert 0.85 < eye.z < 1.3


@needs_hand
@pytest.mark.parametrize(
    ("turn_deg", "gesture"), [(0, Gesture.THUMB_UP), (180, Gesture.THUMB_DOWN)]
)
def test_a_thumb_is_answered_at_once(sight: Landmarker, turn_deg: float, gesture: Gesture) -> None:
    hand = Sprite(480.0, 240.0, 150.0, turn_deg)
    made = gestures(play(sight, lambda t: (STANDING, hand if 1.5 < t < 3.0 else None), 3.5))
    assert [name for name, _ in made] == [gesture]
    assert made[0][1] - 1.5 < 0.3


@needs_hand
def test_a_wave_is_seen_near(sight: Landmarker) -> None:
    made = gestures(
        play(
            sight,
            lambda t: (
                STANDING,
                Sprite(480 + 45 * swing(t, 2), 225, 120, -60 + 25 * swing(t, 2)) if t > 1 else None,
            ),
            3.0,
        )
    )
    assert Gesture.WAVE in {name for name, _ in made}


class HandBlind:
    """Eyes for which every hand is too small."""

    def __init__(self, sight: Landmarker) -> None:
        self.find_faces, self.face, self.pose = sight.find_faces, sight.face, sight.pose

    def hand(self, picture: ImageU8, region: Region) -> HandSeen | None:
        """None is seen."""


@needs_hand
@pytest.mark.parametrize("by_pose", [False, True])
def test_a_wave_is_seen_at_three_metres_by_hand_and_by_pose(
    sight: Landmarker, *, by_pose: bool
) -> None:
    eyes = HandBlind(sight) if by_pose else sight
    made = gestures(
        play(
            eyes,
            lambda t: (
                FAR,
                Sprite(378 + 14 * swing(t, 2), 240, 40, 10 - 25 * swing(t, 2)) if t > 1 else None,
            ),
            4.0,
        )
    )
    assert [name for name, _ in made][:1] == [Gesture.WAVE]


@needs_hand
@pytest.mark.parametrize(
    "at",
    [
        pytest.param(lambda t: (Sprite(-150 + 260 * t, 300, 260), None), id="walks past"),
        pytest.param(
            lambda t: (
                Sprite(-150 + 260 * t, 300, 260),
                Sprite(-30 + 260 * t, 330 + 12 * swing(t, 2), 120, 20),
            ),
            id="walks past with a thumb that happens to point up",
        ),
        pytest.param(
            lambda t: (
                STANDING,
                Sprite(
                    430 + 18 * swing(t, 0.9),
                    330 + 40 * swing(t, 1.3),
                    120,
                    -75 + 30 * swing(t, 0.7),
                ),
            ),
            id="talks with a hand",
        ),
    ],
)
def test_nothing_is_made_of_people_who_do_not_mean_the_frame(sight: Landmarker, at: Stage) -> None:
    assert gestures(play(sight, at, 4.0)) == []


def test_the_task_bundle_takes_over_when_it_is_there(tmp_path: Path) -> None:
    bundle = HAND_PHOTO.parents[1] / "models" / "face_landmarker.task"
    if not bundle.exists():
        pytest.skip("the shared test data are not there")
    (tmp_path / bundle.name).symlink_to(bundle)
    better = Landmarker(tmp_path)
    try:
        assert "face_landmarker.task" in better.models
        face = better.face(scene(STANDING), Region(220, 100, 180))
        assert face is not None
        assert face.smile is not None
        assert face.smile > 0.5  # she does
        assert face.mesh.shape == (478, 3)
    finally:
        better.close()
