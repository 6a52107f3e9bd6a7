from collections.abc import Iterator

import numpy as np
import pytest

from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.base import ActorFrame
from prerender.engines.builtin_interpolate import FlowInterpolate

cv2 = require("cv2")


def frame(shift: int, seed: int = 0) -> ActorFrame:
    """A textured square, moved to the right by `shift` px, on a quiet ground."""
    rng = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(rng.integers(0, 255, (60, 60, 3), dtype=np.uint8), (0, 0), 2)
    colour = np.full((120, 160, 3), 100, np.uint8)
    matte = np.zeros((120, 160), np.uint8)
    colour[30:90, 30 + shift : 90 + shift] = texture
    matte[30:90, 30 + shift : 90 + shift] = 255
    return ActorFrame(colour, matte)


def test_given_frames_pass_untouched_and_in_between_ones_are_added():
    frames = [frame(0), frame(4), frame(8)]
    result = list(FlowInterpolate().between(iter(frames), 4))
    assert len(result) == 9
    for given, kept in zip(frames, result[::4], strict=True):
        assert kept is given


def test_the_middle_frame_lies_in_the_middle():
    _, middle, _ = FlowInterpolate().between([frame(0), frame(8)], 2)
    truth = frame(4)
    inner = (slice(40, 80), slice(45, 80))
    blend = (frame(0).colour.astype(np.float32) + frame(8).colour) / 2
    error = np.abs(middle.colour.astype(np.float32) - truth.colour)[inner].mean()
    assert error < 0.35 * np.abs(blend - truth.colour)[inner].mean()
    assert np.abs(middle.matte.astype(np.float32) - truth.matte)[inner].mean() < 5


def test_nothing_is_invented_across_a_cut():
    one, other = frame(0, seed=1), frame(0, seed=2)
    noise = np.random.default_rng(5).integers(0, 255, one.colour.shape, dtype=np.uint8)
    _, near_first, near_second, _ = FlowInterpolate().between(
        [one, ActorFrame(noise, other.matte)], 3
    )
    np.testing.assert_array_equal(near_first.colour, one.colour)
    np.testing.assert_array_equal(near_second.colour, noise)


@pytest.mark.parametrize("count", [0, 1])
def test_clips_too_short_to_interpolate_pass(count):
    assert len(list(FlowInterpolate().between([frame(0)] * count, 2))) == count


def test_frames_are_drawn_one_at_a_time():
    drawn: list[int] = []

    def source() -> Iterator[ActorFrame]:
        for shift in range(4):
            drawn.append(shift)
            yield frame(shift)

    stream = FlowInterpolate().between(source(), 2)
    next(stream)
    assert len(drawn) <= 2


def test_factor_one_changes_nothing_and_less_is_refused():
    frames = [frame(0), frame(2)]
    assert list(FlowInterpolate().between(frames, 1)) == frames
    with pytest.raises(UsageError):
        list(FlowInterpolate().between(frames, 0))
