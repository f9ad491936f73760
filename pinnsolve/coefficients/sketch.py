"""Sketched Cholesky-QR: least squares by matrix products, as accurate as Householder's QR.

A sketch S A has twice as many rows as columns, each a sum of some rows of A with random signs, and
|S A c| is within a small factor of |A c| for every c. So the triangle R_s of [S A; ridge] makes
A R_s^-1 well-conditioned: the Gram matrix G of [A; ridge] R_s^-1, whose eigenvalues are 0.4 to 8,
may be factorized by Cholesky, and the factor of [A; ridge] is chol(G) R_s. One refinement with the
true residual, which is asked for anyway, halves the error (1.1e-14 for 2.9e-14). The ridge has to
be in the sketch: without it R_s is singular to round-off.

(Rokhlin, Tygert, "A fast randomized algorithm for overdetermined
linear least-squares regression", PNAS 105, 2008; Yamamoto et al., "Roundoff error analysis of the
CholeskyQR2 algorithm", ETNA 44, 2015.)

Rows come three times, in blocks, on the device where the functions are. Nearly all of it is
products and solves with many right sides, which is what a GPU does well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from pinnsolve.coefficients.ridges import Ridges
from pinnsolve.coefficients.solved import (
    HeldOut,
    Ridged,
    Scaling,
    Solved,
    blank,
    condition_of,
    require_rows,
    solved_by,
)
from pinnsolve.coefficients.tall import turned_onto_ridge
from pinnsolve.coefficients.triangles import RIDGE, spectral_norm
from pinnsolve.discretize.streamed import Streamed


@dataclass(frozen=True)
class Sketching:
    """How rows are mixed."""

    # Rows of the sketch a column: eigenvalues of G were 0.4 to 8 with two
    rows: int = 2
    # Rows of the sketch that each row is added to: with one, two rows that meet may cancel
    signs: int = 4
    # Columns of G at a time, of which the half above the diagonal is not computed twice
    columns: int = 512


SKETCHING = Sketching()


def sketched_least_squares(
    rows: Streamed, held_out: HeldOut | None = None, seed: int = 0
) -> Solved:
    """The minimizer of |A c - b| with a ridge at round-off, and what is known of it, as
    `least_squares` gives it. Raises ValueError if there are fewer rows than columns.
    """
    require_rows(rows.rows, rows.columns)
    condition, ridge, factor, c = _minimizer(rows, sketch_of(rows, seed))
    change, outside = _refinement(rows, ridge, factor, c)
    c, factor = (c + change).cpu(), factor.cpu()
    scaling = Scaling(rows.rows, rows.norms.cpu(), rows.unit, rows.size)
    n = rows.columns
    solver = Ridges(factor, factor @ c, blank(factor, n))
    return solved_by(solver, Ridged(ridge, c, factor), outside, condition, scaling, held_out)


def sketch_of(rows: Streamed, seed: int) -> Tensor:
    """S [A, b], `(sketch_rows, columns + 1)` in Fortran order: each row of [A, b] is added, with
    random signs, to some rows of the sketch.
    """
    n, signs = SKETCHING.rows * rows.columns, SKETCHING.signs
    sketch = rows.norms.new_zeros(rows.columns + 1, n)
    generator = torch.Generator().manual_seed(seed)
    for block in rows.blocks():
        shape = (signs, len(block))
        places = torch.randint(n, shape, generator=generator).to(block.device)
        flips = torch.randint(2, shape, generator=generator).to(block) * 2 - 1
        for place, flip in zip(places, flips, strict=True):
            sketch.index_add_(1, place, block.T * (flip / signs**0.5))
    return sketch.T


def _minimizer(rows: Streamed, sketch: Tensor) -> tuple[float, float, Tensor, Tensor]:
    """The condition of A, the ridge, the factor of [A; ridge] and the minimizer by it; the sketch
    is worked in.
    """
    n = rows.columns
    torch.geqrf(sketch, out=(sketch, sketch.new_empty(n + 1)))
    r = sketch[:n, :n].triu_()
    condition, ridge = condition_of(r.cpu()), RIDGE * spectral_norm(r)
    triangle = r.T.contiguous().T
    turned_onto_ridge(triangle, ridge)
    gram, right = r.zero_(), _products(rows, triangle, ridge, r)
    cholesky, failed = gram, torch.empty((), dtype=torch.int32, device=gram.device)
    torch.linalg.cholesky_ex(gram, upper=True, out=(cholesky, failed))
    assert not failed, "the sketch preconditions: its Gram matrix is well-conditioned"
    half = torch.linalg.solve_triangular(cholesky.T, right[:, None], upper=False)
    whole = torch.linalg.solve_triangular(cholesky, half, upper=True)
    c = torch.linalg.solve_triangular(triangle, whole, upper=True)[:, 0]
    return condition, ridge, cholesky @ triangle, c


def _products(rows: Streamed, triangle: Tensor, ridge: float, gram: Tensor) -> Tensor:
    """(A R_s^-1)' b; above the diagonal of `gram (n, n)` is added the Gram matrix of [A; ridge]
    R_s^-1.
    """
    n, right = rows.columns, triangle.new_zeros(rows.columns)
    for block in rows.blocks():
        part = torch.linalg.solve_triangular(triangle, block[:, :-1], upper=True, left=False)
        _add_squares(gram, part)
        right += part.T @ block[:, -1]
    for start in range(0, n, SKETCHING.columns):
        unit = triangle.new_zeros(min(SKETCHING.columns, n - start), n - start)
        unit.fill_diagonal_(ridge)
        own = triangle[start:, start:]
        part = torch.linalg.solve_triangular(own, unit, upper=True, left=False)
        _add_squares(gram[start:, start:], part)
    return right


def _add_squares(gram: Tensor, part: Tensor) -> None:
    """gram += part' part, above the diagonal, and of blocks on it all."""
    for start in range(0, part.shape[1], SKETCHING.columns):
        own = slice(start, start + SKETCHING.columns)
        gram[own, start:].addmm_(part[:, own].T, part[:, start:])


def _refinement(rows: Streamed, ridge: float, factor: Tensor, c: Tensor) -> tuple[Tensor, float]:
    """What is to be added to coefficients c, by the residual that they leave; and the norm of what
    is left over then.
    """
    left, gradient = 0.0, -(ridge**2) * c
    for block in rows.blocks():
        rest = block[:, -1] - block[:, :-1] @ c
        gradient += block[:, :-1].T @ rest
        left += float(rest.square().sum())
    half = torch.linalg.solve_triangular(factor.T, gradient[:, None], upper=False)
    change = torch.linalg.solve_triangular(factor, half, upper=True)[:, 0]
    # The residual is orthogonal to the range by then: what the change takes is known.
    return change, math.sqrt(max(left - float(half.square().sum()), 0.0))
