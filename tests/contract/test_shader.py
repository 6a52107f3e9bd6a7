"""The baked shaders are those of the sources, and what they take are properties of one QML file."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from frame_app.ui.shader_build import SHADERS, bake, sources

QML = SHADERS.parent / "qml"
SOURCES = sources()
UNIFORMS, SAMPLERS = SHADERS / "scene.vert", SHADERS / "scene.frag"


def test_there_is_one_scene() -> None:
    assert SOURCES == [SAMPLERS, UNIFORMS]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_baked_file_matches_its_source(source: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.qsb"
    bake(source, fresh)
    assert _described(fresh) == _described(source.with_name(source.name + ".qsb")), (
        "run: make shaders"
    )


def test_uniforms_and_samplers_are_the_properties_of_one_qml_file() -> None:
    names = {name for _, name in re.findall(r"^ *(\w+) (\w+);", _block(), re.MULTILINE)}
    samplers = set(re.findall(r"sampler2D (\w+);", SAMPLERS.read_text(encoding="utf-8")))
    users = [path for path in QML.glob("*.qml") if ".qsb" in path.read_text(encoding="utf-8")]
    assert len(users) == 1
    properties = dict(
        reversed(pair)
        for pair in re.findall(r"^ *property (\w+) (\w+)", users[0].read_text(), re.MULTILINE)
    )
    qt_own = {"qt_Matrix", "qt_Opacity"}
    assert names > qt_own
    assert set(properties) == (names - qt_own) | samplers
    assert {properties[name] for name in samplers} == {"Item"}


def test_every_uniform_is_explained() -> None:
    for line in _block().splitlines()[1:]:
        assert not line.strip() or "//" in line, line


def test_what_one_shader_hands_over_the_other_takes() -> None:
    given, taken = (
        set(
            re.findall(
                rf"^layout\(location = (\d+)\) (flat )?{way} (vec4 \w+);", text, re.MULTILINE
            )
        )
        for way, text in (
            ("out", UNIFORMS.read_text(encoding="utf-8")),
            ("in", SAMPLERS.read_text(encoding="utf-8")),
        )
    )
    assert len(given) == 13
    assert given == taken


def _block() -> str:
    text = UNIFORMS.read_text(encoding="utf-8")
    return text[text.index("uniform buf {") : text.index("};")]


def _described(baked: Path) -> str:
    """What a baked file holds, without the version of the tool that made it."""
    program = shutil.which("pyside6-qsb", path=str(Path(sys.executable).parent))
    assert program, "pyside6-qsb is part of the development packages"
    dump = subprocess.run([program, "-d", baked], capture_output=True, text=True, check=True).stdout
    lines = [line for line in dump.splitlines() if "ersion" not in line and str(baked) not in line]
    return re.sub(r"\b[0-9a-f]{40,}\b", "", "\n".join(lines))
