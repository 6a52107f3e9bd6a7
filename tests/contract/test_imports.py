"""Light imports: starting a command must not load what it does not need."""

import subprocess
import sys

import pytest

HEAVY = {
    "PySide6",
    "av",
    "cv2",
    "jax",
    "mediapipe",
    "numpy",
    "pydantic",
    "rich",
    "scipy",
    "torch",
    "typer",
}


def loaded_by(module: str) -> set[str]:
    code = (
        f"import sys, {module}; print(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split()) & HEAVY


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("frame_app.cliplib.reader", "pydantic"),
        ("frame_app.cliplib.writer", "pydantic"),
        ("prerender.__main__", ""),
        ("prerender.cli.main", "pydantic typer"),
        ("prerender.cli.run", "av numpy pydantic typer"),
        ("frame_app.__main__", ""),
    ],
)
def test_importing_loads_no_more_than_it_must(module: str, allowed: str) -> None:
    assert loaded_by(module) <= set(allowed.split())
