"""What is measured on a clip while it streams by: exits, jumps, and what must not move."""

import numpy as np
import numpy.typing as npt

from frame_app.cliplib.schema import Jump
from prerender.engines.base import ActorFrame
from prerender.portrait.video_texture import Thumbnail, find_exits, find_jumps, thumbnail

_RING_PX = 2  # outermost pixels of the box, where video meets still

_Ring = npt.NDArray[np.int16]


class ClipWatch:
    """Sees every frame once; keeps a thumbnail of a few kilobytes of each, and nothing else."""

    def __init__(self, neutral: ActorFrame) -> None:
        self._neutral = thumbnail(neutral.colour, neutral.matte)
        self._ring = _ring(neutral)
        self._thumbnails: list[Thumbnail] = []
        self._worst = 0
        self.jacobians: list[float] = []

    def see(self, frame: ActorFrame) -> None:
        """The next frame of the clip."""
        self._thumbnails.append(thumbnail(frame.colour, frame.matte))
        self.jacobians.append(round(frame.jacobian, 4))
        difference = np.abs(_ring(frame) - self._ring)
        self._worst = max(self._worst, int(difference.max(initial=0)))

    def exits(self) -> tuple[int, ...]:
        """Frames from which the clip may be left."""
        return find_exits(self._thumbnails, self._neutral)

    def jumps(self, fps: float) -> tuple[Jump, ...]:
        """Pairs of frames of which one may follow the other's predecessor."""
        return find_jumps(self._thumbnails, fps)

    @property
    def border_max(self) -> float:
        """Largest difference from the still along the border of the box, of 255; should be 0."""
        return float(self._worst)


def _ring(frame: ActorFrame) -> _Ring:
    """The border's colours over black, as one row of numbers."""
    colour = _rim(frame.colour).astype(np.uint16)
    matte = _rim(frame.matte[..., np.newaxis]).astype(np.uint16)
    return (colour * matte // 255).astype(np.int16).ravel()


def _rim(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    rim = _RING_PX
    strips = (pixels[:rim], pixels[-rim:], pixels[rim:-rim, :rim], pixels[rim:-rim, -rim:])
    return np.concatenate([strip.reshape(-1, pixels.shape[-1]) for strip in strips])
