"""What the screen shows, into files: screenshots, and a film of a run.

Screenshots come from Qt and show exactly the window. The film is taken from the X server by
ffmpeg's x11grab in a thread, so that recording draws nothing again and leaves the UI thread alone.
"""

import logging
import os
import threading
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickWindow

from frame_app.base.errors import StorageError, VideoError

log = logging.getLogger(__name__)

_RATE = 30
_TICK = Fraction(1, 90_000)  # s, fine enough for any rate
_ENCODER = {"preset": "ultrafast", "crf": "23"}


class Grabber:
    """Takes screenshots; PNG is written in a thread, since it takes tens of milliseconds."""

    def __init__(self, window: QQuickWindow, folder: Path) -> None:
        self._window = window
        self._folder = folder
        self._threads: list[threading.Thread] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(folder, f"cannot be made ({error.strerror})") from error

    def grab(self, name: str) -> None:
        """Save what the window shows as `name`.png."""
        image = self._window.grabWindow()
        path = self._folder / f"{name}.png"
        thread = threading.Thread(target=_save, args=(image, path), name="grab")
        thread.start()
        self._threads.append(thread)

    def close(self) -> None:
        """Wait until all are written."""
        for thread in self._threads:
            thread.join()


def _save(image: QImage, path: Path) -> None:
    if not image.save(str(path)):
        log.error("%s cannot be written", path)


class Recorder:
    """Films the window as the X server shows it, until `close`."""

    def __init__(self, window: QQuickWindow, path: Path) -> None:
        display = os.environ.get("DISPLAY", "")
        if not display or "x11grab" not in av.formats_available:
            raise VideoError(path, "recording needs an X server, for example xvfb-run")
        self._path = path
        width, height = window.width() // 2 * 2, window.height() // 2 * 2
        self._options = {
            "window_id": hex(window.winId()),
            "video_size": f"{width}x{height}",
            "framerate": str(_RATE),
            "draw_mouse": "0",
        }
        self._display = display
        self._size = (width, height)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="record")
        self._thread.start()

    def close(self) -> None:
        """End the film and wait until it is written."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._film()
        except (FFmpegError, OSError) as error:
            log.error("%s: the film is incomplete (%s)", self._path, error)

    def _film(self) -> None:
        with (
            av.open(self._display, format="x11grab", options=self._options) as screen,
            av.open(str(self._path), "w", options={"movflags": "+faststart"}) as film,
        ):
            track = film.add_stream("libx264", rate=_RATE, options=_ENCODER)
            track.width, track.height = self._size
            track.pix_fmt = "yuv420p"
            track.codec_context.time_base = _TICK
            first: float | None = None
            for picture in screen.decode(video=0):
                if self._stop.is_set():
                    break
                time_s = picture.time or 0.0
                first = time_s if first is None else first
                ready = picture.reformat(format="yuv420p")
                ready.pts = round((time_s - first) / _TICK)
                ready.time_base = _TICK
                film.mux(track.encode(ready))
            film.mux(track.encode(None))
