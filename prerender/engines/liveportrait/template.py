"""Recorded motion: what a driving video or a published template says of each frame.

Templates are published as pickles, which may run code when opened. They are read here by a reader
that knows arrays, numbers, lists and dictionaries and refuses everything else, and are kept as
`.npz` from then on.
"""

import io
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from frame_app.base.atomic import write_atomic
from frame_app.base.errors import PortraitError

POINTS = 21
_MOST_BYTES = 256_000_000
_MOST_FRAMES = 20_000
_MOST_FPS = 240.0
_PLAIN_FPS = 25.0  # of templates that do not say
_TURNED = 0.02  # how far R R' may be from the unit matrix
_LARGEST = 100.0  # of any number of a motion; real ones stay below 10

_F32 = npt.NDArray[np.float32]


class TemplateError(PortraitError):
    """A motion template cannot be used."""

    exit_code = 4

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"motion template {path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A recorded motion of N frames."""

    fps: float
    rotation: _F32
    """(N, 3, 3) head rotation, for row vectors."""
    expression: _F32
    """(N, 21, 3)"""
    scale: _F32
    """(N,)"""
    place: _F32
    """(N, 3)"""
    points: _F32 | None = None
    """(N, 21, 3) keypoints as they lie in the picture; None in older files."""
    eyes: _F32 | None = None
    """(N, 2) how far the eyes are open, image-left first."""
    lips: _F32 | None = None
    """(N,) how far the lips are."""

    def __len__(self) -> int:
        return len(self.scale)


def read_template(path: Path) -> Template:
    """A template of either kind: a published `.pkl`, or an `.npz` of ours.

    Raises:
        TemplateError: it cannot be read, holds anything but numbers, or is no motion.
    """
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise TemplateError(path, f"is too large: {size:,} bytes, at most {_MOST_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise TemplateError(path, f"cannot be read ({error.strerror})") from error
    parts = _from_npz(path, data) if data.startswith(b"PK") else _from_pickle(path, data)
    return _checked(path, parts)


def save_template(template: Template, path: Path) -> None:
    """Write an `.npz`; the same motion gives the same bytes.

    Raises:
        OSError: the disk is full or read-only.
    """
    values = {field.name: getattr(template, field.name) for field in fields(template)}
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, **{name: np.asarray(value) for name, value in values.items() if value is not None}
    )
    write_atomic(path, buffer.getvalue())


class _NumbersOnly(pickle.Unpickler):
    """Reads pickles of arrays and plain values."""

    _ARRAYS: ClassVar[frozenset[tuple[str, str]]] = frozenset(
        {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            *(
                (f"{core}.multiarray", name)
                for core in ("numpy.core", "numpy._core")
                for name in ("_reconstruct", "scalar")
            ),
        }
    )

    def find_class(self, module_name: str, global_name: str, /) -> Any:  # noqa: ANN401 (of pickle)
        if (module_name, global_name) not in self._ARRAYS:
            msg = f"it wants {module_name}.{global_name}"
            raise pickle.UnpicklingError(msg)
        if module_name == "numpy":
            return getattr(np, global_name)
        return getattr(np.core.multiarray, global_name)


def _from_pickle(path: Path, data: bytes) -> dict[str, Any]:
    try:
        found = _NumbersOnly(io.BytesIO(data)).load()
    except pickle.UnpicklingError as error:
        raise TemplateError(
            path, f"is refused, for it is no plain list of numbers ({error}); nothing of it was run"
        ) from error
    except Exception as error:
        # A damaged stream may fail in any of the reader's opcodes; nothing but numbers was built.
        raise TemplateError(path, f"is damaged ({type(error).__name__})") from error
    if not isinstance(found, dict) or not isinstance(found.get("motion"), list):
        raise TemplateError(path, "holds no list called motion, so it is no motion template")
    return _gathered(path, found)


def _gathered(path: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays of all frames, from a dictionary per frame."""
    frames = found["motion"]
    if (
        not frames
        or len(frames) > _MOST_FRAMES
        or found.get("n_frames", len(frames)) != len(frames)
    ):
        raise TemplateError(path, f"says {found.get('n_frames')} frames and holds {len(frames)}")

    def all_of(*names: str) -> Sequence[Any] | None:
        """One entry per frame, under the newer or the older name; None if any lacks it."""
        for name in names:
            if all(isinstance(frame, dict) and name in frame for frame in frames):
                return [frame[name] for frame in frames]
        return None

    def beside(*names: str) -> Sequence[Any] | None:
        for name in names:
            value = found.get(name)
            if isinstance(value, list) and len(value) == len(frames):
                return value
        return None

    return {
        "fps": found.get("output_fps", _PLAIN_FPS),
        "rotation": all_of("R", "R_d"),
        "expression": all_of("exp"),
        "scale": all_of("scale"),
        "place": all_of("t"),
        "points": all_of("x_s"),
        "eyes": beside("c_eyes_lst", "c_d_eyes_lst"),
        "lips": beside("c_lip_lst", "c_d_lip_lst"),
    }


def _from_npz(path: Path, data: bytes) -> dict[str, Any]:
    names = {field.name for field in fields(Template)}
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if name in names}
    except Exception as error:
        # The zip reader raises half a dozen kinds, and so does the one of arrays.
        raise TemplateError(path, f"is damaged ({type(error).__name__})") from error


_SHAPES: Mapping[str, tuple[int, ...]] = {
    "rotation": (3, 3),
    "expression": (POINTS, 3),
    "scale": (),
    "place": (3,),
    "points": (POINTS, 3),
    "eyes": (2,),
    "lips": (),
}
_NEEDED = ("rotation", "expression", "scale", "place")


def _checked(path: Path, parts: Mapping[str, Any]) -> Template:
    """The arrays with their shapes and ranges made sure of."""
    fps = _number(path, parts.get("fps", _PLAIN_FPS))
    if not 1.0 <= fps <= _MOST_FPS:
        raise TemplateError(path, f"has {fps:g} frames per second, must be 1 to {_MOST_FPS:g}")
    arrays: dict[str, _F32 | None] = {}
    counts: set[int] = set()
    for name, shape in _SHAPES.items():
        if parts.get(name) is None:
            if name in _NEEDED:
                raise TemplateError(path, f"says nothing of {name}")
            arrays[name] = None
            continue
        array = _shaped(path, name, parts[name], shape)
        arrays[name] = array
        counts.add(len(array))
    if len(counts) != 1 or not 1 <= next(iter(counts)) <= _MOST_FRAMES:
        raise TemplateError(path, f"has numbers for {sorted(counts)} frames")
    turned = arrays["rotation"]
    if turned is not None:
        error = np.abs(turned @ turned.transpose(0, 2, 1) - np.eye(3)).max()
        if error > _TURNED:
            raise TemplateError(path, "holds head rotations that are none")
    return Template(fps=fps, **arrays)  # type: ignore[arg-type]  # _NEEDED are all there


def _shaped(path: Path, name: str, value: Any, shape: tuple[int, ...]) -> _F32:  # noqa: ANN401
    try:
        array = np.asarray([np.asarray(item, np.float32).reshape(shape) for item in value])
    except (TypeError, ValueError) as error:
        wanted = " x ".join(map(str, shape)) or "one number"
        raise TemplateError(path, f"{name} of a frame is not {wanted}") from error
    if not np.isfinite(array).all() or float(np.abs(array).max(initial=0.0)) > _LARGEST:
        raise TemplateError(path, f"{name} holds values that no face has")
    return array.astype(np.float32)


def _number(path: Path, value: Any) -> float:  # noqa: ANN401
    try:
        return float(np.asarray(value, np.float64).reshape(()))
    except (TypeError, ValueError) as error:
        raise TemplateError(path, "has no number for its frames per second") from error
