"""What the pages of the settings panel are made from."""

from dataclasses import dataclass
from pathlib import Path

from frame_app.base.logs import RecentLog
from frame_app.config.arrangement import Arrangement
from frame_app.config.live import LiveSettings
from frame_app.config.lock import PinLock
from frame_app.show.clock import Clock
from frame_app.ui.controller import FrameController
from frame_app.ui.errands import Errands
from frame_app.ui.language import Language
from frame_app.ui.panel_camera import Feed
from frame_app.ui.panel_rules import Rules
from frame_app.ui.player import Player


@dataclass(frozen=True, slots=True)
class PanelParts:
    """The frame as the panel sees it."""

    library: Path
    live: LiveSettings
    arrangement: Arrangement
    lock: PinLock
    language: Language
    clock: Clock
    player: Player
    controller: FrameController
    errands: Errands
    recent: RecentLog
    feed: Feed | None = None
    """None where nothing watches."""
    rules: Rules | None = None
    """None where behaviours cannot be changed."""
