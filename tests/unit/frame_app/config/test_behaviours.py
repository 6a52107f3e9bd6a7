from pathlib import Path

import pytest

from frame_app.base.errors import ConfigError
from frame_app.base.paths import shipped
from frame_app.cliplib.schema import Family
from frame_app.config.behaviours import load_behaviours


def load(tmp_path: Path, text: str):
    path = tmp_path / "behaviours.toml"
    path.write_text(text)
    return load_behaviours(path)


def test_the_shipped_file_answers_smile_nod_wink_and_surprise() -> None:
    rules = load_behaviours(shipped("config", "behaviours.toml")).behaviour
    assert {"smile", "nod", "wink", "surprise"} <= {rule.gesture for rule in rules}


def test_a_rule_has_sensible_defaults(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, '[[behaviour]]\ngesture = "nod"\nfamilies = ["nod"]\n').behaviour
    assert rule.families == (Family.NOD,)
    assert (rule.when, rule.probability) == (("idle", "attentive"), 1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[behaviour]\n", "is not TOML"),
        ('[[behaviour]]\nfamilies = ["nod"]\n', "behaviour 1 gesture"),
        ('[[behaviour]]\ngesture = "nod"\nfamilies = ["nodding"]\n', "behaviour 1 families 1"),
        ('[[behaviour]]\ngesture = "nod"\nfamilies = ["nod"]\nprobability = 3\n', "probability"),
        ('[[behaviour]]\ngesture = "nod"\nfamilies = ["nod"]\nwhen = ["asleep"]\n', "when 1"),
        ('[[behaviour]]\ngesture = "nod"\nfamilies = ["nod"]\nmood = 1\n', "mood"),
        (
            '[[behaviour]]\ngesture = "nod"\nfamilies = ["nod"]\nkey = "n"\n'
            '[[behaviour]]\ngesture = "wave"\nfamilies = ["tilt"]\nkey = "n"\n',
            "behaviour 2 key: n already stands for nod",
        ),
    ],
)
def test_a_fault_names_file_rule_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert "behaviours.toml" in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_behaviours(tmp_path / "none.toml")
