"""Where the data of an equation jump, or one of their derivatives does, and how smooth that leaves
the solution.

Across such a surface the highest derivatives of the solution jump: smooth functions approximate it
slowly there, while functions of their own for each side do not feel it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from sympy import Derivative, DiracDelta, Dummy, Expr, Float, Poly, Subs, Symbol
from sympy.solvers.solvers import unrad

from pinnsolve.declare.surfaces import crosses, jump_at, surfaces, values_of
from pinnsolve.geometry.bisection import bisected
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.region import Region
from pinnsolve.symbols.occurrences import Occurrence, separate


@dataclass(frozen=True)
class KinkSearch:
    """How far kinks are looked for."""

    # A jump of a higher derivative of the data is left to smooth functions.
    highest_order: int = 3
    # Intervals of a coordinate, in which a function changes its sign at most once.
    intervals: int = 4096
    # Places of one surface: more are a pattern, not kinks.
    places: int = 64


KINK_SEARCH = KinkSearch()


@dataclass(frozen=True)
class Kink:
    """Across the zeros of `surface` the derivative of this `order` of an equation's data jumps:
    order 0 is the data's own.

    The equation differentiates its unknowns `across` times there, so that their derivative of order
    `smoothness` jumps. The surface is a polynomial in the coordinates, wherever it can be written
    as one.
    """

    surface: Expr
    order: int
    across: int

    @property
    def smoothness(self) -> int:
        """The order of the first derivative of the unknowns that jumps."""
        return self.order + self.across

    @property
    def plane(self) -> tuple[Symbol, float] | None:
        """The coordinate, and its value there, if the surface is a plane across one."""
        if len(self.surface.free_symbols) > 1:
            return None
        (symbol,) = self.surface.free_symbols
        return symbol, float(symbol - self.surface)

    @property
    def place(self) -> str:
        """In words: "x = 0.3", or an equation."""
        return f"{self.surface} = 0" if self.plane is None else "{} = {:.6g}".format(*self.plane)


def kinks(
    side: Expr, region: Region, moved: Mapping[Symbol, Expr] | None = None
) -> tuple[Kink, ...]:
    """The kinks of an equation's data inside its region, in coordinates that may be `moved`; `side`
    is left minus right side.

    Jumps where an unknown passes a value, and those of a derivative above the third, are not among
    them.
    """
    rest, occurrences = separate(side)
    if not surfaces(rest):
        return ()
    rest = rest.xreplace(dict(moved or {}))
    symbols = (*region.coordinates, *occurrences)
    by_surface: dict[Expr, Kink] = {}
    for surface in (s for each in surfaces(rest) for s in _simple(each, region)):
        if surface in by_surface or not surface.free_symbols <= set(region.coordinates):
            continue
        order = _order(rest, surface, region, symbols)
        if order is not None:
            by_surface[surface] = Kink(surface, order, _across(surface, occurrences))
    return tuple(by_surface.values())


def _order(rest: Expr, surface: Expr, region: Region, symbols: tuple[Symbol, ...]) -> int | None:
    """The order of the first derivative of an expression that jumps across a surface."""
    if not crosses(surface, region, symbols):
        return None
    slopes = [rest]
    for order in range(KINK_SEARCH.highest_order + 1):
        if any(jump_at(surface, slope, region, symbols) is not None for slope in slopes):
            return order
        slopes = [
            _off_jumps(slope.diff(c))
            for slope in slopes
            for c in sorted(surface.free_symbols, key=str)
        ]
    return None


def _off_jumps(slope: Expr) -> Expr:
    """A derivative beside the jumps, where steps have none."""
    return slope.xreplace({e: 0 * e for e in slope.atoms(Derivative, Subs, DiracDelta)})


def _across(surface: Expr, occurrences: Mapping[Dummy, Occurrence]) -> int:
    """How often the equation differentiates in the surface's coordinates, at most."""
    orders = (
        sum(
            k
            for c, k in zip(o.function.coordinates, o.index, strict=True)
            if c in surface.free_symbols
        )
        for o in occurrences.values()
    )
    return max(orders, default=0)


def _simple(surface: Expr, region: Region) -> Iterator[Expr]:
    """Surfaces as monic polynomials: of one coordinate, a plane for every zero; roots of several
    are multiplied out.
    """
    symbols = sorted(surface.free_symbols, key=str)
    if not set(symbols) <= set(region.coordinates):
        return
    if not surface.is_polynomial(*symbols) or (
        len(symbols) == 1 and Poly(surface, *symbols).degree() > 1
    ):
        if len(symbols) == 1:
            low, high = region.bounds[region.coordinates.index(symbols[0])]
            places = zeros(surface, symbols[0], float(low), float(high))
            if len(places) <= KINK_SEARCH.places:
                yield from (symbols[0] - Float(p) for p in places)
            return
        free_of_roots = unrad(surface)
        surface = free_of_roots[0] if free_of_roots and not free_of_roots[1] else surface
    if symbols and surface.is_polynomial(*symbols):
        # Two functions may write one surface with different factors.
        surface = Poly(surface, *symbols).monic().as_expr()
    if symbols:
        yield surface


def zeros(expression: Expr, symbol: Symbol, low: float, high: float) -> Array:
    """Where an expression of one symbol changes its sign between two ends, in order, `(n_zeros,)`:
    on a grid, then by bisection.
    """
    evaluate = values_of(expression, (symbol,))
    x = np.linspace(low, high, KINK_SEARCH.intervals + 1)
    is_positive = evaluate(x[:, None]) > 0
    (places,) = np.nonzero(is_positive[1:] != is_positive[:-1])
    first = is_positive[places]
    start, end = bisected(
        lambda s: (evaluate(s[:, None]) > 0) == first, x[places], x[places + 1], 60
    )
    crossings: Array = np.unique((start + end) / 2)
    side = 1e-12 * (high - low)
    return crossings[(crossings > low + side) & (crossings < high - side)]
