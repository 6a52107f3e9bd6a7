"""The pixels of a patch that a layer may change, in a row.

They stand in the order of their height against a line of the face, so that what a part of the layer
reaches is a slice of the row, and nothing is computed for the rest of the patch.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, ImageU8, MaskF32

_Bool = npt.NDArray[np.bool_]


class Zone:
    """Some pixels of one patch."""

    def __init__(self, moves: _Bool, height: MaskF32) -> None:
        """Choose pixels.

        Args:
            moves: (height, width) of the patch: the pixels that may change.
            height: (height, width) what they are ordered by, in pixels; down positive.
        """
        chosen = np.flatnonzero(moves)
        heights = height.ravel()[chosen]
        order = np.argsort(heights, kind="stable")
        self._at, self._height = chosen[order], heights[order]
        # Where each pixel of the patch stands in the row; what does not, behind its end.
        self._whence = np.full(moves.size, len(chosen), np.intp)
        self._whence[self._at] = np.arange(len(chosen))

    def taken(self, values: MaskF32) -> MaskF32:
        """These pixels of a map or picture, (height, width) or (height, width, 3), in a row."""
        return values.reshape(-1, *values.shape[2:]).take(self._at, axis=0)

    def between(self, above_px: float, below_px: float) -> slice:
        """The part of the row between two heights."""
        start, stop = np.searchsorted(self._height, (above_px, below_px))
        return slice(int(start), int(stop))

    def add(self, change: ImageF32, patch: ImageU8) -> None:
        """Add levels, (N, 3), to a patch in place."""
        behind = np.zeros((1, 3), np.float32)
        whole = np.concatenate((change, behind)).take(self._whence, axis=0)
        changed = whole.reshape(patch.shape)
        changed += patch
        changed += 0.5
        patch[:] = np.clip(changed, 0, 255, out=changed)
