"""Minimizers with a ridge, from the triangle of one factorization; and which ridge does best on
rows that it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from pinnsolve.coefficients.tall import PANELS, turned_onto_ridge
from pinnsolve.discretize.assemble import LeastSquaresProblem
from pinnsolve.fields.arrays import tensor_of

# A ridge, and a room, to coefficients and factor.
_Way = Callable[[float, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Competition:
    """Which larger ridges compete on held-out rows, when, and which of them wins."""

    # A residual, relative to the right-hand side, so small that the smallest ridge is the best.
    not_below: float = 1e-8
    # Multiples of the smallest ridge: squares of the large ones are no round-off.
    large: tuple[float, ...] = (1e8, 1e10, 1e12)
    # These cost a QR each: they are tried only where the large ones leave a doubt.
    between: tuple[float, ...] = (1e3, 1e6)
    # A held-out residual this many times that of the rows is as good as can be expected.
    tamed: float = 2.0
    # Coefficients this small against others, that do as well, make those suspect.
    suspicious: float = 1e-4
    # A residual this many times the smallest is as good, if the ridge is larger.
    nearly: float = 1.1
    # And this many times that of the smallest ridge so bad, that still larger ones are not asked.
    worse: float = 10.0


COMPETITION = Competition()


def room_below(a: Tensor, n: int) -> Tensor:
    """An array `(n, n + 1)` to work in: the rows below the triangle, which nobody reads any more,
    if there are enough.
    """
    below = a[n + 1 : 2 * n + 1]
    return below if len(below) == n else a.new_empty(n, n + 1)


def rank_of(factor: Tensor, ridge: float) -> float:
    """sum s^2 / (s^2 + ridge^2), over the singular values s of the matrix whose factor `(n, n)`,
    ridge included, this is.

    By the norm of the factor's inverse, some of its columns at a time; those on the left have no
    entries below.
    """
    n = len(factor)
    # With F'F = R'R + ridge^2 the sum is n - ridge^2 |F^-1|^2: no singular values are needed.
    half = n // 2
    squares = _squares_of_inverse(factor, half) + _squares_of_inverse(factor[:half, :half], 0)
    return n - ridge**2 * squares


def _squares_of_inverse(factor: Tensor, first: int) -> float:
    """The sum of squares of the inverse's columns from the `first` on."""
    n, squares = len(factor), 0.0
    for start in range(first, n, PANELS.columns):
        unit = factor.new_zeros(n, min(PANELS.columns, n - start))
        unit[start:].fill_diagonal_(1.0)
        squares += float(torch.linalg.solve_triangular(factor, unit, upper=True).square().sum())
    return squares


@dataclass(frozen=True)
class Ridges:
    """min |R c - d|^2 + |ridge c|^2 for any ridge: coefficients, and the upper triangular factor
    with the ridge in it.

    The `place (n, n + 1)` is for R'R. Factors are written into a `room()`: one that is used again
    and again, since memory that is freed and asked for again is scattered, and grows.
    """

    r: Tensor
    d: Tensor
    place: Tensor

    def gram(self) -> Tensor:
        """R'R, `(n, n)`, in its place; on and above the diagonal: a third of the work."""
        gram, n = self.place[:, :-1], len(self.r)
        for start in range(0, n, PANELS.columns):
            end = min(start + PANELS.columns, n)
            gram[:end, start:end] = self.r[:end, :end].T @ self.r[:end, start:end]
        return gram

    def room(self) -> Tensor:
        """For a factor and a right-hand side, `(n, n + 1)`, in Fortran order, as LAPACK wants
        them.
        """
        return self.r.new_empty(len(self.r) + 1, len(self.r)).T

    def by_qr(self, ridge: float, room: Tensor) -> tuple[Tensor, Tensor]:
        """Coefficients `(n,)` and the factor `(n, n)`, in a room `(n, n + 1)`: for ridges of any
        size.
        """
        factor, right = _with_ridge(self.r, self.d, ridge, room)
        return torch.linalg.solve_triangular(factor, right[:, None], upper=True)[:, 0], factor

    def by_cholesky(self, ridge: float, room: Tensor, gram: Tensor) -> tuple[Tensor, Tensor]:
        """Coefficients `(n,)` and the factor `(n, n)`, for a ridge whose square float64 can tell
        from zero beside R'R: normal equations, refined to its accuracy.
        """
        r, d = self.r, self.d
        factor, failed = room[:, :-1].copy_(gram), torch.empty((), dtype=torch.int32)
        factor.diagonal().add_(ridge**2)
        torch.linalg.cholesky_ex(factor, upper=True, out=(factor, failed))
        if failed:
            return self.by_qr(ridge, room)
        # The square R'R has lost digits of R: residuals are taken with R itself, and win them back.
        c = torch.zeros_like(d)
        for _ in range(4):
            rest = r.T @ (d - r @ c) - ridge**2 * c
            half = torch.linalg.solve_triangular(factor.T, rest[:, None], upper=False)
            c = c + torch.linalg.solve_triangular(factor, half, upper=True)[:, 0]
        return c, factor


def best_ridge(
    solver: Ridges,
    norms: Tensor,
    ridge: float,
    smallest: Tensor,
    expected: float,
    other: LeastSquaresProblem,
    unit: float,
) -> tuple[Tensor, float] | None:
    """The largest ridge whose residual on the held-out rows, their target divided by `unit`, is
    nearly smallest.

    Its scaled coefficients `(n,)` and rank; None, if it is the smallest, whose coefficients are
    given. Where functions are rough between the points (ReLU's kinks), the smallest ridge fits the
    rows and runs wild elsewhere. Large ridges are cheap, by Cholesky; those between are tried only
    where that leaves a doubt: no ridge meets other rows as well as is `expected`, or a large one
    does nearly as well as the smallest with far smaller coefficients.
    """
    matrix, target = tensor_of(other.matrix), tensor_of(other.target) / unit

    def residual(scaled: Tensor) -> float:
        return float((matrix @ (scaled / norms) - target).norm())

    room, by_cholesky = solver.room(), partial(solver.by_cholesky, gram=solver.gram())
    rules = COMPETITION
    ways: list[tuple[float, _Way]] = [(1.0, solver.by_qr)]
    ways += [(by, by_cholesky) for by in rules.large]
    tried, left = [smallest], [residual(smallest)]
    for by, way in ways[1:]:
        tried.append(way(by * ridge, room)[0])
        left.append(residual(tried[-1]))
        if left[-1] > rules.worse * left[0]:
            break
    size = float(smallest.norm())
    suspect = any(
        e < rules.tamed * left[0] and float(c.norm()) < rules.suspicious * size
        for c, e in zip(tried, left, strict=True)
    )
    if suspect or min(left) > rules.tamed * expected * float(target.norm()):
        between = [solver.by_qr(by * ridge, room)[0] for by in rules.between]
        tried[1:1], left[1:1] = between, [residual(c) for c in between]
        ways[1:1] = [(by, solver.by_qr) for by in rules.between]
    best = max(k for k, e in enumerate(left) if e <= rules.nearly * min(left))
    by, way = ways[best]
    # To keep all factors takes memory.
    return (tried[best], rank_of(way(by * ridge, room)[1], by * ridge)) if best else None


def _with_ridge(r: Tensor, d: Tensor, ridge: float, top: Tensor) -> tuple[Tensor, Tensor]:
    """QR of [R, d] stacked on [ridge * I, 0], written into `top`: the new triangular factor and
    right-hand side.
    """
    n = len(r)
    top[:, :n], top[:, n] = r, d
    turned_onto_ridge(top, ridge)
    return top[:, :n], top[:, n]
