"""Do the terms of a nonlinear equation have values in float64? Of unknowns that are 1e-200, a
square is not a number but 0.
"""

from __future__ import annotations

import math

import torch
from sympy import Add, Expr, Float

from pinnsolve.compile.lower import lower
from pinnsolve.compile.system import Residual, System
from pinnsolve.declare.checks import difference
from pinnsolve.discretize.points import sample_region
from pinnsolve.discretize.sizes import coefficients_of
from pinnsolve.symbols.occurrences import separate


def require_representable(system: System, usual: float = 1e50, lost: float = 1e-6) -> None:
    """Raise ValueError if terms of a nonlinear equation under- or overflow where unknowns are as
    large as the data say.

    Names the equation and the size. Each number of float64 is compared with the same in numbers of
    any size: of the largest term no more than a part may be `lost`. Of `usual` sizes, up to that
    and down to one over it, powers as they occur are numbers.
    """
    sizes = _sizes(system)
    if all(1 / usual < size < usual for size in sizes):
        return
    for residual in system.residuals:
        if not residual.linear and _lost(residual, system, sizes) > lost:
            size = max(sizes, key=lambda s: abs(math.log(s)))
            raise ValueError(
                f"the data say that values are about {size:.0e}: terms of {residual.condition} are"
                f" then beyond the range of float64; write the equation for u / {size:.0e}, and"
                " divide it by the size of its terms"
            )


def _sizes(system: System) -> list[float]:
    """How large each unknown is, by the largest data of an equation and its slopes there; 1, where
    nothing is known.
    """
    sizes = [0.0] * system.n_unknowns
    for slopes, data in (coefficients_of(r, system) for r in system.residuals if r.linear):
        for k, slope in slopes.items():
            sizes[k] = max(sizes[k], data / slope)
    return [size if 0 < size < math.inf else 1.0 for size in sizes]


def _lost(residual: Residual, system: System, sizes: list[float]) -> float:
    """The part of the largest term that float64 loses, at one point, for values of the sizes."""
    expression, occurrences = separate(difference(residual.condition))
    functions = [u.func for u in system.problem.unknowns]
    point = sample_region(residual.condition.region, 1, 0).x[0]
    given = dict(zip(system.domain.coordinates, point.tolist(), strict=True))
    given |= {d: sizes[functions.index(o.function)] for d, o in occurrences.items()}
    terms: tuple[Expr, ...] = Add.make_args(expression)
    if any(set(term.free_symbols) - set(given) for term in terms):
        return 0.0
    exact = [term.evalf(30, subs={s: Float(v, 30) for s, v in given.items()}) for term in terms]
    arguments = [torch.tensor([value], dtype=torch.float64) for value in given.values()]
    held = lower(list(terms), tuple(given))(arguments, 1)[:, 0].tolist()
    largest = max((abs(e) for e in exact), default=Float(0))
    if largest == 0 or not all(e.is_real for e in exact):
        return 0.0
    apart = [
        abs(Float(h, 30) - e) / largest if math.isfinite(h) else Float(1)
        for h, e in zip(held, exact, strict=True)
    ]
    return float(max(apart))
