"""Edges and colours go on into a hole, straight, for a short way.

Method: Bornemann, März, "Fast Image Inpainting Based on Coherence Transport", JMIV 2007: from the
rim inward every pixel becomes the mean of those around it that are known, weighted towards the
direction in which the edges of the neighbourhood run. That direction is handed on the same way, so
the end of a stripe at the rim becomes a stripe. Here whole shells of pixels at once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32
from frame_app.base.optional import require

_RADIUS = 4  # px of the mean
_TENSOR_PX = 1.5  # blur of the structure tensor
_SHARPNESS = 12.0  # on the squared distance from the line, per squared radius
_EDGE = (0.012, 0.03)  # of colours 0..1 per px: slopes between which something becomes an edge
_COHERENT = (0.5, 0.8)  # share of one direction in all slopes
_ENTERS = (0.2, 0.5)  # cosine between edge and the way inward: an edge along the rim says nothing
_PLAIN = 1.4  # trust at the rim, 1 at most, that its colours go on where it is plain
_SHORT = 0.8  # of the reach, at which that has faded
_BESIDE = 4  # px beside an edge that go on with it

_F32 = npt.NDArray[np.float32]
_Bool = npt.NDArray[np.bool_]


class Continued(NamedTuple):
    """What edges say about a hole."""

    colour: ImageF32
    trust: _F32
    """0..1: how surely something goes on here; where it is 0 the colour means nothing."""


def continue_edges(image: ImageF32, hole: _Bool, reach_px: float) -> Continued:
    """Continue what runs into `hole`, `reach_px` deep; trust fades over the second half of that.

    Between edges the colours of the rim go on, less far: a floor too narrow to be found again in
    the coarse pictures of a search stays a floor beside a person.

    For small pictures: edges that are many pixels wide are followed less surely.
    """
    cv2 = require("cv2")
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)
    inward = np.dstack([cv2.Sobel(depth, cv2.CV_32F, dx, 1 - dx) for dx in (0, 1)])
    inward /= np.maximum(np.linalg.norm(inward, axis=-1, keepdims=True), 1e-6)
    front = _Front(image, ~hole)
    edge, plain = np.zeros((2, *hole.shape), np.float32)
    shells = np.ceil(depth)
    for shell in range(1, int(reach_px) + 1):
        places = np.argwhere(hole & (shells == shell))
        at = places[:, 0], places[:, 1]
        if len(places):
            edge[at], plain[at] = front.advance(places, inward[at])
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _BESIDE + 1,) * 2)
    trust = cv2.GaussianBlur(cv2.dilate(edge, disc), (0, 0), _BESIDE / 3)
    trust *= np.clip(2 - 2 * depth / reach_px, 0, 1)
    plain *= np.clip(_PLAIN * (1 - depth / (_SHORT * reach_px)), 0, 1)
    trust = np.maximum(trust, plain)
    trust *= hole & (shells <= reach_px)
    return Continued(front.colour, np.asarray(trust, np.float32))


class _Front:
    """The picture as far as it is known or filled; grows with every shell."""

    def __init__(self, image: ImageF32, known: _Bool) -> None:
        # a margin that stays unknown, so that no neighbour lies outside
        flat = [(_RADIUS, _RADIUS), (_RADIUS, _RADIUS)]
        tensor, is_sure = _tensor(image, known)
        self._colour = np.pad(np.where(known[..., np.newaxis], image, 0), [*flat, (0, 0)])
        self._tensor = np.pad(tensor, [*flat, (0, 0)])
        self._is_sure = np.pad(is_sure, flat)
        """Where the tensor is known."""
        self._is_filled = np.pad(known, flat)
        reach = range(-_RADIUS, _RADIUS + 1)
        ways = [(y, x) for y in reach for x in reach if 0 < y * y + x * x <= _RADIUS**2]
        self._ways = np.array(ways)
        self._length = np.hypot(self._ways[:, 0], self._ways[:, 1]).astype(np.float32)

    @property
    def colour(self) -> ImageF32:
        """(H, W, 3), 0 where nothing is known yet."""
        return np.ascontiguousarray(self._colour[_RADIUS:-_RADIUS, _RADIUS:-_RADIUS], np.float32)

    def advance(self, places: npt.NDArray[np.int64], inward: _F32) -> tuple[_F32, _F32]:
        """Fill `places`, (N, 2) rows and columns, at once.

        Args:
            places: The next shell of the hole.
            inward: (N, 2) unit vectors away from the rim, down and right.

        Returns:
            0..1 each: where an edge runs inward, and where nothing runs at all.
        """
        width = self._is_filled.shape[1]
        at = (places[:, 0] + _RADIUS) * width + places[:, 1] + _RADIUS
        around = at[:, np.newaxis] + self._ways[:, 0] * width + self._ways[:, 1]
        sure = self._is_sure.ravel()[around] / self._length
        tensors = self._tensor.reshape(-1, 3)[around]
        tensor = _weighted(sure, tensors)
        # once more with the neighbours along the edge that the first mean shows
        tensor = _weighted(sure * self._line(_main(tensor)), tensors)
        edge = _main(tensor)
        plain = self._is_filled.ravel()[around] / self._length
        colours = self._colour.reshape(-1, 3)[around]
        self._colour.reshape(-1, 3)[at] = _weighted(plain * (self._line(edge) + 1e-9), colours)
        self._tensor.reshape(-1, 3)[at] = tensor
        self._is_sure.ravel()[at] = sure.any(axis=1)
        self._is_filled.ravel()[at] = True
        down, right = edge.normal.T
        enters = np.abs(down * inward[:, 1] - right * inward[:, 0])
        found = _ramp(edge.slope, _EDGE) * _ramp(edge.share, _COHERENT) * _ramp(enters, _ENTERS)
        return np.asarray(found * sure.any(axis=1), np.float32), 1 - _ramp(edge.slope, _EDGE)

    def _line(self, edge: "_Edge") -> _F32:
        """(N, M) weights of the ways: 1 along the edge, less across."""
        down, right = (edge.normal[:, axis, np.newaxis] * self._ways[:, axis] for axis in (0, 1))
        across = (down + right) / _RADIUS
        return np.asarray(np.exp(-_SHARPNESS * edge.share[:, np.newaxis] * across**2), np.float32)


class _Edge(NamedTuple):
    """The main edge at each of N places."""

    slope: _F32
    """Across it, of colours 0..1 per px."""
    share: _F32
    """0..1 of all slopes there."""
    normal: _F32
    """(N, 2) down, right; of unit length."""


def _tensor(image: ImageF32, known: _Bool) -> tuple[_F32, _Bool]:
    """(H, W, 3) products of slopes (down down, down right, right right), and where it is known."""
    cv2 = require("cv2")
    whole = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1)
    down, right = (cv2.Sobel(image, cv2.CV_32F, dx, 1 - dx) / 8 for dx in (0, 1))
    pairs = (down, down), (down, right), (right, right)
    products = np.dstack([(one * two).sum(axis=-1) for one, two in pairs])
    mass = cv2.GaussianBlur(whole.astype(np.float32), (0, 0), _TENSOR_PX)
    summed = cv2.GaussianBlur(products * whole[..., np.newaxis], (0, 0), _TENSOR_PX)
    tensor = summed / np.maximum(mass, 1e-6)[..., np.newaxis]
    return np.asarray(tensor, np.float32), np.asarray(whole > 0)


def _main(tensor: _F32) -> _Edge:
    down, both, right = tensor.T
    half, root = (down + right) / 2, np.sqrt(((down - right) / 2) ** 2 + both * both)
    large, small = half + root, np.maximum(half - root, 0)
    angle = np.arctan2(2 * both, down - right) / 2
    normal = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _Edge(np.sqrt(large), (large - small) / np.maximum(large + small, 1e-9), normal)


def _weighted(weights: _F32, values: _F32) -> _F32:
    """(N, C) means of (N, M, C) values by (N, M) weights; 0 where nothing has a weight."""
    total = np.einsum("ij,ijk->ik", weights, values)
    return np.asarray(total / np.maximum(weights.sum(axis=1), 1e-12)[:, np.newaxis], np.float32)


def _ramp(value: _F32, span: tuple[float, float]) -> _F32:
    return np.clip((value - span[0]) / (span[1] - span[0]), 0, 1)
