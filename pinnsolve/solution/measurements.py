"""Where to measure next: the points that make what is sought most certain.

A value at x with deviation s is a row d / s, d the functions at x, of the linearized problem: it
lowers the covariance C = F F' of the coefficients to C - (C d)(C d)' / (s^2 + d' C d), whatever the
value will be. Point after point the best one is taken (Fedorov, Theory of Optimal Experiments,
1972), among many that are spread evenly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pinnsolve.fields.arrays import Array


@dataclass(frozen=True)
class Choice:
    """Among how many points the best are sought."""

    candidates: int = 2000


CHOICE = Choice()


# How much each of several values `(n, rank)` over its deviation lowers what is wanted `(m, rank)`,
# both as rows of a factor: `(n,)`.
Gain = Callable[[Array, Array], Array]


def of_sum(values: Array, wanted: Array) -> Array:
    """By the sum of the variances, `(n,)`: A-optimal."""
    return np.asarray(((values @ wanted.T) ** 2).sum(axis=1) / (1 + (values**2).sum(axis=1)))


def of_determinant(values: Array, wanted: Array) -> Array:
    """By the determinant of the covariance of few numbers, `(n,)`: D-optimal."""
    half = np.linalg.solve(np.linalg.cholesky(wanted @ wanted.T), wanted @ values.T)
    return np.asarray((half**2).sum(axis=0) / (1 + (values**2).sum(axis=1)))


def best_points(wanted: Array, values: Array, count: int, gain: Gain) -> Array:
    """The rows `(count,)` of values `(n, rank)` at candidates, each over the deviation it will
    have, that gain most for what is wanted `(m, rank)`, both as rows of a factor of the covariance:
    one after the other. A point may be taken more than once.
    """
    taken = []
    for _ in range(count):
        taken.append(int(np.argmax(gain(values, wanted))))
        # F (I - a d d') with (1 - a |d|^2)^2 = 1 / (1 + |d|^2): what is left of the factor
        row = values[taken[-1]]
        size = float(row @ row)
        shrink = (1 - 1 / np.sqrt(1 + size)) / max(size, 1e-300)
        wanted = wanted - shrink * np.outer(wanted @ row, row)
        values = values - shrink * np.outer(values @ row, row)
    return np.array(taken)
