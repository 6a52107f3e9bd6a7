"""Quiet hours by a clock that is set, jumps and was never set.

28 March 2026 is a Saturday; in the night after it many countries set their clocks forward.
"""

from datetime import datetime, timedelta

import pytest

from frame_app.config.model import QuietHoursSettings
from frame_app.states.quiet import Intent, NightWatch, is_quiet, quiet_in_s

NIGHT = QuietHoursSettings(begins="23:00", ends="06:30")


def at(hour: int, minute: int = 0, day: int = 28) -> datetime:
    return datetime(2026, 3, day, hour, minute)


@pytest.mark.parametrize(
    ("wall", "quiet"),
    [
        (at(22, 59), False), (at(23, 0), True), (at(23, 59), True), (at(0, 0), True),
        (at(6, 29), True), (at(6, 30), False), (at(12), False),
    ],
)  # fmt: skip
def test_quiet_hours_reach_over_midnight(wall: datetime, *, quiet: bool) -> None:
    assert is_quiet(NIGHT, wall) is quiet


@pytest.mark.parametrize(("wall", "quiet"), [(at(12, 59), False), (at(13), True), (at(15), False)])
def test_quiet_hours_may_lie_within_a_day(wall: datetime, *, quiet: bool) -> None:
    nap = QuietHoursSettings(begins="13:00", ends="15:00")
    assert is_quiet(nap, wall) is quiet


def test_the_day_that_counts_is_the_one_on_which_they_begin() -> None:
    saturdays = QuietHoursSettings(days="sat")
    assert not is_quiet(saturdays, at(3, day=28))  # began on Friday
    assert is_quiet(saturdays, at(23, day=28))
    assert is_quiet(saturdays, at(3, day=29))
    assert not is_quiet(saturdays, at(23, day=29))


def test_switched_off_there_are_none() -> None:
    assert not is_quiet(QuietHoursSettings(on=False), at(3))


def test_how_long_until_they_begin() -> None:
    assert quiet_in_s(NIGHT, at(22, 45)) == 900.0
    assert quiet_in_s(NIGHT, at(3)) is None
    assert quiet_in_s(QuietHoursSettings(on=False), at(22)) is None


def follow(watch: NightWatch, *walls: datetime, now_s: float = 0.0) -> list[bool]:
    return [watch.wants_sleep(NIGHT, wall, now_s + step) for step, wall in enumerate(walls)]


def test_a_clock_that_is_set_is_believed_at_once_both_ways() -> None:
    watch = NightWatch(Intent())
    assert follow(watch, at(14), at(2), at(14), at(22), at(23), at(22)) == [
        False, True, False, False, True, False,
    ]  # fmt: skip


def test_the_missing_hour_of_summer_time_keeps_the_night_whole() -> None:
    watch = NightWatch(Intent())
    walls = [at(1, 59, day=29), at(3, 0, day=29), at(6, 29, day=29), at(6, 30, day=29)]
    assert follow(watch, *walls) == [True, True, True, False]


def test_the_hour_that_comes_twice_does_not_wake_it() -> None:
    late = QuietHoursSettings(begins="02:30", ends="06:30")
    walls = [at(2, 29), at(2, 30), at(2, 59), at(2, 0), at(2, 29), at(2, 30)]
    watch = NightWatch(Intent())
    found = [watch.wants_sleep(late, wall, float(n)) for n, wall in enumerate(walls)]
    assert found == [False, True, True, False, False, True]


def test_a_touch_wakes_it_for_a_while_and_each_touch_anew() -> None:
    watch = NightWatch(Intent())
    assert follow(watch, at(2))[0]
    watch.stir(10.0, 120.0)
    assert not watch.wants_sleep(NIGHT, at(2), 11.0)
    watch.stir(100.0, 120.0)
    assert not watch.wants_sleep(NIGHT, at(2), 219.0)
    assert watch.wants_sleep(NIGHT, at(2), 220.0)


def test_sent_to_sleep_by_day_it_sleeps_until_it_is_woken() -> None:
    watch = NightWatch(Intent())
    watch.send_to_sleep()
    assert follow(watch, at(14), at(15)) == [True, True]
    watch.stir(2.0, 120.0)
    assert follow(watch, at(15), now_s=500.0) == [False]


def test_sent_to_sleep_in_the_evening_it_wakes_when_quiet_hours_end() -> None:
    watch = NightWatch(Intent())
    watch.send_to_sleep()
    walls = [at(22), at(23), at(6, 29, day=29), at(6, 30, day=29)]
    assert follow(watch, *walls) == [True, True, True, False]


def test_a_restart_by_day_of_a_frame_that_was_sent_to_sleep_leaves_it_asleep() -> None:
    watch = NightWatch(Intent(asleep=True, by_hand=True, at=at(14).isoformat()))
    assert follow(watch, at(14, 5)) == [True]


def test_a_restart_after_the_night_wakes_it() -> None:
    watch = NightWatch(Intent(asleep=True, at=at(23).isoformat()))
    assert follow(watch, at(7, day=29)) == [False]


def test_a_clock_that_starts_in_the_past_does_not_light_the_room() -> None:
    watch = NightWatch(Intent(asleep=True, at=at(23).isoformat()))
    unset = datetime(1970, 1, 1, 14, 0)
    assert follow(watch, unset, unset + timedelta(minutes=1)) == [True, True]
    assert follow(watch, at(2, day=29), at(7, day=29), now_s=60.0) == [True, False]


def test_a_clock_that_is_never_set_is_believed_after_half_a_day() -> None:
    watch = NightWatch(Intent(asleep=True, at=at(23).isoformat()))
    unset = datetime(1970, 1, 1, 14, 0)
    assert watch.wants_sleep(NIGHT, unset, 0.0)
    assert not watch.wants_sleep(NIGHT, unset + timedelta(hours=3), 13 * 3600.0)


def test_the_intent_is_written_when_it_changes_and_read_back() -> None:
    watch = NightWatch(Intent())
    assert watch.changed_intent(at(22), asleep=False) is None
    fresh = watch.changed_intent(at(23), asleep=True)
    assert fresh is not None
    assert Intent.from_json(fresh.to_json()) == Intent(asleep=True, at="2026-03-28T23:00:00")
    assert watch.changed_intent(at(23, 1), asleep=True) is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"asleep": true, "at": "noon"}', b"\xff"])
def test_a_torn_state_file_says_nothing(data: bytes) -> None:
    assert Intent.from_json(data) == Intent()
