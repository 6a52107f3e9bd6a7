"""The baked shader is that of the source, and its uniforms are properties of one QML file."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from frame_app.ui.shader_build import SHADERS, bake

QML = SHADERS.parent / "qml"
SOURCES = sorted(SHADERS.glob("*.frag"))


def test_there_is_one_shader() -> None:
    assert [source.name for source in SOURCES] == ["scene.frag"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_baked_file_matches_its_source(source: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.qsb"
    bake(source, fresh)
    assert _described(fresh) == _described(source.with_name(source.name + ".qsb")), (
        "run: make shaders"
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_uniforms_are_the_properties_of_one_qml_file(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    block = text[text.index("uniform buf {") : text.index("};")]
    uniforms = dict(re.findall(r"^ *(\w+) (\w+);", block, re.MULTILINE)[::-1])
    names = {name for _, name in re.findall(r"^ *(\w+) (\w+);", block, re.MULTILINE)}
    samplers = set(re.findall(r"sampler2D (\w+);", text))
    users = [path for path in QML.glob("*.qml") if f"{source.name}.qsb" in path.read_text()]
    assert len(users) == 1
    properties = dict(
        reversed(pair)
        for pair in re.findall(r"^ *property (\w+) (\w+)", users[0].read_text(), re.MULTILINE)
    )
    qt_own = {"qt_Matrix", "qt_Opacity"}
    assert uniforms
    assert set(properties) == (names - qt_own) | samplers
    assert {properties[name] for name in samplers} == {"Item"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_uniform_is_explained(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    block = text[text.index("uniform buf {") : text.index("};")]
    for line in block.splitlines()[1:]:
        assert not line.strip() or "//" in line, line


def _described(baked: Path) -> str:
    """What a baked file holds, without the version of the tool that made it."""
    program = shutil.which("pyside6-qsb", path=str(Path(sys.executable).parent))
    assert program, "pyside6-qsb is part of the development packages"
    dump = subprocess.run([program, "-d", baked], capture_output=True, text=True, check=True).stdout
    lines = [line for line in dump.splitlines() if "ersion" not in line and str(baked) not in line]
    return re.sub(r"\b[0-9a-f]{40,}\b", "", "\n".join(lines))
