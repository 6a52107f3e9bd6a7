"""What plays next: pure functions of clips, history and a random source."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from frame_app.cliplib.schema import NEUTRAL, Clip, Family

_MIN_RUN_S = 1.0  # shorter runs between two jumps look like a stutter
_JUMP_SHARE = 0.4  # of the jumps passed, taken; the rest of the time the clip plays on
_COST_SCALE = 2.0  # rms of 255; a jump this dear is taken 1/e as often as a free one


class Run(NamedTuple):
    """Frames `start` to `stop` of a clip, `stop` not included."""

    clip: Clip
    start: int
    stop: int


def idle_runs(clips: Sequence[Clip], rng: random.Random, *, fresh: bool = True) -> Iterator[Run]:
    """An endless idle of clips that start and end neutral, each run continuing the one before.

    Jumps are walked at random, weighted by their cost and never the same twice in a row, so that
    the walk does not repeat (Schoedl et al., "Video Textures", SIGGRAPH 2000). With `fresh` it
    begins at the first frame of a clip, of which the head is decoded, else at any exit.
    """
    clip = rng.choice(clips)
    start = 0 if fresh or not clip.exits else rng.choice(clip.exits)
    last = (-1, -1)
    while True:
        jump = _choose_jump(clip, start, last, rng)
        if jump is not None:
            yield Run(clip, start, jump[0] + 1)
            last = jump
            start = jump[1]
            continue
        yield Run(clip, start, clip.frames)
        last = (-1, -1)
        others = [other for other in clips if other is not clip]
        if others and not (clip.loop and rng.random() < 1.0 / len(clips)):
            clip = rng.choice(others)
        start = 0


def _choose_jump(
    clip: Clip, start: int, last: tuple[int, int], rng: random.Random
) -> tuple[int, int] | None:
    """A jump to leave by, or None to play to the end."""
    run = _MIN_RUN_S * clip.fps
    for jump in sorted(clip.jumps, key=lambda jump: (jump.source, jump.target)):
        is_near_end = clip.frames - jump.target < run
        if jump.source - start < run or is_near_end or (jump.source, jump.target) == last:
            continue
        if rng.random() < _JUMP_SHARE * 2.718281828 ** (-jump.cost / _COST_SCALE):
            return jump.source, jump.target
    return None


def idle_clips(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """The clips an idle can be made of."""
    return tuple(clip for clip in clips if clip.family is Family.IDLE and _is_neutral(clip))


def choose_idle(clips: Sequence[Clip], mood: str | None) -> tuple[Clip, ...]:
    """Of idle clips those of a mood; else those without one; else all, since life must go on.

    No mood at all, None, means any.
    """
    fitting = [clip for clip in clips if mood is None or clip.mood == mood]
    return tuple(fitting or [clip for clip in clips if clip.mood is None] or clips)


def reaction_clips(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """The clips that may answer a gesture: everything that begins and ends neutral."""
    return tuple(clip for clip in clips if clip.family is not Family.IDLE and _is_neutral(clip))


def choose_clip(
    clips: Sequence[Clip], family: Family, last: str, rng: random.Random
) -> Clip | None:
    """One of a family, another than the `last` one where there is a choice."""
    fitting = [clip for clip in clips if clip.family is family]
    return rng.choice([clip for clip in fitting if clip.name != last] or fitting or [None])


def next_position(count: int, current: int, rng: random.Random, *, shuffle: bool) -> int:
    """The portrait after `current`, by order or by chance, another one if there is one."""
    if not shuffle or count < 3:
        return (current + 1) % count
    return (current + rng.randrange(1, count)) % count


def _is_neutral(clip: Clip) -> bool:
    return clip.start_pose == NEUTRAL and clip.end_pose == NEUTRAL
