"""Where an equation holds: on its own region, where its arguments say, or on the whole domain."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Expr, Integral, Symbol, false, true

from pinnsolve.declare.probes import probe
from pinnsolve.geometry.cloud import PointCloud
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.lateral import Lateral, in_order
from pinnsolve.geometry.region import Condition, Region, charts_of
from pinnsolve.geometry.solids import Box
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.symbols import TIMES


def equation_and_region(item: object) -> tuple[Any, Region | None]:
    """An equation, or anything in its place, and the region behind its `@`, if there is one."""
    return (item.equation, item.region) if isinstance(item, Condition) else (item, None)


def placed(item: object, domain: Solid) -> Condition:
    """A condition from an equation: on its own region, or where its arguments say, or on the whole
    domain.
    """
    equation, region = equation_and_region(item)
    if equation is True or equation is False:
        raise TypeError(
            f"an equation is {equation}: `==` compares in Python and gives a bool; write Eq(left,"
            " right)"
        )
    if equation is true or equation is false:
        raise ValueError(
            f"sympy evaluated an equation to {equation}: both sides are the same, or no real number"
            " satisfies it (u**2 = -1), an unknown that was declared without coordinates,"
            " unknown('u'), is differentiated, which is zero, a side is not finite (nan), the"
            " shapes of two vectors differ, or the derivative was taken after the unknown was"
            " evaluated; write u.diff(t).subs(t, 0), or place the equation with @ domain.at(t=0)"
        )
    if not isinstance(equation, (Eq, Expr)):
        raise TypeError(f"not an equation: {equation!r}; write Eq(left, right)")
    if region is None:
        return Condition(equation, _where_its_arguments_say(equation, domain))
    return Condition(equation, _spanning(region, equation, domain))


def _spanning(region: Region, equation: Any, domain: Solid) -> Region:
    """A region over all of the domain's coordinates, in their order: `disk.boundary` of `disk *
    Interval(t, 0, 1)` at all t.

    Of coordinates that the region lacks, those that the unknowns' arguments give are pinned:
    `Eq(u(x, y, 0), f) @ disk`.
    """
    missing = [c for c in domain.coordinates if c not in region.coordinates]
    if not set(region.coordinates) <= set(domain.coordinates):
        return region  # refused later, in words
    if isinstance(region, PointCloud):
        return region.in_order(domain.coordinates) if not missing else region
    if isinstance(domain, Box) and not {c.name.lower() for c in missing} <= TIMES:
        return region  # a side of a square that names x alone is a slip, as a rule
    if missing:
        rest = domain.over(missing)
        if rest is None:
            names = ", ".join(map(str, missing))
            raise ValueError(
                f"{region} says nothing of {names}, and {domain} is no product with them: place the"
                " equation on a region of all coordinates"
            )
        pinned = {
            name: value
            for name, value in _pinned(equation, domain).items()
            if name in map(str, missing)
        }
        region = Lateral(region, rest.at(**pinned) if pinned else rest)
    return in_order(region, domain.coordinates)


def _where_its_arguments_say(equation: Any, domain: Solid) -> Region:
    """The face that the unknowns' arguments name, or the whole domain; for an integral over all
    coordinates one point, as it is one row wherever it is asked, and for one over some of them a
    face on which they are fixed.
    """
    pinned = _pinned(equation, domain)
    free = _integrated_away(equation, domain)
    if len(free) == len(domain.coordinates):
        place = probe(charts_of(domain)[0])[:1].T
        return PointCloud(dict(zip(domain.coordinates, place.tolist(), strict=True)))
    ends = zip(domain.coordinates, domain.bounds[:, 0].tolist(), strict=True)
    pinned = {c.name: end for c, end in ends if c in free} | pinned
    return domain.at(**pinned) if pinned else domain


def _integrated_away(equation: Any, domain: Solid) -> set[Symbol]:
    """The coordinates that nothing in an equation with integrals depends on."""
    side = equation.lhs - equation.rhs if equation.is_Equality else equation
    if not side.has(Integral):
        return set()
    rest, occurrences = separate(side)
    held: set[Symbol] = set().union(*(o.free_symbols for o in occurrences.values()))
    free: set[Symbol] = set(domain.coordinates) - held - rest.free_symbols
    return free


def _pinned(equation: Any, domain: Solid) -> dict[str, Any]:
    """The coordinates to which the arguments of the unknowns give a value, as in Eq(u(x, 0), f)."""
    side = equation.lhs - equation.rhs if equation.is_Equality else equation
    occurrences = _somewhere(side)
    pinned: dict[str, Any] = {}
    for coordinate in domain.coordinates:
        arguments = [_argument(o, coordinate) for o in occurrences]
        if arguments and all(a is not None and a.is_number for a in arguments):
            # The one written first is where the points are; other places (periodic conditions) are
            # seen from there.
            pinned[coordinate.name] = _first_written(equation, coordinate, occurrences)
    return pinned


def _somewhere(side: Any) -> list[Occurrence]:
    """Unknowns as they occur, but for numbers: these are the same everywhere, Eq(a(0), A0) holds at
    0.
    """
    return [o for o in separate(side)[1].values() if o.function.coordinates]


def _first_written(equation: Any, coordinate: Any, occurrences: list[Occurrence]) -> Expr | None:
    if equation.is_Equality:
        occurrences = _somewhere(equation.lhs) or occurrences
    return _argument(occurrences[0], coordinate)


def _argument(occurrence: Occurrence, coordinate: Any) -> Expr | None:
    own = occurrence.function.coordinates
    return occurrence.arguments[own.index(coordinate)] if coordinate in own else None
