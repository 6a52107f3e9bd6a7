"""Closed-form matting.

Method: Levin, Lischinski, Weiss, "A Closed-Form Solution to Natural Image Matting", TPAMI 2008: in
every 3 x 3 window colours lie on two lines, which makes alpha an affine function of colour and the
matting cost quadratic. Known pixels are eliminated, so the system has one row per unknown pixel.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from frame_app.base.arrays import ImageF32, MaskF32
from frame_app.base.optional import require

if TYPE_CHECKING:
    from scipy import sparse

_EPSILON = 1e-5  # regularises flat windows; colours are 0..1
_CHUNK = 40_000  # windows worked on at once, bounds memory
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
    """Rows of the matting Laplacian of the unknown pixels; known columns on the right side."""
    height, width = unknown.shape
    count = int(unknown.sum())
    number = np.full(height * width, -1, np.int32)
    number[unknown.ravel()] = np.arange(count, dtype=np.int32)
    windows = _windows_touching(unknown)
    right = np.zeros(count)
    sparse_matrix = require("scipy.sparse").csr_matrix
    inner = sparse_matrix((count, count))
    flat, values = image.reshape(-1, 3), known.ravel()
    for start in range(0, len(windows), _CHUNK):
        pixels = windows[start : start + _CHUNK]
        weights = _affinity(flat[pixels])
        rows = np.repeat(number[pixels], 9, axis=1).ravel()
        columns = np.tile(number[pixels], (1, 9)).ravel()
        entries = weights.reshape(len(pixels), 81).ravel()
        both = (rows >= 0) & (columns >= 0)
        inner = inner + sparse_matrix(
            (entries[both], (rows[both], columns[both])), shape=(count, count)
        )
        half = (rows >= 0) & (columns < 0)
        beside = np.tile(values[pixels], (1, 9)).ravel()
        right -= np.bincount(rows[half], entries[half] * beside[half], minlength=count)
    return inner, right


def _windows_touching(unknown: _Bool) -> _Index:
    """(N, 9) flat pixel indices of all 3 x 3 windows with at least one unknown pixel."""
    height, width = unknown.shape
    touched = np.zeros((height - 2, width - 2), bool)
    for dy in range(3):
        for dx in range(3):
            touched |= unknown[dy : dy + height - 2, dx : dx + width - 2]
    top, left = np.nonzero(touched)
    corner = (top * width + left).astype(np.int32)
    steps = np.array([dy * width + dx for dy in range(3) for dx in range(3)], np.int32)
    return np.asarray(corner[:, np.newaxis] + steps[np.newaxis], np.int32)


def _affinity(colours: npt.NDArray[np.float32]) -> _F64:
    """(N, 9, 9) share of each window in the Laplacian, from its (N, 9, 3) colours."""
    centred = colours.astype(np.float64)
    centred -= centred.mean(axis=1, keepdims=True)
    covariance = np.einsum("nki,nkj->nij", centred, centred) / 9
    covariance += np.eye(3) * (_EPSILON / 9)
    projected = np.einsum("nki,nij->nkj", centred, np.linalg.inv(covariance))
    weights: _F64 = np.einsum("nki,nli->nkl", projected, centred)
    return np.eye(9) - (1.0 + weights) / 9
