"""Rows that have errors themselves, beside others whose errors are known.

Rows H h + S z = r + e hold h, of which nothing is known, and z, independent and normal, of variance
one: errors of something measured, in their own size. Errors e of the rows are as independent, and
how large is found: by MacKay's fixed point (Neural Computation 4, 1992), sigma^2 = |e|^2 / (n -
gamma), gamma the number of directions that rows determine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.linalg import solve_triangular
from torch import Tensor

from pinnsolve.coefficients.tall import triangle_of, turned_onto, turned_onto_ridge
from pinnsolve.coefficients.truncated import Truncated
from pinnsolve.fields.arrays import Array, array_of, tensor_of


@dataclass(frozen=True)
class Fixing:
    """Of the fixed point."""

    # Of it three digits are not wanted: a factor of two changes nothing that is seen
    passes: int = 4
    # Of singular values of H: below it h is open
    open: float = 1e-9
    # Errors of rows at least, in what z makes of them: digits of float64
    least: float = 1e-9


FIXING = Fixing()


@dataclass(frozen=True, eq=False)
class Both:
    """What rows say: `errors` z `(n,)` and their factor `(n, n)`; `hidden` h `(m,)` with theirs
    `(m, n + rank)`, of the same errors and then of the rows'; `back (m, rank)` spans what is seen
    of h.
    """

    errors: Array
    of_errors: Array
    hidden: Array
    of_hidden: Array
    back: Array


def of_both(blocks: Iterable[Array], hidden: int, count: int) -> Both:
    """From rows in blocks `(k, hidden + n + 1)`, the columns of h first, the target last, which are
    used up; `count` of all rows have errors, others none to speak of.

    >>> import numpy as np
    >>> from pinnsolve.coefficients.errors_of_both import of_both
    >>> rows = np.array([[1.0, 0.5, 2.0], [1.0, -0.5, 2.0], [2.0, 0.0, 4.0], [1.0, 0.0, 2.0]])
    >>> found = of_both([rows], 1, 4)  # h = 2, z = 0
    >>> f"{found.hidden[0]:.6f}", f"{abs(found.errors[0]):.6f}"
    ('2.000000', '0.000000')
    """
    first = next(iter(blocks := iter(blocks)))
    width = first.shape[1]
    every = triangle_of(map(tensor_of, chain([first], blocks)), width)
    triangle = array_of(every)
    below, above = every[hidden:, hidden:].clone(), triangle[:hidden, hidden:]
    back = np.zeros((0, 0))
    if hidden:
        seen = Truncated.of(triangle[:hidden, :hidden], FIXING.open)
        back = seen.back
        if back.shape[1] < hidden:  # what would say something of h says it of z
            rest = tensor_of(above - seen.left @ (seen.left.T @ above))
            turned_onto(below, rest, len(rest))
    errors, factor, sigma = _fixed(below, count - hidden)
    if not hidden:
        return Both(errors, factor, np.zeros(0), np.zeros((0, len(errors))), back)
    left = np.column_stack([above[:, -1] - above[:, :-1] @ errors, -above[:, :-1] @ factor])
    found = seen.coefficients(left)
    of_hidden = np.hstack([found[:, 1:], sigma * back / seen.singular])
    return Both(errors, factor, found[:, 0], of_hidden, back)


def _fixed(below: Tensor, free: int) -> tuple[Array, Array, float]:
    """Errors z `(n,)`, their factor `(n, n)` and the rows' deviation, of a triangle `(n + 1, n +
    1)`, the target last, of rows of which so many are free.
    """
    n, whole = len(below) - 1, array_of(below)
    spread, target = whole[:, :n], whole[:, n]
    least = FIXING.least * float(np.linalg.norm(spread)) / math.sqrt(n) or 1e-300
    sigma = max(float(np.linalg.norm(target)) / math.sqrt(max(1, free)), least)
    for _ in range(FIXING.passes):
        both = below[:n].clone()
        turned_onto_ridge(both, sigma)
        own = array_of(both)
        inverse = solve_triangular(own[:, :n], np.eye(n))
        errors, factor = inverse @ own[:, n], sigma * inverse
        left = float(np.linalg.norm(spread @ errors - target))
        used, last = n - float(np.sum(factor**2)), sigma
        sigma = max(left / math.sqrt(max(1.0, free - used)), least)
    return errors, factor, last
