"""Whether the subject wears glasses: a rim over the nose gives them away."""

from types import ModuleType

import numpy as np

from frame_app.base.arrays import ImageU8
from prerender.portrait.anatomy import FaceFrame

_FROM, _TO = -0.06, 0.16  # face widths below the eyes: where a bridge sits
_BESIDE = (-0.025, 0.0, 0.025)  # face widths from the middle
_LINE = 0.03  # face widths; a bridge is thinner, the shading of a nose is not
_CONTRAST = 0.12  # of the skin's level
_LEVEL = 0.035  # face widths by which a bridge may rise from one column to the next
_RIDGE_DEG = 20.0  # a head turned so far needs twice the contrast
_SAMPLES = 64


def wears_glasses(picture: ImageU8, frame: FaceFrame, cv2: ModuleType) -> bool:
    """Look for a thin line across the root of the nose, darker or lighter than the skin."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    down = np.linspace(_FROM, _TO, _SAMPLES)
    heights: list[float] = []
    signs: set[bool] = set()
    # The ridge of a nose seen from the side is a line too.
    contrast = _CONTRAST * (1 + abs(frame.yaw_deg) / _RIDGE_DEG)
    for beside in _BESIDE:
        places = frame.origin[None] + frame.unit * (
            beside * frame.across[None] + down[:, None] * frame.down[None]
        )
        points = places.astype(np.float32)[:, None] - np.float32(0.5)
        level = cv2.remap(luma, points, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        sigma = _LINE / (_TO - _FROM) * _SAMPLES
        around = cv2.GaussianBlur(level, (1, 0), sigmaX=0.1, sigmaY=sigma)
        line = (level - around).ravel()[4:-4]
        strongest = int(np.abs(line).argmax())
        if abs(line[strongest]) < contrast * max(float(np.median(level)), 1.0):
            return False
        heights.append(float(down[4:-4][strongest]))
        signs.add(bool(line[strongest] > 0))
    return len(signs) == 1 and float(np.abs(np.diff(heights)).max()) < _LEVEL
