from pathlib import Path

import pytest

from frame_app.cliplib.schema import IndexEntry
from frame_app.config.arrangement import Arrangement

ENTRIES = tuple(
    IndexEntry(
        id=name,
        folder=f"{name}-00000000",
        title=name.title(),
        poster="poster.jpg",
        manifest_sha256="0" * 64,
    )
    for name in ("anna", "berta", "clara")
)


@pytest.fixture
def arrangement(tmp_path: Path) -> Arrangement:
    return Arrangement(tmp_path / "arrangement.toml", Path.write_bytes)


def ids(entries: tuple[IndexEntry, ...]) -> list[str]:
    return [entry.id for entry in entries]


def test_without_a_file_the_library_decides(arrangement: Arrangement) -> None:
    assert arrangement.load() == ""
    assert arrangement.hung(ENTRIES) == ENTRIES


def test_order_titles_and_what_is_off_survive_a_restart(
    arrangement: Arrangement, tmp_path: Path
) -> None:
    arrangement.reorder(("clara", "anna"))
    arrangement.switch("anna", on=False)
    arrangement.rename("clara", 'Aunt "Cläre"\n')
    again = Arrangement(tmp_path / "arrangement.toml", Path.write_bytes)
    assert again.load() == ""
    assert ids(again.hung(ENTRIES)) == ["clara", "berta"]
    assert ids(again.ordered(ENTRIES)) == ["clara", "anna", "berta"]
    assert again.title(ENTRIES[2]) == 'Aunt "Cläre"'


def test_new_portraits_follow_those_with_a_place(arrangement: Arrangement) -> None:
    arrangement.reorder(("berta",))
    assert ids(arrangement.hung(ENTRIES)) == ["berta", "anna", "clara"]


def test_a_frame_in_which_everything_is_off_shows_everything(arrangement: Arrangement) -> None:
    for entry in ENTRIES:
        arrangement.switch(entry.id, on=False)
    assert arrangement.hung(ENTRIES) == ENTRIES


def test_an_empty_title_is_the_librarys(arrangement: Arrangement) -> None:
    arrangement.rename("anna", "Nan")
    arrangement.rename("anna", "  ")
    assert arrangement.title(ENTRIES[0]) == "Anna"


@pytest.mark.parametrize("text", ["order = 'anna'\n", "order = [\n", "off = ['UPPER CASE']\n"])
def test_a_bad_file_is_named_and_the_library_decides(
    arrangement: Arrangement, tmp_path: Path, text: str
) -> None:
    (tmp_path / "arrangement.toml").write_text(text)
    assert "arrangement.toml" in arrangement.load()
    assert arrangement.hung(ENTRIES) == ENTRIES


def test_a_change_that_changes_nothing_is_not_told(arrangement: Arrangement) -> None:
    arrangement.changed.add(lambda: pytest.fail("nothing changed"))
    arrangement.switch("anna", on=True)
