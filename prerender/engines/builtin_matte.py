"""The built-in matte: rough segmentation, a band of doubt along its edge, closed-form matting."""

import numpy as np

from frame_app.base.arrays import ImageU8, MaskF32
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, EngineInfo, Face, Measured
from prerender.engines.matting import Sitting, disc, kept_parts, matte_from, sitting_of
from prerender.engines.segmentation import PeopleSegmenter, decide, share_of

_BAND = 0.03  # half width of the band of doubt, in face sizes
_DECIDED_STEP = 0.004  # least half width, in long sides: about a pixel and a half of `decide`
_HAIR_BAND = 0.09  # extra width outside around the hair, in face sizes


class BuiltinMatte:
    """`MatteEngine` on the CPU; loads on construction."""

    info = EngineInfo(id=BUILTIN, version=8, licence="Apache-2.0")

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        self._segmenter = PeopleSegmenter()

    def close(self) -> None:
        """Free the graph; the engine cannot be used afterwards."""
        self._segmenter.close()

    def matte(
        self, image: ImageU8, faces: tuple[Face, ...], others: tuple[Face, ...] = ()
    ) -> tuple[MaskF32, Measured]:
        """See `MatteEngine.matte`."""
        sitting = sitting_of(image, faces, others)
        guess, known = self._trimap(sitting, self._probability(sitting))
        return matte_from(image, sitting, guess, known)

    def _probability(self, sitting: Sitting) -> MaskF32:
        height, width = sitting.anchor.shape
        probability = self._segmenter.probability(sitting.image, sitting.faces)
        probability *= share_of(sitting.faces, sitting.others, height, width)
        # a face is never transparent, whatever the segmentation thinks of a painting
        return np.maximum(probability, sitting.anchor.astype(np.float32))

    def _trimap(self, sitting: Sitting, probability: MaskF32) -> tuple[MaskF32, MaskF32]:
        """The guess, and the sure pixels with NaN between."""
        cv2 = self._cv2
        decided = decide(sitting.image, probability, sitting.anchor)
        decided = kept_parts(decided, sitting.anchor)
        band = max(2, round(_BAND * sitting.face_px), round(_DECIDED_STEP * max(decided.shape)))
        hair = max(1, round(_HAIR_BAND * sitting.face_px))
        inside = cv2.erode(decided.astype(np.uint8), disc(band), borderValue=1) > 0
        near = cv2.dilate(decided.astype(np.uint8), disc(band)) > 0
        wider = cv2.dilate(decided.astype(np.uint8), disc(band + hair)) > 0
        # a fringe may be finer than the decision: where the network hesitates, look further
        torn = (probability > 0.1) & (probability < 0.9)
        near |= wider & (sitting.hair | torn)
        inside |= sitting.anchor
        known = np.full(decided.shape, np.nan, np.float32)
        known[inside] = 1.0
        known[~near & ~inside] = 0.0
        guess = cv2.GaussianBlur(decided.astype(np.float32), (0, 0), band / 2)
        return np.asarray(guess, np.float32), known
