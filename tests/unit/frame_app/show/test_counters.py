from frame_app.show.counters import FrameCounters, Second


def count(frames: list[int], *, late: list[int] | None = None, rate: float = 30.0) -> Second:
    counters = FrameCounters()
    counters.take(0.0)
    for number, frame in enumerate(frames):
        waited = late[number] if late else 0
        counters.tick(number / rate, ("idle", frame), 30.0, waited)
        counters.drawn(number / rate, 1.0 if number else 50.0)
    second = counters.take(len(frames) / rate)
    assert second is not None
    return second


def test_a_clip_that_keeps_time_shows_what_is_due() -> None:
    second = count(list(range(31)))
    assert (second.due, second.shown, second.dropped, second.repeated) == (30, 30, 0, 0)


def test_frames_passed_over_are_dropped() -> None:
    second = count(list(range(0, 62, 2)), rate=15.0)
    assert second.shown == 30
    assert second.dropped == 30
    assert second.due == 60


def test_a_jump_of_the_clip_is_no_drop() -> None:
    assert count([*range(20), *range(200, 211)]).dropped == 0


def test_waiting_for_the_decoder_is_a_repeat() -> None:
    second = count([*range(15), 14, 14, *range(15, 29)], late=[0] * 15 + [1, 2] + [2] * 14)
    assert second.repeated == 2
    assert second.shown == 28


def test_percentiles_are_of_the_pictures_drawn() -> None:
    second = count(list(range(31)))
    assert (second.drawn, second.python_p50_ms, second.python_p99_ms) == (31, 1.0, 50.0)


def test_the_longest_wait_between_two_pictures_is_told_and_forgotten() -> None:
    counters = FrameCounters()
    counters.take(0.0)
    for now_s in (0.0, 0.033, 0.213, 0.246, 1.0):
        counters.drawn(now_s, 1.0)
    counters.drawn(1.03, 1.0)
    second = counters.take(1.03)
    assert second is not None
    assert round(second.longest_ms) == 754
    counters.drawn(1.06, 1.0)
    counters.rest()
    counters.drawn(2.0, 1.0)  # it was dark meanwhile
    following = counters.take(2.1)
    assert following is not None
    assert round(following.longest_ms) == 30


def test_nothing_is_told_before_a_second_is_over() -> None:
    counters = FrameCounters()
    assert counters.take(5.0) is None
    assert counters.take(5.9) is None
