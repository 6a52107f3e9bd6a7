import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from frame_app.base.paths import shipped
from frame_app.cliplib import reader
from frame_app.cliplib.schema import (
    Clip,
    FileRef,
    GazeSheet,
    Lids,
    Manifest,
    Viseme,
    VisemeSheet,
    json_schema,
)
from tests.fakes.portraits import stage_portrait

REF = FileRef(file="clips/a.mp4", sha256="a" * 64, size_bytes=1)
GOLDEN = Path(__file__).parents[3] / "data" / "library-schema-1"


@pytest.mark.parametrize(
    "file", ["../x", "/etc/passwd", "a/../b", ".hidden", "a//b", "", "a/", "a\\b", "a\nb"]
)
def test_a_file_outside_the_portrait_cannot_be_named(file: str) -> None:
    with pytest.raises(ValidationError):
        FileRef(file=file, sha256="a" * 64, size_bytes=1)


@pytest.mark.parametrize(
    "change",
    [
        {"exits": (9, 3)},
        {"exits": (90,)},
        {"jumps": ({"source": 1, "target": 90, "cost": 1.0},)},
        {"fps": 0},
        {"family": "dance"},
        {"name": "Upper"},
        {"mood": "Sun Shine"},
        {"colour": 1},
    ],
)
def test_a_clip_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    sound = {"name": "a", "family": "idle", "video": REF.model_dump(), "frames": 90, "fps": 30.0}
    Clip.model_validate(sound)
    with pytest.raises(ValidationError):
        Clip.model_validate({**sound, **change})


def test_frames_of_the_gaze_sheet_count_columns_then_rows_then_lids() -> None:
    sheet = GazeSheet(
        video=REF,
        yaw_deg=(-10, 0, 10),
        pitch_deg=(-5, 5),
        lids=(Lids.OPEN, Lids.CLOSED),
    )
    assert sheet.frames == 12
    assert sheet.frame_index(0, 0, Lids.OPEN) == 0
    assert sheet.frame_index(2, 0, Lids.OPEN) == 2
    assert sheet.frame_index(0, 1, Lids.OPEN) == 3
    assert sheet.frame_index(1, 1, Lids.CLOSED) == 10


def test_frames_of_the_viseme_sheet_count_strengths_then_shapes() -> None:
    sheet = VisemeSheet(video=REF, visemes=("sil", "PP", "aa"), strengths=(0.5, 1.0))
    assert sheet.frames == 6
    assert sheet.frame_index(Viseme.SIL, 0) == 0
    assert sheet.frame_index(Viseme.PP, 1) == 3
    assert sheet.frame_index(Viseme.AA, 0) == 4
    with pytest.raises(ValueError, match="tuple"):
        sheet.frame_index(Viseme.U, 0)


@pytest.mark.parametrize(
    ("visemes", "strengths"),
    [(("sil", "sil"), (1.0,)), (("aa",), (1.0, 0.5)), (("aa",), (1.2,)), (("AH",), (1.0,))],
)
def test_a_viseme_sheet_that_cannot_be_is_refused(visemes, strengths) -> None:
    with pytest.raises(ValidationError):
        VisemeSheet(video=REF, visemes=visemes, strengths=strengths)


def test_the_sheets_belong_to_the_files_of_a_portrait() -> None:
    index = json.loads((GOLDEN / "library.json").read_text())
    folder = GOLDEN / "portraits" / index["portraits"][0]["folder"]
    manifest = Manifest.model_validate_json((folder / "portrait.json").read_bytes())
    sheet = VisemeSheet(video=REF, visemes=("sil",), strengths=(1.0,))
    assert REF in manifest.model_copy(update={"visemes": sheet}).files()


@pytest.mark.parametrize(
    ("yaw", "lids"),
    [
        ((0, 0), ("open",)),
        ((5, -5), ("open",)),
        ((0, 1), ("closed", "open")),
        ((0,), ("open",) * 2),
    ],
)
def test_a_gaze_sheet_out_of_order_is_refused(
    yaw: tuple[float, ...], lids: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError):
        GazeSheet.model_validate(
            {"video": REF.model_dump(), "yaw_deg": yaw, "pitch_deg": (0,), "lids": lids}
        )


def test_an_actor_box_over_the_canvas_is_refused(tmp_path: Path) -> None:
    _, manifest = stage_portrait(tmp_path, "ada")
    record = manifest.model_dump(by_alias=True)
    record["actor_box"]["x"] = 48
    with pytest.raises(ValidationError, match="reaches over the canvas"):
        Manifest.model_validate(record)


def test_a_manifest_survives_its_own_json(tmp_path: Path) -> None:
    _, manifest = stage_portrait(tmp_path, "ada")
    text = manifest.model_dump_json(by_alias=True)
    assert json.loads(text)["schema"] == 1
    assert Manifest.model_validate_json(text) == manifest


def test_the_shipped_json_schema_is_up_to_date() -> None:
    assert shipped("config", "library.schema.json").read_text() == json_schema()


def test_the_golden_library_of_schema_1_opens_whole() -> None:
    with reader.open_library(GOLDEN) as library:
        assert [entry.id for entry in library.entries] == ["golden"]
        manifest, problems = library.playable(library.entries[0])
        assert problems == ()
        assert {clip.family.value for clip in manifest.clips} >= {"idle", "smile"}
        assert manifest.gaze is not None
    assert list(reader.verify(GOLDEN)) == []
