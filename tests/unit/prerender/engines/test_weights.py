import json
import os
from pathlib import Path

import pytest

from frame_app.base.errors import UsageError, WeightsError
from frame_app.base.hashing import file_sha256
from frame_app.base.paths import models_dir, state_dir
from prerender.engines import weights as module
from tests.fakes.weights import WeightsFolder

# of class A, B and C; face-landmarker needs no package that the plain install lacks
FREE, UNCLEAR = "face-landmarker", "gfpgan"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WeightsFolder:
    monkeypatch.setattr(module, "find_spec", lambda name: object())  # every package is there
    return WeightsFolder.at(tmp_path, monkeypatch)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny"
    path.write_bytes(b"weights" * 100)
    return path


def test_an_engine_gets_verified_files_by_role_and_one_digest(
    folder: WeightsFolder, tiny: Path
) -> None:
    folder.put(FREE, {"weights": tiny})
    assert folder.room.missing(FREE) == ""
    opened = folder.room.open(FREE)
    assert opened.files["weights"].read_bytes() == tiny.read_bytes()
    assert opened.sha256 == file_sha256(tiny)
    assert opened.licence == "Apache License 2.0"
    info = folder.room.info(FREE, 3, generative=True)
    assert (info.id, info.version, info.weights_sha256) == (FREE, 3, opened.sha256)
    assert info.generative


def test_a_model_of_several_files_has_one_digest_of_all(
    folder: WeightsFolder, tiny: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"others")
    folder.put("realesr-general-x4v3", {"weights": tiny, "denoising": other})
    first = folder.room.open("realesr-general-x4v3")
    assert first.digests == {"weights": file_sha256(tiny), "denoising": file_sha256(other)}
    assert first.contract["scale"] == 4
    folder.put("realesr-general-x4v3", {"weights": other, "denoising": tiny})
    assert folder.room.open("realesr-general-x4v3").sha256 != first.sha256


def cut(path: Path) -> None:
    os.truncate(path, 100)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def alter(path: Path) -> None:
    stat = path.stat()
    path.write_bytes(b"W" + path.read_bytes()[1:])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as somebody does who hides it


def remove(path: Path) -> None:
    path.unlink()


def lock(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (cut, "is cut short: 100 bytes, 700 expected"),
        (lengthen, "is too long: 701 bytes, 700 expected"),
        (alter, "is another file: sha256 "),
        (remove, "is not there"),
        (lock, "is not there"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused_by_name(
    folder: WeightsFolder, tiny: Path, fault, sentence: str
) -> None:
    folder.put(FREE, {"weights": tiny})
    assert folder.room.missing(FREE) == ""  # verified once, and remembered
    fault(models_dir() / "face_landmarker.task")
    said = folder.room.missing(FREE)
    assert said.startswith("its weights face_landmarker.task ")
    assert sentence in said
    assert "prerender models fetch face-landmarker" in said
    with pytest.raises(WeightsError, match=sentence) as caught:
        folder.room.open(FREE)
    assert caught.value.exit_code == 3


def test_a_file_is_hashed_once_until_somebody_touches_it(
    folder: WeightsFolder, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []

    def count(path: Path) -> str:
        hashed.append(path)
        return file_sha256(path)

    monkeypatch.setattr(module, "file_sha256", count)
    folder.put(FREE, {"weights": tiny})
    for _ in range(3):
        folder.room.open(FREE)
    assert len(hashed) == 1
    (models_dir() / "face_landmarker.task").touch()
    folder.room.open(FREE)
    assert len(hashed) == 2


def test_what_was_remembered_may_be_lost_or_damaged(folder: WeightsFolder, tiny: Path) -> None:
    folder.put(FREE, {"weights": tiny})
    folder.room.open(FREE)
    for text in ("{", "[]", json.dumps({str(models_dir() / "face_landmarker.task"): 3})):
        (state_dir() / "models" / "verified.json").write_text(text)
        assert folder.room.missing(FREE) == ""


def test_a_state_folder_that_cannot_be_written_stops_no_engine(
    folder: WeightsFolder, tiny: Path
) -> None:
    folder.put(FREE, {"weights": tiny})
    state_dir().mkdir(parents=True, exist_ok=True)
    (state_dir() / "models").write_text("a file where a folder should be")
    assert folder.room.missing(FREE) == ""


def test_a_licence_that_was_not_accepted_says_how(folder: WeightsFolder, tiny: Path) -> None:
    folder.put(UNCLEAR, {"weights": tiny}, accept=False)
    said = folder.room.missing(UNCLEAR)
    assert "Apache License 2.0 with third-party parts, class B" in said
    assert "--accept-licence gfpgan" in said
    with pytest.raises(WeightsError, match="was not accepted"):
        folder.room.open(UNCLEAR)
    folder.room.accept("gfpgan")
    assert folder.room.missing(UNCLEAR) == ""
    assert folder.room.accepted("gfpgan").startswith("20")
    assert folder.room.open(UNCLEAR).contract == {"architecture": "GFPGAN"}


def test_a_yes_holds_for_the_words_that_were_shown(folder: WeightsFolder, tiny: Path) -> None:
    folder.put(UNCLEAR, {"weights": tiny})
    path = state_dir() / "models" / "accepted.json"
    yes = json.loads(path.read_text())
    yes["gfpgan"]["text_sha256"] = "0" * 64
    path.write_text(json.dumps(yes))
    assert folder.room.accepted("gfpgan") == ""
    assert "was not accepted" in folder.room.missing(UNCLEAR)


def test_a_file_without_a_known_digest_needs_the_users_word(
    folder: WeightsFolder, tiny: Path
) -> None:
    file = folder.room.catalogue.get("restoreformer").files[0]
    path = models_dir() / file.file
    path.parent.mkdir(parents=True)
    path.write_bytes(tiny.read_bytes())
    folder.room.accept("restoreformer")
    assert "has no known digest" in folder.room.missing("restoreformer")
    folder.room.confirm(file, file_sha256(tiny))
    assert folder.room.missing("restoreformer") == ""
    assert folder.room.open("restoreformer").sha256 == file_sha256(tiny)
    path.write_bytes(b"another")
    assert "is another file" in folder.room.missing("restoreformer")


def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it(
    folder: WeightsFolder, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put(UNCLEAR, {"weights": tiny})
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "spandrel" else object())
    assert folder.room.missing(UNCLEAR) == (
        "the Python package spandrel is not installed; run: pip install 'portrait-frame[spandrel]'"
    )


def test_an_unknown_model_is_a_mistake(folder: WeightsFolder) -> None:
    with pytest.raises(UsageError, match="there is no model nobody"):
        folder.room.missing("nobody")
