"""The camera page: mirror, gesture test, calibration; what the perception feed says, for QML."""

from typing import Protocol

from PySide6.QtCore import Property, QCoreApplication, QLocale, QObject, QSize, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickImageProvider

from frame_app.base.hooks import Hook
from frame_app.config.live import LiveSettings
from frame_app.perception.messages import (
    CameraState,
    CameraStatus,
    Gesture,
    MirrorPicture,
    Observation,
)
from frame_app.ui import panel_words as words
from frame_app.ui.player import Player

translate = QCoreApplication.translate

_TEST_DISTANCE_M = 1.0  # where somebody stands to have the distance corrected
_BARS_EVERY_S = 0.1
_LOST_AFTER_S = 1.0


class Feed(Protocol):
    """What the page needs of `perception_feed.PerceptionFeed`."""

    camera: CameraState
    viewers: int
    camera_changed: Hook[[CameraState]]
    viewers_changed: Hook[[int]]
    observed: Hook[[Observation]]
    mirrored: Hook[[MirrorPicture]]

    def mirror(self, *, on: bool) -> None:
        """Ask for mirror pictures, or for no more."""


class MirrorImages(QQuickImageProvider):
    """The last mirror picture, for QML's `image://mirror/NUMBER`."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self.image = QImage(1, 1, QImage.Format.Format_RGB888)

    def requestImage(self, _name: str, size: QSize, _wanted: QSize) -> QImage:
        """See Qt."""
        size.setWidth(self.image.width())
        size.setHeight(self.image.height())
        return self.image


class CameraPage(QObject):
    """Adapter from the feed to QML; without a feed there is no camera.

    Signals:
        statusChanged: how the watching goes, or how many people are there.
        seenChanged: what the last picture said; at most ten times a second.
        mirrorChanged: there is another mirror picture.
    """

    statusChanged = Signal()
    seenChanged = Signal()
    mirrorChanged = Signal()

    def __init__(
        self, feed: Feed | None, live: LiveSettings, player: Player, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.images = MirrorImages()
        self._feed = feed
        self._live = live
        self._player = player
        self._is_open = False
        self._has_mirror = False
        self._number = 0
        self._seen: Observation | None = None
        self._now_s = 0.0
        self._told_s = 0.0
        self._seen_s = 0.0
        self._is_news = False
        if feed is not None:
            feed.camera_changed.add(lambda _: self.statusChanged.emit())
            feed.viewers_changed.add(lambda _: self.statusChanged.emit())
            feed.observed.add(self._observe)
            feed.mirrored.add(self._reflect)

    def open(self, *, opened: bool) -> None:
        """The page is looked at, or no more; only then are mirror pictures asked for."""
        if opened == self._is_open:
            return
        self._is_open = opened
        self._has_mirror = False
        if self._feed is not None:
            self._feed.mirror(on=opened)
        self.mirrorChanged.emit()

    def on_beat(self, now_s: float) -> None:
        """Tell QML what was seen, now and then."""
        self._now_s = now_s
        if self._seen is not None and now_s - self._seen_s > _LOST_AFTER_S:
            self._seen, self._is_news = None, True
        if self._is_open and self._is_news and now_s - self._told_s >= _BARS_EVERY_S:
            self._told_s, self._is_news = now_s, False
            self.seenChanged.emit()

    def _observe(self, observation: Observation) -> None:
        self._seen, self._seen_s, self._is_news = observation, self._now_s, True

    def _reflect(self, picture: MirrorPicture) -> None:
        width, height = picture.width, picture.height
        view = QImage(picture.rgb, width, height, 3 * width, QImage.Format.Format_RGB888)
        self.images.image = view.copy()  # the message's bytes go with the message
        self._number += 1
        self._has_mirror = True
        self.mirrorChanged.emit()

    @property
    def _status(self) -> CameraStatus:
        if not self._live.now.perception.enabled:
            return CameraStatus.OFF
        return CameraStatus.ABSENT if self._feed is None else self._feed.camera.status

    def _read_status_text(self) -> str:
        return {
            CameraStatus.STARTING: translate("camera", "The camera is starting …"),
            CameraStatus.RUNNING: translate("camera", "The camera watches"),
            CameraStatus.LOST: translate("camera", "The camera is gone; trying again"),
            CameraStatus.BLOCKED: translate("camera", "The picture is black or stands still"),
            CameraStatus.ABSENT: translate("camera", "There is no camera"),
            CameraStatus.OFF: translate("camera", "The camera is switched off"),
        }[self._status]

    def _read_hint(self) -> str:
        match self._status:
            case CameraStatus.ABSENT:
                return translate(
                    "camera",
                    "Plug one in; it is found by itself. Until then the pointer is the visitor.",
                )
            case CameraStatus.OFF:
                return translate("camera", "The portrait lives without noticing anybody.")
            case CameraStatus.RUNNING | CameraStatus.BLOCKED:
                return translate("camera", "Pictures stay in memory and are never stored or sent.")
        return ""

    statusText = Property(str, _read_status_text, notify=statusChanged)
    hint = Property(str, _read_hint, notify=statusChanged)
    isWatching = Property(bool, lambda self: self._status.is_watching, notify=statusChanged)
    isMissing = Property(
        bool, lambda self: self._status is CameraStatus.ABSENT, notify=statusChanged
    )

    def _read_dot(self) -> bool:
        return self._status.is_watching and self._live.now.perception.shows_dot

    showsDot = Property(bool, _read_dot, notify=statusChanged)

    def _read_viewers(self) -> str:
        if self._status is CameraStatus.BLOCKED:
            return self._read_status_text()
        count = 0 if self._feed is None else self._feed.viewers
        if count == 0:
            return translate("camera", "Nobody is there")
        if count == 1:
            return translate("camera", "One visitor")
        return translate("camera", "%1 visitors").replace("%1", str(count))

    viewersText = Property(str, _read_viewers, notify=statusChanged)

    def _read_mirror(self) -> str:
        return f"image://mirror/{self._number}" if self._has_mirror else ""

    mirrorSource = Property(str, _read_mirror, notify=mirrorChanged)

    def _read_bars(self) -> list[float]:
        scores = {} if self._seen is None else self._seen.scores
        return [float(scores.get(gesture, 0.0)) for gesture in Gesture]

    bars = Property(list, _read_bars, notify=seenChanged)

    def _read_names(self) -> list[str]:
        return [words.event(gesture.value) for gesture in Gesture]

    barNames = Property(list, _read_names, notify=statusChanged)

    def _read_has_eye(self) -> bool:
        return self._seen is not None and self._seen.eye is not None

    hasEye = Property(bool, _read_has_eye, notify=seenChanged)

    def _read_across(self) -> float:
        width_m, _ = self._player.screen_size_m
        eye = None if self._seen is None else self._seen.eye
        return 0.5 if eye is None else 0.5 + eye.x / width_m

    def _read_down(self) -> float:
        _, height_m = self._player.screen_size_m
        eye = None if self._seen is None else self._seen.eye
        return 0.5 if eye is None else 0.5 - eye.y / height_m

    eyeAcross = Property(float, _read_across, notify=seenChanged)
    eyeDown = Property(float, _read_down, notify=seenChanged)

    def _read_distance(self) -> str:
        eye = None if self._seen is None else self._seen.eye
        if eye is None:
            return translate("camera", "No eyes seen")
        away = QLocale().toString(eye.z, "f", 2)
        return translate("camera", "Eyes %1 m away").replace("%1", away)

    distanceText = Property(str, _read_distance, notify=seenChanged)

    @Slot()
    def correctDistance(self) -> None:
        """Somebody stands exactly one metre before the glass: what was measured is that."""
        eye = None if self._seen is None else self._seen.eye
        if eye is not None and eye.z > 0.0:
            factor = self._live.now.perception.distance_factor * _TEST_DISTANCE_M / eye.z
            self._live.change("perception", "distance_factor", round(min(max(factor, 0.4), 2.5), 3))

    def retranslate(self) -> None:
        """Say everything in another language."""
        self.statusChanged.emit()
        self.seenChanged.emit()
