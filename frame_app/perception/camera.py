"""Where pictures come from: a device, a video file in real time, a folder of pictures.

Everything runs in the child process. Pictures are RGB and small; they live as long as one look.
"""

import contextlib
import queue
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import numpy as np

from frame_app.base.arrays import ImageU8
from frame_app.base.errors import PortraitError
from frame_app.base.optional import require
from frame_app.config.model import PerceptionSettings

_WIDTH, _HEIGHT, _RATE_HZ = 640, 480, 30  # asked of a device; it gives what it can
_LONG_PX = 640  # longer sides are reduced: landmark models see squares of 192 to 256
_FOLDER_HZ = 10.0
_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}
_SILENT_S = 2.5  # a device that gives no picture for so long is gone


class CameraError(PortraitError):
    """A camera cannot be opened, or gives no more pictures."""


class Picture(NamedTuple):
    """What a camera sees."""

    rgb: ImageU8
    time_s: float
    """When it was taken, monotonic."""


class Camera(Protocol):
    """A source of pictures."""

    def read(self) -> Picture:
        """The newest picture; waits for one.

        Raises:
            CameraError: there will be none.
        """

    def close(self) -> None:
        """Let go of the device."""


def find_devices() -> tuple[str, ...]:
    """Video devices of this machine, in order."""
    found = [path for path in Path("/dev").glob("video*") if path.name[5:].isdigit()]
    return tuple(str(path) for path in sorted(found, key=lambda path: int(path.name[5:])))


def open_camera(source: str, speed: float) -> Camera:
    """Open what the settings name.

    Args:
        source: `auto`, a device or its number, `file:VIDEO`, `folder:PICTURES`.
        speed: Of a file or a folder against real time.

    Raises:
        CameraError: it cannot be had.
    """
    kind, _, rest = source.partition(":")
    if kind == "file":
        return FileCamera(Path(rest), speed)
    if kind == "folder":
        return FolderCamera(Path(rest), speed)
    if source != "auto":
        return DeviceCamera(f"/dev/video{source}" if source.isdigit() else source)
    problems = []
    for device in find_devices():
        try:
            return DeviceCamera(device)
        except CameraError as error:  # a metadata node beside the camera gives no pictures
            problems.append(str(error))
    raise CameraError("; ".join(problems) or "no camera is connected")


def upright(rgb: ImageU8, settings: PerceptionSettings) -> ImageU8:
    """The picture as somebody behind the camera would see it, not too large."""
    cv2 = require("cv2")
    height, width = rgb.shape[:2]
    if max(height, width) > _LONG_PX:
        scale = _LONG_PX / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    if settings.is_mirrored:
        rgb = rgb[:, ::-1]
    # A camera turned clockwise sees the world turned the other way.
    return np.ascontiguousarray(np.rot90(rgb, -(settings.turn_deg // 90)))


class FileCamera:
    """A video file that runs in real time and begins again at its end."""

    def __init__(self, path: Path, speed: float) -> None:
        self._cv2 = require("cv2")
        self._path = path
        self._speed = speed
        self._open()

    def read(self) -> Picture:
        """See `Camera.read`; frames that are over by now are passed."""
        if not self._path.exists():
            msg = f"{self._path} is gone"
            raise CameraError(msg)
        due = int((time.monotonic() - self._zero_s) * self._rate_hz)
        if due <= self._number:
            due = self._number + 1
            time.sleep(max(0.0, self._time_of(due) - time.monotonic()))
        while self._number < due:
            if not self._video.grab():
                return self._begin_again()
            self._number += 1
        return self._retrieve()

    def close(self) -> None:
        """See `Camera.close`."""
        self._video.release()

    def _open(self) -> None:
        if not self._path.exists():
            msg = f"{self._path} does not exist"
            raise CameraError(msg)
        if not self._path.is_file():
            # A pipe has no rate and no beginning to go back to, and opening one may never end.
            msg = f"{self._path} is no file; a stream becomes a camera through v4l2loopback"
            raise CameraError(msg)
        self._video: Any = self._cv2.VideoCapture(str(self._path))
        if not self._video.isOpened() or not self._video.grab():
            msg = f"{self._path} is no video that can be read"
            raise CameraError(msg)
        rate_hz = float(self._video.get(self._cv2.CAP_PROP_FPS)) or float(_RATE_HZ)
        self._rate_hz = min(max(rate_hz, 1.0), 240.0) * self._speed
        self._zero_s = time.monotonic()
        self._number = 0

    def _begin_again(self) -> Picture:
        self._video.release()
        self._open()
        return self._retrieve()

    def _time_of(self, number: int) -> float:
        return self._zero_s + number / self._rate_hz

    def _retrieve(self) -> Picture:
        good, bgr = self._video.retrieve()
        if not good:
            msg = f"{self._path} cannot be read on"
            raise CameraError(msg)
        return Picture(_rgb(self._cv2, bgr), self._time_of(self._number))


class FolderCamera:
    """The pictures of a folder, by name, ten a second, over and over."""

    def __init__(self, folder: Path, speed: float) -> None:
        self._cv2 = require("cv2")
        self._folder = folder
        self._rate_hz = _FOLDER_HZ * speed
        self._zero_s = time.monotonic()
        self._number = -1
        self._names()

    def read(self) -> Picture:
        """See `Camera.read`."""
        names = self._names()
        due = max(self._number + 1, int((time.monotonic() - self._zero_s) * self._rate_hz))
        at_s = self._zero_s + due / self._rate_hz
        time.sleep(max(0.0, at_s - time.monotonic()))
        self._number = due
        path = names[due % len(names)]
        bgr = self._cv2.imread(str(path))
        if bgr is None:
            msg = f"{path} cannot be read"
            raise CameraError(msg)
        return Picture(_rgb(self._cv2, bgr), at_s)

    def close(self) -> None:
        """See `Camera.close`."""

    def _names(self) -> list[Path]:
        try:
            names = [path for path in self._folder.iterdir() if path.suffix.lower() in _PICTURES]
        except OSError as error:
            msg = f"{self._folder} cannot be read ({error.strerror})"
            raise CameraError(msg) from error
        if not names:
            msg = f"{self._folder} has no pictures"
            raise CameraError(msg)
        return sorted(names)


class DeviceCamera:
    """A video device. A thread takes every picture from the driver and keeps the newest.

    Without it the driver's queue would hand out pictures of some tenths of a second ago; decoding
    is done only for pictures that are looked at.
    """

    def __init__(self, device: str) -> None:
        self._cv2 = cv2 = require("cv2")
        self._device = device
        self._video = cv2.VideoCapture(device, cv2.CAP_V4L2)
        self._video.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._video.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        self._video.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
        self._video.set(cv2.CAP_PROP_FPS, _RATE_HZ)
        self._video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if not self._video.isOpened() or not self._video.grab():
            self._video.release()
            msg = f"{device} gives no picture; is it used by another program, or not allowed?"
            raise CameraError(msg)
        self._wanted, self._over = threading.Event(), threading.Event()
        self._answers: queue.Queue[Picture | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def read(self) -> Picture:
        """See `Camera.read`; the next picture that the device takes."""
        self._wanted.set()
        picture = None
        with contextlib.suppress(queue.Empty):
            picture = self._answers.get(timeout=_SILENT_S)
        if picture is None:
            msg = f"{self._device} gives no more pictures"
            raise CameraError(msg)
        return picture

    def close(self) -> None:
        """See `Camera.close`."""
        self._over.set()
        self._thread.join(_SILENT_S)
        if not self._thread.is_alive():  # otherwise the driver hangs, and the process will end
            self._video.release()

    def _run(self) -> None:
        while not self._over.is_set() and self._video.grab():
            taken_s = time.monotonic()
            if not self._wanted.is_set():
                continue
            good, bgr = self._video.retrieve()
            if good:
                self._wanted.clear()
                self._answers.put(Picture(_rgb(self._cv2, bgr), taken_s))
        self._answers.put(None)


def _rgb(cv2: ModuleType, bgr: ImageU8) -> ImageU8:
    rgb: ImageU8 = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    return rgb
