import numpy as np
import pytest

from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.base import ActorFrame
from prerender.engines.inbetween import Kinship, between_pairs, kinship, likeness, still_share

cv2 = require("cv2")


def frame(seed: int = 0, shift: int = 0) -> ActorFrame:
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.integers(0, 255, (120, 160, 3), dtype=np.uint8), (0, 0), 4)
    colour = np.roll(cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX), shift, axis=1)
    matte = np.zeros((120, 160), np.uint8)
    matte[30:90, 40 + shift : 100 + shift] = 255
    return ActorFrame(np.ascontiguousarray(colour), matte)


def grey(first: ActorFrame, second: ActorFrame, factor: int) -> list[ActorFrame]:
    """An engine that answers nonsense everywhere."""
    wrong = ActorFrame(np.full_like(first.colour, 77), np.full_like(first.matte, 77))
    return [wrong] * (factor - 1)


def test_what_two_frames_have_to_do_with_each_other():
    assert kinship(frame(), frame()) is Kinship.SAME
    assert kinship(frame(), frame(shift=4)) is Kinship.MOVED
    assert kinship(frame(0), frame(1)) is Kinship.CUT
    blinked = frame()
    blinked.colour[50:60, 70:90] = 30
    assert kinship(frame(), blinked) is Kinship.MOVED  # small, but no duplicate


def test_likeness_is_one_for_the_same_and_falls():
    one = frame().colour
    assert likeness(one, one) == pytest.approx(1.0)
    assert likeness(one, frame(shift=2).colour) > 0.5 > 0.2 > likeness(one, frame(3).colour)


@pytest.mark.parametrize("other", [frame(), frame(1)], ids=["duplicate", "cut"])
def test_across_a_cut_and_between_duplicates_nobody_is_asked(other):
    def never(first, second, factor):
        raise AssertionError("asked")

    made = list(between_pairs([frame(), other], 4, never))
    assert len(made) == 5
    for index, source in ((1, frame()), (2, other), (3, other)):
        np.testing.assert_array_equal(made[index].colour, source.colour)
        np.testing.assert_array_equal(made[index].matte, source.matte)


def test_what_stands_still_far_from_any_movement_is_not_painted_anew():
    first, second = frame(), frame()
    second.colour[50:60, 70:90] += 40
    middle = list(between_pairs([first, second], 2, grey))[1]
    assert (middle.colour[50:60, 70:90] == 77).all()  # here only the engine knows
    assert (middle.colour[:8] == first.colour[:8]).all()
    assert (middle.matte == first.matte).all()  # nothing of it moved at all


def test_the_border_of_the_box_stays_closed_wherever_it_did_not_change():
    first, second = frame(), frame(shift=4)
    second.colour[:2] = first.colour[:2]
    middle = list(between_pairs([first, second], 2, grey))[1]
    np.testing.assert_array_equal(middle.colour[:2], first.colour[:2])
    assert (middle.colour[60, 60] == 77).all()


def test_a_thin_thing_that_crosses_empty_ground_is_left_to_the_engine():
    first = np.zeros((80, 80), np.uint8)
    second = first.copy()
    first[:, 20:22] = second[:, 36:38] = 255
    assert still_share(first, second)[40, 28:30].max() == 0.0


def test_factors_below_one_are_refused():
    with pytest.raises(UsageError):
        list(between_pairs([frame()], 0, grey))
