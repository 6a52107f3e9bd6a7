"""Quiet hours on the wall: sleep and wake by the clock, the panel off while nobody sees it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from frame_app.config.live import LiveSettings
from frame_app.show.clock import Clock, WallClock
from frame_app.show.journal import Journal
from frame_app.states.quiet import Intent, NightWatch
from frame_app.states.vocabulary import FrameState
from frame_app.ui.controller import FrameController
from frame_app.ui.player import Player

log = logging.getLogger(__name__)

_TICK_S = 0.5
_DARK_S = 1.0  # black pictures that were presented before the panel goes off


class PanelPower(Protocol):
    """Switches the panel in a thread of its own; see `kiosk.display.Panel`."""

    def wish(self, *, on: bool, by: str = "auto") -> None:
        """Have the panel on or off, `by` the named switch; returns at once."""


@dataclass(frozen=True, slots=True)
class House:
    """What the night needs of the outside world."""

    clock: Clock
    wall: WallClock
    settings: LiveSettings
    journal: Journal
    panel: PanelPower
    keep: Callable[[Path, bytes], object]
    """Writes a file soon, in another thread."""


class Night:
    """Asks the clock twice a second whether the frame wants to sleep; UI thread."""

    def __init__(
        self, controller: FrameController, player: Player, house: House, state_file: Path | None
    ) -> None:
        """See the class.

        Args:
            controller: Is told when to sleep.
            player: Tells when it is dark.
            house: The outside world.
            state_file: Where the intent is kept over restarts. None for a window: there the clock
                sends nobody to sleep, and no panel goes off.
        """
        self._controller = controller
        self._player = player
        self._house = house
        self._watch = NightWatch(Intent() if state_file is None else _read(state_file))
        self._state_file = state_file
        self._ticked_s: float | None = None
        self._dark_since_s: float | None = None
        self._wants_off = False
        player.beat.add(self._on_beat)
        self._tick(house.clock.now_s())  # before anything is shown: the room may be dark

    @property
    def is_panel_off(self) -> bool:
        """The panel is off on purpose: no picture can be presented, and none is missed."""
        return self._wants_off

    def stir(self) -> None:
        """Somebody touched the frame or pressed a key."""
        house = self._house
        self._watch.stir(house.clock.now_s(), house.settings.now.quiet_hours.wake_s)
        if self._controller.state is FrameState.ASLEEP:
            self._tick(house.clock.now_s())

    def send_to_sleep(self) -> None:
        """Somebody wants the frame to sleep now."""
        self._watch.send_to_sleep()
        self._tick(self._house.clock.now_s())

    def toggle(self) -> None:
        """Send the frame to sleep, or wake it."""
        if self._controller.state is FrameState.ASLEEP:
            self.stir()
        else:
            self.send_to_sleep()

    def close(self, *, lit: bool) -> None:
        """The program ends; `lit` leaves the panel on, for whoever sits before it."""
        if lit and self._wants_off:
            self._switch(on=True)

    def _on_beat(self, now_s: float) -> None:
        if self._ticked_s is None or now_s - self._ticked_s >= _TICK_S:
            self._tick(now_s)

    def _tick(self, now_s: float) -> None:
        house, state = self._house, self._controller.state
        self._ticked_s = now_s
        wall = house.wall.now()
        hours = house.settings.now.quiet_hours
        if self._state_file is None:
            hours = hours.model_copy(update={"on": False})
        wants_sleep = self._watch.wants_sleep(hours, wall, now_s)
        if wants_sleep is not (state is FrameState.ASLEEP) and state is not FrameState.SETTINGS:
            self._controller.quiet_hours(begin=wants_sleep)
        is_asleep = self._controller.state is FrameState.ASLEEP
        intent = self._watch.changed_intent(wall, asleep=is_asleep)
        if intent is not None and self._state_file is not None:
            house.keep(self._state_file, intent.to_json())
        self._follow_with_the_panel(now_s)

    def _follow_with_the_panel(self, now_s: float) -> None:
        if not self._player.is_dark:
            self._dark_since_s = None
            if self._wants_off:
                self._switch(on=True)
            return
        if self._dark_since_s is None:
            self._dark_since_s = now_s
        power = self._house.settings.now.quiet_hours.power
        may_switch = self._state_file is not None and power != "none"
        if may_switch and not self._wants_off and now_s - self._dark_since_s >= _DARK_S:
            self._switch(on=False)

    def _switch(self, *, on: bool) -> None:
        self._wants_off = not on
        self._house.journal.write("panel", on=on)
        self._house.panel.wish(on=on, by=self._house.settings.now.quiet_hours.power)


def _read(path: Path) -> Intent:
    """Once, at the start; without a file nothing is intended."""
    try:
        return Intent.from_json(path.read_bytes())
    except OSError:
        return Intent()
