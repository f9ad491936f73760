"""Equations that divide by what vanishes at an end of the domain, u_r / r, multiplied by it.

There the solution is as smooth as anywhere, and its equation holds as a limit. But rows grow
without bound towards it; beside those of the last points all others are round-off, and least
squares see many functions that they cannot tell from zero. The product has the same solutions, and
the weight, r, that a volume has there.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import product

import numpy as np
from sympy import Add, Dummy, Expr, Mul, Pow, expand_mul

from pinnsolve.geometry.region import Region


def without_poles(residual: Expr, unknowns: Collection[Dummy], region: Region) -> Expr:
    """The equation, times the powers of what it divides the unknowns by, and what vanishes at an
    end of a coordinate.
    """
    own = set(unknowns)
    if not own & residual.free_symbols or not any(_is_pole(p, region) for p in residual.atoms(Pow)):
        return residual
    terms = Add.make_args(expand_mul(residual))
    orders: dict[Expr, Expr] = {}
    for term in terms:
        for part in Mul.make_args(term) if term.free_symbols & own else ():
            if _is_pole(part, region):
                orders[part.base] = max(orders.get(part.base, -part.exp), -part.exp)
    factor = Mul(*(base**order for base, order in orders.items()))
    return Add(*(term * factor for term in terms))


def _is_pole(part: Expr, region: Region) -> bool:
    """Whether it is a negative power of a function of the coordinates that has a zero at an end of
    one of them.
    """
    if not (part.is_Pow and part.exp.is_Integer and part.exp.is_negative):
        return False
    own = [c for c in region.coordinates if c in part.base.free_symbols]
    if not own or part.base.free_symbols - set(own):
        return False
    bounds = region.bounds[[region.coordinates.index(c) for c in own]]
    places = product(*[(low, (low + high) / 2, high) for low, high in bounds.tolist()])
    values = np.abs([float(part.base.subs(dict(zip(own, at, strict=True)))) for at in places])
    # sin(pi) is zero but for round-off.
    return bool(values.min() <= 1e-12 * values.max() and values.max() > 0)
