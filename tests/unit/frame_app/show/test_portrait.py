import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from frame_app.base.paths import shipped
from frame_app.cliplib.reader import open_library
from frame_app.cliplib.schema import Manifest
from frame_app.config.model import DecodingSettings
from frame_app.show.playlist import Run
from frame_app.show.portrait import Panel, Portrait, load_fallback, load_portrait, scale_for
from tests.fakes import synthetic_library as drawn

SETTINGS = DecodingSettings(head_frames=6)
PANEL = Panel(drawn.WIDTH, drawn.HEIGHT)


@pytest.fixture
def copied(library: Path, tmp_path: Path) -> tuple[Path, Manifest]:
    """A portrait that a test may damage."""
    with open_library(library) as opened:
        entry = opened.entries[0]
        folder = tmp_path / entry.folder
        shutil.copytree(opened.folder(entry), folder)
        return folder, opened.manifest(entry)


@pytest.fixture
def portrait(copied: tuple[Path, Manifest]) -> Iterator[Portrait]:
    loaded = load_portrait(*copied, PANEL, SETTINGS)
    yield loaded
    loaded.close()
    assert loaded.join(5.0)


def load_all(portrait: Portrait) -> None:
    while portrait.load_more():
        pass


def test_the_first_picture_needs_one_idle_head_only(portrait: Portrait) -> None:
    assert set(portrait.heads) == {"idle"}
    assert len(portrait.heads["idle"]) == 6
    assert portrait.reactions == ()


def test_the_rest_follows_bit_by_bit(portrait: Portrait) -> None:
    load_all(portrait)
    assert set(portrait.heads) == {"idle", "smile", "nod"}
    assert {clip.name for clip in portrait.reactions} == {"smile", "nod"}
    assert portrait.gaze is not None
    cell = drawn.BOX.width * drawn.BOX.height * 5 // 2
    assert portrait.head_bytes() == 3 * 6 * cell


def test_a_broken_clip_is_left_out_and_said(copied: tuple[Path, Manifest]) -> None:
    (copied[0] / "clips/smile.mp4").write_bytes(b"torn")
    portrait = load_portrait(*copied, PANEL, SETTINGS)
    load_all(portrait)
    assert {clip.name for clip in portrait.reactions} == {"nod"}
    assert "smile.mp4" in portrait.broken["smile"]
    portrait.close()


def test_without_any_idle_the_still_remains(copied: tuple[Path, Manifest]) -> None:
    (copied[0] / "clips/idle.mp4").unlink()
    portrait = load_portrait(*copied, PANEL, SETTINGS)
    assert portrait.idle == ()
    assert portrait.layers.has_subject
    portrait.close()


def test_without_its_scene_a_portrait_is_its_poster(copied: tuple[Path, Manifest]) -> None:
    (copied[0] / "scene/subject.png").write_bytes(b"torn")
    portrait = load_portrait(*copied, PANEL, SETTINGS)
    assert not portrait.layers.has_subject
    assert portrait.manifest.clips == ()
    assert not portrait.load_more()


def test_a_run_from_the_start_brings_its_head(portrait: Portrait) -> None:
    clip = portrait.manifest.clips[0]
    stream = portrait.open_run(Run(clip, 0, clip.frames))
    assert stream.take(5) is portrait.heads["idle"][5]


@pytest.mark.parametrize(
    ("panel", "scale"),
    [
        (Panel(320, 400), 1.0),
        (Panel(3840, 2160), 1.0),  # a larger panel does not make pictures larger
        (Panel(160, 200), 0.5),
        (Panel(300, 380), 1.0),  # nearly full size: left as it is
        (Panel(640, 200), 0.525),  # contained, with a little to spare
    ],
)
def test_pictures_are_decoded_as_large_as_the_panel_shows_them(
    copied: tuple[Path, Manifest], panel: Panel, scale: float
) -> None:
    assert scale_for(copied[1], panel) == pytest.approx(scale)


def test_the_shipped_fallback_can_be_shown() -> None:
    fallback = load_fallback(shipped("assets", "fallback", "fallback.jpg"), SETTINGS)
    assert fallback.idle == ()
    assert fallback.layers.plate.mean() > 60.0
