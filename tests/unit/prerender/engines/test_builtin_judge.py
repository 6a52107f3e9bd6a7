"""The judges look at pictures that everybody has."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from frame_app.base.hashing import file_sha256
from frame_app.base.paths import models_dir, shipped
from prerender.core.readback import expression, look_of
from prerender.engines.base import AUTO, JudgeEngine, Rect
from prerender.engines.builtin_judge import BuiltinJudge, LandmarkerJudge, landmarker_missing
from prerender.engines.registry import EngineRegistry, Task
from prerender.media.image import load_rgb
from tests.fakes.weights import WeightsFolder

FACE = Rect(172, 62, 108, 130)
MODEL = Path("../shared/data/models/face_landmarker.task").resolve()


@pytest.fixture(scope="module", params=["mesh", "landmarker"])
def judge(request):
    if request.param == "landmarker" and not MODEL.is_file():
        pytest.skip(f"no {MODEL}")
    engine = BuiltinJudge() if request.param == "mesh" else LandmarkerJudge(MODEL)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def picture():
    return load_rgb(shipped("assets", "demo", "astronaut.png"))


def test_a_face_is_found_where_it_is(judge: JudgeEngine, picture) -> None:
    reading = judge.read(picture, FACE)
    assert reading is not None
    nose = reading.landmarks[1]
    assert np.hypot(nose[0] - 226, nose[1] - 137) < 12
    look = look_of(reading)
    assert abs(look.yaw_deg) < 12
    assert look.open_left > 0.15
    assert (look.smile is None) == (not reading.shapes)


def test_a_process_that_judges_writes_nothing_of_its_own_to_stderr() -> None:
    code = (
        "from frame_app.base.paths import shipped\n"
        "from prerender.engines.base import Rect\n"
        "from prerender.engines.builtin_judge import BuiltinJudge\n"
        "from prerender.media.image import load_rgb\n"
        "image = load_rgb(shipped('assets', 'demo', 'astronaut.png'))\n"
        "print(BuiltinJudge().read(image, Rect(130, 20, 180, 200)) is not None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert done.stderr == ""


def test_no_face_is_no_reading(judge: JudgeEngine, picture) -> None:
    assert judge.read(np.full_like(picture, 90), FACE) is None


def test_the_same_picture_shows_no_expression_twice(judge: JudgeEngine, picture) -> None:
    readings = [judge.read(picture, FACE) for _ in range(2)]
    looks = [look_of(reading) for reading in readings if reading is not None]
    scores = expression(looks[0], looks[1:])
    assert scores["turn_deg"] == 0
    assert scores["smile_mesh"] == 0
    assert scores["lids_both"] == 0


def test_the_landmarker_is_taken_when_its_weights_are_there_and_whole(
    monkeypatch, tmp_path
) -> None:
    weights = WeightsFolder.at(tmp_path, monkeypatch)
    assert "prerender models fetch face-landmarker" in landmarker_missing()
    registry = EngineRegistry()
    assert registry.resolve(Task.JUDGE, AUTO)[0].id == "builtin"
    tiny = tmp_path / "tiny.task"
    tiny.write_bytes(b"weights")
    weights.put("face-landmarker", {"weights": tiny})
    spec, _ = registry.resolve(Task.JUDGE, AUTO)
    assert spec.id == "landmarker"
    assert spec.info is not None
    assert spec.info().weights_sha256 == file_sha256(tiny)
    (models_dir() / "face_landmarker.task").write_bytes(b"altered")
    assert registry.resolve(Task.JUDGE, AUTO)[0].id == "builtin"
