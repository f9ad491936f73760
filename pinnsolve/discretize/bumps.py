"""Smooth functions that vanish around a box, and equations that are tested by them.

The integral of an equation times such a function is what the weak form says of it: parts integrate
without a term at the sides, so that it holds derivatives of the function alone, and errors of a
field count as they are, not as their derivatives (Gurevich, Reinbold and Grigoriev, Chaos 29, 2019;
Messenger and Bortz, J. Comput. Phys. 443, 2021). For fields whose derivatives are known the
integral is the same before parts are integrated, and is taken so: by Gauss's rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pinnsolve.compile.system import Residual
from pinnsolve.discretize.assemble import pieces
from pinnsolve.discretize.points import Points
from pinnsolve.fields.arrays import Array, array_of, tensor_of
from pinnsolve.fields.space import Space

# Functions vanish at the sides as this power of the distance: with three derivatives.
VANISHING = 4


@dataclass(frozen=True, eq=False)
class Bumps:
    """Functions of a box at the nodes of a quadrature rule, times its weights: `values (k, n)`."""

    points: Points
    values: Array


def bumps(bounds: Array, counts: Sequence[int], nodes: Sequence[int]) -> Bumps:
    """Products of (1 - s^2)^4 P_k(s) along each side of a box of `bounds (dim, 2)`, so many a side,
    orthonormal there, at so many of Gauss's nodes.

    >>> import numpy as np
    >>> from pinnsolve.discretize.bumps import bumps
    >>> bumps(np.array([[0, 1], [0, 2]]), (3, 4), (10, 12)).values.shape
    (12, 120)
    """
    axes, weights, sides = [], np.ones(1), np.ones((1, 1))
    for (low, high), count, n in zip(bounds.tolist(), counts, nodes, strict=True):
        s, w = np.polynomial.legendre.leggauss(n)
        axes.append((low + high) / 2 + (high - low) / 2 * s)
        own = w * (high - low) / 2
        functions = np.polynomial.legendre.legvander(s, count - 1)
        vanishing = ((1 - s**2) ** VANISHING * np.sqrt(own))[:, None] * functions
        once = np.linalg.qr(vanishing)[0] * np.sqrt(own)[:, None]
        weights = np.outer(weights, own).ravel()
        sides = np.kron(sides, once.T)
    x = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
    return Bumps(Points(x, None, weights), sides)


def against(residual: Residual, by: Bumps, space: Space, at: Array) -> Array:
    """An equation against each function, linearized at coefficients `(columns,)`, the target last:
    `(k, columns + 1)`.
    """
    rows = np.zeros((len(by.values), space.columns + 1))
    for taken, parts, target in pieces(residual, by.points, space, tensor_of(at)):
        functions = by.values[:, taken]
        for unknown, part in parts.items():
            rows[:, space.slices[unknown]] += functions @ array_of(part)
        rows[:, -1] += functions @ array_of(target)
    return rows
