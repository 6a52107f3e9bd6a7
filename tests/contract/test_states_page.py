"""docs/states.md shows the machine as it is."""

from pathlib import Path

from frame_app.states.diagram import document
from frame_app.states.machine import RULES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "states.md"


def test_the_page_is_fresh() -> None:
    assert document() == PAGE.read_text(encoding="utf-8"), "run: make states"


def test_every_rule_has_a_line_and_an_arrow() -> None:
    text = document()
    assert text.count("\n| ") == len(RULES) + 2
    assert "    idle --> attentive: viewer seen\n" in text
    assert "    speaking --> reacting: reaction started\n" in text
