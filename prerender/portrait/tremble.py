"""Whether a moving picture trembles or its grain is restless, whatever way it moves otherwise.

Between two pictures each block's way is found by least squares on brightness constancy (Lucas and
Kanade, "An iterative image registration technique", IJCAI 1981), one step, on small pictures. Even
motion, fast or slow, has next to no third difference of that way in time; going back and forth from
frame to frame has nothing else.
"""

import math

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import MaskU8
from frame_app.base.optional import require
from prerender.media.frames import LUMA_RANGE

_LONGEST_PX = 250  # side of the small pictures that are held against each other
_UNIT_PX = 1000  # side of a box in whose pixels the result is: a larger one holds the same motion
_BLOCK_PX = 16  # of a small picture; moves as one
_SOLID = 188  # of a matte as stored: where the subject covers what is behind it
_FLOOR = 0.25  # squared grey levels per pixel: keeps noise on plain ground from being motion
_TEXTURED = 1.0  # the same; a plainer block cannot be seen to tremble
_ORDER = 3  # of the difference in time of a way, which is one itself
_FPS = 30.0  # at which eyes see trembling at its worst; faster clips are also looked at in steps
_WORST = 0.9  # share of the texture that trembles less than what is told: a face may do it alone
_CALMEST = 10  # percent of the frames, in which hardly anything moves

_Grey = npt.NDArray[np.float32]


class TrembleMeter:
    """Watches the luma of one clip go by; keeps a few small pictures and 2 KB of each frame."""

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        self._recent: list[_Grey] = []
        self._solid: _Grey | None = None
        self._ways: list[_Grey] = []
        self._texture: list[_Grey] = []
        self._restless: list[float] = []
        self._pixel = 1.0

    def add(self, colour: MaskU8, matte: MaskU8) -> None:
        """The next picture, both as stored."""
        now = self._small(colour)
        if self._solid is None:
            self._solid = (self._small(matte) > _SOLID * LUMA_RANGE).astype(np.float32)
        self._recent = [*self._recent[-2:], now]
        if len(self._recent) > 1:
            self._follow(self._recent[-2], now, self._solid)
        if len(self._recent) == 3:
            first, middle, last = self._recent
            bend = np.abs(first - 2 * middle + last) * self._solid
            self._restless.append(float(bend.sum() / max(self._solid.sum(), 1) / 2))

    def tremble_px(self, fps: float) -> float:
        """How far the most restless tenth of the texture jumps back and forth between frames.

        1 for a picture that moves by a pixel and back, in pixels of a box of 1000. The median over
        time, since blinks and saccades are sudden by nature.
        """
        steps = range(1, max(1, round(fps / _FPS)) + 1)
        return max(self._tremble_px(step) for step in steps)

    @property
    def grain_flicker(self) -> float:
        """Deviation over time of the solid picture in its calmest frames, of 255.

        Grain and brush strokes that are drawn anew in each frame never come to rest.
        """
        return round(float(np.percentile(self._restless, _CALMEST)), 3) if self._restless else 0.0

    def _tremble_px(self, step: int) -> float:
        """The same by every `step`-th frame."""
        if len(self._ways) < _ORDER + step:
            return 0.0
        ways = np.stack(self._ways)  # (frames, 2, rows, columns)
        ways = np.asarray(sum(ways[i : len(ways) - step + 1 + i] for i in range(step)))
        for _ in range(_ORDER):
            if len(ways) <= step:
                return 0.0
            ways = ways[step:] - ways[:-step]
        jumps = np.median(np.hypot(ways[:, 0], ways[:, 1]), axis=0) / 2**_ORDER
        texture = np.mean(self._texture, axis=0)
        seen = texture > _TEXTURED
        if not seen.any():
            return 0.0
        order = np.argsort(jumps[seen])
        share = np.cumsum(np.sqrt(texture[seen][order]))
        worst = int(np.searchsorted(share, _WORST * share[-1]))
        return round(float(jumps[seen][order][worst]) * self._pixel, 4)

    def _follow(self, before: _Grey, now: _Grey, solid: _Grey) -> None:
        """Add the way of each block, right and down."""
        mean = self._cv2.blur((before + now) / 2, (3, 3))  # slopes hold for a pixel around
        across = self._cv2.Sobel(mean, -1, 1, 0, scale=1 / 8) * solid
        down = self._cv2.Sobel(mean, -1, 0, 1, scale=1 / 8) * solid
        change = self._cv2.blur(now - before, (3, 3))
        xx, yy = self._blocks(across * across), self._blocks(down * down)
        xy = self._blocks(across * down)
        xt, yt = self._blocks(across * change), self._blocks(down * change)
        self._texture.append(xx + yy)
        xx, yy = xx + _FLOOR, yy + _FLOOR
        determinant = xx * yy - xy * xy
        ways = np.stack([xy * yt - yy * xt, xy * xt - xx * yt]) / determinant
        self._ways.append(ways.astype(np.float32))

    def _blocks(self, values: _Grey) -> _Grey:
        """Means over blocks; a rest along the right and lower border is left out."""
        rows, columns = (max(1, side // _BLOCK_PX) for side in values.shape)
        whole = values[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
        means = self._cv2.resize(whole, (columns, rows), interpolation=self._cv2.INTER_AREA)
        return np.asarray(means, np.float32)

    def _small(self, grey: MaskU8) -> _Grey:
        """In grey levels; the shrinking is by a whole number, which is ten times as fast."""
        height, width = grey.shape
        shrink = math.ceil(max(height, width) / _LONGEST_PX)
        rows, columns = height // shrink, width // shrink
        whole = grey[: rows * shrink, : columns * shrink]
        small = self._cv2.resize(whole, (columns, rows), interpolation=self._cv2.INTER_AREA)
        self._pixel = shrink / max(1.0, max(height, width) / _UNIT_PX)
        return np.asarray(small, np.float32) * np.float32(LUMA_RANGE)
