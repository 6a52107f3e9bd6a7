from pathlib import Path

import pytest

from frame_app.base.errors import ConfigError
from frame_app.show.script import ScriptReader, load_script


def load(tmp_path: Path, text: str):
    path = tmp_path / "s.jsonl"
    path.write_text(text)
    return load_script(path)


def test_events_come_in_order_of_time_each_once(tmp_path: Path) -> None:
    events = load(
        tmp_path,
        '{"at": 2, "event": "viewer_left"}\n\n'
        '{"at": 1, "event": "viewer_moved", "x": 0.5, "y": -0.1, "z": 2}\n'
        '{"at": 1.5, "event": "gesture", "name": "smile"}\n',
    )
    reader = ScriptReader(events)
    assert reader.take_due(0.5) == ()
    assert [event.event for event in reader.take_due(1.6)] == ["viewer_moved", "gesture"]
    assert [event.event for event in reader.take_due(9.0)] == ["viewer_left"]
    assert reader.take_due(99.0) == ()


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("nonsense", "line 2"),
        ('{"at": 1, "event": "dance"}', "event"),
        ('{"at": -1, "event": "next"}', "at"),
        ('{"at": 1, "event": "gesture"}', "needs a name"),
        ('{"at": 1, "event": "grab", "name": "../../x"}', "name"),
        ('{"at": 1, "event": "viewer_moved", "z": 0}', "z"),
        ('{"at": 1, "event": "next", "speed": 2}', "speed"),
    ],
)
def test_a_fault_names_the_line(tmp_path: Path, line: str, word: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f'{{"at": 0, "event": "next"}}\n{line}\n')
    assert "line 2" in str(caught.value)
    assert word in str(caught.value)


def test_a_missing_script_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_script(tmp_path / "none.jsonl")
