from pathlib import Path

import pytest

from frame_app.config.lock import PinLock, make_record


@pytest.fixture
def lock(tmp_path: Path) -> PinLock:
    return PinLock(tmp_path / "pin.json", Path.write_bytes)


def fail(lock: PinLock, now_s: float) -> None:
    attempt = lock.attempt("0000", now_s)
    assert attempt is not None
    assert not attempt.is_right()
    lock.note(is_right=False, now_s=now_s)


def test_the_right_pin_opens_and_no_file_holds_it(lock: PinLock, tmp_path: Path) -> None:
    lock.set(make_record("274951"))
    again = PinLock(tmp_path / "pin.json", Path.write_bytes)
    assert again.load() == ""
    right, wrong = again.attempt("274951", 0.0), again.attempt("274952", 0.0)
    assert right is not None
    assert wrong is not None
    assert right.is_right()
    assert not wrong.is_right()
    assert b"274951" not in (tmp_path / "pin.json").read_bytes()


def test_the_same_pin_twice_has_two_hashes() -> None:
    assert make_record("1234").digest != make_record("1234").digest


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "١٢٣٤"])
def test_what_is_no_pin_is_refused(pin: str) -> None:
    with pytest.raises(ValueError, match="4 to 8 digits"):
        make_record(pin)


def test_after_three_wrong_ones_the_waits_double_up_to_ten_minutes(lock: PinLock) -> None:
    lock.set(make_record("1234"))
    now_s, waits = 1000.0, []
    for _ in range(12):
        fail(lock, now_s)
        waits.append(lock.wait_s(now_s))
        if waits[-1]:
            assert lock.attempt("1234", now_s + waits[-1] - 0.1) is None
        now_s += waits[-1]
    assert waits == [0, 0, 5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_the_right_one_forgives_the_wrong_ones(lock: PinLock) -> None:
    lock.set(make_record("1234"))
    fail(lock, 0.0)
    fail(lock, 0.0)
    lock.note(is_right=True, now_s=0.0)
    fail(lock, 0.0)
    assert lock.wait_s(0.0) == 0.0


def test_pulling_the_plug_forgives_nothing(lock: PinLock, tmp_path: Path) -> None:
    lock.set(make_record("1234"))
    for _ in range(2):
        fail(lock, 0.0)
    again = PinLock(tmp_path / "pin.json", Path.write_bytes)
    again.load()
    fail(again, 0.0)
    assert again.wait_s(0.0) == 5.0


def test_a_removed_pin_stays_removed_and_a_damaged_file_is_named(
    lock: PinLock, tmp_path: Path
) -> None:
    lock.set(make_record("1234"))
    lock.set(None)
    assert PinLock(tmp_path / "pin.json", Path.write_bytes).load() == ""
    assert not lock.has_pin
    (tmp_path / "pin.json").write_bytes(b'{"salt": "00"}')
    assert "pin.json" in lock.load()
    assert not lock.has_pin
