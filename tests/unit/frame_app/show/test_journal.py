import json
from pathlib import Path

import pytest

from frame_app.base.errors import StorageError
from frame_app.show.journal import FileJournal
from tests.fakes.clock import ManualClock


def test_records_are_json_lines_with_seconds_since_the_start(tmp_path: Path) -> None:
    clock = ManualClock(50.0)
    journal = FileJournal(tmp_path / "j.jsonl", clock, 48.0)
    journal.write("state", old="booting", new="idle")
    clock.advance(0.25)
    journal.write("clip", name='a "quoted" name', frames=2, reason=None)
    journal.close()
    records = [json.loads(line) for line in (tmp_path / "j.jsonl").read_text().splitlines()]
    assert records == [
        {"t": 2.0, "kind": "state", "old": "booting", "new": "idle"},
        {"t": 2.25, "kind": "clip", "name": 'a "quoted" name', "frames": 2, "reason": None},
    ]


def test_a_journal_that_cannot_be_opened_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        FileJournal(tmp_path / "no" / "j.jsonl", ManualClock(), 0.0)
