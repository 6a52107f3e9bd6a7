"""Where a picture lies on its panel: pure geometry, in device pixels."""

from typing import NamedTuple

from frame_app.cliplib.schema import Size
from frame_app.config.model import PictureSettings
from frame_app.show.portrait import Panel

_WEIGHTED = 1.3  # framers cut the lower margin of a mat wider, or the picture seems to sink


class Opening(NamedTuple):
    """The part of the panel that shows the picture."""

    left: int
    top: int
    width: int
    height: int
    zoom: float
    """Panel pixels per canvas pixel, before anything is kept out of sight."""
    has_mat: bool
    """There is mat on at least two sides."""


def opening(panel: Panel, canvas: Size, picture: PictureSettings) -> Opening:
    """Place a canvas on a panel: whole, filling it, or within the margins of a mat."""
    margin = picture.mat_width * min(panel.width, panel.height) if picture.fit == "mat" else 0.0
    space_x = max(2.0, panel.width - 2.0 * margin)
    space_y = max(2.0, panel.height - (1.0 + _WEIGHTED) * margin)
    sides = (space_x / canvas.width, space_y / canvas.height)
    zoom = max(sides) if picture.fit == "cover" else min(sides)
    width = min(panel.width, round(canvas.width * zoom))
    height = min(panel.height, round(canvas.height * zoom))
    left = (panel.width - width) // 2
    spare = panel.height - height
    # What is left over above and below is shared as the margins are.
    top = round(spare / (1.0 + _WEIGHTED)) if picture.fit == "mat" and margin else spare // 2
    return Opening(left, top, width, height, zoom, left > 0 or top > 0)
