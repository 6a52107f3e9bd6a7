"""Filling a hole with patches of its surroundings.

Method: Wexler, Shechtman, Irani, "Space-Time Completion of Video", TPAMI 2007 (every patch of the
filled picture shall look like a patch of the known part; coarse to fine), with the search of Barnes
et al., "PatchMatch", SIGGRAPH 2009, done for all pixels at once. Patches from far away cost more,
in height above all, so that light, horizons and walls go on where they are.

Patches are compared by the lower part of their cosine transform (10 numbers of light, 3 of each of
two colours), one cache line each: a fifth of the time of comparing all 75 values, and blind only
to what grain does anyway.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32
from frame_app.base.optional import require
from prerender.engines.pyramid import push_pull
from prerender.engines.transport import Continued, continue_edges

_RADIUS = 2  # of a patch, px
_FINEST = 4  # cosines of light whose orders add up to less are compared
_COARSEST_PX = 36  # long side of the first level
_ROUNDS = 3  # search and vote per level
_SEARCHES = 2  # passes of propagation and random search per round
_FAR_ACROSS = 0.35  # cost of a source one long side away, against squared colours 0..1
_FAR_DOWN = 1.4
_LIVELY = 0.6  # cost of a source's own variance where a patch has nothing known to answer to
_USUAL = 0.75  # quantile of the known patches' variance that is no excess
_EDGES_PX = 160  # long side of the picture in which edges are followed into the hole
_EDGES_REACH = 0.11  # of the long side: from there on the plate is all smooth
_INWARD = 0.93  # trust lost per pixel away from the rim of the hole

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]
_Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """A filled picture, and where each of its pixels was taken from."""

    image: ImageF32
    source: _Index | None
    """(H, W, 2) row and column of the source; a pixel's own place where nothing was filled. None
    if the filling is only smooth, for want of any whole patch of known pixels."""


@dataclass(slots=True, eq=False)
class _Level:
    """One size of the picture during the search; places are flat indices of a padded grid."""

    image: _F32
    hole: _Bool
    allowed: _Bool
    active: _Bool
    """Pixels of the hole that are filled by patches; the rest of it stays as it is guessed."""
    targets: _Index
    trust: _F32
    variance: _F32
    """Of the patch around each pixel, beyond what is usual: things have much, ground has none."""
    unknown: _F32
    """Share of the patch around each target that lies in the hole."""


def fill_by_patches(
    image: ImageF32,
    hole: _Bool,
    seed: int,
    avoid: _Bool | None = None,
    depth: float = float("inf"),
) -> Filled:
    """Fill `hole` of a small picture (up to about 400 px); the same seed gives the same pixels.

    Without any whole patch of known pixels the filling is smooth.

    Args:
        image: The picture; what it has in the hole does not matter.
        hole: Where nothing is known.
        seed: Of the random search.
        avoid: Known pixels that must not be copied.
        depth: Long sides from the rim of the hole at which patches end; deeper it is smooth.
    """
    pictures = _pyramid(image, hole)
    edges = _edges(pictures, avoid)
    generator = np.random.default_rng(seed)
    source: _Index | None = None
    known: _F32 = pictures[-1][0]
    guess = push_pull(known, 1.0 - pictures[-1][1].astype(np.float32))
    for picture, gap in reversed(pictures):
        height, width = gap.shape
        level = _level(picture, gap, _none_of(avoid, gap.shape), depth * max(height, width))
        if level is None:
            guess = push_pull(picture, 1.0 - gap.astype(np.float32))
            continue
        guess = _resized(guess, width, height)
        guess[~gap] = picture[~gap]
        trust = _with_edges(guess, gap, edges)
        level.unknown *= (1.0 - trust[level.targets[:, 0], level.targets[:, 1]]) ** 2
        source = _carried(source, level, generator)
        for _ in range(_ROUNDS):
            cost = _search(level, guess, source, generator)
            guess = _vote(level, guess, source, cost)
            deep = gap & ~level.active
            if deep.any():
                smooth = push_pull(guess, 1.0 - deep.astype(np.float32))
                guess = np.where(deep[..., np.newaxis], smooth, guess)
    if source is None or source.shape[:2] != hole.shape:
        return Filled(guess, None)
    return Filled(guess, source)


def _edges(pictures: list[tuple[_F32, _Bool]], avoid: _Bool | None) -> Continued:
    """What runs into the hole, and is not to be avoided, followed in a picture of a middle size."""
    picture, gap = next(
        (each for each in pictures if max(each[1].shape) <= _EDGES_PX), pictures[-1]
    )
    barred = gap | _none_of(avoid, gap.shape)
    return continue_edges(picture, barred, _EDGES_REACH * max(gap.shape))


def _with_edges(guess: _F32, gap: _Bool, edges: Continued) -> _F32:
    """Draw `edges` into the hole of `guess`, in place; returns their trust at this size."""
    cv2 = require("cv2")
    size = (gap.shape[1], gap.shape[0])
    how = cv2.INTER_AREA if gap.shape[0] < edges.trust.shape[0] else cv2.INTER_LINEAR
    drawn = cv2.resize(edges.colour * edges.trust[..., np.newaxis], size, interpolation=how)
    trust = np.asarray(cv2.resize(edges.trust, size, interpolation=how) * gap, np.float32)
    guess[gap] = ((1 - trust)[..., np.newaxis] * guess + drawn)[gap]
    return trust


def _none_of(avoid: _Bool | None, shape: tuple[int, ...]) -> _Bool:
    """`avoid` at the size of a level: a pixel that holds any of it is avoided."""
    if avoid is None:
        return np.zeros(shape, bool)
    cv2 = require("cv2")
    size = (shape[1], shape[0])
    share = cv2.resize(avoid.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(share > 0.01)


def _pyramid(image: _F32, hole: _Bool) -> list[tuple[_F32, _Bool]]:
    """Halved until small enough; colours are averaged over known pixels only."""
    cv2 = require("cv2")
    levels = [(image, hole)]
    while max(levels[-1][1].shape) > _COARSEST_PX * 2:
        picture, gap = levels[-1]
        height, width = gap.shape
        size = ((width + 1) // 2, (height + 1) // 2)
        weight = 1.0 - gap.astype(np.float32)
        mass = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
        summed = cv2.resize(picture * weight[..., np.newaxis], size, interpolation=cv2.INTER_AREA)
        coarse = summed / np.maximum(mass, 1e-6)[..., np.newaxis]
        levels.append((coarse.astype(np.float32), mass < 0.5))
    return levels


def _level(picture: _F32, hole: _Bool, avoid: _Bool, depth_px: float) -> _Level | None:
    cv2 = require("cv2")
    side = 2 * _RADIUS + 1
    kernel = np.ones((side, side), np.uint8)
    near = cv2.dilate(hole.astype(np.uint8), kernel) > 0
    allowed = ~near & ~(cv2.dilate(avoid.astype(np.uint8), kernel) > 0)
    allowed[:_RADIUS] = allowed[-_RADIUS:] = False
    allowed[:, :_RADIUS] = allowed[:, -_RADIUS:] = False
    if not allowed.any() or not hole.any():
        return None
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)
    trust = np.power(_INWARD, np.minimum(depth, 60)).astype(np.float32)
    variance = cv2.boxFilter(picture * picture, -1, (side, side))
    variance -= cv2.boxFilter(picture, -1, (side, side)) ** 2
    variance = np.maximum(variance.sum(axis=-1), 0.0)
    # a landscape is lively all over: only what stands out of the surroundings counts
    variance = np.maximum(variance - np.quantile(variance[allowed], _USUAL), 0.0)
    active = hole & (depth <= depth_px)
    targets = np.argwhere(near & (depth <= depth_px + _RADIUS))
    share = cv2.boxFilter(hole.astype(np.float32), -1, (side, side))
    return _Level(
        picture,
        hole,
        allowed,
        active,
        targets,
        trust,
        variance.astype(np.float32),
        share[targets[:, 0], targets[:, 1]] ** 2,
    )


def _carried(source: _Index | None, level: _Level, generator: np.random.Generator) -> _Index:
    """Sources for this level: those of the coarser one, doubled; random where that is no source."""
    height, width = level.hole.shape
    rows, columns = np.mgrid[0:height, 0:width]
    own = np.stack([rows, columns], axis=-1)
    places = np.argwhere(level.allowed)
    result = places[generator.integers(0, len(places), (height, width))]
    if source is not None:
        half = source[
            np.minimum(rows // 2, len(source) - 1), np.minimum(columns // 2, source.shape[1] - 1)
        ]
        doubled = half * 2 + own % 2
        doubled[..., 0] = np.clip(doubled[..., 0], 0, height - 1)
        doubled[..., 1] = np.clip(doubled[..., 1], 0, width - 1)
        fits = level.allowed[doubled[..., 0], doubled[..., 1]]
        result[fits] = doubled[fits]
    near = np.zeros((height, width), bool)
    near[level.targets[:, 0], level.targets[:, 1]] = True
    result[~near] = own[~near]
    return np.asarray(result, np.int64)


def _search(level: _Level, guess: _F32, source: _Index, generator: np.random.Generator) -> _F32:
    """Improve `source` in place; returns the cost of each target."""
    height, width = level.hole.shape
    look = _descriptors(guess)
    flat = look.reshape(-1, look.shape[-1])
    rows, columns = level.targets[:, 0], level.targets[:, 1]
    wanted = look[rows, columns]
    best = source[rows, columns]
    reach = float(max(height, width))
    lively_at = level.variance.ravel()

    def cost_of(candidate: _Index) -> _F32:
        place = candidate[:, 0] * width + candidate[:, 1]
        difference = flat.take(place, axis=0)
        difference -= wanted
        total = np.einsum("ij,ij->i", difference, difference)
        away = ((candidate - level.targets) / reach).astype(np.float32)
        far = _FAR_DOWN * away[:, 0] ** 2 + _FAR_ACROSS * away[:, 1] ** 2
        lively = lively_at.take(place) * level.unknown
        return np.asarray(total + 0.1 * far + _LIVELY * lively, np.float32)

    cost = cost_of(best)

    def propose(candidate: _Index) -> None:
        candidate[:, 0] = np.clip(candidate[:, 0], 0, height - 1)
        candidate[:, 1] = np.clip(candidate[:, 1], 0, width - 1)
        valid = level.allowed[candidate[:, 0], candidate[:, 1]]
        candidate = np.where(valid[:, np.newaxis], candidate, best)
        offered = cost_of(candidate)
        better = offered < cost
        best[better] = candidate[better]
        cost[better] = offered[better]
        source[rows, columns] = best

    for number in range(_SEARCHES):
        jump = 1 if number % 2 else 2
        for dy, dx in ((0, jump), (jump, 0), (0, -jump), (-jump, 0)):
            beside_row = np.clip(rows + dy, 0, height - 1)
            beside_column = np.clip(columns + dx, 0, width - 1)
            propose(source[beside_row, beside_column] - (dy, dx))
        radius = reach / 2
        while radius >= 1:
            propose(best + np.rint(generator.uniform(-radius, radius, best.shape)).astype(np.int64))
            radius /= 3
    return cost


def _vote(level: _Level, guess: _F32, source: _Index, cost: _F32) -> _F32:
    """Each pixel of the hole becomes the mean of what the patches over it say."""
    height, width = level.hole.shape
    rows, columns = level.targets[:, 0], level.targets[:, 1]
    spread = max(float(np.quantile(cost, 0.75)), 1e-6)
    weight = np.exp(-cost / (2 * spread)).astype(np.float32) * level.trust[rows, columns] + 1e-6
    total = np.zeros((height * width, 3))
    mass = np.zeros(height * width)
    found = source[rows, columns]
    for dy, dx in _window():
        row, column = rows + dy, columns + dx
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        place = (row * width + column)[inside]
        share = weight[inside]
        colour = level.image[found[inside, 0] + dy, found[inside, 1] + dx]
        mass += np.bincount(place, share, height * width)
        for channel in range(3):
            total[:, channel] += np.bincount(place, share * colour[:, channel], height * width)
    voted = (total / np.maximum(mass, 1e-12)[:, np.newaxis]).reshape(height, width, 3)
    result = guess.copy()
    result[level.active] = voted[level.active]
    return result


def _descriptors(picture: _F32) -> _F32:
    """(H, W, 16): the coarse part of each patch; squared distances are means over its pixels."""
    cv2 = require("cv2")
    red, green, blue = (picture[..., channel] for channel in range(3))
    light = (red + green + blue) / 3**0.5
    tints = ((red - blue) / 2**0.5, (red - 2 * green + blue) / 6**0.5)
    waves = _cosines()
    order = range(_FINEST)
    planes = [
        cv2.sepFilter2D(plane, cv2.CV_32F, waves[x], waves[y], borderType=cv2.BORDER_REPLICATE)
        for plane, finest in ((light, _FINEST), *((tint, 2) for tint in tints))
        for y in order
        for x in order
        if x + y < finest
    ]
    return np.ascontiguousarray(np.dstack(planes))


def _cosines() -> _F32:
    """Rows of the cosine transform of a patch's side, scaled so that squares give means."""
    side = 2 * _RADIUS + 1
    at = (np.arange(side) + 0.5) * np.pi / side
    waves = np.stack([np.cos(number * at) for number in range(_FINEST)])
    waves /= np.linalg.norm(waves, axis=1, keepdims=True) * side**0.5
    return np.asarray(waves, np.float32)


def _window() -> list[tuple[int, int]]:
    reach = range(-_RADIUS, _RADIUS + 1)
    return [(dy, dx) for dy in reach for dx in reach]


def _resized(image: _F32, width: int, height: int) -> _F32:
    if image.shape[:2] == (height, width):
        return image.copy()
    cv2 = require("cv2")
    resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, np.float32)
