"""Closed-form matting.

Method: Levin, Lischinski, Weiss, "A Closed-Form Solution to Natural Image Matting", TPAMI 2008: in
every 3 x 3 window colours lie on two lines, which makes alpha an affine function of colour and the
matting cost quadratic. Known pixels are eliminated, so the system has one row per unknown pixel.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, MaskF32
from frame_app.base.optional import require

if TYPE_CHECKING:
    from scipy import sparse

_EPSILON = 1e-5  # regularises flat windows; colours are 0..1
_CHUNK = 16_000  # windows worked on at once, bounds memory
_TOLERANCE = 1e-4
_MAX_ITERATIONS = 600

_Bool = npt.NDArray[np.bool_]
_F64 = npt.NDArray[np.float64]
_Index = npt.NDArray[np.int32]


def solve_alpha(
    image: ImageF32, known: MaskF32, prior: MaskF32, prior_weight: float
) -> tuple[MaskF32, int]:
    """Alpha where it is unknown.

    Args:
        image: Colours, 0..1.
        known: 0 or 1 where sure, NaN where alpha is wanted.
        prior: A guess of alpha, 0..1, that the solution is drawn to.
        prior_weight: How strongly; 0.001 only settles what colours leave open.

    Returns:
        Alpha and the number of solver iterations; a number equal to the limit means that the
        solution is not exact.
    """
    unknown = np.isnan(known)
    count = int(unknown.sum())
    alpha = np.where(unknown, prior, known).astype(np.float64)
    if count == 0 or min(image.shape[:2]) < 3:
        return alpha.astype(np.float32), 0
    inner, right = _system(image, unknown, np.nan_to_num(known).astype(np.float64))
    inner += prior_weight * require("scipy.sparse").identity(count, format="csr")
    right += prior_weight * prior[unknown]
    solution, steps = _solve(inner, right, prior[unknown].astype(np.float64))
    alpha[unknown] = np.clip(solution, 0.0, 1.0)
    return alpha.astype(np.float32), steps


def _solve(matrix: "sparse.csr_matrix", right: _F64, start: _F64) -> tuple[_F64, int]:
    """Conjugate gradients, preconditioned by the diagonal.

    SciPy's own takes its dot products from BLAS, whose last bits follow the number of threads; the
    same picture has to give the same bytes on any machine.
    """
    scale = 1.0 / np.maximum(matrix.diagonal(), 1e-9)
    found = start.copy()
    residual = right - matrix @ found
    limit = _TOLERANCE**2 * float((right * right).sum())
    towards = scale * residual
    direction = towards.copy()
    power = float((residual * towards).sum())
    for step in range(_MAX_ITERATIONS):
        if float((residual * residual).sum()) <= limit:
            return found, step
        image = matrix @ direction
        length = power / float((direction * image).sum())
        found += length * direction
        residual -= length * image
        towards = scale * residual
        power, last = float((residual * towards).sum()), power
        direction = towards + (power / last) * direction
    return found, _MAX_ITERATIONS


def _system(image: ImageF32, unknown: _Bool, known: _F64) -> "tuple[sparse.csr_matrix, _F64]":
    """Rows of the matting Laplacian of the unknown pixels; known columns on the right side.

    A row has 25 entries at most, those of the pixels whose windows overlap its own, so the sums are
    kept as one value per way and row; a list of all 81 entries of all windows takes thrice as long.
    """
    width = unknown.shape[1]
    count = int(unknown.sum())
    number = np.full(unknown.size, count, np.int32)  # known pixels share a row that is dropped
    number[unknown.ravel()] = np.arange(count, dtype=np.int32)
    entries = np.zeros((25, count + 1))
    windows = _windows_touching(unknown)
    flat = image.reshape(-1, 3)
    for start in range(0, windows.shape[1], _CHUNK):
        pixels = windows[:, start : start + _CHUNK]
        row = number[pixels]
        for i, j, weight in _affinities(flat[pixels]):
            entries[_way(i, j)][row[i]] += weight  # a window names a row once: plain sums are safe
            if i != j:
                entries[_way(j, i)][row[j]] += weight
    entries = np.ascontiguousarray(entries[:, :count].T)
    steps = np.array([dy * width + dx for dy in range(-2, 3) for dx in range(-2, 3)])
    beside = np.flatnonzero(unknown)[:, np.newaxis] + steps
    beside = np.clip(beside, 0, unknown.size - 1)  # ways out of the picture have no weight
    column = number[beside]
    right = -np.where(column == count, entries * known.ravel()[beside], 0.0).sum(axis=1)
    used = (column < count) & (entries != 0.0)
    starts = np.concatenate([[0], np.cumsum(used.sum(axis=1))]).astype(np.int32)
    inner = require("scipy.sparse").csr_matrix(
        (entries[used], column[used], starts), shape=(count, count)
    )
    return inner, right


def _way(i: int, j: int) -> int:
    """Number, 0..24, of the way from pixel `i` of a window to pixel `j`."""
    return (j // 3 - i // 3 + 2) * 5 + (j % 3 - i % 3 + 2)


def _windows_touching(unknown: _Bool) -> _Index:
    """(9, N) flat pixel indices of all 3 x 3 windows with at least one unknown pixel."""
    height, width = unknown.shape
    touched = np.zeros((height - 2, width - 2), bool)
    for dy in range(3):
        for dx in range(3):
            touched |= unknown[dy : dy + height - 2, dx : dx + width - 2]
    top, left = np.nonzero(touched)
    corner = (top * width + left).astype(np.int32)
    steps = np.array([dy * width + dx for dy in range(3) for dx in range(3)], np.int32)
    return np.asarray(corner[np.newaxis] + steps[:, np.newaxis], np.int32)


def _affinities(colours: npt.NDArray[np.float32]) -> Iterator[tuple[int, int, _F64]]:
    """Share of each window in the Laplacian for each pair `i <= j` of its pixels.

    `colours` is (9, N, 3). All arithmetic runs along the windows: LAPACK and small matrix products
    take ten times as long on a hundred thousand 3 x 3 matrices.
    """
    centred = np.ascontiguousarray(colours.transpose(0, 2, 1), np.float64)  # (9, 3, N)
    centred -= centred.mean(axis=0)
    projected = np.empty_like(centred)
    a, b, c, d, e, f = (
        (centred[:, one] * centred[:, two]).mean(axis=0) + (one == two) * _EPSILON / 9
        for one, two in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    )
    # the inverse of the symmetric covariance, by cofactors
    aa, ab, ac = d * f - e * e, c * e - b * f, b * e - c * d
    bb, bc, cc = a * f - c * c, b * c - a * e, a * d - b * b
    scale = 1.0 / (9 * (a * aa + b * ab + c * ac))
    for number, row in enumerate(((aa, ab, ac), (ab, bb, bc), (ac, bc, cc))):
        total = row[0] * centred[:, 0] + row[1] * centred[:, 1] + row[2] * centred[:, 2]
        projected[:, number] = total * scale
    for i in range(9):
        for j in range(i, 9):
            alike = (projected[i] * centred[j]).sum(axis=0)
            yield i, j, (i == j) - 1 / 9 - alike
