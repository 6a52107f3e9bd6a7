"""Ways through the clip graph: its nodes are poses, its edges the clips between them."""

from collections import deque
from collections.abc import Iterable

from frame_app.cliplib.schema import NEUTRAL, Clip


def find_route(clips: Iterable[Clip], start: str, goal: str) -> tuple[Clip, ...] | None:
    """The fewest clips that lead from a pose to another; None if none do.

    Of several routes of one length the first by name, so that a choice repeats.
    """
    if start == goal:
        return ()
    edges: dict[str, list[Clip]] = {}
    for clip in sorted(clips, key=lambda clip: clip.name):
        if clip.start_pose != clip.end_pose:
            edges.setdefault(clip.start_pose, []).append(clip)
    seen = {start}
    waiting: deque[tuple[str, tuple[Clip, ...]]] = deque([(start, ())])
    while waiting:
        pose, way = waiting.popleft()
        for clip in edges.get(pose, ()):
            if clip.end_pose == goal:
                return (*way, clip)
            if clip.end_pose not in seen:
                seen.add(clip.end_pose)
                waiting.append((clip.end_pose, (*way, clip)))
    return None


def resting_clips(clips: Iterable[Clip], pose: str) -> tuple[Clip, ...]:
    """Clips that begin and end in a pose and may repeat there, other than the neutral idle."""
    return tuple(
        clip
        for clip in clips
        if pose != NEUTRAL and clip.loop and clip.start_pose == clip.end_pose == pose
    )
