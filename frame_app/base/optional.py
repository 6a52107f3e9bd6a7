"""The only door for heavy libraries."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import Distribution
from types import ModuleType

from frame_app.base.errors import BrokenInstallError, MissingExtraError

_CV2 = "opencv-contrib-python"
_MEDIAPIPE = "mediapipe"
_OTHERS = ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless")


def require(module: str, *, extra: str = "") -> ModuleType:
    """Import `module` now, not when the program starts.

    Raises:
        MissingExtraError: it is not installed; `extra` names what would bring it.
        BrokenInstallError: it is cv2, and another package lies over it.
    """
    if module == "cv2" and (problem := _opencv_problem()):
        raise BrokenInstallError(problem)
    package = module.partition(".")[0]
    spared = _sparely() if package == _MEDIAPIPE else contextlib.nullcontext()
    try:
        with spared:
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package:
            raise  # installed, but broken: that is another story than "not installed"
        raise MissingExtraError(module, extra) from error


@contextlib.contextmanager
def _sparely() -> Iterator[None]:
    """Let MediaPipe import without what it needs for plots and for sound.

    Its package imports matplotlib for one function that draws landmarks in space, and for sound
    sounddevice, which runs gcc and ld to find a library. Without both it takes 0.14 instead of
    0.64 s of processor time and 31 MB less in every process (measured with 0.10.21).
    """
    pyplot, plots = ModuleType("matplotlib.pyplot"), ModuleType("matplotlib")
    plots.pyplot = pyplot  # type: ignore[attr-defined]  # what stands in for a package has no types
    instead = {"matplotlib": plots, "matplotlib.pyplot": pyplot, "sounddevice": None}
    missing = {name: other for name, other in instead.items() if name not in sys.modules}
    sys.modules.update(missing)  # type: ignore[arg-type]  # None is documented: such an import fails
    try:
        yield
    finally:  # whoever else wants them gets the real ones
        for name in missing:
            sys.modules.pop(name, None)


def opencv_problem(*folders: str) -> str:
    """What is wrong with the files of cv2, with what mends it; empty if they are whole.

    Four packages own the same folder `cv2`. Whichever was installed last lies over the others, and
    one that is removed takes the files of all with it (measured with rembg 2.0.69, which brings
    opencv-python-headless 5 and leaves 4.11's metadata in place). Reads metadata and sizes only.
    """
    ours = _installed(_CV2, folders)
    if ours is None:
        return ""  # a system's own OpenCV, or none, which the import will say
    for file in ours.files or ():
        if file.parts[0] != "cv2" or file.size is None:
            continue
        try:
            is_whole = file.locate().stat().st_size == file.size  # type: ignore[attr-defined]
        except OSError:
            is_whole = False
        if not is_whole:
            break
    else:
        return ""
    found = [found for name in _OTHERS if (found := _installed(name, folders)) is not None]
    others = [other.metadata["Name"] for other in found]
    names = " and ".join(f"{other.metadata['Name']} {other.version}" for other in found)
    because = f" {names} lies over it;" if found else ""
    remove = f"pip uninstall -y {' '.join(others)} && " if others else ""
    return (
        f"cv2 is not the one of {_CV2} {ours.version}:{because} run: {remove}"
        f"pip install --force-reinstall --no-deps {_CV2}=={ours.version}"
    )


@lru_cache(maxsize=1)
def _opencv_problem() -> str:
    return opencv_problem()


def _installed(name: str, folders: tuple[str, ...]) -> Distribution | None:
    if folders:
        return next(iter(Distribution.discover(name=name, path=list(folders))), None)
    return next(iter(Distribution.discover(name=name)), None)
