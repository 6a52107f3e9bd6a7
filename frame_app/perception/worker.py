"""The process that watches: camera, landmarks, scores, messages, heartbeats.

Started by `supervisor` as `python -m frame_app.perception.worker FD`, where FD is its end of a
socket pair. It takes from itself what it does not need: the network, the right to write files,
and its life after its parent's death.
"""

import contextlib
import ctypes
import logging
import os
import resource
import signal
import sys
import time
import types
from multiprocessing.connection import Connection

from frame_app.base.optional import require
from frame_app.base.paths import models_dir
from frame_app.config.model import PerceptionSettings
from frame_app.perception.camera import Camera, CameraError, Picture, open_camera, upright
from frame_app.perception.health import Health
from frame_app.perception.landmarker import Landmarker
from frame_app.perception.messages import (
    Adjust,
    CameraState,
    CameraStatus,
    Capture,
    Command,
    Heartbeat,
    Mirror,
    MirrorPicture,
    Remark,
    Report,
)
from frame_app.perception.watch import Watch

log = logging.getLogger(__name__)

_NICE = 10  # the picture on the wall comes first
_BEAT_S = 0.5
_PATIENCE_S = 3.0
_OPENING_S = 15.0  # some webcams take long to wake up
_LOADING_S = 60.0  # models on a slow card
_RETRY_S = (1.0, 2.0, 4.0, 8.0, 15.0)
_TRIES = 3  # then it is said that there is no camera; the tries go on
_MIRROR_PX, _MIRROR_HZ = 320, 10.0
_PR_SET_PDEATHSIG = 1  # prctl(2)
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # unshare(2)


class Worker:
    """Runs until its parent is gone."""

    def __init__(self, link: Connection, speed: float) -> None:
        self._link = link
        self._speed = speed
        self._settings = PerceptionSettings()
        self._captures = False
        self._mirrors = False
        self._mirrored_s = self._beat_s = self._tried_s = -1e9
        self._failures = 0
        self._camera: Camera | None = None
        self._watch: Watch | None = None
        self._health = Health()
        self._status = CameraState(CameraStatus.STARTING)

    def run(self) -> None:
        """Load the models, then obey, look and report.

        Raises:
            EOFError: the parent let go of the link.
            OSError: the parent is gone.
        """
        self._say(Heartbeat(_LOADING_S))
        self._sight = Landmarker(models_dir())
        log.info("watching with %s", self._sight.models)
        while self._link.poll(0.0):
            self._obey(self._link.recv())
        while True:
            wait_s = self._step()
            self._beat()
            if self._link.poll(min(max(0.0, wait_s), _BEAT_S)):
                self._obey(self._link.recv())

    def _step(self) -> float:
        """Do one thing; returns the seconds until the next."""
        if not self._captures:
            self._close()
            self._tell(CameraStatus.OFF, "The camera is switched off.")
            return _BEAT_S
        if self._camera is None and not self._open():
            return 0.1
        try:
            return self._look()
        except CameraError as error:
            self._close()
            self._failures, self._tried_s = 1, time.monotonic()
            self._tell(CameraStatus.LOST, f"The camera was lost: {error}.")
            return 0.1

    def _open(self) -> bool:
        """Try to open the camera, if it is time."""
        wait_s = _RETRY_S[min(self._failures, len(_RETRY_S)) - 1] if self._failures else 0.0
        if time.monotonic() - self._tried_s < wait_s:
            return False
        self._tried_s = time.monotonic()
        self._say(Heartbeat(_OPENING_S))
        try:
            self._camera = open_camera(self._settings.source, self._speed)
        except CameraError as error:
            self._failures += 1
            if self._failures >= _TRIES:
                self._tell(CameraStatus.ABSENT, f"No camera: {error}.")
            else:
                self._tell(CameraStatus.LOST, f"The camera cannot be opened: {error}.")
            return False
        finally:
            self._say(Heartbeat(_PATIENCE_S))
        self._watch = Watch(self._sight, self._settings)
        self._health = Health()
        return True

    def _look(self) -> float:
        """Look at one picture; returns the seconds until the next."""
        if self._camera is None or self._watch is None:
            return _BEAT_S
        picture = self._camera.read()
        self._failures = 0
        rgb = upright(picture.rgb, self._settings)
        problem = self._health.take(rgb, picture.time_s)
        if problem:
            self._tell(CameraStatus.BLOCKED, problem)
            reports = self._watch.forget()
        else:
            self._tell(CameraStatus.RUNNING, "The camera watches.", picture.time_s)
            reports = self._watch.look(rgb, picture.time_s)
        for report in reports:
            self._say(report)
        self._show_mirror(Picture(rgb, picture.time_s))
        rate_hz = max(self._watch.rate_hz, _MIRROR_HZ if self._mirrors else 0.0)
        return picture.time_s + 1.0 / rate_hz - time.monotonic()

    def _show_mirror(self, picture: Picture) -> None:
        now_s = time.monotonic()
        if not self._mirrors or now_s - self._mirrored_s < 1.0 / _MIRROR_HZ - 0.01:
            return
        self._mirrored_s = now_s
        cv2 = require("cv2")
        height, width = picture.rgb.shape[:2]
        scale = _MIRROR_PX / max(width, height)
        size = (round(width * scale), round(height * scale))
        small = cv2.resize(picture.rgb, size, interpolation=cv2.INTER_AREA)[:, ::-1]
        self._say(MirrorPicture(size[0], size[1], small.tobytes()))

    def _obey(self, command: Command) -> None:
        match command:
            case Capture():
                self._captures = command.on
            case Mirror():
                self._mirrors = command.on
            case Adjust():
                is_other = command.settings.source != self._settings.source
                self._settings = command.settings
                if is_other:
                    self._close()
                    self._failures = 0
                elif self._watch is not None:
                    for report in self._watch.forget():
                        self._say(report)
                    self._watch = Watch(self._sight, self._settings)

    def _close(self) -> None:
        if self._camera is None:
            return
        self._camera.close()
        self._camera = None
        if self._watch is not None:
            for report in self._watch.forget():
                self._say(report)

    def _tell(self, status: CameraStatus, text: str, since_s: float | None = None) -> None:
        if (status, text) != (self._status.status, self._status.text):
            self._status = CameraState(status, text, since_s or time.monotonic())
            self._say(self._status)

    def _beat(self) -> None:
        if time.monotonic() - self._beat_s >= _BEAT_S:
            self._beat_s = time.monotonic()
            self._say(Heartbeat(_PATIENCE_S))

    def _say(self, report: Report) -> None:
        self._link.send(report)


class _LinkHandler(logging.Handler):
    """Sends log lines to the parent: the child may not write files, not even a log."""

    def __init__(self, link: Connection) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(message)s"))  # the player adds time and name
        self._link = link

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        with contextlib.suppress(OSError):
            self._link.send(Remark(record.levelno, self.format(record)))


def renounce(parent: int) -> str:
    """Give up what watching does not need; returns what could not be given up.

    The user namespace that comes with the private network keeps the user and the groups for the
    file system, so that the camera can still be opened.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be asked for
        sys.exit(0)
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no byte into any file
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # nor a picture of what it sees
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return f"the network ({os.strerror(ctypes.get_errno())})"
    return ""


def _do_without_plots() -> None:
    """Let mediapipe's drawing helpers, which nobody calls here, believe that they can plot.

    They import matplotlib, which takes two seconds to look at all fonts and writes what it found
    to a file; here it may not, so it would do so at every start.
    """
    for name in ("matplotlib", "matplotlib.pyplot"):
        sys.modules[name] = types.ModuleType(name)


def main(arguments: list[str]) -> None:
    """Entry of the child: link, parent, speed."""
    link = Connection(int(arguments[0]))
    kept = renounce(int(arguments[1]))
    _do_without_plots()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's; the parent says when to end
    logging.basicConfig(level=logging.INFO, handlers=[_LinkHandler(link)])
    if kept:
        log.warning("the watching process could not give up %s; it does not use it", kept)
    try:
        Worker(link, float(arguments[2])).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent let go: that is how it ends
    except Exception:
        log.exception("the watching process ends")
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
