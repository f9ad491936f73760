"""Integrals over regions, as sympy's integrals over the parameters of their charts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add, mul
from typing import Any

from sympy import Dummy, Expr, Float, Integral, S, Subs, Symbol, sympify

from pinnsolve.declare.by_region import Place
from pinnsolve.declare.probes import over_region
from pinnsolve.geometry.charts import Chart, powers
from pinnsolve.geometry.kept import kept_parts
from pinnsolve.geometry.region import Region, charts_of
from pinnsolve.geometry.rules import Kept
from pinnsolve.symbols.given import formula_of
from pinnsolve.symbols.integrals import Within
from pinnsolve.symbols.occurrences import separate
from pinnsolve.symbols.symbols import Unknown, normal


def integral(expression: Any, region: Region) -> Expr:
    """The integral of an expression of unknowns over a region, for equations: of a field over a
    body, `Eq(integral(p, D), 0)`, or of a flux through a wall, `Eq(integral(flux, wall), q)`.

    Length, area or volume is in the units of the coordinates. Coordinates that the region lacks,
    time for instance, stay. It is a sympy expression: Gauss's rule is taken in the parameters of
    boxes, balls and polygons, and of their sides; of what is cut out of them, `plate - disk`, and
    of level sets in strips between the places where boundaries turn or meet; of other bodies in
    space, and of parts of surfaces, in cells in which boundaries are graphs. Raises TypeError for
    what is no expression or no region, ValueError for points, and for regions that no rule is known
    for.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, coordinates, integral, solve, unknown
    >>> (x,) = coordinates("x")
    >>> u, rod = unknown("u", x), Interval(x, 0, 2)
    >>> mean = Eq(integral(u, rod), 1)
    >>> problem = Problem(rod, Eq(u.diff(x, 2), 0), Eq(u.diff(x), 1) @ rod.at(x=2), mean)
    >>> f"{solve(problem)(1.0):.6f}"
    '0.500000'
    """
    formula = formula_of(expression)
    if formula is None or not isinstance(region, Region):
        raise TypeError(
            "integral wants an expression and a region, integral(u, disk) or integral(u.diff(x),"
            f" box.at(x=1)): got {expression!r} and {region!r}"
        )
    if region.is_listed:
        raise ValueError(
            f"integral wants a region with a length, area or volume: {region} is points"
        )
    charts = charts_of(region)
    pieces = any(chart.formulas and chart.pieces is not None for chart in charts)
    if region.is_solid and (pieces or any(chart.filters for chart in charts)):
        return _inside(sympify(formula), region)
    if pieces:
        raise ValueError(
            f"no rule is known for an integral in an equation over {region}, which is made of"
            " facets: solution.integrate(...) has one"
        )
    total, rest = S.Zero, sympify(formula)
    if any(map(_is_cut, charts)):
        total, rest = _known(rest, region)
    if rest == 0:
        return total
    return reduce(add, [_over(rest, chart, region, k) for k, chart in enumerate(charts)], total)


def _inside(expression: Expr, region: Region) -> Expr:
    """Over a solid that is cut out of others."""
    total, rest = _known(expression, region)
    if rest == 0:
        return total
    limits = zip(region.coordinates, region.bounds.tolist(), strict=True)
    box = [(c, Float(low), Float(high)) for c, (low, high) in limits]
    inside = Within(Place(region), *region.coordinates)  # type: ignore[arg-type]
    return total + Integral(inside * rest, *box)


def _known(expression: Expr, region: Region) -> tuple[Expr, Expr]:
    """What holds no unknown, integrated here over what is cut, and the rest of the expression."""
    side, occurrences = separate(expression)
    known = side.xreplace(dict.fromkeys(occurrences, S.Zero))
    if known.free_symbols - {*region.coordinates, *normal(*region.coordinates)}:
        raise ValueError(
            f"{known} has an integral over {region} that depends on more than the region's"
            " coordinates, which no rule is known for: give its formula, and integrate the rest"
        )
    total = Float(over_region(known, region)) if known != 0 else S.Zero
    return total, expression - known if occurrences else S.Zero


def _is_cut(chart: Chart) -> bool:
    """Whether it is a surface of which filters keep a part."""
    return bool(chart.filters) and len(chart.parameters) > 1


def _over(expression: Expr, chart: Chart, region: Region, number: int) -> Expr:
    """Over one chart of a region, in its parameters."""
    if not chart.formulas:
        raise ValueError(
            f"{region} is known by numbers alone, and no rule is known for an unknown's integral"
            " over it in an equation; solution.integrate(...) takes that of a solution"
        )
    cut = _is_cut(chart)
    smooth, letters, slopes = _smooth(chart, (1, 1) if cut else powers(chart))
    outward = dict(zip(normal(*chart.coordinates), chart.normal or (), strict=False))
    place = [p.xreplace(smooth) for p in chart.point]
    there = _at(expression.xreplace(outward).xreplace(smooth), chart.coordinates, place)
    if not chart.parameters:
        return there
    element = Float(chart.measure) if chart.element is None else chart.element.xreplace(smooth)
    if cut:
        slopes = Within(Place(Kept(region, number, tuple(letters))), *letters)
    parts = kept_parts(chart, region) if chart.filters and not cut else [[(0, 1)] * len(letters)]
    whole = [
        Integral(
            element * slopes * there, *((s, *ends) for s, ends in zip(letters, part, strict=True))
        )
        for part in parts
    ]
    return reduce(add, whole, S.Zero)


def _at(expression: Expr, coordinates: Sequence[Symbol], place: Sequence[Expr]) -> Expr:
    """At a place: unknowns wait until they are separated."""
    if expression.has(Unknown):
        return Subs(expression, coordinates, place)
    return expression.subs(list(zip(coordinates, place, strict=True)), simultaneous=True)


def _smooth(chart: Chart, roots: Sequence[int]) -> tuple[dict[Dummy, Expr], list[Symbol], Expr]:
    """Powers of letters, in the place of the parameters, of which a chart is a smooth function, the
    letters, and the product of the slopes: the radius in a ball is the cube root of a parameter.
    """
    each = dict(zip(chart.parameters, roots, strict=True))
    # Letters of their own: a problem that comes from a file has the same.
    letters = [Symbol(f"chart_{k + 1}", real=True) for k in range(len(each))]
    pairs = list(zip(letters, each.values(), strict=True))
    slopes = reduce(mul, [m * z ** (m - 1) for z, m in pairs], S.One)
    smooth = {s: z**m for s, (z, m) in zip(each, pairs, strict=True)}
    return smooth, letters, slopes
