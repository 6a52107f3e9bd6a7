"""What a run promises, tried with small fakes: caching, isolation, and what survives a fault."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from frame_app.base.errors import (
    EngineError,
    LibraryVersionError,
    PictureError,
    StorageError,
    UsageError,
)
from frame_app.cliplib import reader, writer
from prerender.core.pool import WorkerPool
from prerender.core.report import Status
from prerender.media.files import check_file
from tests.fakes.engines import FakeEngines
from tests.fakes.runs import make_photo, make_pipeline, run, tree

STILLS = ["intake", "restore", "colourise", "upscale", "rebuild", "matte", "depth", "plate"]
IDLE = {"colourise", "rebuild"}  # off by default
ALL = [*STILLS, "idle", "gaze", "smile"]  # the longest clips first


def only_manifest(root: Path):
    with reader.open_library(root / "library") as library:
        (entry,) = library.entries
        return library.manifest(entry)


def test_a_photo_becomes_a_portrait_that_verifies(tmp_path) -> None:
    photo = make_photo(tmp_path / "aunt-mary.png")
    entries, watcher = run(make_pipeline(tmp_path), photo)
    (entry,) = entries
    assert entry.status is Status.MADE
    assert watcher.made == ALL
    assert list(reader.verify(tmp_path / "library")) == []
    manifest = only_manifest(tmp_path)
    assert (manifest.id, manifest.title) == ("aunt-mary", "Aunt Mary")
    assert (manifest.canvas.width, manifest.canvas.height) == (192, 256)
    assert [clip.name for clip in manifest.clips] == ["idle", "smile"]
    assert manifest.gaze is not None
    assert manifest.gaze.frames == 27
    assert manifest.clips[0].loop
    assert manifest.clips[0].exits
    assert {use.stage for use in manifest.engines} == {*STILLS, "animate", "judge"} - IDLE
    assert not manifest.provenance.ai_generated
    assert manifest.provenance.digital_source_type.endswith("algorithmicallyEnhanced")
    assert any("fake plate" in text for note in manifest.notes for text in note.warnings)


def test_a_second_run_makes_nothing_and_touches_no_file(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path), photo)
    before = {path: path.stat() for path in tmp_path.rglob("*")}
    entries, watcher = run(make_pipeline(tmp_path), photo)
    assert [entry.status for entry in entries] == [Status.UNCHANGED]
    assert watcher.todo == []
    after = {path: path.stat() for path in tmp_path.rglob("*")}
    assert before.keys() == after.keys()
    assert all(before[path].st_mtime_ns == after[path].st_mtime_ns for path in before)


def test_an_engine_that_fails_on_a_picture_is_replaced_by_the_next_best_aloud(
    tmp_path, caplog
) -> None:
    photos = [make_photo(tmp_path / f"{name}.png", seed) for seed, name in enumerate("ab")]
    entries, watcher = run(make_pipeline(tmp_path, FakeEngines(keen="matte")), *photos)
    assert {entry.status for entry in entries} == {Status.MADE}
    assert sorted(entry.photo for entry in entries) == photos
    assert "matte engine keen: its answer has values that are no numbers" in caplog.text
    assert watcher.made.count("restore") == 2  # what was done before is not done again
    with reader.open_library(tmp_path / "library") as library:
        for entry in library.entries:
            (use,) = [use for use in library.manifest(entry).engines if use.stage == "matte"]
            assert use.engine == "fake"
            assert use.instead_of == "keen its answer has values that are no numbers"


def test_an_engine_that_fails_and_was_named_stops_its_picture(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    engines = FakeEngines(keen="matte")
    (entry,), _ = run(make_pipeline(tmp_path, engines, changes=["matte.engine=keen"]), photo)
    assert entry.status is Status.FAILED
    assert isinstance(entry.error, EngineError)
    assert entry.error.exit_code == 3
    assert "matte engine keen" in str(entry.error)


def test_engines_that_fail_in_real_worker_processes_are_replaced_too(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    engines = FakeEngines(keen="matte")
    pipeline = make_pipeline(tmp_path, engines, make_executor=lambda: WorkerPool(1))
    (entry,), _ = run(pipeline, photo)
    assert entry.status is Status.MADE


def test_mouth_shapes_come_as_a_sheet_of_their_own(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path, changes=["visemes=true", "gaze=false"]), photo)
    manifest = only_manifest(tmp_path)
    assert manifest.visemes is not None
    assert manifest.visemes.visemes == ("sil", "aa")
    assert [clip.name for clip in manifest.clips] == ["idle", "smile"]
    assert list(reader.verify(tmp_path / "library")) == []


@pytest.mark.parametrize(
    ("change", "made"),
    [
        ("clips=idle,smile,nod", ["nod"]),
        ("encode.crf=20", ["idle", "smile"]),
        ("animate.fps=25", ["idle", "gaze", "smile"]),
        ("matte.engine=fake", []),
        ("depth.gamma=1.5", ["depth", "plate", "idle", "gaze", "smile"]),
        ("intake.face=1", ALL),
    ],
)
def test_a_change_redoes_what_depends_on_it_and_nothing_else(tmp_path, change, made) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path), photo)
    _, watcher = run(make_pipeline(tmp_path, changes=[change]), photo)
    if change == "encode.crf=20":  # the sheet has a quality of its own, but one set of parameters
        assert set(made) <= set(watcher.made) <= {"idle", "smile", "gaze"}
    else:
        assert watcher.made == made


def test_a_new_engine_version_redoes_its_stage(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path), photo)
    engines = FakeEngines(versions=(("depth", 2),))
    _, watcher = run(make_pipeline(tmp_path, engines), photo)
    assert watcher.made == ["depth", "plate", "idle", "gaze", "smile"]


def test_same_inputs_are_the_same_bytes_whoever_did_the_work(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path / "one"), photo)
    run(make_pipeline(tmp_path / "two", make_executor=lambda: WorkerPool(2)), photo)
    assert tree(tmp_path / "one" / "library") == tree(tmp_path / "two" / "library")


def test_a_photo_that_fails_stops_no_other(tmp_path) -> None:
    good = make_photo(tmp_path / "good.png")
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    empty = tmp_path / "empty.jpg"
    empty.touch()
    entries, _ = run(make_pipeline(tmp_path), bad, empty, good, tmp_path / "missing.png")
    found = {entry.photo.name: entry.status for entry in entries}
    assert found == {
        "bad.jpg": Status.FAILED,
        "empty.jpg": Status.FAILED,
        "good.png": Status.MADE,
        "missing.png": Status.FAILED,
    }
    for entry in entries:
        if entry.error is not None:
            assert isinstance(entry.error, PictureError)
            assert str(entry.photo) in str(entry.error)


@pytest.mark.parametrize("kind", ["bug", "error"])
def test_a_fault_in_one_clip_fails_its_portrait_with_a_sentence(tmp_path, kind) -> None:
    fault = tmp_path / "fault"
    fault.write_text(f"{kind} smile")
    photo = make_photo(tmp_path / "a.png")
    (entry,), _ = run(make_pipeline(tmp_path, FakeEngines(fault=fault)), photo)
    assert entry.status is Status.FAILED
    assert entry.error is not None
    words = {"bug": "this is a bug", "error": "the fake head fell off"}
    assert words[kind] in str(entry.error)
    fault.unlink()
    (entry,), watcher = run(make_pipeline(tmp_path, FakeEngines(fault=fault)), photo)
    assert entry.status is Status.MADE
    assert "intake" not in watcher.made  # what was made before the fault is kept


def test_a_worker_that_dies_is_replaced_and_the_run_goes_on(tmp_path) -> None:
    fault = tmp_path / "fault"
    fault.write_text("die smile")
    photo = make_photo(tmp_path / "a.png")
    pipeline = make_pipeline(
        tmp_path, FakeEngines(fault=fault), make_executor=lambda: WorkerPool(2)
    )
    (entry,), _ = run(pipeline, photo)
    assert entry.status is Status.MADE
    assert list(reader.verify(tmp_path / "library")) == []


def test_a_slow_clip_that_is_killed_goes_on_from_its_last_piece_to_the_same_bytes(
    tmp_path,
) -> None:
    """At 30 frames a second frame 40 is in the third piece of 16."""
    engines = {name: FakeEngines(seconds=2.0, weighty="animate") for name in ("whole", "killed")}
    fault = tmp_path / "fault"
    fault.write_text("always-die nod 40")
    engines["killed"] = replace(engines["killed"], fault=fault)
    changes = ["clips=nod", "gaze=true"]
    roots = {name: tmp_path / name for name in engines}
    for name, root in roots.items():
        root.mkdir()
        photo = make_photo(root / "a.png")
        pipeline = make_pipeline(
            root, engines[name], make_executor=lambda: WorkerPool(1), changes=changes
        )
        said = [str(entry.error) for entry in run(pipeline, photo)[0]]
        assert ("died twice" in said[0]) == (name == "killed")
    pieces = sorted(path for path in roots["killed"].rglob("segments/*/*") if path.is_file())
    nod = [path for path in pieces if len(list(path.parent.iterdir())) == 2]
    assert [path.name[-5:] for path in nod] == ["00000", "00001"]
    fault.write_text("bug nod 20")  # a frame of the second piece: who makes it again, fails
    (entry,), _ = run(
        make_pipeline(roots["killed"], engines["killed"], changes=changes),
        roots["killed"] / "a.png",
    )
    assert entry.status is Status.MADE
    assert not list(roots["killed"].rglob("segments/*/*"))  # the clip is there
    videos = [sorted(root.rglob("library/**/*.mp4")) for root in roots.values()]
    assert len(videos[0]) == 2
    for one, other in zip(*videos, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_node_that_always_kills_its_worker_fails_alone(tmp_path) -> None:
    fault = tmp_path / "fault"
    fault.write_text("always-die nod")
    photos = [make_photo(tmp_path / "a.png"), make_photo(tmp_path / "b.png", 2)]
    pipeline = make_pipeline(
        tmp_path,
        FakeEngines(fault=fault),
        make_executor=lambda: WorkerPool(2),
        changes=["clips=nod,idle", "gaze=false"],
    )
    entries, _ = run(pipeline, *photos)
    assert [entry.status for entry in entries] == [Status.FAILED, Status.FAILED]
    assert all("died twice" in str(entry.error) for entry in entries)


def test_the_deadline_keeps_what_is_made_and_the_next_run_goes_on(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    looks = iter(range(1000))
    pipeline = make_pipeline(tmp_path, is_over=lambda: next(looks) > 3)
    (entry,), watcher = run(pipeline, photo)
    assert entry.status is Status.STOPPED
    assert entry.error is None
    assert 0 < len(watcher.made) < len(ALL)
    (entry,), rest = run(make_pipeline(tmp_path), photo)
    assert entry.status is Status.MADE
    assert watcher.made + rest.made == ALL


@pytest.mark.parametrize("how", ["cut", "flip", "gone", "seal"])
def test_a_damaged_artifact_is_found_and_made_again(tmp_path, how) -> None:
    photo = make_photo(tmp_path / "a.png")
    pipeline = make_pipeline(tmp_path)
    run(pipeline, photo)
    wanted = tree(tmp_path / "library")
    (plate,) = (tmp_path / "store").glob("*/*/plate.png")
    data = plate.read_bytes()
    if how == "cut":
        plate.write_bytes(data[:-10])
    elif how == "flip":
        plate.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])
    elif how == "gone":
        plate.unlink()
    else:
        (plate.parent / "artifact.json").write_text("{")
    (tmp_path / "library" / "portraits").rename(tmp_path / "lost")  # so that the artifact is needed
    _, watcher = run(make_pipeline(tmp_path), photo)
    assert watcher.made == ["plate"]
    assert (
        tree(tmp_path / "library").items()
        >= {name: data for name, data in wanted.items() if name.startswith("portraits/")}.items()
    )


def test_a_damaged_library_file_is_replaced(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path), photo)
    (video,) = (tmp_path / "library").glob("portraits/*/clips/smile.mp4")
    video.write_bytes(b"short")
    (entry,), watcher = run(make_pipeline(tmp_path), photo)
    assert (entry.status, watcher.made) == (Status.MADE, [])
    assert list(reader.verify(tmp_path / "library")) == []


def test_another_photo_of_the_same_name_gets_a_number(tmp_path) -> None:
    first = make_photo(tmp_path / "x" / "IMG 1.png", 1)
    second = make_photo(tmp_path / "y" / "IMG 1.png", 2)
    entries, _ = run(make_pipeline(tmp_path), first, second)
    assert sorted(entry.id for entry in entries) == ["img-1", "img-1-2"]
    entries, _ = run(make_pipeline(tmp_path), second, first)
    assert {entry.status for entry in entries} == {Status.UNCHANGED}


def test_title_and_consent_of_the_owner_stay(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path, title="Grandma in Rome"), photo)
    manifest = only_manifest(tmp_path)
    root = tmp_path / "library"
    with reader.open_library(root) as library:
        folder = library.folder(library.entries[0])
    staged = writer.make_staging(root)
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "portrait.json":
            (staged / path.relative_to(folder)).parent.mkdir(exist_ok=True)
            os.link(path, staged / path.relative_to(folder))
    consent = manifest.consent.model_copy(update={"may_speak": True, "note": "asked in 2024"})
    writer.publish(root, staged, manifest.model_copy(update={"consent": consent}))
    run(make_pipeline(tmp_path, changes=["clips=idle"]), photo)
    manifest = only_manifest(tmp_path)
    assert manifest.title == "Grandma in Rome"
    assert manifest.consent == consent


def test_a_full_disk_ends_the_run_and_loses_nothing(tmp_path, monkeypatch) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path), photo)
    before = tree(tmp_path / "library")
    other = make_photo(tmp_path / "b.png", 2)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from pathlib import Path; from tests.fakes.runs import make_pipeline, Watcher;"
        f"p = make_pipeline(Path({str(tmp_path)!r}));"
        f"list(p.run([Path({str(other)!r})], Watcher()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "StorageError" in done.stderr
    assert tree(tmp_path / "library") == before
    (entry,), _ = run(make_pipeline(tmp_path), other)
    assert entry.status is Status.MADE


def test_a_library_of_a_newer_release_is_left_alone(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    run(make_pipeline(tmp_path), photo)
    index = tmp_path / "library" / "library.json"
    index.write_text(index.read_text().replace('"schema": 1', '"schema": 99'))
    before = tree(tmp_path)
    with pytest.raises(LibraryVersionError, match="99"):
        run(make_pipeline(tmp_path), photo)
    assert tree(tmp_path) == before


def test_an_unknown_clip_or_engine_is_wrong_use(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    (entry,), _ = run(make_pipeline(tmp_path, changes=["clips=idle,fly"]), photo)
    assert isinstance(entry.error, UsageError)
    assert "idle, smile, nod" in str(entry.error)
    with pytest.raises(UsageError, match="no engine"):
        run(make_pipeline(tmp_path, changes=["depth.engine=psychic"]), photo)


def test_a_photo_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch) -> None:
    photo = make_photo(tmp_path / "a.png")
    pipeline = make_pipeline(tmp_path)
    plans = pipeline.preview(photo)
    changed = replace(plans.plan, photo_sha256="0" * 64)
    assert changed.photo_sha256 != plans.plan.photo_sha256

    def check_then_change(path: Path) -> None:
        check_file(path)
        make_photo(path, seed=int.from_bytes(os.urandom(3), "big"))

    monkeypatch.setattr("prerender.media.photo.check_file", check_then_change)
    (entry,), _ = run(pipeline, photo)
    assert entry.status is Status.MADE  # hashed before it changed, read after: the store knows
    (entry,), _ = run(make_pipeline(tmp_path), photo)
    assert entry.status is Status.MADE


def test_frames_are_never_hoarded(tmp_path) -> None:
    """A clip ten times as long needs no more memory; see also tests/bench."""
    code = (
        "import resource, sys; from pathlib import Path;"
        "from tests.fakes.runs import make_pipeline, make_photo, run;"
        "from tests.fakes.engines import FakeEngines;"
        "root = Path(sys.argv[1]);"
        "p = make_pipeline(root, FakeEngines(seconds=float(sys.argv[2])), changes=['gaze=false']);"
        "run(p, make_photo(root / 'a.png'));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for seconds in (2, 20):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / str(seconds)), str(seconds)],
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout.split()[-1]))
    assert peaks[1] < peaks[0] * 1.10


def test_storage_errors_name_the_place(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    (tmp_path / "store").write_text("a file where the store should be")
    with pytest.raises(StorageError, match="store"):
        run(make_pipeline(tmp_path), photo)


def test_a_picture_without_a_face_is_refused_unless_a_still_life_is_wanted(tmp_path) -> None:
    photo = make_photo(tmp_path / "dog.png")
    nobody = FakeEngines(faces_found=0)
    ((entry,), _) = run(make_pipeline(tmp_path, nobody), photo)
    assert entry.status is Status.FAILED
    assert "--still-life" in str(entry.error)
    pipeline = make_pipeline(tmp_path, nobody, changes=["intake.still_life=true"])
    ((entry,), _) = run(pipeline, photo)
    assert entry.status is Status.MADE, entry.error
    with reader.open_library(tmp_path / "library") as library:
        manifest = library.manifest(library.entries[0])
    assert [clip.name for clip in manifest.clips] == ["idle"]
    assert manifest.gaze is None
    assert manifest.eyes is None
    ((entry,), _) = run(pipeline, photo)
    assert entry.status is Status.UNCHANGED


def test_a_group_is_one_portrait_with_everybody_in_it(tmp_path) -> None:
    photo = make_photo(tmp_path / "family.png")
    pipeline = make_pipeline(tmp_path, FakeEngines(faces_found=3), changes=["intake.face=1,3"])
    ((entry,), _) = run(pipeline, photo)
    assert entry.status is Status.MADE, entry.error
    assert "2 of 3 faces come alive together" in entry.warnings
    with reader.open_library(tmp_path / "library") as library:
        (one,) = library.entries
        manifest = library.manifest(one)
    assert manifest.eyes is not None
    middle = (manifest.eyes.left.x + manifest.eyes.right.x) / 2
    assert middle == pytest.approx(manifest.canvas.width / 2, rel=0.02)
