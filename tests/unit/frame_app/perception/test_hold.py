"""From scores to gestures."""

import pytest

from frame_app.perception.hold import Holds
from frame_app.perception.messages import Gesture

G = Gesture


def play(holds: Holds, gesture: Gesture, score: float, begin_s: float, end_s: float) -> list[float]:
    """Times at which the gesture is made while it is scored 15 times a second."""
    made = []
    for number in range(round((end_s - begin_s) * 15)):
        now_s = begin_s + number / 15
        if gesture in holds.take({gesture: score}, now_s):
            made.append(now_s - begin_s)
    return made


@pytest.mark.parametrize(
    ("gesture", "soonest_s", "latest_s"),
    [
        (G.THUMB_UP, 0.05, 0.15),
        (G.THUMB_DOWN, 0.05, 0.15),
        (G.VICTORY, 0.1, 0.25),
        (G.OPEN_PALM, 0.35, 0.5),
        (G.CLOSED_FIST, 0.4, 0.6),
        (G.SMILE, 0.2, 0.35),
    ],
)
def test_a_gesture_counts_once_after_its_hold(
    gesture: Gesture, soonest_s: float, latest_s: float
) -> None:
    (at_s,) = play(Holds(), gesture, 0.9, 10.0, 20.0)
    assert soonest_s <= at_s <= latest_s


def test_one_picture_is_never_enough() -> None:
    holds = Holds()
    for number in range(60):
        assert holds.take({G.THUMB_UP: 0.9} if number % 12 == 0 else {}, 10.0 + number / 15) == []


def test_a_weak_score_never_counts_and_a_weaker_one_does_not_end_a_hold() -> None:
    assert play(Holds(), G.OPEN_PALM, 0.5, 10.0, 15.0) == []
    holds = Holds()
    assert play(holds, G.OPEN_PALM, 0.9, 10.0, 10.2) == []
    assert len(play(holds, G.OPEN_PALM, 0.5, 10.2, 11.0)) == 1


def test_it_counts_again_after_release_and_cooldown_only() -> None:
    holds = Holds()
    assert len(play(holds, G.THUMB_UP, 0.9, 10.0, 12.5)) == 1
    assert play(holds, G.THUMB_UP, 0.0, 12.5, 12.7) == []  # a flicker is no release
    assert play(holds, G.THUMB_UP, 0.9, 12.7, 13.5) == []
    assert play(holds, G.THUMB_UP, 0.0, 13.5, 14.0) == []
    assert len(play(holds, G.THUMB_UP, 0.9, 14.0, 15.0)) == 1


def test_longer_holds_can_be_asked_for() -> None:
    (at_s,) = play(Holds(3.0), G.OPEN_PALM, 0.9, 10.0, 15.0)
    assert at_s >= 1.19


def test_haste_is_asked_for_only_while_a_gesture_is_begun() -> None:
    holds = Holds()
    asked = []
    for number in range(30):
        holds.take({G.THUMB_UP: 0.9} if number >= 5 else {}, 10.0 + number / 30)
        asked.append(holds.is_expecting)
    assert asked == [False] * 5 + [True] * 2 + [False] * 23
