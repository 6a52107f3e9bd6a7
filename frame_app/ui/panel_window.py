"""The settings panel and the window it opens in."""

from PySide6.QtCore import Qt

from frame_app.ui.engine import FrameWindow
from frame_app.ui.panel import Panel
from frame_app.ui.panel_parts import PanelParts


def hang_panel(window: FrameWindow, parts: PanelParts) -> Panel:
    """Give the scene its settings panel; keys and the pointer are its own while it is open."""
    panel = Panel(parts, window)
    window.engine().addImageProvider("mirror", panel.images)
    window.touched.add(panel.touched)
    window.resized.add(panel.lay_out)
    parts.language.changed.add(window.engine().retranslate)
    hidden = window.cursor()

    def turn_over(is_open: bool) -> None:  # noqa: FBT001 - a hook has no names
        nonlocal hidden
        window.has_panel = is_open
        if is_open:
            hidden = window.cursor()
            window.setCursor(Qt.CursorShape.ArrowCursor)
            window.requestActivate()
        else:
            window.setCursor(hidden)

    panel.toggled.add(turn_over)
    window.rootObject().setProperty("panel", panel)
    return panel
