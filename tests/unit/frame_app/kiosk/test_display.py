"""Real programs on PATH that note how they were called, in place of those that switch panels."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from frame_app.kiosk.display import Backlight, Panel, keep_lit, switches

SAYS = {"wlopm": "HDMI-A-1 on", "kscreen-doctor": "Output: 1", "xset": "  DPMS is Enabled"}
SAYS["vcgencmd"] = "display_power=1"
DISPLAY = {
    "wlopm": "WAYLAND_DISPLAY", "kscreen-doctor": "WAYLAND_DISPLAY", "xset": "DISPLAY",
    "vcgencmd": "HOME",
}  # fmt: skip


def wait(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Machine:
    """A folder of programs, and an environment that knows only them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.environment = {"PATH": str(folder)}

    def has(self, name: str, *, says: str | None = None, fails: str = "never") -> None:
        """Install a program; it fails where its arguments contain `fails`."""
        self.environment[DISPLAY[name]] = "here"
        program = self.folder / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> {self.calls}\n'
            f'case "$*" in *{fails}*) echo "no such output" >&2; exit 1;; esac\n'
            f'echo "{SAYS[name] if says is None else says}"\n'
        )
        program.chmod(0o755)

    def switched(self, *wishes: str, by: str = "auto") -> Panel:
        panel = Panel(switches(self.environment)[:-1])
        for wish in wishes[:-1]:
            panel.wish(on=wish == "on", by=by)
            wait(lambda: panel.is_on is (wish == "on"))  # noqa: B023 - waited for here
        panel.wish(on=wishes[-1] == "on", by=by)
        assert panel.close(20.0)
        return panel

    def heard(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("name", "by", "off", "on"),
    [
        ("wlopm", "wlopm", "wlopm --off *", "wlopm --on *"),
        ("kscreen-doctor", "kscreen", "kscreen-doctor --dpms off", "kscreen-doctor --dpms on"),
        ("xset", "xset", "xset dpms force off", "xset dpms force on"),
        ("vcgencmd", "vcgencmd", "vcgencmd display_power 0", "vcgencmd display_power 1"),
    ],
)
def test_each_way_switches_off_and_on(
    machine: Machine, name: str, by: str, off: str, on: str
) -> None:
    machine.has(name)
    panel = machine.switched("off")
    assert (panel.is_on, panel.by, panel.problem) == (False, by, "")
    assert machine.heard()[-1] == off
    machine.switched("off", "on")
    assert machine.heard()[-1] == on


def test_the_compositors_way_goes_before_the_firmwares(machine: Machine) -> None:
    machine.has("vcgencmd")
    machine.has("wlopm")
    assert machine.switched("off").by == "wlopm"
    assert not any(call.startswith("vcgencmd") for call in machine.heard())


def test_a_way_that_fails_is_followed_by_the_next_and_not_tried_again(machine: Machine) -> None:
    machine.has("wlopm", fails="--off")
    machine.has("vcgencmd")
    panel = machine.switched("off", "on", "off")
    assert panel.by == "vcgencmd"
    assert machine.heard().count("wlopm --off *") == 1


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("xset", "Server does not have the DPMS Extension"),
        ("vcgencmd", "display_power=-1"),
        ("wlopm", ""),
    ],
)
def test_a_way_that_says_it_cannot_is_left_alone(machine: Machine, name: str, says: str) -> None:
    machine.has(name, says=says)
    panel = machine.switched("off")
    assert panel.is_on
    assert "stays on, black" in panel.problem
    assert len(machine.heard()) == 1  # it was only asked


def test_without_its_session_a_program_is_not_even_asked(machine: Machine) -> None:
    machine.has("wlopm")
    del machine.environment["WAYLAND_DISPLAY"]
    machine.switched("off")
    assert machine.heard() == []


def test_none_switches_nothing_and_a_named_way_is_the_only_one(machine: Machine) -> None:
    machine.has("wlopm")
    machine.has("vcgencmd")
    machine.switched("off", by="none")
    assert machine.heard() == []
    assert machine.switched("off", by="vcgencmd").by == "vcgencmd"


def test_what_switched_off_switches_on_whatever_the_settings_say_by_then(machine: Machine) -> None:
    machine.has("vcgencmd")
    panel = Panel(switches(machine.environment)[:-1])
    panel.wish(on=False)
    wait(lambda: not panel.is_on)
    panel.wish(on=True, by="none")
    assert panel.close(10.0)
    assert machine.heard()[-1] == "vcgencmd display_power 1"


def test_the_backlight_of_a_built_in_panel_is_blanked_in_sysfs(tmp_path: Path) -> None:
    power = tmp_path / "rpi" / "bl_power"
    power.parent.mkdir()
    assert not Backlight(tmp_path).works()
    power.write_text("0")
    backlight = Backlight(tmp_path)
    assert backlight.works()
    backlight.switch(on=False)
    assert power.read_text() == "4"
    backlight.switch(on=True)
    assert power.read_text() == "0"


def test_an_x_server_is_told_not_to_blank_and_may_refuse_a_part_of_it(machine: Machine) -> None:
    machine.has("xset", fails="noblank")
    keep_lit(machine.environment)
    assert machine.heard() == ["xset s off", "xset s noblank", "xset dpms 0 0 0"]


def test_under_wayland_the_x_server_is_left_alone(machine: Machine) -> None:
    machine.has("xset")
    machine.has("wlopm")
    keep_lit(machine.environment)
    assert machine.heard() == []
