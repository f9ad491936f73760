"""An evolution at one instant: the same equations over space alone, with multiples of the unknowns
in the place of their derivatives in time, as a step in time has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sympy import Derivative, Eq, Expr, Subs, Symbol

from pinnsolve.declare.checks import difference
from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.lateral import Lateral, Reordered, in_order
from pinnsolve.geometry.region import Condition, Region
from pinnsolve.geometry.solids import Box
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.symbols import Unknown, unknown


def at_instant(
    problem: Problem, time: Symbol, conditions: Sequence[Condition], at: float, rate: float
) -> Problem | None:
    """Some of a problem's conditions, at a time, over space: a derivative of order m in time is
    rate^m times the unknown. None, if a region is no product with an interval of time.
    """
    domain = of_space(problem.domain, time)
    whole = problem.domain
    regions = [domain if c.region is whole else of_space(c.region, time) for c in conditions]
    if domain is None or None in regions:
        return None
    space = {
        u.func: unknown(u.func.__name__, *(c for c in u.func.coordinates if c != time))
        for u in problem.unknowns
    }
    frozen = []
    for condition, region in zip(conditions, regions, strict=True):
        expression, occurrences = separate(difference(condition))
        moved = {
            symbol: rate ** _order(o, time) * _in_space(o, space[o.function], time)
            for symbol, o in occurrences.items()
        }
        equation = Eq(expression.subs(time, at).xreplace(moved), 0, evaluate=False)
        frozen.append(Condition(equation, region))
    return problem.replaced(tuple(frozen), tuple(space.values()), None).on(
        domain, [c.region for c in frozen]
    )


def _order(o: Occurrence, time: Symbol) -> int:
    return o.index[o.function.coordinates.index(time)]


def _in_space(o: Occurrence, u: Unknown, time: Symbol) -> Expr:
    """The same derivative in space, at the same place, of an unknown of space."""
    own = [(c, n, a) for c, n, a in zip(o.function.coordinates, o.index, o.arguments, strict=True)]
    own = [each for each in own if each[0] != time]
    orders = [(c, n) for c, n, _ in own if n]
    if not orders:
        return u.func(*(a for _, _, a in own))
    derivative = Derivative(u, *orders)
    moved = [(c, a) for c, _, a in own if a != c]
    return Subs(derivative, *zip(*moved, strict=True)) if moved else derivative


def of_space(region: Region, time: Symbol) -> Any:
    """The region of space whose product with an interval of time a region is; None, if it is none.

    >>> from pinnsolve import Ball, Interval, coordinates
    >>> x, y, t = coordinates("x y t")
    >>> of_space((Ball({x: 0, y: 0}, 1) * Interval(t, 0, 1)), t)
    Ball(x: 0, y: 0, radius=1)
    """
    if time not in region.coordinates:
        return region
    if isinstance(region, Solid):
        return region.over([c for c in region.coordinates if c != time]) or _of_parts(region, time)
    if isinstance(region, Reordered):
        inner = of_space(region.region, time)
        wanted = tuple(c for c in region.coordinates if c != time)
        return None if inner is None else in_order(inner, wanted)
    if isinstance(region, Lateral):
        kept = [part for part in (region.a, region.b) if part.coordinates != (time,)]
        parts = [of_space(part, time) for part in kept]
        if None in parts:
            return None
        return parts[0] if len(parts) == 1 else Lateral(*parts)
    return _of_parts(region, time)


def _of_parts(region: Region, time: Symbol) -> Any:
    """Of a region that is made of one other, or of two: the same, made of those of space."""
    if isinstance(region, Box) or not is_dataclass(region):
        return None
    held = {f.name: getattr(region, f.name) for f in fields(region) if f.init}
    parts = {n: of_space(p, time) for n, p in held.items() if isinstance(p, Region)}
    others = [p for n, p in held.items() if n not in parts]
    if not parts or None in parts.values() or any(_mentions(p, time) for p in others):
        return None
    return replace(region, **parts)


def _mentions(part: Any, time: Symbol) -> bool:
    symbols = getattr(part, "free_symbols", None)
    return time in symbols if symbols is not None else time in part
