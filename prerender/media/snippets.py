"""Small pictures and films of a portrait as data URIs, for a page that needs no other file."""

import base64
import io
from collections.abc import Collection
from pathlib import Path

import numpy as np
from PIL import Image

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require
from frame_app.cliplib.schema import Clip, GazeSheet, Manifest
from prerender.media.frames import grey_of
from prerender.media.image import load_rgb, load_rgba, over
from prerender.media.video import Codec, Planes, VideoWriter, pick, planes_of

_FILM_PX = 232  # width of a film
_FPS = 10.0
_LONGEST_S = 3.5
_SHEET_FPS = 8.0  # directions a second
_QUALITY = 76


def photo(path: Path, width: int) -> str:
    """A picture, at most `width` pixels wide."""
    with Image.open(path) as image:
        image.draft("RGB", (width, width))
        small = image.convert("RGB")
        if small.width > width:
            size = width, max(1, round(small.height * width / small.width))
            small = small.resize(size, Image.Resampling.LANCZOS)
        held = io.BytesIO()
        small.save(held, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return _uri("image/jpeg", held.getvalue())


class Films:
    """Films of one portrait's clips: the moving part with a little of what is around it."""

    def __init__(self, folder: Path, manifest: Manifest, work: Path) -> None:
        """Load the scene small; `work` is a folder for files on their way."""
        self._folder, self._work = folder, work
        self._cv2 = require("cv2")
        self._scale = min(1.0, _FILM_PX / manifest.actor_box.width)
        box = manifest.actor_box
        self._size = _even(box.width * self._scale), _even(box.height * self._scale)
        plate, still = load_rgb(folder / manifest.scene.plate.file), manifest.scene.subject.file
        colour, alpha = load_rgba(folder / still)
        inside = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
        below = self._small(plate[inside])
        self._plate_planes = planes_of(below)
        self._still = over(self._small(colour[inside]), self._small_alpha(alpha[inside]), below)

    def still(self) -> str:
        """What films show before they play."""
        held = io.BytesIO()
        Image.fromarray(self._still).save(held, "JPEG", quality=_QUALITY, optimize=True)
        return _uri("image/jpeg", held.getvalue())

    def clip(self, clip: Clip) -> str:
        """The first seconds of a clip; raises `VideoError`."""
        step = max(1, round(clip.fps / _FPS))
        wanted = range(0, min(clip.frames, round(_LONGEST_S * clip.fps)), step)
        return self._film(clip.video.file, wanted, clip.fps / step)

    def sheet(self, gaze: GazeSheet) -> str:
        """A look along the middle row and the middle column; raises `VideoError`."""
        wide, high = len(gaze.yaw_deg), len(gaze.pitch_deg)
        row = range((high // 2) * wide, (high // 2 + 1) * wide)
        column = range(wide // 2, wide * high, wide)
        return self._film(gaze.video.file, {*row, *column}, _SHEET_FPS)

    def _film(self, file: str, wanted: Collection[int], fps: float) -> str:
        path = self._work / Path(file).name
        width, height = self._size
        codec = Codec(crf=30.5, preset="superfast", gop=30)
        try:
            with VideoWriter(path, width, height, fps, codec) as writer:
                for picture in pick(self._folder / file, wanted):
                    writer.write_planes(self._shown(picture.planes((width, 2 * height))))
            return _uri("video/mp4", path.read_bytes())
        finally:
            path.unlink(missing_ok=True)

    def _shown(self, frame: Planes) -> Planes:
        """Colour over the plate: above and below of a clip's picture, laid together."""
        height = self._size[1]
        alpha = grey_of(frame[0][height:])
        soft = self._cv2.resize(alpha, None, fx=0.5, fy=0.5, interpolation=self._cv2.INTER_AREA)
        luma, blue, red = (part[: len(part) // 2] for part in frame)
        below = self._plate_planes
        return over(luma, alpha, below[0]), over(blue, soft, below[1]), over(red, soft, below[2])

    def _small(self, pixels: ImageU8) -> ImageU8:
        image = Image.fromarray(np.ascontiguousarray(pixels))
        return np.asarray(image.resize(self._size, Image.Resampling.BOX), np.uint8)

    _small_alpha = _small


def _even(length: float) -> int:
    return max(16, 2 * round(length / 2))


def _uri(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


__all__ = ["Films", "photo"]
