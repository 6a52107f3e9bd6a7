"""The rim of the hole that a subject leaves: how far it reaches, and what of it is true background.

Next to an outline the picture is background with a trace of the subject in it: wisps, blur, the
ringing of a scanner's sharpening. Left in the plate, the trace stands there as a ghost's outline
when the subject moves aside; filled anew, the ground beside a resting subject is a guess. So the
hole is wide, and where the picture inside its rim differs from the filling otherwise than towards
or away from the subject's colour, it is put back.
"""

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskF32, MaskU8
from frame_app.base.optional import require
from prerender.engines.continuity import smoothstep

_TOUCHED = 0.03  # alpha from which a pixel holds some of the subject
_WIDE = 0.011  # of the long side: how far blur and ringing reach beyond that
_SEEN = 0.2  # alpha up to which the background can be told from the subject before it
_CLOSE = 0.004  # of the long side: around that nothing is put back
_GIVES_WAY = 0.008  # of the long side: from there on to where it is put back in full
_TRACE = (0.03, 0.12)  # share of the subject's colour between which a difference becomes a ghost
_FAINT = 18.0  # 0..255: subject and ground as alike as that cannot be told apart
_SOFT = 0.0015  # of the long side: blur in which grain does not look like a trace

_F32 = npt.NDArray[np.float32]


def hole_of(matte: MaskF32) -> MaskU8:
    """255 where the picture may hold something of the subject."""
    return _grown(matte > _TOUCHED, _WIDE)


def with_true_rim(plate: ImageU8, behind: ImageU8, subject: ImageU8, matte: MaskF32) -> ImageU8:
    """`plate` with the picture's own pixels in the rim of the hole, where they hold no ghost.

    Args:
        plate: The filling of `hole_of(matte)`.
        behind: The picture with the translucent part of the subject taken off.
        subject: The subject's colours, continued beyond its outline.
        matte: Its alpha.
    """
    cv2 = require("cv2")
    hole = hole_of(matte) > 0
    solid = _grown(matte > _SEEN, _CLOSE) > 0
    rim = hole & ~solid
    if not rim.any():
        return plate
    rows, columns = (slice(at.min(), at.max() + 1) for at in np.nonzero(rim))
    part = (rows, columns)
    longest = max(matte.shape)
    sigma = max(0.8, _SOFT * longest)
    along, power = np.zeros((2, *rim[part].shape), np.float32)
    for channel in range(3):  # one at a time: a 4K picture of floats is 140 MB
        filled = plate[part][..., channel].astype(np.float32)
        towards = cv2.GaussianBlur(subject[part][..., channel] - filled, (0, 0), sigma)
        power += towards * towards
        towards *= cv2.GaussianBlur(behind[part][..., channel] - filled, (0, 0), sigma)
        along += towards
    share = along / (power + _FAINT**2)
    low, high = _TRACE
    ghost = np.clip((np.abs(share) - low) / (high - low), 0.0, 1.0).astype(np.float32)
    # a trace is a line: what lies between two of its points belongs to it
    ghost = cv2.GaussianBlur(cv2.dilate(ghost, np.ones((5, 5), np.uint8)), (0, 0), sigma)
    inward = cv2.distanceTransform(hole[part].astype(np.uint8), cv2.DIST_L2, 3)
    kept = 1.0 - ghost * np.clip(inward / (0.4 * _WIDE * longest), 0.0, 1.0)
    # towards the subject it gives way slowly: an end in one step would stand there as an arc
    outward = cv2.distanceTransform((~solid[part]).astype(np.uint8), cv2.DIST_L2, 5)
    kept = smoothstep(outward / (_GIVES_WAY * longest)) * np.where(rim[part], kept, 0.0)
    result = plate.copy()
    for channel in range(3):
        filled = plate[part][..., channel].astype(np.float32)
        filled += kept * (behind[part][..., channel] - filled)
        result[part][..., channel] = np.clip(np.rint(filled), 0, 255)
    return result


def _grown(mask: npt.NDArray[np.bool_], share: float) -> MaskU8:
    """255 within `share` of the long side of `mask`."""
    cv2 = require("cv2")
    radius = max(2, round(share * max(mask.shape)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return np.asarray(cv2.dilate(np.where(mask, 255, 0).astype(np.uint8), kernel), np.uint8)
