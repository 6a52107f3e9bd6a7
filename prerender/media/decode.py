"""One picture file to 8-bit sRGB pixels, whatever its format, depth and colour space.

Runs in a child process (see `prerender.media.photo`): picture decoders are the largest surface that
a hostile file can reach. Nothing here imports more than Pillow and numpy.
"""

import io
import struct
import warnings
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from frame_app.base.arrays import ImageU8
from prerender.media.files import READABLE, Limits, RefusedError

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "HEIF", "AVIF", "PPM")
"""Pillow's names of what is read; decided by the file's content, never by its name."""

CALM = (128, 124, 118)
"""sRGB; what shows through a transparent picture. A warm middle grey: neither halo nor glare."""

_MARKS = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"ftypheic": "HEIC",
    b"ftypmif1": "HEIC",
    b"ftypavif": "AVIF",
}
_SLIM = 64  # px; a face needs more than that
_SMALL = 400  # px; long side below which a portrait will look soft on any panel


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What a picture file holds."""

    pixels: ImageU8
    """As displayed, long side at most what was asked for."""
    width: int
    """As displayed, before any reduction."""
    height: int
    format: str
    taken: str | None
    """ISO 8601, from EXIF."""
    warnings: list[str] = field(default_factory=list)


def decode(path: Path, max_side_px: int, limits: Limits) -> Decoded:
    """Read a picture; see `Decoded`.

    Raises:
        RefusedError: not a picture that is read here, damaged, too large or too small.
    """
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # the check below says it better, and applies to every format
    notes: list[str] = []
    try:
        with warnings.catch_warnings(), Image.open(path, formats=FORMATS) as image:
            warnings.simplefilter("ignore")  # remarks on odd metadata; the pixels decide
            return _decode(image, max_side_px, limits, notes)
    except UnidentifiedImageError as error:
        raise RefusedError(_foreign(path, limits)) from error
    except MemoryError as error:
        msg = "needs more memory to decode than is allowed"
        raise RefusedError(msg) from error
    except (RefusedError, KeyboardInterrupt):
        raise
    except Exception as error:  # decoders raise anything on damaged files
        raise RefusedError(_damage(error)) from error


def _decode(image: Image.Image, max_side_px: int, limits: Limits, notes: list[str]) -> Decoded:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise RefusedError(_too_many(width, height, limits))
    if min(width, height) < _SLIM:
        msg = f"is only {width} x {height} pixels; at least {_SLIM} each way are needed"
        raise RefusedError(msg)
    if max(width, height) < _SMALL:
        notes.append(f"a thumbnail of {width} x {height} pixels; the portrait will look soft")
    kind, taken = str(image.format), _taken(image)
    if getattr(image, "n_frames", 1) > 1 and kind not in {"MPO", "HEIF"}:
        notes.append(f"holds {getattr(image, 'n_frames', 0)} pictures; the first one is used")
        image.seek(0)
    image.draft("RGB", (max_side_px, max_side_px))  # JPEG: decode at a fraction, never smaller
    image.load()
    profile = image.info.get("icc_profile")
    shown = ImageOps.exif_transpose(image)
    if (shown.width > shown.height) != (width > height) and width != height:
        width, height = height, width
    shown = _eight_bits(shown, notes)
    if max(shown.size) > max_side_px:  # before the colours, which cost per pixel
        shown = _reduced(shown, max_side_px)
    colours = _to_srgb(shown, profile, notes)
    return Decoded(np.asarray(colours, np.uint8), width, height, kind, taken, notes)


def _reduced(image: Image.Image, side_px: int) -> Image.Image:
    scale = side_px / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.mode in {"1", "P"}:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _eight_bits(image: Image.Image, notes: list[str]) -> Image.Image:
    """Deep grey pictures as 8-bit grey; Pillow's own conversion would clip them at 255."""
    if image.mode not in {"I", "F"} and not image.mode.startswith("I;16"):
        return image
    values = np.asarray(image).astype(np.float64)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode == "F":
        is_stated = low >= 0.0 and high <= 1.0
        floor, ceiling = (0.0, 1.0) if is_stated else (low, high)
    elif low >= 0.0 and high <= 65535.0:
        is_stated = True
        floor, ceiling = 0.0, 65535.0
    else:
        is_stated = False
        floor, ceiling = low, high
    if not is_stated:
        notes.append("holds numbers without a stated range; the darkest became black")
    grey = (values - floor) / max(ceiling - floor, 1e-12) * 255.0 + 0.5
    return Image.fromarray(np.clip(grey, 0.0, 255.0).astype(np.uint8), "L")


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    alpha: Image.Image | None = None
    if image.mode in {"LA", "PA", "La", "RGBA", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    elif image.mode in {"1", "P", "HSV", "YCbCr", "RGBX"}:
        image = image.convert("RGB")
    colours = _managed(image, profile, notes)
    if alpha is not None and alpha.getextrema()[0] != 255:
        notes.append("transparent parts were filled with a calm grey")
        colours = Image.composite(colours, Image.new("RGB", colours.size, CALM), alpha)
    return colours


def _managed(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    """The colours in sRGB, through the embedded profile where there is a usable one."""
    if image.mode == "LAB":
        return _through(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if profile:
        try:
            opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = opened.profile.xcolor_space.strip()
            if image.mode == "L" and space == "RGB":
                image = image.convert("RGB")
            if image.mode == "RGB" and space == "GRAY":
                image = image.convert("L")
            return _through(image, opened)
        except (OSError, ValueError, TypeError, ImageCms.PyCMSError):
            notes.append("its colour profile cannot be used; the colours are taken as they are")
    elif image.mode == "CMYK":
        notes.append("CMYK without a colour profile; the colours are a guess")
    return image.convert("RGB")


def _through(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image,
        source,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if converted is None:  # only with inPlace=True
        msg = "no picture came back"
        raise ImageCms.PyCMSError(msg)
    return converted


def _taken(image: Image.Image) -> str | None:
    try:
        exif = image.getexif()
        tags: dict[int, Any] = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    except Exception:  # noqa: BLE001 (a broken EXIF block raises anything and matters to nobody)
        return None
    for tag in (ExifTags.Base.DateTimeOriginal, ExifTags.Base.DateTime):
        text = str(tags.get(tag, "")).strip("\0 ")
        try:
            # EXIF has no time zone: local time of an unknown place
            return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _too_many(width: int, height: int, limits: Limits) -> str:
    return f"has {width} x {height} pixels, more than the {limits.max_pixels:,} that are read"


def _foreign(path: Path, limits: Limits) -> str:
    """Why no decoder knows a file: a torn head of a known kind is not a foreign file."""
    with path.open("rb") as stream:
        head = stream.read(32)
    if head.startswith(b"\x89PNG") and len(head) >= 24:
        width, height = struct.unpack(">II", head[16:24])
        if width * height > limits.max_pixels:
            return _too_many(width, height, limits)
    for mark, kind in _MARKS.items():
        if head.startswith(mark) or head[4:].startswith(mark):
            return f"begins like a {kind} file, but is damaged; copy it again"
    return f"is not a picture of a kind that is read here ({READABLE})"


def _damage(error: Exception) -> str:
    text = str(error)
    if "truncated" in text.lower() or isinstance(error, EOFError):
        return "is cut off before its end; copy it again from where it came from"
    return f"is damaged and cannot be decoded ({text or type(error).__name__})"
