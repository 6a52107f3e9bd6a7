"""The recipe `premium` in one command, with networks of the real architectures and tiny weights."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from frame_app.base.paths import models_dir, shipped
from frame_app.cliplib import reader
from frame_app.cliplib.schema import EngineUse, Manifest
from prerender.engines.catalogue import known_models
from prerender.engines.weights import missing_package
from tests.fakes.tiny import MAKERS
from tests.fakes.weights import WeightsFolder

ROOT = Path(__file__).resolve().parents[2]
WANTED = {
    "upscale": "realesrgan-x2plus",
    "rebuild": "restoreformer",  # gfpgan is not installed: the next one in the list
    "matte": "birefnet-portrait",
    "depth": "depth-anything-v2-small",
    "plate": "lama",
    "animate": "liveportrait",
    "interpolate": "film",
}
SMALL = (
    "clips=blink", "gaze=false", "upscale.min_side_px=440", "upscale.max_side_px=440",
    "animate.fps=10", "judge.amplitudes=[]",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A user with all weights that the recipe names, and a photo."""
    home = tmp_path_factory.mktemp("premium")
    with pytest.MonkeyPatch.context() as patch:
        weights = WeightsFolder.at(home, patch)
        for name in WANTED.values():
            if absent := missing_package(known_models().get(name)):
                pytest.skip(absent)
            folder = home / "scratch" / name
            folder.mkdir(parents=True)
            MAKERS[name](weights, folder)
        photo = Image.open(shipped("assets", "demo", "astronaut.png")).convert("RGB")
        photo.crop((60, 0, 456, 480)).resize((330, 400)).save(home / "photo.png")
        yield home


def prerender(home: Path, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    places = ["--library", str(home / "library"), "--store", str(home / "store")]
    changes = [word for change in SMALL for word in ("--set", change)]
    line = [sys.executable, "-m", "prerender", command, str(home / "photo.png")]
    done = subprocess.run(
        [*line, "--recipe", "premium", *places, *changes, *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "Traceback" not in done.stderr
    return done


def manifest(home: Path) -> Manifest:
    assert list(reader.verify(home / "library")) == []
    with reader.open_library(home / "library") as library:
        (entry,) = library.entries
        return library.manifest(entry)


def uses(home: Path) -> dict[str, EngineUse]:
    return {use.stage: use for use in manifest(home).engines}


def test_an_old_photo_goes_through_the_best_engine_of_every_step(home: Path) -> None:
    done = prerender(home, "run", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    made = uses(home)
    assert {stage: made[stage].engine for stage in WANTED} == WANTED
    for stage, name in WANTED.items():
        assert made[stage].weights_sha256 is not None
        assert made[stage].licence == known_models().licence_of(name).name
        assert (made[stage].instead_of is None) == (stage != "rebuild")
    assert "gfpgan cannot be had" in str(made["rebuild"].instead_of)
    assert "restoreformer is used instead" in done.stderr
    assert manifest(home).provenance.ai_generated
    # what tiny networks paint passes no gate; the clip was made all the same, at twice the rate
    (facts,) = (home / "store").rglob("clip.json")
    assert json.loads(facts.read_text())["fps"] == 20.0


def test_a_second_run_touches_nothing(home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    done = prerender(home, "run")
    assert done.returncode == 0
    assert "unchanged" in done.stderr
    after = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    assert after == before


def test_each_step_without_its_weights_goes_on_aloud_and_the_rest_is_kept(home: Path) -> None:
    for name in ("animate/liveportrait/motion_extractor.pth", "interpolate/film_net_fp32.pt"):
        os.truncate(models_dir() / name, 100)
    done = prerender(home, "run", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "liveportrait cannot be had (its weights" in done.stderr
    assert "motion_extractor.pth is cut short" in done.stderr
    assert "photo.png: 1 of 9 steps to do" in done.stderr  # an engine's change costs its clips only
    made = uses(home)
    assert made["animate"].engine == "builtin"
    assert "motion_extractor.pth is cut short" in str(made["animate"].instead_of)
    assert "interpolate" not in made  # the built-in animator renders any time itself
    (clip,) = manifest(home).clips
    assert clip.fps == 20.0
    assert not any(use.engine == "liveportrait" for use in made.values())


def test_an_engine_that_was_named_stops_the_run(home: Path) -> None:
    done = prerender(home, "run", "--set", "animate.engine=liveportrait")
    assert done.returncode == 3
    assert "animate engine liveportrait: its weights animate/liveportrait/motion_" in done.stderr
    assert "motion_extractor.pth is cut short" in done.stderr


def test_without_any_weights_the_plan_says_what_goes_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WeightsFolder.at(tmp_path, monkeypatch)  # on the plain install too
    Image.open(shipped("assets", "demo", "astronaut.png")).save(tmp_path / "photo.png")
    done = prerender(tmp_path, "plan", "--json")
    assert done.returncode == 0
    for name in ("realesrgan-x2plus", "gfpgan", "lama", "liveportrait"):
        assert f"{name} cannot be had" in done.stdout
