"""Next, previous and pause from the desktop, by MPRIS 2 on the session bus.

Media keys, phones and home automation speak it (https://specifications.freedesktop.org/mpris-spec).
Without a session bus nothing happens. Lives on the UI thread; Qt dispatches the calls there.
"""

import logging
from typing import Any

from PySide6.QtCore import ClassInfo, Property, QObject, Slot
from PySide6.QtDBus import QDBusAbstractAdaptor, QDBusConnection, QDBusMessage, QDBusObjectPath

from frame_app.ui.controller import FrameController
from frame_app.ui.player import Player

log = logging.getLogger(__name__)

_NAME = "org.mpris.MediaPlayer2.portrait_frame"
_PATH = "/org/mpris/MediaPlayer2"
_PLAYER = "org.mpris.MediaPlayer2.Player"
_TRACKS = "/org/portrait_frame/portrait/"


# PySide6 types ClassInfo as a property and Property without the names of Qt's own types.
@ClassInfo({"D-Bus Interface": "org.mpris.MediaPlayer2"})  # type: ignore[call-arg]
class _Root(QDBusAbstractAdaptor):  # type: ignore[operator]
    """What kind of player this is."""

    CanQuit = Property(bool, lambda _self: False, constant=True)
    CanRaise = Property(bool, lambda _self: False, constant=True)
    HasTrackList = Property(bool, lambda _self: False, constant=True)
    Identity = Property(str, lambda _self: "Portrait frame", constant=True)
    SupportedUriSchemes = Property("QStringList", lambda _self: [], constant=True)  # type: ignore[arg-type]
    SupportedMimeTypes = Property("QStringList", lambda _self: [], constant=True)  # type: ignore[arg-type]

    @Slot()
    def Raise(self) -> None:
        """The frame is always in front."""

    @Slot()
    def Quit(self) -> None:
        """A frame on a wall is not ended by a media key."""


@ClassInfo({"D-Bus Interface": _PLAYER})  # type: ignore[call-arg]
class _Transport(QDBusAbstractAdaptor):  # type: ignore[operator]
    """The buttons."""

    def __init__(self, parent: QObject, controller: FrameController, player: Player) -> None:
        super().__init__(parent)
        self._controller = controller
        self._player = player

    def status(self) -> str:
        """As MPRIS says it."""
        return "Paused" if self._controller.is_paused else "Playing"

    def metadata(self) -> dict[str, Any]:
        """The portrait that hangs."""
        portrait = self._player.portrait
        if portrait is None:
            return {}
        track = portrait.manifest.id.replace("-", "_")
        return {
            "mpris:trackid": QDBusObjectPath(_TRACKS + track),
            "xesam:title": portrait.manifest.title,
        }

    PlaybackStatus = Property(str, status)
    Metadata = Property("QVariantMap", metadata)  # type: ignore[arg-type]
    Rate = Property(float, lambda _self: 1.0, constant=True)
    MinimumRate = Property(float, lambda _self: 1.0, constant=True)
    MaximumRate = Property(float, lambda _self: 1.0, constant=True)
    Volume = Property(float, lambda _self: 0.0, constant=True)
    Position = Property("qlonglong", lambda _self: 0, constant=True)  # type: ignore[arg-type]
    CanGoNext = Property(bool, lambda _self: True, constant=True)
    CanGoPrevious = Property(bool, lambda _self: True, constant=True)
    CanPlay = Property(bool, lambda _self: True, constant=True)
    CanPause = Property(bool, lambda _self: True, constant=True)
    CanSeek = Property(bool, lambda _self: False, constant=True)
    CanControl = Property(bool, lambda _self: True, constant=True)

    @Slot()
    def Next(self) -> None:
        """The next portrait."""
        self._controller.turn(1)

    @Slot()
    def Previous(self) -> None:
        """The previous portrait."""
        self._controller.turn(-1)

    @Slot()
    def Pause(self) -> None:
        """Rest on the still."""
        self._controller.pause(on=True)

    @Slot()
    def Stop(self) -> None:
        """A wall has nothing to stop but the play."""
        self._controller.pause(on=True)

    @Slot()
    def Play(self) -> None:
        """Go on."""
        self._controller.pause(on=False)

    @Slot()
    def PlayPause(self) -> None:
        """The one button."""
        self._controller.pause(on=not self._controller.is_paused)


class Mpris(QObject):
    """The frame on the session bus, where there is one."""

    def __init__(self, controller: FrameController, player: Player, parent: QObject) -> None:
        super().__init__(parent)
        self._bus = QDBusConnection.sessionBus()
        self._root = _Root(self)
        self._transport = _Transport(self, controller, player)
        if not self._bus.isConnected():
            log.debug("no session bus: no media keys")
            return
        self._bus.registerObject(_PATH, self, QDBusConnection.RegisterOption.ExportAdaptors)
        if not self._bus.registerService(_NAME):
            log.info("another portrait frame has the media keys of this session")
            return
        controller.play_changed.add(self._tell)

    def close(self) -> None:
        """Leave the bus."""
        self._bus.unregisterService(_NAME)
        self._bus.unregisterObject(_PATH)

    def _tell(self) -> None:
        """Adaptors do not announce changed properties by themselves."""
        signal = QDBusMessage.createSignal(
            _PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged"
        )
        changed = {
            "PlaybackStatus": self._transport.status(),
            "Metadata": self._transport.metadata(),
        }
        signal.setArguments([_PLAYER, changed, []])
        self._bus.send(signal)
