import random
from itertools import islice, pairwise

from frame_app.cliplib.schema import Clip, Family, FileRef, Jump
from frame_app.show.playlist import (
    Run,
    choose_clips,
    choose_idle,
    idle_clips,
    idle_runs,
    next_position,
    reaction_clips,
)

VIDEO = FileRef(file="clips/idle.mp4", sha256="0" * 64, size_bytes=1)
JUMPS = (
    Jump(source=100, target=20, cost=0.5),
    Jump(source=180, target=60, cost=1.0),
    Jump(source=250, target=130, cost=0.2),
)


def clip(name="idle", family=Family.IDLE, *, frames=300, jumps=(), loop=True, **fields) -> Clip:
    return Clip(
        name=name,
        family=family,
        video=VIDEO,
        frames=frames,
        fps=30.0,
        jumps=jumps,
        loop=loop,
        **fields,
    )


def dice(seed: int = 1) -> random.Random:
    return random.Random(seed)  # noqa: S311 - dice


def walk(clips, count: int, **options) -> list[Run]:
    return list(islice(idle_runs(lambda: clips, dice(), **options), count))


def test_idle_begins_at_a_first_frame_of_which_the_head_is_decoded() -> None:
    assert walk([clip(jumps=JUMPS)], 1)[0].start == 0


def test_each_run_continues_the_one_before_by_a_jump_or_at_the_ends() -> None:
    jumps = {(jump.source, jump.target) for jump in JUMPS}
    for before, after in pairwise(walk([clip(jumps=JUMPS)], 300)):
        is_jump = (before.stop - 1, after.start) in jumps
        assert is_jump or (before.stop == 300 and after.start == 0)


def test_the_walk_does_not_repeat() -> None:
    runs = [(run.start, run.stop) for run in walk([clip(jumps=JUMPS)], 200)]
    assert len(set(runs)) >= 6
    period = next((n for n in range(1, 60) if runs[:100] == (runs[n : n + 100])), None)
    assert period is None


def test_no_jump_is_taken_twice_in_a_row_and_no_run_is_a_stutter() -> None:
    runs = walk([clip(jumps=JUMPS)], 300)
    assert min(run.stop - run.start for run in runs) >= 30
    taken = [(a.stop - 1, b.start) for a, b in pairwise(runs)]
    assert all(a != b or a == (299, 0) for a, b in pairwise(taken))


def test_without_jumps_a_clip_loops() -> None:
    assert walk([clip()], 3) == [Run(clip(), 0, 300)] * 3


def test_several_idle_clips_take_turns() -> None:
    clips = [clip("idle-a"), clip("idle-b"), clip("idle-c")]
    assert {run.clip.name for run in walk(clips, 60)} == {"idle-a", "idle-b", "idle-c"}


def test_dear_jumps_are_taken_less_often() -> None:
    cheap, dear = (clip(jumps=(Jump(source=150, target=40, cost=cost),)) for cost in (0.0, 6.0))
    taken = [sum(run.stop == 151 for run in walk([kind], 400)) for kind in (cheap, dear)]
    assert taken[0] > 4 * taken[1]


def test_only_neutral_clips_idle_or_react() -> None:
    sleep = clip("sleep", Family.SLEEP, end_pose="asleep")
    smile = clip("smile", Family.SMILE)
    odd = clip("idle-asleep", start_pose="asleep", end_pose="asleep")
    clips = (clip(), sleep, smile, odd)
    assert [c.name for c in idle_clips(clips)] == ["idle"]
    assert [c.name for c in reaction_clips(clips)] == ["smile"]


def test_idle_follows_the_mood_as_far_as_the_portrait_has_it() -> None:
    calm, bright, plain = clip("a", mood="calm"), clip("b", mood="bright"), clip("c")
    assert choose_idle((calm, bright, plain), "bright") == (bright,)
    assert choose_idle((calm, bright, plain), "dreamy") == (plain,)
    assert choose_idle((calm, bright), "dreamy") == (calm, bright)
    assert choose_idle((calm, bright, plain), None) == (calm, bright, plain)
    assert choose_idle((), "calm") == ()


def test_a_family_with_several_clips_varies() -> None:
    clips = [clip("smile-a", Family.SMILE), clip("smile-b", Family.SMILE)]
    for last in ("smile-a", "smile-b"):
        (chosen,) = choose_clips(clips, ("smile",), last, dice())
        assert chosen.name != last
    assert choose_clips(clips, ("nod",), "", dice()) == ()


def test_the_steps_of_a_behaviour_are_played_as_far_as_the_portrait_has_them() -> None:
    smile, tilt, nod = clip("s", Family.SMILE), clip("t", Family.TILT), clip("n", Family.NOD)
    play = ("tilt | nod", "wink", "clip:s")
    assert choose_clips((smile, tilt, nod), play, "", dice()) == (tilt, smile)
    assert choose_clips((smile, nod), play, "", dice()) == (nod, smile)


def test_a_step_takes_the_clip_that_begins_where_the_one_before_ended() -> None:
    drop = clip("drop", Family.SLEEP, end_pose="asleep")
    snore = clip("snore", Family.SLEEP, start_pose="asleep", end_pose="asleep")
    wake = clip("wake", Family.WAKE, start_pose="asleep")
    for seed in range(6):
        chosen = choose_clips((snore, wake, drop), ("sleep", "sleep", "wake"), "", dice(seed))
        assert chosen == (drop, snore, wake)


def test_a_mood_that_passes_changes_what_follows() -> None:
    calm, bright = clip("a", mood="calm", loop=False), clip("b", mood="bright", loop=False)
    pool = [bright]
    runs = idle_runs(lambda: pool, dice())
    before = next(runs).clip
    pool[:] = [calm]
    assert (before, next(runs).clip) == (bright, calm)


def test_portraits_follow_in_order_or_by_chance_but_never_themselves() -> None:
    assert [next_position(3, at, dice(), shuffle=False) for at in range(3)] == [1, 2, 0]
    rng = dice()
    assert all(next_position(5, 2, rng, shuffle=True) != 2 for _ in range(50))
    assert next_position(1, 0, rng, shuffle=True) == 0
