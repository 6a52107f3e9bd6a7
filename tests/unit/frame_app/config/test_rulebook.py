import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from frame_app.base.errors import ConfigError
from frame_app.base.paths import shipped
from frame_app.config import rulebook
from frame_app.config.rulebook import RuleBook

OWN = '# mine\n[[behaviour]]\nname = "bow"\nevent = "nod"\nplay = ["nod"]\n'


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def book(tmp_path: Path) -> RuleBook:
    default = shipped("config", "behaviours.toml")
    return RuleBook(tmp_path / "behaviours.toml", default, tmp_path / "changes.toml", write)


def test_without_a_file_of_ones_own_the_shipped_rules_are_in_force(tmp_path: Path) -> None:
    rules = book(tmp_path)
    assert rules.load() == ()
    assert "answer-smile" in {rule.name for rule in rules.rules()}


def test_a_faulty_file_at_the_start_leaves_the_shipped_rules_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "behaviours.toml").write_text(OWN + "pace = 3\n")
    rules = book(tmp_path)
    (problem,) = rules.load()
    assert "line 6: behaviour 1 pace" in problem
    assert len(rules.rules()) > 10


def test_the_panels_changes_survive_a_restart_and_leave_the_file_alone(tmp_path: Path) -> None:
    (tmp_path / "behaviours.toml").write_text(OWN)
    rules = book(tmp_path)
    rules.load()
    heard: list[int] = []
    rules.changed.add(lambda: heard.append(1))
    rules.change("bow", "on", value=False)
    rules.change("bow", "cooldown_s", 60.0)
    again = book(tmp_path)
    assert again.load() == ()
    (rule,) = again.rules()
    assert (rule.on, rule.cooldown_s, rule.probability) == (False, 60.0, 1.0)
    assert (tmp_path / "behaviours.toml").read_text() == OWN
    assert len(heard) == 2
    again.reset("bow")
    assert again.rules()[0].on
    assert book(tmp_path).load() == ()


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [("bow", "probability", 2.0), ("bow", "priority", 3), ("dance", "on", True)],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, name: str, key: str, value: float
) -> None:
    (tmp_path / "behaviours.toml").write_text(OWN)
    rules = book(tmp_path)
    rules.load()
    with pytest.raises(ConfigError, match=key):
        rules.change(name, key, value)
    assert not (tmp_path / "changes.toml").exists()


def test_changes_that_make_no_sense_are_named_and_the_rest_counts(tmp_path: Path) -> None:
    (tmp_path / "behaviours.toml").write_text(OWN)
    (tmp_path / "changes.toml").write_text("[bow]\non = false\nprobability = 7\nevent = 'nod'\n")
    rules = book(tmp_path)
    assert [problem.split(": ")[1].split(" ")[0] for problem in rules.load()] == [
        "bow.probability",
        "bow.event",
    ]
    assert not rules.rules()[0].on


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RuleBook]:
    monkeypatch.setattr(rulebook, "_LOOK_EVERY_S", 0.02)
    rules = book(tmp_path)
    rules.load()
    rules.watch()
    yield rules
    assert rules.close(5.0)


def wait(is_true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10.0
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_an_edit_is_taken_up_a_bad_one_is_told_and_a_deleted_file_is_the_shipped_one(
    watched: RuleBook, tmp_path: Path
) -> None:
    file = tmp_path / "behaviours.toml"
    file.write_text(OWN)
    wait(lambda: (watched.take_news(), len(watched.rules()) == 1)[1])
    file.write_text(OWN + "pace = 3\n")
    deadline = time.monotonic() + 10.0
    while not (told := watched.take_news()):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert "line 6: behaviour 1 pace" in told
    assert [rule.name for rule in watched.rules()] == ["bow"]
    file.unlink()
    wait(lambda: (watched.take_news(), len(watched.rules()) > 10)[1])
