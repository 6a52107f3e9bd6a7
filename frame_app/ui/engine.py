"""The application object, the QML scene, the window."""

import os
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtQuick import (
    QQuickGraphicsConfiguration,
    QQuickItem,
    QQuickView,
    QQuickWindow,
    QSGRendererInterface,
)

from frame_app.base.errors import PortraitError
from frame_app.base.hooks import Hook
from frame_app.ui.qtlog import route_qt_messages

_QML = Path(__file__).resolve().parent / "qml"
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
_SHARE = 0.9  # of the screen, at most, for a window


class FrameWindow(QQuickView):
    """The window with the scene in it."""

    def __init__(self) -> None:
        super().__init__()
        self.key_pressed = Hook[[int, str]]()
        """A `Qt.Key` and its text."""
        self.pointer_moved = Hook[[float, float]]()
        """0..1 from the top left."""
        self.pointer_pressed = Hook[[]]()
        """A button, or a finger on a touch panel."""
        self.pointer_left = Hook[[]]()
        """The pointer is outside."""
        self.resized = Hook[[]]()
        """The window has another size."""
        self.closed = Hook[[]]()
        """Somebody closed it."""
        self.touched = Hook[[]]()
        """A key, a button, a finger or the wheel was used."""
        self.has_panel = False
        """Keys are the settings panel's, not the frame's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of keys; the scene takes them only while the settings panel is open."""
        self.touched.fire()
        if self.has_panel:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.key_pressed.fire(event.key(), event.text())

    def touchEvent(self, event: QTouchEvent) -> None:
        """Tell that somebody is there; a touch that the scene takes makes no mouse event."""
        self.touched.fire()
        super().touchEvent(event)
        if event.type() == QEvent.Type.TouchBegin:
            self.pointer_pressed.fire()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Tell that somebody is there."""
        self.touched.fire()
        super().wheelEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pointer is the viewer until a camera is."""
        super().mouseMoveEvent(event)
        at = event.position()
        self.pointer_moved.fire(at.x() / max(1, self.width()), at.y() / max(1, self.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt makes these of touches too."""
        self.touched.fire()
        super().mousePressEvent(event)
        self.pointer_pressed.fire()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell of another size."""
        super().resizeEvent(event)
        self.resized.fire()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell; the program ends in order, not by losing its window."""
        event.ignore()
        self.closed.fire()


def make_application() -> QGuiApplication:
    """The application object; rendering on the UI thread, see `textures`.

    Raises:
        PortraitError: there is nothing to draw on.
    """
    if not any(os.environ.get(name) for name in _DISPLAYS):
        msg = "there is no display; start it in a graphical session, or under xvfb-run to try it"
        raise PortraitError(msg)  # Qt would abort the process
    os.environ["QSG_RENDER_LOOP"] = "basic"
    route_qt_messages()
    QQuickWindow.setGraphicsApi(QSGRendererInterface.GraphicsApi.OpenGL)
    application = QGuiApplication(["portrait-frame"])
    application.setApplicationDisplayName("Portrait frame")
    application.setQuitOnLastWindowClosed(False)
    return application


def make_window() -> FrameWindow:
    """The window with the scene loaded, not yet shown.

    Raises:
        PortraitError: the scene does not load; Qt's reasons are in the log.
    """
    window = FrameWindow()
    configuration = QQuickGraphicsConfiguration()
    configuration.setDepthBufferFor2D(False)
    window.setGraphicsConfiguration(configuration)
    window.setColor(QColor("black"))
    window.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
    window.setSource(QUrl.fromLocalFile(str(_QML / "Frame.qml")))
    if window.status() != QQuickView.Status.Ready:
        reasons = "; ".join(error.toString() for error in window.errors())
        msg = f"the scene cannot be loaded: {reasons}"
        raise PortraitError(msg)
    return window


def views_of(window: QQuickView) -> tuple[QQuickItem, QQuickItem]:
    """The two portraits of the scene."""
    root = window.rootObject()
    first, second = (root.findChild(QQuickItem, name) for name in ("first", "second"))
    if first is None or second is None:
        msg = "the scene has no portraits"
        raise PortraitError(msg)
    return first, second


def show_window(window: QQuickView, size: tuple[int, int] | None, *, windowed: bool) -> None:
    """Fill the screen without a pointer, or open a window of `size`."""
    if not windowed:
        window.setCursor(Qt.CursorShape.BlankCursor)
        window.showFullScreen()
        return
    available = window.screen().availableSize() * _SHARE
    wanted = QSize(*size) if size else QSize(720, 900).boundedTo(available)
    window.setTitle("Portrait frame")
    window.resize(wanted)
    window.show()


def quit_loop() -> None:
    """End the event loop; safe from a signal handler of Python's."""
    QGuiApplication.quit()


def take_down(application: QGuiApplication, window: QQuickView) -> None:
    """Destroy the window while the application lives; Qt wants it in this order."""
    window.hide()
    window.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.processEvents()
