import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from frame_app.base.paths import shipped
from frame_app.cliplib import layout, writer
from frame_app.config.model import DecodingSettings
from frame_app.show.portrait import Panel
from frame_app.show.shelf import (
    LibraryMissing,
    LibraryOpened,
    News,
    PortraitFailed,
    PortraitReady,
    Shelf,
)
from tests.fakes import synthetic_library as drawn

STILL = shipped("assets", "fallback", "fallback.jpg")
PANEL = Panel(320, 400)


@pytest.fixture
def open_shelf() -> Iterator[Callable[[Path], Shelf]]:
    shelves: list[Shelf] = []

    def open_one(root: Path) -> Shelf:
        shelf = Shelf(root, STILL, DecodingSettings(), 0.02)
        shelf.start()
        shelves.append(shelf)
        return shelf

    yield open_one
    for shelf in shelves:
        shelf.close()
        assert shelf.join(10.0)


def news_of(shelf: Shelf) -> News:
    deadline = time.monotonic() + 10.0
    while (news := shelf.take_news()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return news


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_the_first_news_is_the_library(library: Path, open_shelf) -> None:
    news = news_of(open_shelf(library))
    assert isinstance(news, LibraryOpened)
    assert [entry.id for entry in news.entries] == ["anna"]
    assert news.problem == ""


def test_a_wish_brings_a_portrait(library: Path, open_shelf) -> None:
    shelf = open_shelf(library)
    opened = news_of(shelf)
    assert isinstance(opened, LibraryOpened)
    shelf.wish(opened.entries[0], PANEL)
    ready = news_of(shelf)
    assert isinstance(ready, PortraitReady)
    assert ready.portrait.heads
    ready.portrait.close()


def test_a_portrait_made_ready_ahead_is_there_though_its_files_went(
    tmp_path: Path, open_shelf
) -> None:
    entry = drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    other = drawn.publish_portrait(tmp_path, "berta", frames=30, gaze=False)
    shelf = open_shelf(tmp_path)
    news_of(shelf)
    shelf.prepare((entry, other), PANEL)
    wait_for(lambda: shelf.spare_folders == {entry.folder, other.folder})
    shutil.rmtree(tmp_path / layout.PORTRAITS / entry.folder)
    shelf.wish(entry, PANEL)
    ready = news_of(shelf)
    assert isinstance(ready, PortraitReady)
    assert ready.entry == entry
    assert ready.portrait.heads
    ready.portrait.close()
    assert shelf.spare_folders == {other.folder}


def test_what_is_no_longer_near_is_forgotten(tmp_path: Path, open_shelf) -> None:
    entry = drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    other = drawn.publish_portrait(tmp_path, "berta", frames=30, gaze=False)
    shelf = open_shelf(tmp_path)
    news_of(shelf)
    shelf.prepare((entry,), PANEL)
    wait_for(lambda: shelf.spare_folders == {entry.folder})
    shelf.prepare((other,), PANEL)
    wait_for(lambda: shelf.spare_folders == {other.folder})


def test_a_shelf_that_holds_still_answers_wishes_only(tmp_path: Path, open_shelf) -> None:
    entry = drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    other = drawn.publish_portrait(tmp_path, "berta", frames=30, gaze=False)
    shelf = open_shelf(tmp_path)
    news_of(shelf)
    shelf.hold(still=True)
    shelf.prepare((other,), PANEL)
    shelf.wish(entry, PANEL)
    ready = news_of(shelf)
    assert isinstance(ready, PortraitReady)
    ready.portrait.close()
    assert shelf.spare_folders == frozenset()
    shelf.hold(still=False)
    wait_for(lambda: shelf.spare_folders == {other.folder})


def test_a_portrait_that_is_gone_is_told_with_its_reason(tmp_path: Path, open_shelf) -> None:
    entry = drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    shutil.rmtree(tmp_path / layout.PORTRAITS / entry.folder)
    shelf = open_shelf(tmp_path)
    news_of(shelf)
    shelf.wish(entry, PANEL)
    failed = news_of(shelf)
    assert isinstance(failed, PortraitFailed)
    assert entry.folder in failed.problem


def test_a_new_generation_is_news_and_an_untouched_one_is_not(tmp_path: Path, open_shelf) -> None:
    drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    shelf = open_shelf(tmp_path)
    assert isinstance(news_of(shelf), LibraryOpened)
    time.sleep(0.1)
    assert shelf.take_news() is None
    drawn.publish_portrait(tmp_path, "berta", frames=30, gaze=False)
    second = news_of(shelf)
    assert isinstance(second, LibraryOpened)
    assert [entry.id for entry in second.entries] == ["anna", "berta"]


def test_without_a_library_the_fallback_comes_once_and_the_library_when_it_is_there(
    tmp_path: Path, open_shelf
) -> None:
    root = tmp_path / "library"
    shelf = open_shelf(root)
    missing = news_of(shelf)
    assert isinstance(missing, LibraryMissing)
    assert missing.fallback is not None
    time.sleep(0.1)
    assert shelf.take_news() is None
    drawn.publish_portrait(root, "anna", frames=30, gaze=False)
    assert isinstance(news_of(shelf), LibraryOpened)


def test_an_empty_library_is_as_good_as_none(tmp_path: Path, open_shelf) -> None:
    drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    writer.remove(tmp_path, "anna")
    news = news_of(open_shelf(tmp_path))
    assert isinstance(news, LibraryMissing)
    assert "no portraits yet" in news.problem


def test_a_torn_index_leads_to_the_last_good_generation(tmp_path: Path, open_shelf) -> None:
    drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    (tmp_path / layout.INDEX).write_text('{"schema": 1, "gener')
    news = news_of(open_shelf(tmp_path))
    assert isinstance(news, LibraryOpened)
    assert "torn" in news.problem


def test_a_library_that_breaks_in_use_is_no_news(tmp_path: Path, open_shelf) -> None:
    drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    shelf = open_shelf(tmp_path)
    news_of(shelf)
    shutil.rmtree(tmp_path / layout.GENERATIONS)
    (tmp_path / layout.INDEX).write_text("{}")
    time.sleep(0.15)
    assert shelf.take_news() is None


def test_files_on_screen_are_kept_from_collection_until_they_are_taken_down(
    tmp_path: Path, open_shelf
) -> None:
    first = drawn.publish_portrait(tmp_path, "anna", frames=30, gaze=False)
    shelf = open_shelf(tmp_path)
    news_of(shelf)
    shelf.hung(frozenset({first.folder}))
    for hue in (0.3, 0.6, 0.9):
        drawn.publish_portrait(tmp_path, "anna", hue=hue, frames=30, gaze=False)
        news_of(shelf)
    writer.collect(tmp_path)
    assert (tmp_path / layout.PORTRAITS / first.folder).is_dir()
    shelf.hung(frozenset())
    time.sleep(0.1)
    writer.collect(tmp_path)
    assert not (tmp_path / layout.PORTRAITS / first.folder).exists()
