"""What the networks painted, laid into the actor box without losing what the photo shows.

The networks paint a square of 512 pixels, softer than the photo and never quite the same face. So
their picture of the face at rest is taken from the photo once; that difference, which holds grain
of skin, lashes and identity, goes along with the surface of the face in every frame, wherever the
frame still shows the same surface. Where it shows something new, a lid that has come down or the
inside of a mouth, the networks' own picture stands. At rest the sum is the photo itself, so a clip
leaves the still and comes back to it without a step.
"""

from types import ModuleType

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, ImageU8, MaskF32, MaskU8
from prerender.engines.liveportrait.crop import Crop, fading
from prerender.engines.liveportrait.painter import Painted

_SAME = 10.0  # grey levels between two paintings of one surface: more is another surface
_AROUND = 5 / 512  # of the side of the square over which that is judged

_F32 = npt.NDArray[np.float32]


class Collage:
    """The actor box of one portrait; one frame at a time."""

    def __init__(
        self,
        still: ImageU8,
        matte: MaskU8,
        crop: Crop,
        window: MaskF32,
        rest: Painted,
        cv2: ModuleType,
    ) -> None:
        """Prepare a portrait.

        Args:
            still: Colours of the box, without grain.
            matte: Of the box.
            crop: Of the box to the square.
            window: 0..1 per pixel of the box: how freely it moves; 0 along the border.
            rest: The networks' picture of the face at rest.
            cv2: OpenCV.
        """
        self._cv2 = cv2
        height, width = matte.shape
        self._to_square = crop.to_crop.astype(np.float32)
        self._to_box = crop.to_picture[:2, :2].astype(np.float32)
        self._side = crop.side_px
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        self._places = x, y
        at = self._square_places(x, y)
        inside = cv2.remap(fading(crop.side_px), *at, cv2.INTER_LINEAR, borderValue=0)
        self._window = np.asarray(window * inside, np.float32)
        self._still, self._matte = still.astype(np.float32), matte
        self._rest = rest.picture
        self._lost = self._still - self._seen(rest.picture, at)
        side = np.arange(self._side, dtype=np.float32)
        self._square = np.meshgrid(side, side)

    def laid(self, painted: Painted | None, breath: FieldF32 | None) -> tuple[ImageU8, MaskU8]:
        """Colours and matte of the box.

        Args:
            painted: What the networks made of the face; None if it is at rest.
            breath: (H, W, 2) where each pixel comes from, as an offset; None if nobody breathes.
        """
        cv2 = self._cv2
        x, y = self._places
        still, window = self._still, self._window
        if breath is not None:
            x, y = x + breath[..., 0], y + breath[..., 1]
            still = self._remapped(still, x, y, cv2.INTER_CUBIC)
            window = cv2.remap(window, x, y, cv2.INTER_LINEAR, borderValue=0)
        if painted is None:
            return _rounded(still), self._matte.copy() if breath is None else self._cut(x, y)
        at = self._square_places(x, y)
        same, flow = self._explained(painted)
        way = cv2.remap(flow, *at, cv2.INTER_LINEAR, borderValue=0) @ self._to_box.T
        way = way * window[..., None]
        from_x, from_y = x + way[..., 0], y + way[..., 1]
        lost = self._remapped(self._lost, from_x, from_y, cv2.INTER_CUBIC)
        share = cv2.remap(same, *at, cv2.INTER_LINEAR, borderValue=0)
        frame = self._seen(painted.picture, at) + share[..., None] * lost
        colour = still + window[..., None] * (frame - still)
        return _rounded(colour), self._cut(from_x, from_y)

    def _explained(self, painted: Painted) -> tuple[MaskF32, FieldF32]:
        """Where the painting shows the surface that was there at rest, and how it has moved.

        Both have the size of the square.
        """
        cv2, side = self._cv2, self._side
        cells = painted.flow.shape[0]
        # A cell's place is that of a grid whose outermost nodes lie on the edges of the square.
        along = (np.arange(side, dtype=np.float32) + 0.5) * (cells - 1) / side
        where = np.meshgrid(along, along)
        flow = cv2.remap(painted.flow, *where, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        x, y = self._square[0] + flow[..., 0], self._square[1] + flow[..., 1]
        moved = self._remapped(self._rest, x, y, cv2.INTER_LINEAR)
        error = np.abs(painted.picture - moved).mean(axis=2)
        around = max(3, 2 * round(_AROUND * side / 2) + 1)
        error = cv2.blur(error, (around, around))
        return np.asarray(np.exp(-((error / _SAME) ** 2)), np.float32), flow

    def _seen(self, picture: _F32, at: tuple[_F32, _F32]) -> _F32:
        """The square as the box sees it; cubic, so that enlarging it keeps what it has."""
        return self._remapped(picture, *at, self._cv2.INTER_CUBIC)

    def _cut(self, x: _F32, y: _F32) -> MaskU8:
        """The matte at other places."""
        cv2 = self._cv2
        how, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        return np.asarray(cv2.remap(self._matte, x, y, how, borderMode=border), np.uint8)

    def _remapped(self, picture: _F32, x: _F32, y: _F32, how: int) -> _F32:
        border = self._cv2.BORDER_REPLICATE
        return np.asarray(self._cv2.remap(picture, x, y, how, borderMode=border), np.float32)

    def _square_places(self, x: _F32, y: _F32) -> tuple[_F32, _F32]:
        m = self._to_square
        return m[0, 0] * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + m[1, 1] * y + m[1, 2]


def _rounded(colour: _F32) -> ImageU8:
    return np.clip(colour + np.float32(0.5), 0, 255).astype(np.uint8)
