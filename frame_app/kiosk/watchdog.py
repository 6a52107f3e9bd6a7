"""Service-manager protocol, and the rule for what counts as alive.

The protocol is sd_notify(3): datagrams of `KEY=value` lines to the socket in NOTIFY_SOCKET.
"""

import logging
import os
import socket
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


class ServiceManager:
    """Tells systemd how the player is; silent where no service manager listens."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading @ stands for the null byte of an abstract socket.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environment)

    def ready(self) -> None:
        """The first frame is on screen."""
        self._send("READY=1")

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={text}")

    def stopping(self) -> None:
        """An orderly stop has begun."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A manager that does not read must not hold up the picture: its queue holds ten datagrams,
        # and a blocking send would wait for ever on the UI thread.
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        try:
            with socket.socket(socket.AF_UNIX, kind) as link:
                link.connect(self._address)
                link.sendall(message.encode())
        except OSError as error:
            log.warning("the service manager cannot be told %s: %s", message, error)


class Pulse:
    """Alive means: the UI thread ticked and a frame was presented since the last report."""

    def __init__(self) -> None:
        self._has_ticked = False
        self._has_presented = False

    def tick(self) -> None:
        """The UI thread ran."""
        self._has_ticked = True

    def present(self) -> None:
        """A frame reached the screen."""
        self._has_presented = True

    def take(self) -> bool:
        """Whether both happened since the last call."""
        is_alive = self._has_ticked and self._has_presented
        self._has_ticked = self._has_presented = False
        return is_alive


class Feeder:
    """Feeds the watchdog three times in its time, as long as the frame is alive."""

    def __init__(
        self,
        manager: ServiceManager,
        ask_for_frame: Callable[[], object],
        is_panel_off: Callable[[], bool],
    ) -> None:
        """See the class.

        Args:
            manager: Who is told.
            ask_for_frame: Called when the meal is due and no frame was presented since the last
                one: a still picture is drawn only when something asks for it.
            is_panel_off: Whether the panel was switched off on purpose. Then nothing can be
                presented, some compositors even block who tries, and ticking is life enough.
        """
        self.pulse = Pulse()
        self.manager = manager
        self._ask_for_frame = ask_for_frame
        self._is_panel_off = is_panel_off
        self._fed_s: float | None = None

    def tick(self, now_s: float) -> None:
        """The UI thread ran; `now_s` is monotonic."""
        self.pulse.tick()
        if self.manager.watchdog_s is None:
            return
        if self._fed_s is not None and now_s - self._fed_s < self.manager.watchdog_s / 3:
            return
        if self._is_panel_off():
            self.pulse.present()
        if self.pulse.take():
            self._fed_s = now_s
            self.manager.alive()
        else:
            self._ask_for_frame()


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    """The time within which the watchdog wants food, or None if there is no watchdog for us."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        return int(environment["WATCHDOG_USEC"]) / 1e6
    except (KeyError, ValueError):
        return None
