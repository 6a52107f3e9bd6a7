from pathlib import Path

import pytest

from frame_app.base.errors import ConfigError
from frame_app.base.paths import shipped
from frame_app.cliplib.schema import Family
from frame_app.config.behaviours import Choice, choices, load_behaviours

RULE = '[[behaviour]]\nname = "a"\nevent = "nod"\nplay = ["nod"]\n'
OTHER = RULE.replace('"a"', '"b"')


def load(tmp_path: Path, text: str):
    path = tmp_path / "behaviours.toml"
    path.write_text(text)
    return load_behaviours(path)


def test_the_shipped_file_answers_gestures_and_has_a_life_of_its_own() -> None:
    rules = load_behaviours(shipped("config", "behaviours.toml")).behaviour
    events = {str(rule.event) for rule in rules}
    assert {"smile", "nod", "wave", "thumb_up", "victory", "i_love_you", "open_palm"} <= events
    assert {"viewer_came", "viewer_stayed", "alone", "time", "quiet_hours_near"} <= events
    assert all(rule.title for rule in rules)


def test_nothing_of_the_shipped_file_happens_unasked_more_than_once_in_half_a_minute() -> None:
    rules = load_behaviours(shipped("config", "behaviours.toml")).behaviour
    unasked = [rule for rule in rules if rule.is_happening and rule.play and rule.event != "time"]
    assert all(rule.cooldown_s >= 50.0 for rule in unasked)


def test_a_rule_has_sensible_defaults(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, RULE).behaviour
    assert (rule.when, rule.probability, rule.on) == (("idle", "attentive"), 1.0, True)


def test_a_step_names_families_and_clips() -> None:
    assert choices("tilt | clip:bow") == (Choice(Family.TILT, ""), Choice(None, "bow"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[behaviour]\n", "is not TOML"),
        ("\n" + RULE.replace('name = "a"\n', ""), "line 2: behaviour 1 name"),
        (RULE + OTHER.replace('["nod"]', '["bow"]'), "line 8: behaviour 2 play"),
        (RULE + "\n# odd\nprobability = 3\n", "line 7: behaviour 1 probability"),
        (RULE + 'when = ["asleep"]\n', "line 5: behaviour 1 when 1"),
        (RULE + 'moods = ["grim"]\n', "line 5: behaviour 1 moods 1"),
        (RULE + "volume = 1\n", "line 5: behaviour 1 volume"),
        (RULE + 'at = "08:00"\n', "behaviour 1: Value error, the event time needs `at`"),
        (RULE.replace('"nod"\np', '"dance"\np'), "line 3: behaviour 1 event: it is one of viewer_"),
        (RULE.replace('play = ["nod"]', "on = true"), "it does nothing"),
        (RULE + 'key = "z"\n', "line 5: behaviour 1 key"),
        ("[manners]\npause_s = -1\n" + RULE, "line 2: manners pause_s"),
        (RULE + RULE, "line 6: behaviour 2 name: a is taken"),
        (
            RULE + 'key = "n"\n' + RULE.replace('"a"', '"b"').replace('"nod"\np', '"wave"\np')
            + 'key = "n"\n',
            "line 10: behaviour 2 key: n already stands for nod",
        ),
    ],
)  # fmt: skip
def test_a_fault_names_file_line_rule_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert "behaviours.toml" in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_behaviours(tmp_path / "none.toml")
