"""A problem: a domain and equations, each on a region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from sympy import Eq, Expr, Symbol, nan, oo, pretty, simplify, sympify, zoo
from sympy.logic.boolalg import BooleanAtom

from pinnsolve.declare.cloud import PointCloud
from pinnsolve.declare.combine import Solid
from pinnsolve.declare.lateral import Lateral, in_order
from pinnsolve.declare.occurrences import Occurrence, separate, substitute
from pinnsolve.declare.reference import Reference
from pinnsolve.declare.region import Condition, Region, bracketed, charts_of, number
from pinnsolve.declare.solids import Box
from pinnsolve.declare.symbols import Data, Normal, Unknown
from pinnsolve.declare.witness import largest_defect, require_points_inside

TIMES = {"t", "time", "tau"}  # names of time: what holds in space holds at all times


@dataclass(frozen=True, init=False, repr=False)
class Problem:
    """Equations for unknown functions on a domain.

    `Problem(domain, Eq(...), Eq(...) @ region, ..., exact={u: expression})`. An equation holds on the whole domain,
    or on the region behind `@`, or where the unknown's arguments say: `Eq(u(x, 0), f)` on the face y = 0,
    `Eq(u(-1, t), u(1, t))` at matching points of two faces. `constants={nu: 0.01}` gives symbols in the equations, and in
    `exact`, their values; `with_constants` gives them others. `reference` holds values to compare with, where no formula is
    known.

    Raises TypeError for what is no equation (`==` instead of `Eq`), ValueError for an equation that has no unknown, names
    a symbol that the domain lacks, lies outside of the domain or on nothing, or is not satisfied by `exact`, and for a
    constant that no equation mentions.
    """

    domain: Solid
    conditions: tuple[Condition, ...]
    unknowns: tuple[Unknown, ...]
    exact: Mapping[Unknown, Expr] | None
    constants: Mapping[Symbol, Expr]
    reference: Reference | None
    declared: tuple[Any, ...]

    def __init__(
        self,
        domain: Solid,
        *equations: Any,
        exact: Mapping[Unknown, Any] | None = None,
        constants: Mapping[Symbol, Any] | None = None,
        reference: Reference | None = None,
    ) -> None:
        if not isinstance(domain, Solid):
            raise TypeError(f"a Problem's first argument is its domain, a Box, Ball, Polygon or a combination: got {domain!r}")
        values = {symbol: number(value, f"constant {symbol}") for symbol, value in (constants or {}).items()}
        conditions = tuple(_with_values(placed(e, domain), values) for e in equations)
        for condition in conditions:
            _check_equation(condition)
        for symbol in values:
            if not any(symbol in getattr(getattr(e, "equation", e), "free_symbols", ()) for e in equations):
                raise ValueError(f"constant {symbol} is not mentioned by any equation")
        object.__setattr__(self, "constants", values)
        object.__setattr__(self, "declared", equations)
        object.__setattr__(self, "reference", reference)
        exact = None if exact is None else {u: sympify(e, strict=True).subs(values) for u, e in exact.items()}
        object.__setattr__(self, "domain", domain)
        object.__setattr__(self, "conditions", conditions)
        object.__setattr__(self, "unknowns", _unknowns(conditions, domain))
        if reference is not None:
            reference.check(self.unknowns, domain.coordinates)
        object.__setattr__(self, "exact", None if exact is None else self._checked_exact(exact))
        for condition in conditions:
            require_points_inside(condition, domain)
        for condition in conditions if exact is not None else ():
            if difference(condition).has(Data):
                continue  # noisy, as a rule
            defect = largest_defect(condition, substitute(difference(condition), self.exact or {}))
            if defect is not None:
                raise ValueError(f"the exact solution does not satisfy {condition}: {defect}")

    def defects(self) -> tuple[Expr, ...]:
        """Left minus right side of every equation at the exact solution, simplified: zeros, if all is well.

        An expression that does not simplify to zero, but vanishes at points of its region to 50 digits, counts as zero.
        """
        if self.exact is None:
            raise ValueError("this problem has no exact solution: give Problem(..., exact={u: ...})")
        found = []
        for condition in self.conditions:
            if difference(condition).has(Data):
                found.append(sympify(0))
                continue
            defect = substitute(difference(condition), self.exact)
            vanishes = largest_defect(condition, defect) is None
            found.append(sympify(0) if vanishes else simplify(defect))
        return tuple(found)

    def _checked_exact(self, exact: Mapping[Unknown, Any]) -> dict[Unknown, Expr]:
        values = {u: sympify(value, strict=True) for u, value in exact.items()}
        if set(values) != set(self.unknowns):
            raise ValueError(f"exact gives {_names(values)}, but the unknowns are {_names(self.unknowns)}")
        for u, value in values.items():
            stray = value.free_symbols - set(self.domain.coordinates)
            if stray:
                raise ValueError(f"exact solution {u} = {value} contains {_names(stray)}, which is no coordinate of the domain")
        return {u: values[u] for u in self.unknowns}

    def restricted(self, regions: Sequence[Region]) -> Problem:
        """The same equations, the k-th on the k-th of these regions, which are parts of the ones before."""
        return self.on(self.domain, regions)

    def on(self, domain: Region, regions: Sequence[Region]) -> Problem:
        """The same on another domain."""
        other = copy(self)
        object.__setattr__(other, "domain", domain)
        parts = tuple(replace(c, region=r) for c, r in zip(self.conditions, regions, strict=True))
        object.__setattr__(other, "conditions", parts)
        return other

    def with_constants(self, values: Mapping[Symbol, Any]) -> Problem:
        """The same problem with other values of some constants, and without its exact solution, which belongs to the first.

        Raises ValueError for a constant that the problem does not have.
        """
        stray = set(values) - set(self.constants)
        if stray:
            known = _names(self.constants) or "none"
            raise ValueError(
                f"this problem has no constant {_names(stray)}: it has {known}; declare Problem(..., constants=...)"
            )
        return Problem(self.domain, *self.declared, constants={**self.constants, **values})

    def pretty(self) -> str:
        """The problem as mathematics, in plain characters."""
        parts = [f"domain: {self.domain}"]
        parts += [f"{_drawn(c.equation)}\n    on {self.place(c)}" for c in self.conditions]
        parts += [f"exact: {u} =\n{_drawn(value)}" for u, value in (self.exact or {}).items()]
        return "\n\n".join(parts)

    def place(self, condition: Condition) -> str:
        """Where a condition holds, in words; the domain is called so."""
        return str(condition.region).replace(bracketed(self.domain), "the domain").replace(str(self.domain), "the domain")

    def __repr__(self) -> str:
        lines = [f"Problem on {self.domain}", *(f"  {c}" for c in self.conditions)]
        return "\n".join(lines)


def _drawn(expression: Any) -> str:
    text: str = pretty(expression, use_unicode=False, wrap_line=False)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _with_values(condition: Condition, values: Mapping[Symbol, Expr]) -> Condition:
    """The condition with its constants' values in their place."""
    equation = condition.equation
    if not values or not equation.has(*values):
        return condition
    if isinstance(equation, Eq):
        equation = Eq(equation.lhs.subs(values), equation.rhs.subs(values), evaluate=False)
    else:
        equation = equation.subs(values)
    return Condition(equation, condition.region)


def difference(condition: Condition) -> Expr:
    """Left minus right side of a condition's equation."""
    equation = condition.equation
    return equation.lhs - equation.rhs if isinstance(equation, Eq) else equation


def placed(item: Any, domain: Solid) -> Condition:
    """A condition from an equation: on its own region, or where its arguments say, or on the whole domain."""
    equation, region = (item.equation, item.region) if isinstance(item, Condition) else (item, None)
    if isinstance(equation, bool):
        raise TypeError(f"an equation is {equation}: `==` compares in Python and gives a bool; write Eq(left, right)")
    if isinstance(equation, BooleanAtom):
        raise ValueError(
            f"sympy evaluated an equation to {equation}: both sides are the same, a side is not finite (nan), or the "
            "derivative was taken after the unknown was evaluated; write u.diff(t).subs(t, 0), or place the equation "
            "with @ domain.at(t=0)"
        )
    if not isinstance(equation, (Eq, Expr)):
        raise TypeError(f"not an equation: {equation!r}; write Eq(left, right)")
    if region is None:
        pinned = _pinned(equation, domain)
        return Condition(equation, domain.at(**pinned) if pinned else domain)
    return Condition(equation, _spanning(region, equation, domain))


def _spanning(region: Region, equation: Any, domain: Solid) -> Region:
    """A region over all of the domain's coordinates, in their order: `disk.boundary` of `disk * Interval(t, 0, 1)` at all t.

    Of coordinates that the region lacks, those that the unknowns' arguments give are pinned: `Eq(u(x, y, 0), f) @ disk`.
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
            raise ValueError(
                f"{region} says nothing of {_names(missing)}, and {domain} is no product with them: place the equation on a "
                "region of all coordinates"
            )
        pinned = {name: value for name, value in _pinned(equation, domain).items() if name in map(str, missing)}
        region = Lateral(region, rest.at(**pinned) if pinned else rest)
    return in_order(region, domain.coordinates)


def _pinned(equation: Any, domain: Solid) -> dict[str, Any]:
    """The coordinates to which the arguments of the unknowns give a value, as in Eq(u(x, 0), f)."""
    side = equation.lhs - equation.rhs if isinstance(equation, Eq) else equation
    occurrences = list(separate(side)[1].values())
    pinned: dict[str, Any] = {}
    for coordinate in domain.coordinates:
        arguments = [_argument(o, coordinate) for o in occurrences]
        if arguments and all(a is not None and a.is_number for a in arguments):
            # The one written first is where the points are; other places (periodic conditions) are seen from there.
            pinned[coordinate.name] = _first_written(equation, coordinate, occurrences)
    return pinned


def _first_written(equation: Any, coordinate: Any, occurrences: list[Occurrence]) -> Expr | None:
    if isinstance(equation, Eq):
        on_left = list(separate(equation.lhs)[1].values())
        occurrences = on_left or occurrences
    return _argument(occurrences[0], coordinate)


def _argument(occurrence: Occurrence, coordinate: Any) -> Expr | None:
    own = occurrence.function.coordinates
    return occurrence.arguments[own.index(coordinate)] if coordinate in own else None


def _check_equation(condition: Condition) -> None:
    side = difference(condition)
    rest, occurrences = separate(side)
    if side.has(nan, oo, zoo, -oo):
        raise ValueError(f"{condition} contains a number that is not finite")
    if not occurrences:
        raise ValueError(f"{condition} contains no unknown: nothing to solve for")
    names = set().union(*(a.free_symbols for o in occurrences.values() for a in o.arguments))
    stray = (rest.free_symbols | names) - set(occurrences) - set(condition.region.coordinates)
    normals = {s for s in stray if isinstance(s, Normal)}
    stray -= set(condition.region.data)
    if any(isinstance(s, Data) for s in stray):
        raise ValueError(f"{condition} holds measured data: place it on their points, Eq(u, Data(values)) @ PointCloud(...)")
    if stray - normals:
        raise ValueError(
            f"{condition} mentions {_names(stray - normals)}: "
            f"the coordinates are {_names(condition.region.coordinates)}; put numbers in the place of constants"
        )
    if normals and any(chart.normal is None for chart in charts_of(condition.region)):
        raise ValueError(f"{condition} uses the outward normal, but {condition.region} has none: take a boundary or a face")


def _unknowns(conditions: tuple[Condition, ...], domain: Solid) -> tuple[Unknown, ...]:
    functions = dict.fromkeys(o.function for c in conditions for o in separate(difference(c))[1].values())
    if not functions:
        raise ValueError("a Problem wants at least one equation: Problem(domain, Eq(...), ...)")
    for f in functions:
        if set(f.coordinates) != set(domain.coordinates):
            raise ValueError(
                f"{f} depends on {_names(f.coordinates)}, but the domain's coordinates are {_names(domain.coordinates)}: "
                "declare both with the same ones"
            )
    return tuple(f(*f.coordinates) for f in functions)


def _names(symbols: Any) -> str:
    return ", ".join(sorted(map(str, symbols)))
