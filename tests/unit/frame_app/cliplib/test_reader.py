import json
from pathlib import Path

import pytest

from frame_app.base.errors import LibraryError, LibraryVersionError
from frame_app.cliplib import layout, reader, writer
from frame_app.cliplib.schema import IndexEntry
from tests.fakes.portraits import publish_portrait


def raise_schema(path: Path) -> None:
    record = json.loads(path.read_text())
    record["schema"] = 2
    path.write_text(json.dumps(record))


def test_what_was_published_is_read_in_order(tmp_path: Path) -> None:
    for name in ("ada", "grace", "emmy"):
        publish_portrait(tmp_path, name)
    with reader.open_library(tmp_path) as library:
        assert [entry.id for entry in library.entries] == ["ada", "grace", "emmy"]
        assert library.generation == 3
        assert library.problems == ()
        manifest = library.manifest(library.entries[1])
        assert manifest.title == "Grace"
        assert manifest.gaze is not None
        assert manifest.gaze.frames == 27


def test_a_missing_library_names_its_folder_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        LibraryError, match=r"nowhere: does not exist; make one with: prerender run"
    ):
        reader.open_library(tmp_path / "nowhere")
    with pytest.raises(LibraryError, match=r"has no library\.json; run: prerender run PHOTO"):
        reader.open_library(tmp_path)


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b'{"schema": true}', b"\xff\xfe\0"])
def test_a_torn_index_falls_back_to_the_last_good_generation(tmp_path: Path, torn: bytes) -> None:
    publish_portrait(tmp_path, "ada")
    publish_portrait(tmp_path, "grace")
    layout.index_path(tmp_path).write_bytes(torn)
    with reader.open_library(tmp_path) as library:
        assert [entry.id for entry in library.entries] == ["ada", "grace"]
        assert [problem.file for problem in library.problems] == ["library.json"]


def test_a_torn_index_and_a_torn_copy_fall_back_further(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    publish_portrait(tmp_path, "grace")
    layout.index_path(tmp_path).write_bytes(b"{")
    layout.generation_path(tmp_path, 2).write_bytes(b"{")
    with reader.open_library(tmp_path) as library:
        assert [entry.id for entry in library.entries] == ["ada"]
        assert len(library.problems) == 2


def test_a_newer_schema_is_refused_but_the_last_good_generation_can_be_had(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    publish_portrait(tmp_path, "grace")
    raise_schema(layout.index_path(tmp_path))
    raise_schema(layout.generation_path(tmp_path, 2))
    with pytest.raises(LibraryVersionError, match="schema 2, this release reads up to 1"):
        reader.open_library(tmp_path)
    with reader.open_last_good(tmp_path) as library:
        assert [entry.id for entry in library.entries] == ["ada"]


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    index = layout.index_path(tmp_path)
    record = json.loads(index.read_text())
    record["colour"] = "red"
    index.write_text(json.dumps(record))
    with pytest.raises(LibraryError, match="colour"):
        reader.read_index(index)


def test_an_altered_manifest_is_refused(tmp_path: Path) -> None:
    entry = publish_portrait(tmp_path, "ada")
    with reader.open_library(tmp_path) as library:
        path = library.folder(entry) / layout.MANIFEST
        path.write_text(path.read_text().replace("Ada", "Eve"))
        with pytest.raises(LibraryError, match="not the file that was published"):
            library.manifest(entry)


def test_a_clip_that_is_missing_or_cut_is_left_out_and_the_rest_plays(tmp_path: Path) -> None:
    entry = publish_portrait(tmp_path, "ada")
    with reader.open_library(tmp_path) as library:
        folder = library.folder(entry)
        (folder / "clips/smile.mp4").unlink()
        (folder / "clips/gaze.mp4").write_bytes(b"cut")
        manifest, problems = library.playable(entry)
    assert [clip.name for clip in manifest.clips] == ["idle"]
    assert manifest.gaze is None
    assert {(problem.file.partition("/")[2], problem.text) for problem in problems} == {
        ("clips/smile.mp4", "is missing"),
        ("clips/gaze.mp4", "has 3 bytes instead of 22"),
    }


def test_verify_finds_a_changed_byte_that_keeps_the_length(tmp_path: Path) -> None:
    entry = publish_portrait(tmp_path, "ada")
    plate = layout.portraits_path(tmp_path) / entry.folder / layout.PLATE
    data = bytearray(plate.read_bytes())
    data[0] ^= 1
    plate.write_bytes(data)
    assert [str(problem) for problem in reader.verify(tmp_path)] == [
        f"ada: {entry.folder}/scene/plate.png is not the file that was published"
    ]


def test_verify_of_a_sound_library_finds_nothing(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    assert list(reader.verify(tmp_path)) == []


def test_an_index_of_ten_thousand_is_read_without_touching_a_manifest(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    with reader.open_library(tmp_path) as library:
        first = library.entries[0]
        index = library.index
    entries = tuple(
        IndexEntry(
            id=f"p-{number}",
            folder=f"p-{number}-{number:08x}",
            title=f"Portrait {number}",
            poster=first.poster,
            manifest_sha256=first.manifest_sha256,
        )
        for number in range(10_000)
    )
    many = index.model_copy(update={"portraits": entries})
    layout.index_path(tmp_path).write_text(many.model_dump_json(by_alias=True))
    with reader.open_library(tmp_path) as library:
        assert len(library.entries) == 10_000  # none of whose folders exist
        with pytest.raises(LibraryError, match="cannot be read"):
            library.manifest(library.entries[77])


def test_a_library_without_copies_of_its_index_is_read(tmp_path: Path) -> None:
    publish_portrait(tmp_path, "ada")
    layout.generation_path(tmp_path, 1).unlink()
    with reader.open_library(tmp_path) as library:
        assert [entry.id for entry in library.entries] == ["ada"]
        writer.remove(tmp_path, "ada")
        assert library.manifest(library.entries[0]).id == "ada"
