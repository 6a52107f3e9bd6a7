"""Bakes shaders/* into the .qsb files that travel with the package; run by `make shaders`.

Targets: GLSL ES 3.0 for small boards, GLSL 1.50 for desktops, SPIR-V for Vulkan.
"""

import subprocess
import sys
from pathlib import Path

SHADERS = Path(__file__).resolve().parent / "shaders"
_QSB = Path(sys.executable).with_name("pyside6-qsb")  # of PySide6-Addons, a development package


def bake(source: Path, target: Path) -> None:
    """Compile one shader.

    Raises:
        subprocess.CalledProcessError: it does not compile; the reason stands on stderr.
    """
    command = [str(_QSB), "--glsl", "300 es,150", "-o", str(target)]
    if source.suffix == ".vert":
        command.append("--batchable")  # Qt Quick asks it of every vertex shader
    command.append(str(source))
    subprocess.run(command, check=True)  # noqa: S603 - a fixed command on our own files


def sources() -> list[Path]:
    """All shaders of the package."""
    return sorted(path for path in SHADERS.iterdir() if path.suffix in {".frag", ".vert"})


def main() -> None:
    """Bake every shader of the package."""
    for source in sources():
        bake(source, source.with_name(source.name + ".qsb"))


if __name__ == "__main__":
    main()
