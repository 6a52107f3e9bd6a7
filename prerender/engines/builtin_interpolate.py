"""In-between frames by optical flow, for clips that came from elsewhere.

The built-in animator renders any time exactly and needs none of this. Method: dense inverse search,
Kroeger et al., ECCV 2016 (arXiv:1603.03590), both ways; each in-between frame is gathered from both
neighbours, and where the two flows contradict one another the nearer frame alone is used.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import FieldF32, ImageU8, MaskU8
from frame_app.base.optional import require
from prerender.engines.base import BUILTIN, ActorFrame, EngineInfo
from prerender.engines.inbetween import between_pairs

_CONTRADICTION = 1.5  # px between flow there and flow back from which a pixel counts as hidden
_CUT = 0.35  # share of hidden pixels that makes a cut: nothing is invented across one

_F32 = npt.NDArray[np.float32]


class FlowInterpolate:
    """`InterpolateEngine` on the CPU; holds two frames at a time."""

    info = EngineInfo(id=BUILTIN, version=2)

    def __init__(self) -> None:
        self._cv2 = require("cv2")
        self._flow = self._cv2.DISOpticalFlow_create(self._cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def between(self, frames: Iterable[ActorFrame], factor: int) -> Iterator[ActorFrame]:
        """See `InterpolateEngine.between`."""
        return between_pairs(frames, factor, self._pair)

    def _pair(self, first: ActorFrame, second: ActorFrame, factor: int) -> Iterator[ActorFrame]:
        cv2 = self._cv2
        grey = [cv2.cvtColor(frame.colour, cv2.COLOR_RGB2GRAY) for frame in (first, second)]
        there: FieldF32 = self._flow.calc(grey[0], grey[1], None)
        back: FieldF32 = self._flow.calc(grey[1], grey[0], None)
        doubt_first = self._contradiction(there, back)
        doubt_second = self._contradiction(back, there)
        is_cut = float((doubt_first > 1).mean()) > _CUT
        for step in range(1, factor):
            time = step / factor
            nearer = first if time < 0.5 else second
            if is_cut:
                yield ActorFrame(nearer.colour.copy(), nearer.matte.copy())
                continue
            # flow at the in-between place, taken to be locally straight
            from_first = self._gathered(there, -there * time)
            from_second = self._gathered(back, -back * (1 - time))
            ahead = self._gathered(doubt_first, -from_first * time)
            behind = self._gathered(doubt_second, -from_second * (1 - time))
            share = _share(time, ahead, behind)
            yield ActorFrame(
                self._mixed(first.colour, second.colour, (from_first, from_second), (time, share)),
                self._mixed(first.matte, second.matte, (from_first, from_second), (time, share)),
            )

    def _contradiction(self, there: FieldF32, back: FieldF32) -> _F32:
        """0 where flow there and back agree, 1 and more where the pixel is hidden."""
        returned = there + self._gathered(back, there)
        return np.asarray(np.hypot(returned[..., 0], returned[..., 1]) / _CONTRADICTION, np.float32)

    def _mixed(
        self,
        first: npt.NDArray[np.uint8],
        second: npt.NDArray[np.uint8],
        flows: tuple[FieldF32, FieldF32],
        weights: tuple[float, _F32],
    ) -> ImageU8 | MaskU8:
        time, share = weights
        one = self._gathered(first.astype(np.float32), -flows[0] * time)
        two = self._gathered(second.astype(np.float32), -flows[1] * (1 - time))
        if first.ndim == 3:
            share = share[..., np.newaxis]
        blend = np.rint(one * (1 - share) + two * share)
        return np.asarray(np.clip(blend, 0, 255), np.uint8)

    def _gathered(self, values: _F32, shift: FieldF32) -> _F32:
        """`values` read `shift` pixels away from each pixel; the border goes on outward."""
        height, width = shift.shape[:2]
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        cv2 = self._cv2
        return np.asarray(
            cv2.remap(
                np.ascontiguousarray(values),
                columns + shift[..., 0],
                rows + shift[..., 1],
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.float32,
        )


def _share(time: float, ahead: _F32, behind: _F32) -> _F32:
    """Of the second frame in the mix: `time`, moved away from the frame that is in doubt."""
    trust_first = (1 - time) / (1 + ahead**2)
    trust_second = time / (1 + behind**2)
    return np.asarray(trust_second / (trust_first + trust_second + 1e-6), np.float32)
