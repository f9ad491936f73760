"""Coefficients that jump: sympy differentiates them without their Dirac part, so such an equation
is refused in words.

`(k*u.diff(x)).diff(x)` with a Piecewise k is `k*u.diff(x, 2)` to sympy, and that is another
equation. Both are the same expression by the time they arrive here; what `k*u.diff(x, 2)` alone
means is said without ambiguity by dividing by k.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import (
    Derivative,
    DiracDelta,
    Expr,
    Symbol,
)

from pinnsolve.declare.surfaces import Jump, jump, surfaces
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.symbols import Unknown
from pinnsolve.symbols.warned import warn


def require_no_lost_jump(side: Expr, region: Region, told: str) -> None:
    """Raise ValueError where a jumping coefficient multiplies a second or higher derivative across
    the jump.

    Or where a Dirac delta is left. `side` is left minus right side of an equation on `region`, a
    solid one.
    """
    rest, occurrences = separate(side)
    switches = bool(surfaces(side))
    for d, o in occurrences.items() if switches else ():
        slope = rest.diff(d) if max(o.index) > 1 else rest * 0
        across = [c for c, order in zip(o.function.coordinates, o.index, strict=True) if order > 1]
        lost = None if d in slope.free_symbols else jump(slope, region, across, tuple(occurrences))
        if lost is not None:
            raise ValueError(_lost(slope, o, across[0], lost, told))
    if switches:
        _require_whole_products(rest, occurrences, region, told)
    if rest.has(DiracDelta) or any(surfaces(d.expr) for d in rest.atoms(Derivative)):
        c = next(iter(occurrences.values())).function.coordinates[0]
        raise ValueError(
            f"{told} holds the derivative of a jump, a Dirac delta, which no function equals: a"
            " load at a point is a jump of the flux, or a narrow Gaussian."
            f" {TWO_UNKNOWNS.format(c=c)}"
        )


def warn_of_a_flux(side: Expr, region: Region, told: str) -> None:
    """Warn of `k*u.diff(x)` with a k that is constant on both sides of a jump, in an equation of
    first order for u alone.

    sympy writes (k*u).diff(x) alike, and that is another equation: its flux k*u is continuous, not
    u.
    """
    rest, occurrences = separate(side)
    alone = len({o.function for o in occurrences.values()}) == 1
    for d, o in occurrences.items() if alone and surfaces(side) else ():
        slope = rest.diff(d)
        for axis, c in enumerate(o.function.coordinates):
            order = max(other.index[axis] for other in occurrences.values())
            if (
                o.index[axis] != 1
                or order != 1
                or slope.diff(c) != 0
                or set(occurrences) & slope.free_symbols
            ):
                continue
            jumps = jump(slope, region, [c])
            if jumps is not None:
                name = o.function.__name__
                warn(
                    f"{told}: the coefficient {slope} of {o} jumps {jumps}. It is solved as it"
                    f" stands, {name} continuous there; ({slope}*{name}).diff({c}), which sympy"
                    " writes alike, has a continuous flux: for that, take the flux as the unknown,"
                    f" q.diff({c}), and q/k in the place of {name}"
                )


def _require_whole_products(
    rest: Expr, occurrences: Mapping[Any, Occurrence], region: Region, told: str
) -> None:
    """Raise ValueError where slopes are those of (k u)' or (k u)'', and k, or its first derivative,
    jumps.
    """
    by_place = {(o.function, o.arguments, o.index): d for d, o in occurrences.items()}
    for d, o in occurrences.items():
        for axis, c in enumerate(o.function.coordinates):
            order, slope = o.index[axis], rest.diff(d)
            below = tuple(k - (i == axis) for i, k in enumerate(o.index))
            lower = by_place.get((o.function, o.arguments, below))
            if order not in (1, 2) or lower is None or set(occurrences) & slope.free_symbols:
                continue
            whole = order * slope.diff(c)  # what the product rule gives the derivative below
            if whole != 0 and (rest.diff(lower) - whole).expand() == 0:
                lost = jump(slope.diff(c, order - 1), region, [c])
                if lost is not None:
                    raise ValueError(_lost(slope, o, c, lost, told))


def require_no_kink(value: Expr, side: Expr, region: Region, u: Unknown) -> None:
    """Raise ValueError for an exact solution that has a jump where an equation differentiates it:
    sympy would not see it.
    """
    for o in separate(side)[1].values() if surfaces(value) else ():
        orders = zip(o.function.coordinates, o.index, strict=True) if o.function == u.func else ()
        for c, k in ((c, k) for c, order in orders for k in range(order)):
            jumps = jump(value.diff(c, k), region, [c])
            if jumps is not None:
                what = f"its {ORDINALS.get(k, f'{k}th')} derivative by {c}" if k else "it"
                raise ValueError(
                    f"exact solution {u} = {value}: {what} jumps {jumps}, so that {o} has no value"
                    " there"
                )


ORDINALS = {1: "first", 2: "second", 3: "third"}


def _lost(slope: Expr, o: Occurrence, c: Symbol, jumps: Jump, told: str) -> str:
    coefficient = text if len(text := str(slope)) < 90 else text[:80] + " ..."
    name = o.function.__name__
    return (
        f"{told}: the coefficient {coefficient} of {o} jumps {jumps}, and the derivative of a jump"
        f" is lost in a product that is differentiated, as in (k*{name}.diff({c})).diff({c})."
        " Give it by region, k = by_region({part: 1000, domain - part: 1}), with the flux inside of"
        f" a divergence, divergence(k * gradient({name})). {TWO_UNKNOWNS.format(c=c)} Or, if the"
        f" coefficient is meant to multiply {o} as it stands, divide the equation by it"
    )


TWO_UNKNOWNS = (
    "Declare an unknown for each side, a and b, each with the equation of its own material on the"
    " whole domain, and let value and flux be continuous where they meet: Eq(a, b) @"
    " domain.at({c}=...), Eq(k_a*a.diff({c}), k_b*b.diff({c})) @ domain.at({c}=...)."
)
