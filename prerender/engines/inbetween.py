"""What all makers of in-between frames share: pairs, cuts, duplicates, and what stands still.

Cuts are found as Practical-RIFE does it: by the likeness (SSIM, Wang et al. 2004) of thumbnails.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import Enum

import numpy as np
import numpy.typing as npt

from frame_app.base.errors import UsageError
from frame_app.base.optional import require
from prerender.engines.base import ActorFrame

_THUMB_PX = 32
_CUT = 0.2  # likeness of the thumbnails below which the frames show different things
_SAME = 2  # of 255: two frames that differ no more anywhere are one, encoded twice
_STILL_PX = 24  # distance from anything that changes at which nothing moves through
_FADE_PX = 8  # further, until what is still is taken as it is
_EDGE_PX = 2  # at the border of the box every pixel that did not change is kept

_F32 = npt.NDArray[np.float32]
_U8 = npt.NDArray[np.uint8]

Pair = Callable[[ActorFrame, ActorFrame, int], Iterable[ActorFrame]]
"""`factor - 1` frames between two that show the same thing, moved."""


class Kinship(Enum):
    """What two frames that follow each other have to do with one another."""

    SAME = "same"
    MOVED = "moved"
    CUT = "cut"


def between_pairs(frames: Iterable[ActorFrame], factor: int, make: Pair) -> Iterator[ActorFrame]:
    """The given frames untouched, with those that `make` invents in between; two held at a time.

    Raises:
        UsageError: the factor is below 1.
    """
    if factor < 1:
        raise UsageError(f"interpolation by a factor of {factor}: at least 1 is needed")
    last: ActorFrame | None = None
    for frame in frames:
        if last is not None and factor > 1:
            yield from _pair(last, frame, factor, make)
        yield frame
        last = frame


def kinship(first: ActorFrame, second: ActorFrame) -> Kinship:
    """Whether anything may be invented between two frames."""
    most = max(
        int(require("cv2").absdiff(one, two).max())
        for one, two in ((first.colour, second.colour), (first.matte, second.matte))
    )
    if most <= _SAME:
        return Kinship.SAME
    return Kinship.CUT if likeness(first.colour, second.colour) < _CUT else Kinship.MOVED


def likeness(first: _U8, second: _U8) -> float:
    """SSIM of two pictures as grey thumbnails, -1..1."""
    cv2 = require("cv2")
    one, two = (
        cv2.resize(
            cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY),
            (_THUMB_PX, _THUMB_PX),
            interpolation=cv2.INTER_AREA,
        ).astype(np.float32)
        for picture in (first, second)
    )

    def mean(values: _F32) -> _F32:
        blurred = cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred, np.float32)

    level_1, level_2 = mean(one), mean(two)
    power_1, power_2 = mean(one * one) - level_1**2, mean(two * two) - level_2**2
    both = mean(one * two) - level_1 * level_2
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * level_1 * level_2 + light) * (2 * both + contrast)
    bottom = (level_1**2 + level_2**2 + light) * (power_1 + power_2 + contrast)
    return float((top / bottom).mean())


def _pair(first: ActorFrame, second: ActorFrame, factor: int, make: Pair) -> Iterator[ActorFrame]:
    kin = kinship(first, second)
    if kin is not Kinship.MOVED:
        # nothing to invent, or nothing that could be: the nearer frame stands in
        for step in range(1, factor):
            nearer = first if step * 2 < factor else second
            yield ActorFrame(nearer.colour.copy(), nearer.matte.copy())
        return
    colour, matte = still_share(first.colour, second.colour), still_share(first.matte, second.matte)
    for step, frame in enumerate(make(first, second, factor), start=1):
        nearer = first if step * 2 < factor else second
        yield ActorFrame(
            _kept(frame.colour, nearer.colour, colour), _kept(frame.matte, nearer.matte, matte)
        )


def still_share(first: _U8, second: _U8) -> _F32:
    """(H, W) 0..1: how surely a pixel stands still between two frames.

    A network answers for every pixel, and never quite the same twice; what does not move must not
    shimmer, and a box has to meet the picture around it.
    """
    cv2 = require("cv2")
    change = cv2.absdiff(first, second)
    if change.ndim == 3:
        change = change.max(axis=2)
    same = (change <= _SAME).astype(np.uint8)
    away = cv2.distanceTransform(same, cv2.DIST_L2, 3)
    share: _F32 = np.clip((away - _STILL_PX) / _FADE_PX, 0.0, 1.0).astype(np.float32)
    edge = np.ones(same.shape, bool)
    edge[_EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX] = False
    share[edge & (same > 0)] = 1.0
    return share


def _kept(made: _U8, nearer: _U8, share: _F32) -> _U8:
    if not share.any():
        return made
    weight = share[..., np.newaxis] if made.ndim == 3 else share
    mixed = made + weight * (nearer.astype(np.float32) - made)
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)
