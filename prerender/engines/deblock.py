"""The 8 x 8 lattice of strong JPEG compression: measured, then smoothed across its lines only.

The filter is the weak one of H.264 (List et al., "Adaptive Deblocking Filter", 2003): a step across
a block line is taken out where both sides are flat; an edge of the picture, which is larger, stays.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8
from frame_app.base.optional import require

BLOCKY = 1.25
"""`blockiness` from which a picture is worth deblocking; JPEG of quality 75 has 1.2 to 1.4."""
_EDGE = 22.0  # 0..255: a step this large is an edge of the picture
_MOST = 11.0  # 0..255: change of a pixel

_F32 = npt.NDArray[np.float32]


def blockiness(image: ImageU8) -> float:
    """Mean step across lines of the lattice over that within blocks; 1 has no lattice."""
    cv2 = require("cv2")
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ratios = []
    for plane in (luma, luma.T):
        if plane.shape[1] < 24:
            continue
        step = np.minimum(np.abs(np.diff(plane, axis=1)), _EDGE).mean(axis=0)
        on = np.arange(len(step)) % 8 == 7
        inside = float(step[~on].mean())
        ratios.append((float(step[on].mean()) + 0.2) / (inside + 0.2))
    return max(ratios, default=1.0)


def deblock(image: ImageU8, strength: float) -> ImageU8:
    """Without the lattice; `strength` 0..1."""
    result = image.astype(np.float32)
    for plane in (result, result.transpose(1, 0, 2)):
        _smooth_lines(plane, strength)
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def _smooth_lines(plane: _F32, strength: float) -> None:
    """Across the vertical lines of `plane`, in place."""
    lines = np.arange(8, plane.shape[1] - 2, 8)
    if not len(lines):
        return
    p1, p0, q0, q1 = (plane[:, lines + offset].copy() for offset in (-2, -1, 0, 1))
    step = np.abs(q0 - p0).max(axis=-1, keepdims=True)
    rough = np.maximum(np.abs(p1 - p0), np.abs(q1 - q0)).max(axis=-1, keepdims=True)
    is_lattice = np.clip(2 * (_EDGE - step) / _EDGE, 0, 1) * np.clip(1.5 - rough / 8, 0, 1)
    change = np.clip((4 * (q0 - p0) + (p1 - q1)) / 8, -_MOST, _MOST) * is_lattice * strength
    plane[:, lines - 1] = p0 + change
    plane[:, lines] = q0 - change
    plane[:, lines - 2] = p1 + change / 3
    plane[:, lines + 1] = q1 - change / 3
