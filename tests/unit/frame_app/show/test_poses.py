from frame_app.cliplib.schema import Clip, Family, FileRef
from frame_app.show.poses import find_route, resting_clips

VIDEO = FileRef(file="clips/a.mp4", sha256="0" * 64, size_bytes=1)


def clip(name: str, start: str, end: str, *, loop: bool = False) -> Clip:
    return Clip(
        name=name, family=Family.MISC, video=VIDEO, frames=10, fps=30.0, start_pose=start,
        end_pose=end, loop=loop,
    )  # fmt: skip


DROP, WAKE = clip("drop", "neutral", "asleep"), clip("wake", "asleep", "neutral")
SNORE = clip("snore", "asleep", "asleep", loop=True)
STAND, SIT = clip("stand", "neutral", "up"), clip("sit", "up", "neutral")
ALL = (DROP, WAKE, SNORE, STAND, SIT)


def test_the_way_to_the_pose_one_is_in_is_empty() -> None:
    assert find_route(ALL, "asleep", "asleep") == ()


def test_the_way_is_the_shortest_through_other_poses() -> None:
    assert find_route(ALL, "neutral", "asleep") == (DROP,)
    assert find_route(ALL, "up", "asleep") == (SIT, DROP)


def test_where_no_clip_leads_there_is_no_way() -> None:
    assert find_route((DROP, SNORE), "asleep", "neutral") is None
    assert find_route((), "neutral", "asleep") is None


def test_one_rests_in_a_pose_on_loops_that_stay_there() -> None:
    assert resting_clips(ALL, "asleep") == (SNORE,)
    assert resting_clips(ALL, "neutral") == ()
