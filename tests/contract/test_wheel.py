"""The wheel carries all that the checkout has: config, assets, shaders, QML and units."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "-w",
            str(folder),
            str(ROOT),
        ],
        check=True,
    )
    (path,) = folder.glob("portrait_frame-*.whl")
    return path


def tracked(*folders: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def test_every_tracked_file_of_the_product_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    code = tracked("frame_app", "prerender")
    data = {f"frame_app/shipped/{name}" for name in tracked("assets", "config", "systemd")}
    assert {name for name in code if name.endswith((".qml", ".frag", ".qsb"))}
    assert code | data <= inside


def test_the_commands_run_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    site = next((tmp_path / "venv/lib").glob("python3*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    # The libraries come from this environment; the project itself only from the wheel.
    here = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "libraries.pth").write_text(f"{here}\n")
    python = tmp_path / "venv/bin/python"
    code = (
        "import frame_app, prerender; from frame_app.base.paths import shipped;"
        "print(frame_app.__file__, shipped('config', 'frame.toml').is_file(),"
        " shipped('assets', 'demo', 'astronaut.png').is_file(),"
        " shipped('config', 'recipes', 'fast.toml').is_file())"
    )
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-c", code], cwd=tmp_path, env=bare, capture_output=True, text=True, check=True
    )
    file, *present = done.stdout.split()
    assert Path(file).is_relative_to(site)
    assert present == ["True"] * 3
    for module in ("prerender", "frame_app"):
        done = subprocess.run(
            [python, "-m", module, "--help"],
            cwd=tmp_path,
            env=bare,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "--library" in done.stdout or "run" in done.stdout
