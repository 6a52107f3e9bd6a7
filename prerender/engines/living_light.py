"""The actor of a still life: nothing moves but the light, which comes and goes like breath.

A broad, slightly warm light wanders over the subject and back, so slowly that nobody sees it move,
and everybody sees that it has moved. It fades out before the border of the actor box.
"""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageU8, MaskF32
from frame_app.base.errors import UsageError
from prerender.engines.base import ActorFrame, ClipPlan, GazeGrid, Measured, VisemeGrid
from prerender.portrait.box import aligned
from prerender.portrait.grid import smoothstep

ONLY_LIGHT = "a still life has depth and breathing light, but no clips of a face and no gaze"
"""What people are told of the clips that are left out."""

_IDLE = "idle"
_DURATION_S = 12.0
_BREATHS = 2  # swells of the light in that time; the second is the weaker one
_GAIN = np.array([0.14, 0.13, 0.11], np.float32)  # of each channel in full light; warm
_SECOND = 0.6
_REACH = 0.45  # of the box's longer side: radius of the light
_WANDER = (0.26, 0.16)  # of the box: how far its middle goes
_MARGIN = 0.42  # of each side of the box, over which the light fades out: no frame shows

_F32 = npt.NDArray[np.float32]


class LivingLight:
    """See the module; an `Actor` with one clip, `idle`."""

    def __init__(self, subject: ImageU8, matte: MaskF32, seed: int) -> None:
        """Prepare a scene; `subject` and `matte` have the canvas's size."""
        height, width = matte.shape
        rows, columns = np.nonzero(matte.max(axis=1) > 0)[0], np.nonzero(matte.max(axis=0) > 0)[0]
        x, wide = aligned(float(columns[0]), float(columns[-1] + 1), width)
        y, high = aligned(float(rows[0]), float(rows[-1] + 1), height)
        self.box = (x, y, wide, high)
        inside = np.s_[y : y + high, x : x + wide]
        self._colour = np.ascontiguousarray(subject[inside])
        self._matte = np.clip(matte[inside] * 255 + 0.5, 0, 255).astype(np.uint8)
        dice = np.random.default_rng(seed)
        self._phase = float(dice.uniform(0, 2 * math.pi))
        # Slow light on 8 bits would walk in contour lines: rounding is spread by a still noise.
        self._spread = dice.random(self._matte.shape, np.float32)
        self._window = self._fading()

    @property
    def measured(self) -> Measured:
        """See `Actor.measured`."""
        return Measured({"light_gain": float(_GAIN.max())})

    def clip_names(self) -> tuple[str, ...]:
        """See `Actor.clip_names`."""
        return (_IDLE,)

    def clip(self, name: str, fps: float) -> ClipPlan:
        """See `Actor.clip`."""
        if not name.startswith(_IDLE):
            raise UsageError(f"there is no clip {name} of a still life; known is {_IDLE}")
        return ClipPlan(name, _IDLE, round(_DURATION_S * fps) + 1, fps, loop=True)

    def frames(
        self, name: str, fps: float, start: int, stop: int, amplitude: float = 1.0
    ) -> Iterator[ActorFrame]:
        """See `Actor.frames`."""
        last = self.clip(name, fps).frames - 1
        for index in range(start, min(stop, last + 1)):
            yield self._lit(index / last, amplitude)

    def gaze_grid(self) -> GazeGrid:
        """See `Actor.gaze_grid`; nobody looks."""
        return GazeGrid((0.0,), (0.0,), ("open",))

    def gaze_frames(self, grid: GazeGrid) -> Iterator[ActorFrame]:
        """See `Actor.gaze_frames`."""
        del grid
        yield self.neutral()

    def viseme_grid(self) -> VisemeGrid:
        """See `Actor.viseme_grid`; nobody speaks."""
        return VisemeGrid((), ())

    def viseme_frames(self) -> Iterator[ActorFrame]:
        """See `Actor.viseme_frames`."""
        return iter(())

    def still(self, pose: str) -> ActorFrame:
        """See `Actor.still`; there is but one pose."""
        del pose
        return self.neutral()

    def neutral(self) -> ActorFrame:
        """See `Actor.neutral`."""
        return ActorFrame(self._colour.copy(), self._matte.copy())

    def _lit(self, fraction: float, amplitude: float) -> ActorFrame:
        strength = amplitude * self._strength(fraction)
        if strength < 1e-6:
            return self.neutral()
        light = self._light(fraction) * np.float32(strength)
        lit = np.empty_like(self._colour)
        for channel, gain in enumerate(_GAIN):  # one at a time: a 4K picture in float is large
            old = self._colour[..., channel].astype(np.float32)
            # Against white less is added, as film does it: no highlight burns out.
            new = old + old * (1 - old / np.float32(290)) * (gain * light)
            lit[..., channel] = np.clip(new + self._spread, 0, 255)
            # what gets no light keeps its very value
            np.copyto(lit[..., channel], self._colour[..., channel], where=light <= 0)
        return ActorFrame(lit, self._matte.copy())

    def _strength(self, fraction: float) -> float:
        """0 at both ends and between the swells, where the clip may be left."""
        swell = (1 - math.cos(2 * math.pi * _BREATHS * fraction)) / 2
        return swell * (1.0 if fraction * _BREATHS < 1 else _SECOND)

    def _light(self, fraction: float) -> _F32:
        """0..1: a lobe whose middle wanders on an ellipse, once in the clip."""
        height, width = self._matte.shape
        angle = 2 * math.pi * fraction + self._phase
        x0 = width * (0.5 + _WANDER[0] * math.cos(angle))
        y0 = height * (0.42 + _WANDER[1] * math.sin(angle))
        reach = _REACH * max(width, height)
        x = np.exp(-0.5 * ((np.arange(width, dtype=np.float32) + 0.5 - x0) / reach) ** 2)
        y = np.exp(-0.5 * ((np.arange(height, dtype=np.float32) + 0.5 - y0) / reach) ** 2)
        return np.asarray(self._window * (y[:, np.newaxis] * x[np.newaxis]), np.float32)

    def _fading(self) -> _F32:
        """1 inside, 0 on the border of the box."""
        height, width = self._matte.shape
        x = np.arange(width, dtype=np.float32) + 0.5
        y = np.arange(height, dtype=np.float32) + 0.5
        across = smoothstep(4.0, _MARGIN * width, np.minimum(x, width - x))
        down = smoothstep(4.0, _MARGIN * height, np.minimum(y, height - y))
        return np.asarray(down[:, np.newaxis] * across[np.newaxis], np.float32)
