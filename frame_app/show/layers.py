"""The still layers of a scene, read from disk and made ready for textures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from frame_app.base.errors import PictureError
from frame_app.cliplib.schema import Manifest

RgbaU8: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 4) sRGB-encoded, premultiplied."""

_DEPTH_SIDE = 1024  # px; depth is smooth, and a small texture stays in the cache of the machine
_FLAT = np.full((2, 2), 32768, np.uint16)


class Span(NamedTuple):
    """Lowest and highest value."""

    low: float
    high: float


class Bounds(NamedTuple):
    """A rectangle in fractions of the canvas."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What a scene is drawn from besides its actors."""

    plate: RgbaU8
    plate_depth: npt.NDArray[np.uint16]
    plate_span: Span
    """Nearness that occurs in the plate, 0..1."""
    subject: RgbaU8
    subject_depth: npt.NDArray[np.uint16]
    subject_span: Span
    subject_bounds: Bounds
    """Where the subject is not transparent; empty where there is none."""

    @property
    def has_subject(self) -> bool:
        """Whether there is anything before the plate."""
        return self.subject_bounds.right > self.subject_bounds.left


def load_layers(folder: Path, manifest: Manifest, scale: float) -> Layers:
    """Read the scene of a portrait, made smaller by `scale`. Tens of milliseconds per layer.

    Raises:
        PictureError: a layer cannot be read.
    """
    scene = manifest.scene
    plate = _read_colour(folder / scene.plate.file, scale)
    subject = _read_colour(folder / scene.subject.file, scale)
    plate_depth = _read_depth(folder / scene.plate_depth.file)
    subject_depth = _read_depth(folder / scene.subject_depth.file)
    seen = subject[..., 3] > 0
    bounds = _bounds(seen)
    return Layers(
        plate,
        plate_depth,
        _span(plate_depth),
        subject,
        subject_depth,
        _span(_within(subject_depth, bounds)),
        bounds,
    )


def load_still(path: Path, scale: float = 1.0) -> Layers:
    """A single picture as a scene without subject: the last fallback.

    Its depth is a gentle slope, nearer at the bottom, so that even a still is a window.

    Raises:
        PictureError: it cannot be read.
    """
    slope = np.linspace(16384, 49152, 64, dtype=np.uint16)[:, np.newaxis].repeat(2, axis=1)
    nothing = np.zeros((2, 2, 4), np.uint8)
    plate = _read_colour(path, scale)
    return Layers(
        plate, slope, _span(slope), nothing, _FLAT, Span(0.5, 0.5), Bounds(0.0, 0.0, 0.0, 0.0)
    )


def _open(path: Path, prepare: Callable[[Image.Image], Image.Image]) -> Image.Image:
    try:
        with Image.open(path) as image:
            return prepare(image)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureError(path, f"cannot be read ({error})") from error


def _read_colour(path: Path, scale: float) -> RgbaU8:
    def prepare(image: Image.Image) -> Image.Image:
        has_alpha = image.mode in {"RGBA", "LA", "PA"}
        # "RGBa" is Pillow's premultiplied form: resizing it keeps hidden colour out of the edge.
        ready = image.convert("RGBA").convert("RGBa") if has_alpha else image.convert("RGB")
        if scale < 1.0:
            size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
            ready = ready.resize(
                size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.LANCZOS
            )
        return ready

    image = _open(path, prepare)
    raw = image.tobytes("raw", "RGBX") if image.mode == "RGB" else image.tobytes()
    pixels = np.frombuffer(raw, np.uint8).reshape(image.height, image.width, 4)
    if image.mode == "RGB":
        pixels = pixels.copy()
        pixels[..., 3] = 255
    return pixels


def _read_depth(path: Path) -> npt.NDArray[np.uint16]:
    image = _open(path, lambda opened: opened.copy())
    depth = np.asarray(image)
    if depth.ndim != 2:
        raise PictureError(path, "is not a grey picture")
    if depth.dtype == np.uint8:
        depth = depth.astype(np.uint16) * 257
    stride = -(-max(depth.shape) // _DEPTH_SIDE)
    if stride > 1:
        rows, columns = (side // stride * stride for side in depth.shape)
        blocks = depth[:rows, :columns].reshape(rows // stride, stride, columns // stride, stride)
        smaller: npt.NDArray[np.uint16] = np.rint(blocks.mean(axis=(1, 3))).astype(np.uint16)
        return smaller
    return np.ascontiguousarray(depth, dtype=np.uint16)


def _span(depth: npt.NDArray[np.uint16]) -> Span:
    return Span(float(depth.min()) / 65535.0, float(depth.max()) / 65535.0)


def _bounds(seen: npt.NDArray[np.bool_]) -> Bounds:
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return Bounds(0.0, 0.0, 0.0, 0.0)
    height, width = seen.shape
    return Bounds(
        columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
    )


def _within(depth: npt.NDArray[np.uint16], bounds: Bounds) -> npt.NDArray[np.uint16]:
    height, width = depth.shape
    part = depth[
        int(bounds.top * height) : max(1, int(bounds.bottom * height)),
        int(bounds.left * width) : max(1, int(bounds.right * width)),
    ]
    return part if part.size else depth
