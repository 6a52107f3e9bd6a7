"""Power of the panel: off in quiet hours, by whatever of this machine can do it.

A switch is looked for when it is first needed, by asking each program whether it could; one that
fails is not asked again. All of it runs in a thread: these programs take up to seconds.
"""

import logging
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

_PATIENCE_S = 10.0  # for one program
_BACKLIGHTS = Path("/sys/class/backlight")
_KEEP_LIT = (
    ("xset", "s", "off"),
    ("xset", "s", "noblank"),
    ("xset", "dpms", "0", "0", "0"),
)
_BLANK, _UNBLANK = "4", "0"  # FB_BLANK_POWERDOWN, FB_BLANK_UNBLANK of linux/fb.h


class PanelSwitch(Protocol):
    """One way to switch the panel."""

    @property
    def name(self) -> str:
        """As in the settings."""

    def works(self) -> bool:
        """Whether this machine has it, as far as can be told without switching."""

    def switch(self, *, on: bool) -> None:
        """Switch.

        Raises:
            OSError: it cannot, or it took too long; the text says why.
        """


@dataclass(frozen=True, slots=True)
class Program:
    """A switch that is a program."""

    name: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    ask: tuple[str, ...]
    """Changes nothing, and succeeds where switching would."""
    agrees: Callable[[str], bool]
    """Whether its answer to `ask` says yes."""
    needs: str = ""
    """Variable of the environment without which it cannot work."""
    environment: Mapping[str, str] | None = None
    """Instead of the process's own."""

    def works(self) -> bool:
        """See `PanelSwitch.works`."""
        known = os.environ if self.environment is None else self.environment
        if self.needs and not known.get(self.needs):
            return False
        if shutil.which(self.ask[0], path=known.get("PATH")) is None:
            return False
        try:
            return self.agrees(self._run(self.ask))
        except OSError as error:
            log.debug("%s does not work here: %s", self.name, error)
            return False

    def switch(self, *, on: bool) -> None:
        """See `PanelSwitch.switch`."""
        self._run(self.on if on else self.off)

    def _run(self, command: Sequence[str]) -> str:
        return _call(command, os.environ if self.environment is None else self.environment)


def _call(command: Sequence[str], known: Mapping[str, str]) -> str:
    """What a program says.

    Raises:
        OSError: it is missing, failed, or took too long; the text says why.
    """
    program = shutil.which(command[0], path=known.get("PATH")) or command[0]
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, no shell
            [program, *command[1:]],
            env=dict(known),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"{command[0]} did not end within {_PATIENCE_S:.0f} s"
        raise OSError(msg) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["without a word"]
        msg = f"{' '.join(command)} failed ({done.returncode}): {said[0]}"
        raise OSError(msg)
    return done.stdout


def keep_lit(environment: Mapping[str, str] | None = None) -> None:
    """Tell an X server that nobody touching it is no reason to blank; takes up to seconds.

    Its screen saver goes off, and power saving has no times of its own any more; it stays enabled,
    since the night switches by it. Wayland compositors for one program blank only if told to.
    """
    known = os.environ if environment is None else environment
    if known.get("WAYLAND_DISPLAY") or not known.get("DISPLAY"):
        return
    for command in _KEEP_LIT:
        try:
            _call(command, known)
        except OSError as error:
            log.info("the screen may blank by itself: %s", error)


class Backlight:
    """The backlight of a built-in panel, in sysfs."""

    name = "backlight"

    def __init__(self, root: Path = _BACKLIGHTS) -> None:
        self._root = root

    def works(self) -> bool:
        """See `PanelSwitch.works`."""
        return any(os.access(path, os.W_OK) for path in self._root.glob("*/bl_power"))

    def switch(self, *, on: bool) -> None:
        """See `PanelSwitch.switch`."""
        for path in sorted(self._root.glob("*/bl_power")):
            path.write_text(_UNBLANK if on else _BLANK, encoding="ascii")


def _has_outputs(answer: str) -> bool:
    return bool(answer.strip())


def _has_dpms(answer: str) -> bool:
    return "DPMS is" in answer


def _has_display_power(answer: str) -> bool:
    """Firmware that leaves displays to the kernel answers -1."""
    return "display_power=" in answer and "=-1" not in answer


def switches(environment: Mapping[str, str] | None = None) -> tuple[PanelSwitch, ...]:
    """All ways, the most particular first: compositors, the X server, firmware, the kernel."""
    return (
        Program(
            "wlopm", ("wlopm", "--on", "*"), ("wlopm", "--off", "*"), ("wlopm",),
            _has_outputs, "WAYLAND_DISPLAY", environment,
        ),
        Program(
            "kscreen", ("kscreen-doctor", "--dpms", "on"), ("kscreen-doctor", "--dpms", "off"),
            ("kscreen-doctor", "--outputs"), _has_outputs, "WAYLAND_DISPLAY", environment,
        ),
        Program(
            "xset", ("xset", "dpms", "force", "on"), ("xset", "dpms", "force", "off"),
            ("xset", "q"), _has_dpms, "DISPLAY", environment,
        ),
        Program(
            "vcgencmd", ("vcgencmd", "display_power", "1"), ("vcgencmd", "display_power", "0"),
            ("vcgencmd", "display_power"), _has_display_power, "", environment,
        ),
        Backlight(),
    )  # fmt: skip


class Panel:
    """Switches the panel in a thread; the newest wish counts.

    `wish` returns at once. What was reached is in `is_on`, and why nothing works in `problem`.
    """

    def __init__(
        self, known: Sequence[PanelSwitch], at_start: Callable[[], object] = lambda: None
    ) -> None:
        """See the class; `at_start` is done first, in the thread."""
        self.is_on = True
        """As far as was heard; True before the first wish."""
        self.problem = ""
        """Why the panel could not be switched; empty once it was."""
        self.by = ""
        """Name of the switch that did it last."""
        self._known = tuple(known)
        self._at_start = at_start
        self._failed: set[str] = set()
        self._wishes: queue.SimpleQueue[tuple[bool, str] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)
        self._thread.start()

    def wish(self, *, on: bool, by: str = "auto") -> None:
        """Have the panel on or off, `by` the named switch, `auto` or `none`."""
        self._wishes.put((on, by))

    def close(self, timeout_s: float) -> bool:
        """Do what was wished last and end; False if that takes longer."""
        self._wishes.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._at_start()
        while (wish := self._wishes.get()) is not None:
            while not self._wishes.empty():
                newer = self._wishes.get()
                if newer is None:
                    self._grant(*wish)
                    return
                wish = newer
            self._grant(*wish)

    def _grant(self, on: bool, by: str) -> None:  # noqa: FBT001 - a wish, taken apart
        if by == "none" and not self.by:
            return
        for switch in self._candidates(by, on=on):
            try:
                switch.switch(on=on)
            except OSError as error:
                log.warning("the panel cannot be switched: %s", error)
                self.problem = str(error)
                self._failed.add(switch.name)
                continue
            if self.is_on is not on or self.by != switch.name:
                log.info("panel %s by %s", "on" if on else "off", switch.name)
            self.is_on, self.by, self.problem = on, switch.name, ""
            return
        if not on and not self.problem:
            self.problem = "nothing here can switch the panel off; it stays on, black"
            log.warning("%s", self.problem)

    def _candidates(self, by: str, *, on: bool) -> Iterator[PanelSwitch]:
        """What to try. What switched off must switch on again, whatever was chosen since."""
        for switch in self._known:
            if on and self.by:
                if switch.name == self.by:
                    yield switch
            elif by in ("auto", switch.name) and switch.name not in self._failed and switch.works():
                yield switch
