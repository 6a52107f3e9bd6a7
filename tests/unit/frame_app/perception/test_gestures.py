"""Shapes of hands: MediaPipe's own landmark files, and a jointed hand turned every way."""

import itertools

import pytest

from frame_app.base.arrays import HandF32
from frame_app.perception.gestures import shape_scores
from frame_app.perception.messages import HAND_SHAPES, Gesture
from tests.fakes.hands import SHARED, mirrored, noisy, posed_hand, read_landmarks, turned

SHAPES = {
    Gesture.CLOSED_FIST: posed_hand(fingers=(1, 1, 1, 1), thumb=0),
    Gesture.OPEN_PALM: posed_hand(fingers=(0, 0, 0, 0), thumb=1),
    Gesture.POINTING_UP: posed_hand(fingers=(0, 1, 1, 1), thumb=0),
    Gesture.VICTORY: posed_hand(fingers=(0, 0, 1, 1), thumb=0, spread=1.8),
    Gesture.I_LOVE_YOU: posed_hand(fingers=(0, 1, 1, 0), thumb=1),
    Gesture.THUMB_UP: turned(posed_hand(fingers=(1, 1, 1, 1), thumb=1), roll=62),
    Gesture.THUMB_DOWN: turned(posed_hand(fingers=(1, 1, 1, 1), thumb=1), roll=-118),
}
TURNS = tuple(itertools.product((-15, 0, 15), (-20, 0, 20), (-15, 0, 15)))


def variants(hand: HandF32) -> list[HandF32]:
    """Both hands, turned and with every landmark a little off."""
    hands = [hand, mirrored(hand)]
    return [
        noisy(turned(one, roll=roll, yaw=yaw, pitch=pitch), seed, 0.02)
        for one in hands
        for seed, (roll, yaw, pitch) in enumerate(TURNS)
    ]


def best(hand: HandF32) -> Gesture:
    scores = shape_scores(hand)
    return max(scores, key=lambda gesture: scores[gesture])


def test_every_shape_has_a_score() -> None:
    assert set(shape_scores(SHAPES[Gesture.OPEN_PALM])) == set(HAND_SHAPES)


@pytest.mark.parametrize("gesture", SHAPES)
def test_a_shape_is_known_turned_mirrored_and_shaken(gesture: Gesture) -> None:
    hands = variants(SHAPES[gesture])
    right = sum(shape_scores(hand)[gesture] >= 0.35 for hand in hands)
    assert right >= 0.85 * len(hands)
    for hand in hands:
        others = {key: value for key, value in shape_scores(hand).items() if key != gesture}
        assert max(others.values()) < 0.6, others


@pytest.mark.parametrize(
    ("name", "gesture"), [("thumb_up", Gesture.THUMB_UP), ("fist", Gesture.CLOSED_FIST)]
)
def test_landmarks_of_mediapipes_own_tests_are_known(name: str, gesture: Gesture) -> None:
    path = SHARED / f"{name}_landmarks.pbtxt"
    if not path.exists():
        pytest.skip("the shared test data are not there")
    hand = read_landmarks(path)
    for one in (hand, mirrored(hand), *(noisy(hand, seed, 0.02) for seed in range(8))):
        assert best(one) is gesture
        assert shape_scores(one)[gesture] > 0.6


@pytest.mark.parametrize("roll", [90, 180, -90])
def test_a_shape_that_points_another_way_means_nothing(roll: float) -> None:
    for gesture in (Gesture.OPEN_PALM, Gesture.POINTING_UP, Gesture.VICTORY, Gesture.I_LOVE_YOU):
        scores = shape_scores(turned(SHAPES[gesture], roll=roll))
        assert scores[gesture] < 0.35


def test_a_thumb_turned_over_means_the_opposite() -> None:
    up = SHAPES[Gesture.THUMB_UP]
    assert best(turned(up, roll=180)) is Gesture.THUMB_DOWN


def test_half_bent_fingers_are_no_shape() -> None:
    for thumb in (0.0, 0.5):
        scores = shape_scores(posed_hand(fingers=(0.5, 0.55, 0.5, 0.6), thumb=thumb))
        assert max(scores.values()) < 0.6
