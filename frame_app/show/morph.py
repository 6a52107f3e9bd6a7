"""How the face in one picture lies to the face in another, so that a dissolve can carry it over.

Two heads in different poses, one shining through the other, are a ghost. Moved onto each other
while they change places they are one head that turns. The way between them is an affine map: the
best shift of a coarse search, refined on the brightness of the face by the inverse compositional
algorithm (Baker and Matthews, "Lucas-Kanade 20 Years On", IJCV 2004), two steps with each beat of
the dissolve.
"""

import functools
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from frame_app.cliplib.schema import Manifest
from frame_app.show.decode import Extent, Planes

_SIDE = 32  # samples across the face
_REACH = 1.5  # distances of the irises from the middle of the face to the edge of what is compared
_MIDDLE = 0.35  # of that distance below the eyes: the nose
_CARRIED = 2.8  # of them from the middle of the face to where nothing moves along: the hair's end
_COARSE = 2  # samples in one of the coarse search
_RADIUS = 5  # of the search, in coarse samples: a third of the face
_STEPS = 2  # a beat: the first beats show little of the new picture, so that the rest may follow
_BEATS = 3  # where there is time for all steps at once
_DAMPING = 1e-3  # of the largest entry; a plain face holds what turns and stretches badly
_MOST_BEND = 0.3  # a head that turns as far as a clip lets it is narrowed by less
_BETTER = 0.75  # of the difference that may be left; a way that explains less is none

Values: TypeAlias = npt.NDArray[np.float64]


class Way(NamedTuple):
    """Where in the first picture lies what the second shows at x, y: x, y + this; 0..1 of the box.

    Each row is a constant and what is added per unit of x and of y.
    """

    across: tuple[float, float, float] = (0.0, 0.0, 0.0)
    down: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def back(self) -> "Way":
        """The way from the second picture to the first, near enough for small ones."""
        (a, b, c), (d, e, f) = self
        return Way((-a, -b, -c), (-d, -e, -f))


NO_WAY = Way()


class Face(NamedTuple):
    """The part of the actor box that is compared, and its surroundings; 0..1 of the box."""

    left: float
    top: float
    width: float
    height: float
    middle: tuple[float, float]
    carried: tuple[float, float]
    """How far from the middle something is carried along, across and down."""


def face_of(manifest: Manifest) -> Face | None:
    """Where the face is in the actor box; None for a portrait without one."""
    if manifest.eyes is None:
        return None
    box, left, right = manifest.actor_box, manifest.eyes.left, manifest.eyes.right
    apart = float(np.hypot(left.x - right.x, left.y - right.y))
    x = (0.5 * (left.x + right.x) - box.x) / box.width
    y = (0.5 * (left.y + right.y) - box.y + _MIDDLE * apart) / box.height
    across, down = apart / box.width, apart / box.height
    low_x, low_y = max(x - _REACH * across, 0.0), max(y - _REACH * down, 0.0)
    width, height = min(x + _REACH * across, 1.0) - low_x, min(y + _REACH * down, 1.0) - low_y
    if min(width, height) <= 0.0 or apart == 0.0:
        return None
    return Face(low_x, low_y, width, height, (x, y), (_CARRIED * across, _CARRIED * down))


class Follower:
    """Follows the way between two pictures from beat to beat of one dissolve."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._map: Values | None = None  # see `_moved`

    def step(self, first: Planes, second: Planes) -> Way:
        """The way between two pictures; `NO_WAY` if none brings their faces together."""
        old, new = _sample(first, self._face), _sample(second, self._face)
        if self._map is None:
            self._map = _search(old, new)
        self._map, left = _refine(old, new, self._map)
        is_bent = np.abs(self._map[:2, :2] - np.eye(2)).max() > _MOST_BEND
        if is_bent or left > _BETTER * float(((old - new) ** 2).mean()):
            return NO_WAY
        return _in_box(self._map, self._face)


class Morph:
    """The ways of one dissolve, worked out in a thread while pictures are drawn.

    On the UI thread they took 2 to 10 ms beside decoders, most of it waiting for the interpreter's
    lock, which NumPy gives away with every array (measured on two cores).
    """

    def __init__(self, face: Face) -> None:
        self._follower = Follower(face)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="morph")
        self._task: Future[Way] | None = None
        self._way = NO_WAY

    def find(self, first: Planes, second: Planes) -> Way:
        """The newest way that is known; that of these two follows, a beat later."""
        if self._task is not None and self._task.done():
            self._way = self._task.result()
            self._task = None
        if self._task is None:
            self._task = self._worker.submit(self._follower.step, first, second)
        return self._way

    def close(self) -> None:
        """The dissolve is over; returns at once."""
        self._worker.shutdown(wait=False, cancel_futures=True)


class WayBook:
    """Ways between pictures that come again, each worked out once, in a thread, before its time."""

    def __init__(self, face: Face | None) -> None:
        self._face = face
        self._ways: dict[tuple[int, int], Future[Way]] = {}
        self._worker: ThreadPoolExecutor | None = None

    def knows(self, step: tuple[int, int]) -> bool:
        """Whether a step was learned, or there is nothing to learn."""
        return self._face is None or step in self._ways

    def learn(self, step: tuple[int, int], first: Planes, second: Planes) -> None:
        """Find the way between two pictures, once; returns at once."""
        if self._face is None or step in self._ways:
            return
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="ways")
        self._ways[step] = self._worker.submit(_settled, self._face, first, second)

    def find(self, step: tuple[int, int]) -> Way:
        """The way of a step if it is known by now."""
        way = self._ways.get(step)
        return way.result() if way is not None and way.done() else NO_WAY

    def close(self) -> None:
        """Learn no more until something is asked for again; what is known stays."""
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)
            self._worker = None
            self._ways = {step: way for step, way in self._ways.items() if not way.cancelled()}


def _settled(face: Face, first: Planes, second: Planes) -> Way:
    follower = Follower(face)
    return [follower.step(first, second) for _ in range(_BEATS)][-1]


def _in_box(way: Values, face: Face) -> Way:
    """From samples about the middle of the face to shares of the box."""
    size = np.array((face.width, face.height))
    middle = np.array((face.left, face.top)) + 0.5 * size
    bend = (way[:2, :2] - np.eye(2)) * (size[:, np.newaxis] / size)
    shift = way[:2, 2] * size / _SIDE - (bend * middle).sum(axis=1)
    (a, d), ((b, c), (e, f)) = shift.tolist(), bend.tolist()
    return Way((a, b, c), (d, e, f))


@functools.lru_cache(maxsize=8)
def _places(extent: Extent, face: Face) -> npt.NDArray[np.intp]:
    """Which bytes of the luma are looked at: (4, S, S), four in each sample."""
    width, height = extent
    quarters = (np.arange(2 * _SIDE) + 0.5) / (2 * _SIDE)
    columns = ((face.left + face.width * quarters) * width).astype(np.intp)
    rows = ((face.top + face.height * quarters) * height).astype(np.intp)
    every = 2 * (rows[:, np.newaxis] * width + columns)
    return np.stack([every[down::2, right::2] for down in (0, 1) for right in (0, 1)])


def _sample(planes: Planes, face: Face) -> Values:
    """Brightness of the face, (S, S), without the finest grain, which no slope can follow."""
    pixels = np.frombuffer(planes.luma, np.uint8)
    values: Values = pixels[_places(planes.extent, face)].mean(axis=0)
    values[1:-1] = 0.25 * (values[:-2] + 2.0 * values[1:-1] + values[2:])
    values[:, 1:-1] = 0.25 * (values[:, :-2] + 2.0 * values[:, 1:-1] + values[:, 2:])
    return values


def _search(old: Values, new: Values) -> Values:
    """The whole shift that fits best where the two overlap, as a map."""
    side = _SIDE // _COARSE
    small_old, small_new = (
        each.reshape(side, _COARSE, side, _COARSE).mean(axis=(1, 3)) for each in (old, new)
    )
    around = np.pad(small_old, _RADIUS, constant_values=np.nan)
    shifted = np.lib.stride_tricks.sliding_window_view(around, (side, side))
    errors = np.nanmean((shifted - small_new) ** 2, axis=(2, 3))
    row, column = divmod(int(errors.argmin()), errors.shape[1])
    found = np.eye(3)
    found[:2, 2] = _COARSE * (column - _RADIUS), _COARSE * (row - _RADIUS)
    return found


_DOWN, _ACROSS = np.indices((_SIDE, _SIDE)).astype(np.float64) - (_SIDE - 1) / 2
_LAST = _SIDE - 1.001


def _moved(values: Values, way: Values) -> tuple[Values, npt.NDArray[np.bool_]]:
    """Values looked up where `way` leads, and which of them are inside.

    `way` is a 3 x 3 matrix for x, y and 1, in samples from the middle of the face.
    """
    x, y = (a * _ACROSS + b * _DOWN + (c + (_SIDE - 1) / 2) for a, b, c in way[:2].tolist())
    inside = (x >= 0.0) & (x <= _LAST) & (y >= 0.0) & (y <= _LAST)
    x, y = x.clip(0.0, _LAST), y.clip(0.0, _LAST)
    column, row = x.astype(np.intp), y.astype(np.intp)
    x -= column
    y -= row
    flat, at = values.ravel(), row * _SIDE + column
    upper, lower = flat[at], flat[at + _SIDE]
    upper += x * (flat[at + 1] - upper)
    lower += x * (flat[at + _SIDE + 1] - lower)
    return upper + y * (lower - upper), inside


def _refine(old: Values, new: Values, way: Values) -> tuple[Values, float]:
    """Two steps on all six numbers; also the mean square that was left before the last one."""
    across, down = np.zeros_like(new), np.zeros_like(new)
    across[:, 1:-1] = 0.5 * (new[:, 2:] - new[:, :-2])
    down[1:-1] = 0.5 * (new[2:] - new[:-2])
    steepest = np.stack(
        [slope * each for slope in (across, down) for each in (_ACROSS, _DOWN, 1.0)]
    ).reshape(6, -1)
    # Not by BLAS: its threads spin for longer than these sums take.
    normal = np.einsum("ip,jp->ij", steepest, steepest)
    normal[np.diag_indices(6)] += _DAMPING * normal.diagonal() + 1e-6
    left = 0.0
    for _ in range(_STEPS):
        moved, inside = _moved(old, way)
        error = (moved - new) * inside
        left = float((error**2).sum()) / max(1, int(inside.sum()))
        step = np.eye(3)
        step[:2] += np.linalg.solve(normal, np.einsum("ip,p->i", steepest, error.ravel())).reshape(
            2, 3
        )
        way = np.einsum("ij,jk->ik", way, np.linalg.inv(step))
    return way, left
