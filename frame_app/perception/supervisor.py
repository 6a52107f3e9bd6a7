"""The parent's side of the watching process: spawns it, hears it, restarts it, gives up politely.

A thread does all of it, so that the UI thread only empties a queue: spawning takes milliseconds,
and a child may die in the middle of a message.
"""

import contextlib
import logging
import os
import queue
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait

from frame_app.config.model import PerceptionSettings
from frame_app.perception.camera import find_devices
from frame_app.perception.messages import (
    Adjust,
    CameraState,
    CameraStatus,
    Capture,
    Command,
    GestureMade,
    Heartbeat,
    Mirror,
    Remark,
    Report,
)

log = logging.getLogger(__name__)

_FIRST_PATIENCE_S = 10.0  # until the first heartbeat: Python itself starts
_BACK_OFF_S = (0.0, 0.5, 1.0, 2.0, 4.0)
_RESTARTS, _WITHIN_S = 5, 60.0
_GIVEN_UP_S = 60.0  # then it is tried again
_LOOK_FOR_DEVICE_S = 3.0
_END_S = 1.0
_TIMEVAL = struct.pack("ll", 2, 0)  # struct timeval: seconds, microseconds
_MOST_WAITING = 600  # reports that nobody polls, about 20 s of them


class Restarts:
    """When a child that died may be started again; pure but for its own memory."""

    def __init__(self) -> None:
        self._deaths: deque[float] = deque(maxlen=_RESTARTS)
        self.has_given_up = False
        """Five deaths within a minute."""

    def died(self, now_s: float) -> float:
        """A child ended by itself or had to be ended; returns the seconds to wait."""
        self._deaths.append(now_s)
        lately = [at for at in self._deaths if now_s - at < _WITHIN_S]
        self.has_given_up = len(lately) >= _RESTARTS
        return _GIVEN_UP_S if self.has_given_up else _BACK_OFF_S[len(lately) - 1]


class _Child:
    """One watching process; used by the supervisor's thread only."""

    def __init__(self, speed: float) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [
                    *(sys.executable, "-B", "-m", "frame_app.perception.worker"),
                    *(str(theirs.fileno()), str(os.getpid()), str(speed)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # C++ chatter; what matters comes as `Remark`
                pass_fds=(theirs.fileno(),),
                env=_environment(),
            )
        # A child that is stopped in the middle of a message must not stop its supervisor.
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEVAL)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _TIMEVAL)
        self.link = Connection(ours.detach())
        self.deadline_s = time.monotonic() + _FIRST_PATIENCE_S

    def end(self) -> None:
        """Kill it and wait for its end; it has nothing to save."""
        self.link.close()
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_S)


class Supervisor:
    """See `messages.Watcher`."""

    def __init__(self, settings: PerceptionSettings, speed: float = 1.0) -> None:
        """Start nothing yet: the first `Capture` does.

        Args:
            settings: Of the child.
            speed: Of a video file against real time.
        """
        self._speed = speed
        self._settings = settings
        self._capture, self._mirror = Capture(on=False), Mirror(on=False)
        self._reports: deque[Report] = deque(maxlen=_MOST_WAITING)
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._woken, self._waker = os.pipe()
        self._child: _Child | None = None
        self._restarts = Restarts()
        self._start_s = 0.0
        self._state = CameraState(CameraStatus.OFF)
        self._thread = threading.Thread(target=self._run, name="perception", daemon=True)
        self._thread.start()

    @property
    def process_id(self) -> int | None:
        """Of the child, if there is one."""
        child = self._child
        return None if child is None else child.process.pid

    def poll(self) -> Sequence[Report]:
        """See `Watcher.poll`."""
        found: list[Report] = []
        while self._reports:
            found.append(self._reports.popleft())
        return found

    def say(self, command: Command) -> None:
        """See `Watcher.say`."""
        self._tell_thread(command)

    def close(self) -> None:
        """See `Watcher.close`; waits for the thread, a second at most."""
        if self._thread.is_alive():
            self._tell_thread(None)
            self._thread.join(2.0 * _END_S)

    def _tell_thread(self, command: Command | None) -> None:
        self._commands.put(command)
        os.write(self._waker, b".")

    def _run(self) -> None:
        try:
            while self._step():
                pass
        finally:
            if self._child is not None:
                self._child.end()

    def _step(self) -> bool:
        """Wait for something to happen and answer it; False at the end."""
        child = self._child
        sources: list[Connection | int] = [self._woken]
        if child is not None:
            sources.append(child.link)
        ready = wait(sources, self._timeout_s())
        if self._woken in ready:
            os.read(self._woken, 64)
            while not self._commands.empty():
                command = self._commands.get()
                if command is None:
                    return False
                self._take(command)
        if child is not None and child is self._child:
            if child.link in ready:
                self._hear(child)
            elif time.monotonic() > child.deadline_s:
                self._bury(child, "it said nothing for too long")
        if self._child is None and self._capture.on and time.monotonic() >= self._start_s:
            self._start()
        return True

    def _timeout_s(self) -> float | None:
        if self._child is not None:
            return max(0.0, self._child.deadline_s - time.monotonic()) + 0.01
        return max(0.0, self._start_s - time.monotonic()) if self._capture.on else None

    def _take(self, command: Command) -> None:
        match command:
            case Adjust():
                if command.settings.source != self._settings.source:
                    self._start_s, self._restarts = 0.0, Restarts()
                self._settings = command.settings
            case Capture():
                self._capture = command
            case Mirror():
                self._mirror = command
        if self._child is not None:
            self._send(self._child, command)
        elif not self._capture.on:
            self._tell(CameraState(CameraStatus.OFF, "The camera is switched off."))

    def _start(self) -> None:
        if self._settings.source == "auto" and not find_devices():
            # A frame without a camera is a frame: no notice, and a look from time to time.
            self._tell(CameraState(CameraStatus.ABSENT))
            self._start_s = time.monotonic() + _LOOK_FOR_DEVICE_S
            return
        self._tell(CameraState(CameraStatus.STARTING, "The camera is being started."))
        try:
            child = _Child(self._speed)
        except OSError as error:
            log.error("the watching process cannot be started: %s", error)
            self._start_s = time.monotonic() + self._restarts.died(time.monotonic())
            return
        self._child = child
        for command in (Adjust(self._settings), self._capture, self._mirror):
            self._send(child, command)

    def _send(self, child: _Child, command: Command) -> None:
        with contextlib.suppress(OSError):  # its end is noticed where it is heard
            child.link.send(command)

    def _hear(self, child: _Child) -> None:
        try:
            report: Report = child.link.recv()
        except (EOFError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(_END_S)  # for its exit code
            self._bury(child, "it ended")
            return
        match report:
            case Heartbeat():
                child.deadline_s = time.monotonic() + report.patience_s
            case Remark():
                log.log(report.level, "%s", report.text)
            case CameraState():
                self._tell(report)
            case _:
                if isinstance(report, GestureMade):
                    log.debug("gesture %s", report.gesture)
                self._reports.append(report)

    def _bury(self, child: _Child, why: str) -> None:
        self._child = None
        child.end()
        if not self._capture.on:
            return
        wait_s = self._restarts.died(time.monotonic())
        self._start_s = time.monotonic() + wait_s
        log.warning(
            "the watching process is restarted in %.1f s: %s (exit code %s)",
            *(wait_s, why, child.process.returncode),
        )
        if self._restarts.has_given_up:
            text = "No camera: watching failed five times. It is tried again in a minute."
            self._tell(CameraState(CameraStatus.ABSENT, text, time.monotonic(), is_given_up=True))
        else:
            text = "The camera was lost and is started again."
            self._tell(CameraState(CameraStatus.LOST, text, time.monotonic()))

    def _tell(self, state: CameraState) -> None:
        if state != self._state:
            if state.status is not self._state.status:
                log.info("camera: %s. %s", state.status, state.text)
            self._state = state
            self._reports.append(state)


def _environment() -> dict[str, str]:
    """What the child needs; libraries that start threads get one."""
    return os.environ | {
        "GLOG_minloglevel": "2",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MPLBACKEND": "Agg",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
