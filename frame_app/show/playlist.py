"""What plays next: pure functions of clips, history and a random source."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from frame_app.cliplib.schema import NEUTRAL, Clip, Family, IndexEntry
from frame_app.config.behaviours import choices

_MIN_RUN_S = 1.0  # shorter runs between two jumps look like a stutter
_JUMP_SHARE = 0.4  # of the jumps passed, taken; the rest of the time the clip plays on
_COST_SCALE = 2.0  # rms of 255; a jump this dear is taken 1/e as often as a free one


class Run(NamedTuple):
    """Frames `start` to `stop` of a clip, `stop` not included."""

    clip: Clip
    start: int
    stop: int


def whole(clip: Clip) -> Run:
    """All frames of a clip."""
    return Run(clip, 0, clip.frames)


def idle_runs(
    choose: Callable[[], Sequence[Clip]], rng: random.Random, *, fresh: bool = True
) -> Iterator[Run]:
    """An endless idle of clips that start and end neutral, each run continuing the one before.

    `choose` says for each clip anew which there are: moods pass.

    Jumps are walked at random, weighted by their cost and never the same twice in a row, so that
    the walk does not repeat (Schoedl et al., "Video Textures", SIGGRAPH 2000). With `fresh` it
    begins at the first frame of a clip, of which the head is decoded, else at any exit.
    """
    clip = rng.choice(choose())
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
        clips = choose() or (clip,)
        others = [other for other in clips if other is not clip]
        if others and not (clip in clips and clip.loop and rng.random() < 1.0 / len(clips)):
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
    return tuple(clip for clip in clips if clip.family is Family.IDLE and is_neutral(clip))


def choose_idle(clips: Sequence[Clip], mood: str | None) -> tuple[Clip, ...]:
    """Of idle clips those of a mood; else those without one; else all, since life must go on.

    No mood at all, None, means any.
    """
    fitting = [clip for clip in clips if mood is None or clip.mood == mood]
    return tuple(fitting or [clip for clip in clips if clip.mood is None] or clips)


def reaction_clips(clips: Sequence[Clip]) -> tuple[Clip, ...]:
    """The clips that may answer a gesture: everything that begins and ends neutral."""
    return tuple(clip for clip in clips if clip.family is not Family.IDLE and is_neutral(clip))


def choose_clips(
    clips: Sequence[Clip], play: Sequence[str], last: str, rng: random.Random
) -> tuple[Clip, ...]:
    """One clip for each step of a behaviour; what the portrait has no clip for is left out.

    Where there is a choice, a clip that begins in the pose in which the one before ended, and
    another than the `last` one that was played.
    """
    chosen: list[Clip] = []
    pose = NEUTRAL
    for step in play:
        for choice in choices(step):
            fitting = [c for c in clips if choice.clip in ("", c.name)]
            fitting = [c for c in fitting if choice.family in (None, c.family)]
            fitting = [c for c in fitting if c.start_pose == pose] or fitting
            fitting = [c for c in fitting if c.name != last] or fitting
            if fitting:
                chosen.append(rng.choice(fitting))
                pose, last = chosen[-1].end_pose, chosen[-1].name
                break
    return tuple(chosen)


def next_position(count: int, current: int, rng: random.Random, *, shuffle: bool) -> int:
    """The portrait after `current`, by order or by chance, another one if there is one."""
    if not shuffle or count < 3:
        return (current + 1) % count
    return (current + rng.randrange(1, count)) % count


def is_neutral(clip: Clip) -> bool:
    """Whether a clip begins and ends in the pose of the still."""
    return clip.start_pose == NEUTRAL and clip.end_pose == NEUTRAL


def scheduled(entries: Sequence[IndexEntry], wanted: str) -> tuple[IndexEntry, ...]:
    """The portraits whose ids stand in `wanted`, in order; all where that names none of them."""
    ids = wanted.split()
    return tuple(entry for entry in entries if entry.id in ids) or tuple(entries)
