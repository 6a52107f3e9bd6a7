import os
import subprocess
import sys
from pathlib import Path

import pytest

from frame_app.base import optional
from frame_app.base.errors import BrokenInstallError, MissingExtraError
from frame_app.base.optional import opencv_problem, require


def test_an_absent_library_names_the_extra_that_brings_it() -> None:
    with pytest.raises(
        MissingExtraError, match=r"pip install 'portrait-frame\[neural\]'"
    ) as caught:
        require("no_such_library", extra="neural")
    assert caught.value.exit_code == 3


def test_a_library_that_is_there_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert require("json").dumps([1]) == "[1]"


def test_a_library_that_breaks_on_import_is_not_called_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_library.py").write_text("import a_dependency_that_is_gone\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "broken_library", raising=False)
    with pytest.raises(ModuleNotFoundError, match="a_dependency_that_is_gone"):
        require("broken_library")


def test_mediapipe_comes_without_plots_and_sound_and_leaves_them_to_others() -> None:
    code = (
        "import sys; from frame_app.base.optional import require\n"
        "require('mediapipe.python.solutions').face_mesh.FaceMesh\n"
        "require('mediapipe.tasks.python').vision.FaceLandmarker\n"
        "print(sorted({'_sounddevice', 'matplotlib', 'sounddevice'} & set(sys.modules)))\n"
        "import matplotlib.pyplot\n"
        "matplotlib.pyplot.figure"
    )
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "[]\n"


def install(site: Path, name: str, version: str, files: dict[str, bytes]) -> None:
    """What pip does: the files, and a record of them."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for path, data in files.items():
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_bytes(data)
    rows = [f"{path},sha256=0,{len(data)}\n" for path, data in files.items()]
    (info / "RECORD").write_text("".join(rows) + "cv2/__pycache__/a.pyc,,\n")


OURS = {"cv2/__init__.py": b"ours", "cv2/cv2.abi3.so": b"our library"}
THEIRS = {"cv2/__init__.py": b"their", "cv2/cv2.abi3.so": b"their library"}


def test_nothing_lies_over_the_opencv_of_this_installation() -> None:
    """rembg, which the tests hold the matte engines against, would bring another one."""
    assert opencv_problem() == ""


def test_another_opencv_over_ours_is_named_with_what_mends_it(tmp_path: Path) -> None:
    install(tmp_path, "opencv-contrib-python", "4.11.0.86", OURS)
    assert opencv_problem(str(tmp_path)) == ""
    install(tmp_path, "opencv-python-headless", "5.0.0.93", THEIRS)
    assert opencv_problem(str(tmp_path)) == (
        "cv2 is not the one of opencv-contrib-python 4.11.0.86: opencv-python-headless 5.0.0.93 "
        "lies over it; run: pip uninstall -y opencv-python-headless && "
        "pip install --force-reinstall --no-deps opencv-contrib-python==4.11.0.86"
    )


def test_ours_over_another_opencv_is_whole(tmp_path: Path) -> None:
    install(tmp_path, "opencv-python-headless", "5.0.0.93", THEIRS)
    install(tmp_path, "opencv-contrib-python", "4.11.0.86", OURS)
    assert opencv_problem(str(tmp_path)) == ""


def test_another_opencv_that_went_and_took_our_files_along_is_noticed(tmp_path: Path) -> None:
    install(tmp_path, "opencv-contrib-python", "4.11.0.86", OURS)
    (tmp_path / "cv2" / "cv2.abi3.so").unlink()
    assert "run: pip install --force-reinstall" in opencv_problem(str(tmp_path))
    assert opencv_problem(str(tmp_path / "cv2")) == ""  # none is installed there


def test_cv2_as_it_is_installed_here_is_whole() -> None:
    assert opencv_problem() == ""


def test_a_broken_cv2_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optional, "_opencv_problem", lambda: "cv2 is not the one of ours")
    with pytest.raises(BrokenInstallError, match="not the one"):
        require("cv2")
