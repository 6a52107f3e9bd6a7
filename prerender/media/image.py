"""Pictures between stages and in the library: PNG without loss, JPEG for the poster."""

from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from frame_app.base.arrays import DepthF32, DepthU16, ImageU8, MaskF32, MaskU8
from frame_app.base.optional import require
from prerender.media.provenance import XMP_CHUNK

_FAST = 1  # zlib level: the store and the library trade bytes for seconds
_POSTER_QUALITY = 92


def load_rgb(path: Path) -> ImageU8:
    """An 8-bit RGB picture of our own making."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.uint8)


def save_rgb(path: Path, pixels: ImageU8, xmp: bytes = b"") -> None:
    """Write an 8-bit RGB PNG."""
    _save_png(path, Image.fromarray(np.ascontiguousarray(pixels), "RGB"), xmp)


def load_rgba(path: Path) -> tuple[ImageU8, MaskU8]:
    """Colour and alpha, not multiplied."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGBA"), np.uint8)
    return np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3])


def save_rgba(path: Path, colour: ImageU8, alpha: MaskU8, xmp: bytes = b"") -> None:
    """Write colour and straight alpha as one PNG."""
    pixels = np.dstack([colour, alpha])
    _save_png(path, Image.fromarray(np.ascontiguousarray(pixels), "RGBA"), xmp)


def load_grey16(path: Path) -> DepthU16:
    """A 16-bit grey picture of our own making."""
    with Image.open(path) as image:
        return np.asarray(image, np.uint16)


def save_grey16(path: Path, values: DepthU16, xmp: bytes = b"") -> None:
    """Write a 16-bit grey PNG."""
    _save_png(path, Image.fromarray(np.ascontiguousarray(values, np.uint16)), xmp)


def load_unit16(path: Path) -> MaskF32 | DepthF32:
    """A 16-bit grey picture as 0..1."""
    return load_grey16(path).astype(np.float32) / np.float32(65535.0)


def save_unit16(path: Path, values: MaskF32 | DepthF32, xmp: bytes = b"") -> None:
    """Write 0..1 as a 16-bit grey PNG."""
    scaled = np.clip(values, 0.0, 1.0) * np.float32(65535.0) + np.float32(0.5)
    save_grey16(path, scaled.astype(np.uint16), xmp)


def save_poster(path: Path, pixels: ImageU8, xmp: bytes) -> None:
    """Write the still as a JPEG without chroma subsampling."""
    Image.fromarray(np.ascontiguousarray(pixels), "RGB").save(
        path, "JPEG", quality=_POSTER_QUALITY, subsampling=0, optimize=True, xmp=xmp
    )


def over(colour: ImageU8, alpha: MaskU8, below: ImageU8) -> ImageU8:
    """`colour` over `below`, as the player shows it: encoded values, straight alpha.

    Single planes may be given, too.
    """
    cv2 = require("cv2")  # a tenth of the time of numpy's broadcasting
    weight = alpha.astype(np.float32)
    # It divides by the sum of both weights and a hundred-thousandth more, too little to be seen.
    return np.asarray(cv2.blendLinear(colour, below, weight, 255 - weight), np.uint8)


def _save_png(path: Path, image: Image.Image, xmp: bytes) -> None:
    info = PngImagePlugin.PngInfo()
    if xmp:
        info.add_itxt(XMP_CHUNK, xmp.decode())
    image.save(path, "PNG", compress_level=_FAST, pnginfo=info)
