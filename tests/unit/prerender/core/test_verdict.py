"""What single verdicts mean for the portrait."""

import pytest

from frame_app.cliplib.schema import Box
from prerender.core.facts import ClipFacts
from prerender.core.verdict import left_out, remarks

POSES = {
    "idle": ("neutral", "neutral"),
    "smile": ("neutral", "neutral"),
    "sleep": ("neutral", "asleep"),
    "asleep": ("asleep", "asleep"),
    "wake": ("asleep", "neutral"),
}


def portrait(*failed: str) -> dict[str, ClipFacts]:
    return {
        name: ClipFacts(
            name=name,
            family=name,
            frames=2,
            fps=30,
            start_pose=start,
            end_pose=end,
            box=Box(x=0, y=0, width=16, height=16),
            left_out=("it trembles",) if name in failed else (),
        )
        for name, (start, end) in POSES.items()
    }


# Which clips fail, and which are left out in the end.
TABLE = [
    ((), set()),
    (("smile",), {"smile"}),
    (("asleep",), {"asleep"}),
    (("wake",), {"sleep", "asleep", "wake"}),
    (("sleep",), {"sleep", "asleep", "wake"}),
]


@pytest.mark.parametrize(("failed", "gone"), TABLE)
def test_nobody_falls_asleep_who_cannot_wake(failed, gone) -> None:
    assert set(left_out(portrait(*failed))) == gone


def test_a_clip_that_goes_with_another_has_its_own_sentence() -> None:
    said = " ".join(remarks(portrait("wake")))
    assert "clip sleep is left out (no clip that passed leads back from the pose asleep)" in said
    assert "clip wake" not in said  # its own seal says so


def test_want_of_life_is_said() -> None:
    assert remarks(portrait("smile")) == ()
    assert "between answers" in remarks(portrait("idle"))[0]
    assert "hangs as a still" in remarks(portrait(*POSES))[-1]
    assert remarks({}) == ()
