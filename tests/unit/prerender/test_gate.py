"""Clips spoiled on purpose: rendered again more gently, or left out with the reason."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from frame_app.cliplib import reader
from frame_app.cliplib.schema import Manifest
from prerender.core.report import Status
from tests.fakes.engines import FakeEngines
from tests.fakes.runs import make_photo, make_pipeline, run, tree


def manifest_of(root: Path) -> Manifest:
    with reader.open_library(root / "library") as library:
        (entry,) = library.entries
        return library.manifest(entry)


def said(manifest: Manifest) -> str:
    return " ".join(text for note in manifest.notes for text in note.warnings)


@pytest.mark.parametrize("fault", ["trembles", "does not close", "folds"])
@pytest.mark.parametrize(("above", "strength"), [(0.75, "75%"), (0.5, "50%")])
def test_a_clip_that_fails_is_rendered_again_more_gently(tmp_path, fault, above, strength) -> None:
    photo = make_photo(tmp_path / "a.png")
    engines = FakeEngines(spoiled=(("smile", fault, above),))
    (entry,), _ = run(make_pipeline(tmp_path, engines), photo)
    assert entry.status is Status.MADE
    manifest = manifest_of(tmp_path)
    assert [clip.name for clip in manifest.clips] == ["idle", "smile"]
    assert f"clip smile moves at {strength}" in said(manifest)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("trembles", "trembling from frame to frame"),
        ("does not close", "likeness of the last frame to the still"),
        ("folds", "flattest place of the warp"),
    ],
)
def test_a_clip_that_never_passes_is_left_out_with_the_reason(tmp_path, fault, reason) -> None:
    photo = make_photo(tmp_path / "a.png")
    engines = FakeEngines(spoiled=(("smile", fault, 0.0),))
    (entry,), _ = run(make_pipeline(tmp_path, engines), photo)
    assert entry.status is Status.MADE
    manifest = manifest_of(tmp_path)
    assert [clip.name for clip in manifest.clips] == ["idle"]
    assert manifest.gaze is not None
    assert "clip smile is left out" in said(manifest)
    assert reason in said(manifest)
    assert reason in " ".join(entry.warnings)
    assert list(reader.verify(tmp_path / "library")) == []
    before = tree(tmp_path)
    (again,), watcher = run(make_pipeline(tmp_path, engines), photo)
    assert again.status is Status.UNCHANGED
    assert watcher.todo == []
    assert tree(tmp_path) == before


def test_an_expression_that_is_not_there_is_left_out_at_once(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    (entry,), _ = run(make_pipeline(tmp_path, FakeEngines(sees=True)), photo)
    manifest = manifest_of(tmp_path)
    assert [clip.name for clip in manifest.clips] == ["idle"]
    assert "corners of the mouth" in " ".join(entry.warnings)


def test_of_a_group_everybody_is_judged(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    engines = FakeEngines(faces_found=3, sees=True)
    (entry,), _ = run(make_pipeline(tmp_path, engines, changes=["intake.face=1,2,3"]), photo)
    said = " ".join(entry.warnings)
    for person in (2, 3):
        assert f"clip smile, person {person}: corners of the mouth" in said


def test_what_nobody_can_read_is_not_held_against_a_clip_and_is_said(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    (entry,), _ = run(make_pipeline(tmp_path), photo)
    assert [clip.name for clip in manifest_of(tmp_path).clips] == ["idle", "smile"]
    assert any("recognises no face" in text for text in entry.warnings)


def test_the_gaze_sheet_shrinks_to_the_directions_that_pass(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    engines = FakeEngines(spoiled=(("gaze", "folds", 15.0),))
    (entry,), _ = run(make_pipeline(tmp_path, engines), photo)
    gaze = manifest_of(tmp_path).gaze
    assert gaze is not None
    assert gaze.yaw_deg == (-10.0, 0.0, 10.0)
    assert any("the eyes follow from -10 to +10 degrees" in text for text in entry.warnings)


def test_a_portrait_without_a_clip_is_published_as_a_still_and_says_so(tmp_path) -> None:
    photo = make_photo(tmp_path / "a.png")
    spoiled = (("idle", "folds", 0.0), ("smile", "folds", 0.0), ("gaze", "folds", -1.0))
    (entry,), _ = run(make_pipeline(tmp_path, FakeEngines(spoiled=spoiled)), photo)
    assert entry.status is Status.MADE
    manifest = manifest_of(tmp_path)
    assert manifest.clips == ()
    assert manifest.gaze is None
    assert list(reader.verify(tmp_path / "library")) == []
    assert any("hangs as a still" in text for text in entry.warnings)


def test_a_run_killed_between_two_takes_comes_to_the_same_bytes(tmp_path) -> None:
    spoiled = (("smile", "trembles", 0.5), ("idle", "folds", 0.0))
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for root in (whole, broken):
        make_photo(root / "a.png")
    run(make_pipeline(whole, FakeEngines(spoiled=spoiled)), whole / "a.png")
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from prerender.portrait import measure\n"
        "from tests.fakes.engines import FakeEngines\n"
        "from tests.fakes.runs import make_pipeline, run\n"
        "calls = []\n"
        "seen = measure.ClipMeter.tremble_px.fget\n"
        "def kill(self):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 5: os.kill(os.getpid(), 9)\n"
        "    return seen(self)\n"
        "measure.ClipMeter.tremble_px = property(kill)\n"
        f"root = Path({str(broken)!r})\n"
        f"run(make_pipeline(root, FakeEngines(spoiled={spoiled!r})), root / 'a.png')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=os.environ, check=False)
    assert done.returncode == -9
    run(make_pipeline(broken, FakeEngines(spoiled=spoiled)), broken / "a.png")
    assert tree(whole / "library") == tree(broken / "library")
