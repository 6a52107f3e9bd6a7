"""Every text of the frame is translated, and what was compiled is what was translated."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from frame_app.ui.language import FOLDER
from frame_app.ui.translate_build import collect, compile_to

FILES = sorted(FOLDER.glob("*.ts"))


def texts(path: Path) -> dict[tuple[str, str], str]:
    """Context and English text of each message, with its translation if that is finished."""
    found = {}
    for context in ET.parse(path).getroot():  # noqa: S314 - our own file
        for message in context.findall("message"):
            translation = message.find("translation")
            assert translation is not None
            is_finished = translation.get("type") is None
            key = (context.findtext("name", ""), message.findtext("source", ""))
            found[key] = (translation.text or "") if is_finished else ""
    return found


def test_there_is_german() -> None:
    assert "de" in [path.stem for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_is_translated_and_none_is_left_over(path: Path, tmp_path: Path) -> None:
    fresh = tmp_path / path.name
    shutil.copy(path, fresh)
    collect(fresh)
    now = texts(fresh)
    assert len(now) > 200
    assert set(now) == set(texts(path)), "run: make translations"
    assert [source for source, text in now.items() if not text] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_placeholders_are_the_same(path: Path) -> None:
    for (_, source), text in texts(path).items():
        assert {mark for mark in ("%1", "%2", "%3") if mark in source} == {
            mark for mark in ("%1", "%2", "%3") if mark in text
        }, source


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_compiled_file_is_up_to_date(path: Path, tmp_path: Path) -> None:
    compile_to(path, tmp_path / "fresh.qm")
    fresh = (tmp_path / "fresh.qm").read_bytes()
    assert fresh == path.with_suffix(".qm").read_bytes(), "run: make translations"
