"""Where a clip may be left, and which of its frames may follow one another out of order.

After Schödl, Szeliski, Salesin and Essa, "Video Textures", SIGGRAPH 2000. Frames are compared as
small grey pictures of one size, so memory per frame is a few kilobytes whatever the canvas. A blink
changes well under a hundredth of the box and vanishes in a mean over it; therefore a pair of frames
must be alike in each tile of the picture, not only on the whole.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskU8
from frame_app.base.optional import require
from frame_app.cliplib.schema import Jump

Thumbnail: TypeAlias = npt.NDArray[np.uint8]
"""(96, W) luma of the subject over black; all thumbnails of a clip have one size."""

EXIT_RMS = 1.6
"""Of 255, in the worst tile: at most this far from neutral a frame may be left. Measured on three
portraits: no point of the head is then over 0.7 px from its place, and the lids are open."""
JUMP_RMS = 1.6
_HEIGHT = 96
_TILES = 8  # per side
_WINDOW = np.array([1, 4, 6, 4]) / 15.0  # frames -2..1 around the cut: position and motion agree
_MIN_JUMP_S = 1.0
_APART_S = 0.25  # between two jumps that are kept
_MOST = 48

Matrix: TypeAlias = npt.NDArray[np.float32]


def thumbnail(colour: ImageU8, matte: MaskU8) -> Thumbnail:
    """Shrink a frame for comparison."""
    cv2 = require("cv2")
    height, width = matte.shape
    size = max(_TILES, round(width * _HEIGHT / height)), _HEIGHT

    def small(grey: MaskU8) -> MaskU8:
        # By halves first: means of 2 x 2 cost a tenth of those over parts of pixels.
        while min(grey.shape) >= 2 * max(size) and not (grey.shape[0] % 2 or grey.shape[1] % 2):
            half = grey.shape[1] // 2, grey.shape[0] // 2
            grey = cv2.resize(grey, half, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)

    grey = small(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY))
    return np.asarray(cv2.multiply(grey, small(matte), scale=1 / 255), np.uint8)


def find_exits(thumbnails: Sequence[Thumbnail], neutral: Thumbnail) -> tuple[int, ...]:
    """Frames that may be left for another clip, rising; the first and last are among them."""
    if not thumbnails:
        return ()
    tiles = _tiles([neutral, *thumbnails])
    worst = np.zeros(len(thumbnails), np.float32)
    for tile in tiles:
        squares = ((tile[1:] - tile[:1]) ** 2).mean(axis=1)
        worst = np.maximum(worst, squares)
    return tuple(int(i) for i in np.flatnonzero(np.sqrt(worst) <= EXIT_RMS))


def find_jumps(thumbnails: Sequence[Thumbnail], fps: float) -> tuple[Jump, ...]:
    """Cuts inside a clip that nobody sees, cheapest first within each neighbourhood.

    A jump from `source` to `target` shows `target` where `source + 1` was due, so those two and
    their neighbours in time are compared: alike in place and in motion.
    """
    count = len(thumbnails)
    if count < 4:
        return ()
    mean, worst = _distances(_tiles(thumbnails))
    along = _along_time(worst)
    rows, columns = np.indices(along.shape)
    # Position (i, j) of `along` compares due frame i + 2 with shown frame j + 2.
    near = np.abs(rows - columns) < _MIN_JUMP_S * fps
    along[near | (along > JUMP_RMS)] = np.inf
    jumps: list[Jump] = []
    apart = max(1, round(_APART_S * fps))
    while len(jumps) < _MOST:
        i, j = np.unravel_index(int(np.argmin(along)), along.shape)
        if not np.isfinite(along[i, j]):
            break
        due, shown = int(i) + 2, int(j) + 2
        cost = round(float(mean[due, shown]), 4)
        jumps.append(Jump(source=due - 1, target=shown, cost=cost))
        along[max(0, i - apart) : i + apart + 1, max(0, j - apart) : j + apart + 1] = np.inf
    return tuple(sorted(jumps, key=lambda jump: (jump.source, jump.target)))


def _tiles(thumbnails: Sequence[Thumbnail]) -> list[Matrix]:
    """For each tile the frames as rows of pixels."""
    stack = np.stack(thumbnails)
    bands = np.array_split(stack, _TILES, axis=1)
    return [
        part.reshape(len(stack), -1).astype(np.float32)
        for band in bands
        for part in np.array_split(band, _TILES, axis=2)
    ]


def _distances(tiles: list[Matrix]) -> tuple[Matrix, Matrix]:
    """Root mean square difference of all pairs of frames, on the whole and in the worst tile."""
    count, pixels = len(tiles[0]), sum(tile.shape[1] for tile in tiles)
    total, worst = np.zeros((count, count), np.float32), np.zeros((count, count), np.float32)
    for tile in tiles:
        # Centred first: the difference of two large float32 sums would lose small distances.
        tile = tile - tile.mean(axis=0)  # noqa: PLW2901  the same tile, centred
        power = (tile**2).sum(axis=1)
        squares = np.maximum(power[:, None] + power[None, :] - 2 * tile @ tile.T, 0)
        total += squares
        np.maximum(worst, squares / tile.shape[1], out=worst)
    return np.sqrt(total / pixels), np.sqrt(worst)


def _along_time(worst: Matrix) -> Matrix:
    """Mean over frames -2..1 around both sides of a cut."""
    size = len(worst) - 3
    return np.asarray(
        sum(w * worst[k : k + size, k : k + size] for k, w in enumerate(_WINDOW)), np.float32
    )
