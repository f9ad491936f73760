"""What joins an unknown's parts across the interfaces of its regions, read off the equations.

An equation of order m in an unknown leaves a solution, and m - 1 of its derivatives along the
normal, continuous; where its highest derivatives stand inside of a divergence, the normal part of
that flux takes the place of the last one (integrate the equation over a thin box across the
interface).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Add, Dummy, Expr, Integer, Mul, Symbol

from pinnsolve.declare.by_region import ByRegion, Divergence
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import Unknown, normal


def flux_of(side: Expr) -> Expr | None:
    """The normal part of what an equation takes the divergence of; None, if it takes none.

    `side` is left minus right side. Raises ValueError for several divergences with factors that
    differ by region: their fluxes do not add up.
    """
    nodes = sorted(side.atoms(Divergence), key=str)
    marks = {node: Dummy() for node in nodes}
    marked, held = separate(side.xreplace(marks))
    factors = [marked.diff(marks[node]) for node in nodes]
    if len(nodes) > 1 and any(f.has(ByRegion, *held, *marks.values()) for f in factors):
        raise ValueError(
            f"{side} holds several divergences with factors that differ by region: write one"
            " divergence, of the whole flux"
        )
    # A factor of the only one, a density for instance, may be another in each region.
    factors = [Integer(1)] if len(nodes) == 1 else factors
    parts = [
        Mul(factor, n, component)
        for factor, node in zip(factors, nodes, strict=True)
        for n, component in zip(normal(*node.coordinates), node.flux, strict=True)
    ]
    return Add(*parts) if parts else None


def along_normal(value: Expr, order: int, across: Sequence[Symbol]) -> Expr:
    """The derivative of an order along the normal, which is held fast: (n . grad)^order v."""
    for _ in range(order):
        value = Add(*[n * value.diff(c) for n, c in zip(normal(*across), across, strict=True)])
    return value


def continuous_orders(
    unknown: Unknown, sides: Iterable[Expr], fluxes: Iterable[Expr], across: Sequence[Symbol]
) -> range:
    """The orders of the normal derivatives of an unknown that are continuous beside the fluxes."""
    highest = max((order_in(side, unknown, across) for side in sides), default=0)
    in_flux = max((order_in(flux, unknown, across) for flux in fluxes), default=-1)
    return range(highest - (in_flux == highest - 1))


def order_in(expression: Expr, unknown: Unknown, across: Sequence[Symbol]) -> int:
    """The highest order in some coordinates in which an expression differentiates an unknown; -1,
    if it does not hold it.
    """
    own = unknown.func.coordinates
    axes = [own.index(c) for c in across if c in own]
    orders = [
        sum(o.index[a] for a in axes)
        for o in separate(expression)[1].values()
        if o.function == unknown.func
    ]
    return max(orders, default=-1)
