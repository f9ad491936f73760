"""What rows with errors say of coefficients: the best ones, and how uncertain they are.

Rows H c = y whose errors are independent and of variance one have the best c by least squares; its
covariance is the inverse of H'H (Laplace's approximation, where the rows are a linearization).
Roughness that is believed small is rows too, sqrt(strength) R c = 0, and the data say how strong:
MacKay's evidence (Neural Computation 4, 1992), whose fixed point is strength = gamma / |R c|^2,
with gamma the number of directions of R that are determined by something else than the prior. What
is hard determines directions too, values on a boundary, say, or equations that functions solve for
smooth fields alone, and would drown what data say: gamma and |R c|^2 count beyond what it leaves
without them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import qr, solve_triangular

from pinnsolve.fields.arrays import Array


@dataclass(frozen=True)
class Believed:
    """What is done where rows say nothing, or as good as nothing."""

    # Of columns of norm one, weight of zero: a direction that nothing else sees gets a variance
    # of 1e16, at which digits are left
    ridge: float = 1e-8
    # Of a field's unit: roughness is not believed smaller
    strongest: float = 1e12
    # Of a value's variance, what data leave of it at least: less is rounding
    left: float = 1e-12


BELIEVED = Believed()


@dataclass(frozen=True, eq=False)
class Posterior:
    """The distribution of coefficients: `mean (columns,)`, and `factor (columns, rank)`, whose
    product with its transpose is the covariance.

    `misfit` is the sum of squares of the data that is left, each divided by its deviation if that
    is known, for each value that is not used up; `used` how many values are, and `gammas` how many
    directions of each field data determine against its prior. `blind` is a direction of the numbers
    of which data say nothing, if there is one; where it is not `settled`, more functions might make
    deviations larger. `minima` are others that several starts led to: numbers in turn, and the
    misfit. Where fields have priors, other rules say how strong: `discrepancy` the least and
    largest factor that it allows, `cross_validation` the factor that it prefers, how far that moves
    fields, in deviations, and by which part its score is less. `of_data` says that nothing but the
    data limits what is known of numbers, `open` which unknowns equations leave open in
    part; where it does not fit, what is left of the data is no chance.
    """

    mean: Array
    factor: Array
    misfit: float
    used: float
    gammas: tuple[float, ...] = ()
    blind: tuple[float, ...] = ()
    settled: bool = True
    minima: tuple[tuple[float, ...], ...] = ()
    discrepancy: tuple[float, ...] = ()
    cross_validation: tuple[float, ...] = ()
    of_data: bool = False
    open: tuple[int, ...] = ()
    fits: bool = True

    def deviations(self, rows: Array, place: slice = slice(None)) -> Array:
        """Of what rows `(n, size)` make of the coefficients in a place, of all if none is said:
        `(n,)`.
        """
        return np.asarray(np.linalg.norm(rows @ self.factor[place], axis=1))


@dataclass(frozen=True, eq=False)
class Belief:
    """That a field is smooth: a triangle `(n, size)` of its derivatives, for coefficients in
    `place`, and how strong it is.
    """

    place: slice
    triangle: Array
    strength: float

    def rows(self, columns: int) -> Array:
        """The prior as rows, the target last, `(n, columns + 1)`."""
        rows = np.zeros((len(self.triangle), columns + 1))
        rows[:, self.place] = np.sqrt(self.strength) * self.triangle
        return rows

    def strengthened(self, mean: Array, told: Told) -> tuple[Belief, float]:
        """The same, as strong as coefficients `(columns,)` and what data told of them say, and how
        many directions these determine.
        """
        own, told_own = (self.triangle @ c[self.place] for c in (mean, told.change))
        rough = float(told_own @ (2 * own - told_own))  # |R c|^2 less that without the data
        gamma = self.strength * float(((self.triangle @ told.taken[self.place]) ** 2).sum())
        if not (gamma > 0 and rough > 0):
            return self, max(gamma, 0.0)
        return replace(self, strength=min(gamma / rough, BELIEVED.strongest)), gamma


@dataclass(frozen=True)
class Told:
    """What data told: the `change (columns,)` of the best coefficients that they made, and a factor
    `(columns, n)` of the covariance that they took away.
    """

    change: Array
    taken: Array


def told_by(data: Array, mean: Array, factor: Array) -> Told:
    """By rows of data, the target last, `(n, columns + 1)`, which led to a mean `(columns,)` and a
    factor `(columns, rank)` of the covariance beside others: these alone would have led to more,
    by Woodbury's formula.
    """
    seen, left = data[:, :-1] @ factor, data[:, -1] - data[:, :-1] @ mean
    shares, turned = np.linalg.eigh(seen.T @ seen)  # of the values' variances, what is told
    rest = np.maximum(1 - shares, BELIEVED.left)
    directions = factor @ turned
    pull = turned.T @ (seen.T @ left) / rest
    return Told(directions @ pull, directions * np.sqrt(np.maximum(shares, 0.0) / rest))


def solved_rows(rows: list[Array]) -> tuple[Array, Array]:
    """The best coefficients `(columns,)` for groups of rows, the target last, `(n, columns + 1)`,
    and the factor `(columns, columns)` of their covariance. Heavy rows come first, or lose digits.
    """
    augmented = np.vstack(rows)
    norms = np.linalg.norm(augmented[:, :-1], axis=0)
    norms[norms == 0] = 1.0
    augmented[:, :-1] /= norms
    columns = len(norms)
    triangle = _triangle(augmented)
    weights = np.abs(np.diag(triangle)[:columns])
    if len(triangle) < columns or weights.min() < BELIEVED.ridge * weights.max():
        weak = np.column_stack([BELIEVED.ridge * np.eye(columns), np.zeros(columns)])
        triangle = _triangle(np.vstack([triangle, weak]))
    upper = triangle[:columns, :columns]
    mean = solve_triangular(upper, triangle[:columns, -1]) / norms
    factor = solve_triangular(upper, np.eye(columns)) / norms[:, None]
    return mean, factor


def _triangle(rows: Array) -> Array:
    """Of an orthogonal factorization of rows `(n, k)`: `(min(n, k), k)`."""
    (triangle,) = qr(rows, overwrite_a=True, mode="r", check_finite=False)
    return np.asarray(triangle[: rows.shape[1]])
