"""What an equation must be to make sense on its region, in a domain: every mistake that can be seen
before a solve.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from sympy import (
    Derivative,
    Eq,
    Expr,
    Float,
    I,
    Limit,
    Order,
    Product,
    Sum,
    Symbol,
    lambdify,
    nan,
    oo,
    zoo,
)
from sympy.core.function import AppliedUndef

from pinnsolve.declare.placing import equation_and_region
from pinnsolve.declare.probes import probe
from pinnsolve.geometry.charts import Array
from pinnsolve.geometry.region import Condition, Region, charts_of
from pinnsolve.symbols.assumed import COMPLEX, require_allowed
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.eigenvalue import Eigenvalue
from pinnsolve.symbols.given import by_key, formula_of, is_text, parts_of
from pinnsolve.symbols.integrals import Measure, within_of
from pinnsolve.symbols.occurrences import Occurrence, separate
from pinnsolve.symbols.remedies import A_TABLE, REMEDIES
from pinnsolve.symbols.symbols import Normal, Unknown
from pinnsolve.symbols.warned import warn
from pinnsolve.symbols.written import number

K = TypeVar("K")

TOLD = {
    "integer",
    "rational",
    "positive",
    "negative",
    "nonnegative",
    "nonpositive",
    "zero",
    "imaginary",
}


def difference(condition: Condition) -> Expr:
    """Left minus right side of a condition's equation."""
    equation = condition.equation
    return equation.lhs - equation.rhs if equation.is_Equality else equation


def names(symbols: Iterable[object]) -> str:
    """Names in alphabetical order, as words."""
    return ", ".join(sorted(map(str, symbols)))


def in_components(items: Iterable[object]) -> tuple[Any, ...]:
    """Equations one by one: lists of them are opened, and `Eq` of vectors or matrices holds
    component by component.

    Raises ValueError for sides of different lengths.
    """
    equations: list[Any] = []
    for item in items:
        equation, region = equation_and_region(item)
        parts = _components(equation)
        if parts is None:
            require_known_operations(equation)
            equations.append(item)
        else:
            equations += [part if region is None else Condition(part, region) for part in parts]
    return tuple(equations)


def _components(equation: Any) -> tuple[Any, ...] | None:
    """The equations in a list, or between the components of vectors; None for any other."""
    several = parts_of(equation)
    if several is not None:
        return in_components(several)
    sides = [parts_of(side) for side in equation.args] if isinstance(equation, Eq) else [None]
    if not any(sides):
        return None
    left, right = (parts or (side,) for parts, side in zip(sides, equation.args, strict=True))
    if len(left) != len(right):
        raise ValueError(
            f"{equation} has {len(left)} components on the left and {len(right)} on the right: give"
            " as many"
        )
    return tuple(Eq(a, b, evaluate=False) for a, b in zip(left, right, strict=True))


def by_symbol(what: str, given: object, kind: type[K], example: str) -> dict[K, Any]:
    """A dict whose keys are unknowns (or constants). Raises TypeError for anything else, with an
    example.
    """
    if given is None:
        return {}
    held = by_key(given)
    if held is None:
        raise TypeError(f"{what} must be a dict, {what}={example}: got {given!r}")
    for key, value in held.items():
        _require_expression(what, key, value, kind, example)
    return held


def _require_expression(what: str, key: Any, value: Any, kind: type[Any], example: str) -> None:
    if not isinstance(key, kind):
        hint = f": write {key}, without quotes" if is_text(key) else ""
        raise TypeError(f"{what} has the key {key!r}, and wants {what}={example}{hint}")
    formula = formula_of(value)
    if formula is None:
        several = np.ndim(np.array(value, dtype=object)) > 0
        wanted = "one expression or" if several else "an expression of the coordinates or a"
        raise TypeError(f"{what} of {key} must be {wanted} number: got {value!r}")
    if kind is not Unknown:
        return
    if key.args != key.coordinates:
        raise ValueError(f"{what} has the key {key}: give the whole function, {what}={example}")
    real = key.func.values != COMPLEX
    if formula.has(Unknown, nan, oo, zoo) or (real and formula.has(I)):
        raise ValueError(
            f"{what} of {key} is {value}, and must be a {key.func.values} function of the"
            " coordinates, without unknowns"
        )
    require_allowed(what, key, formula)
    for node in formula.atoms(AppliedUndef):
        if not hasattr(node.func, "_imp_"):
            raise ValueError(
                f"{what} of {key} holds {node}, which has no formula: write one, {what}={example};"
                f" {A_TABLE}"
            )


def require_known_operations(equation: Any) -> None:
    """Raise ValueError for sums of unknowns and remainders of series, with what to write."""
    for node in sorted(
        getattr(equation, "atoms", lambda *_: ())(Sum, Product, Limit, Order), key=str
    ):
        if node.has(Unknown) or node.is_Order:
            raise ValueError(f"{equation} holds {node}: {REMEDIES[node.func.__name__]}")


def constants_in(given: object, domain: Region) -> dict[Symbol, Expr]:
    """Values by symbol. Raises TypeError for other keys, ValueError for a coordinate, or a value
    that is no finite number.
    """
    values = {
        s: number(v, f"constant {s}")
        for s, v in by_symbol("constants", given, Symbol, "{nu: 0.01}").items()
    }
    for symbol in values:
        if symbol in domain.coordinates:
            raise ValueError(
                f"constant {symbol} is a coordinate of the domain: give constants other names"
            )
    return values


def require_true_assumptions(domain: Region) -> None:
    """Raise ValueError for a coordinate that sympy was told to be whole, or of one sign, and is
    not: it simplifies by that.
    """
    for c, (low, high) in zip(domain.coordinates, domain.bounds.tolist(), strict=True):
        untrue = (
            c.is_integer or c.is_rational or c.is_real is False or (low < 0 and c.is_nonnegative)
        )
        if untrue or (high > 0 and c.is_nonpositive):
            told = ", ".join(
                sorted(name for name, value in c.assumptions0.items() if value and name in TOLD)
            )
            raise ValueError(
                f"the coordinate {c} is in [{low:g}, {high:g}], but its symbol was declared {told},"
                f" by which sympy simplifies: make it by coordinates('{c}')"
            )


def check_equation(condition: Condition, domain: Region) -> None:
    """Raise ValueError for an equation without an unknown, with a stray symbol, not finite, or that
    looks out of the domain.
    """
    side = difference(condition)
    unknowns = side.atoms(Unknown)
    for d in side.atoms(Derivative):
        if d.expr in unknowns:
            d.expr.diff(*d.variables)  # says so, if it has no such coordinate
    rest, occurrences = separate(side)
    if side.has(nan, oo, zoo, -oo):
        raise ValueError(f"{condition} contains a number that is not finite")
    if not occurrences:
        undeclared = sorted(side.atoms(AppliedUndef) - side.atoms(Unknown), key=str)
        hint = (
            f"; declare {(f := undeclared[0]).func} = unknown({str(f.func)!r}, ...) for sympy's {f}"
            if undeclared
            else ""
        )
        raise ValueError(f"{condition} contains no unknown: nothing to solve for{hint}")
    inside = set().union(*(o.free_symbols for o in occurrences.values()))
    stray = (rest.free_symbols | inside) - set(occurrences) - set(condition.region.coordinates)
    normals = stray & side.atoms(Normal)
    stray -= set(condition.region.data) | side.atoms(Eigenvalue)
    if stray & side.atoms(Data):
        raise ValueError(
            f"{condition} holds measured data: place it on their points, Eq(u, Data(values)) @"
            " PointCloud(...)"
        )
    if stray - normals:
        raise ValueError(_stray(condition, stray - normals))
    if normals and any(chart.normal is None for chart in charts_of(condition.region)):
        raise ValueError(
            f"{condition} uses the outward normal, but {condition.region} has none: take a boundary"
            " or a face"
        )
    _require_inside(condition, domain, tuple(occurrences.values()))


def _stray(condition: Condition, stray: set[Symbol]) -> str:
    known = condition.region.coordinates
    twins = [s for s in stray if s.name in {c.name for c in known}]
    if twins:
        return (
            f"{condition} mentions another {names(twins)} than the domain's: sympy takes symbols of"
            " one name but other assumptions for different ones; make it once, by"
            " coordinates(...), and use it everywhere"
        )
    return (
        f"{condition} mentions {names(stray)}: the coordinates are {names(known)}; put numbers in"
        f" the place of constants, or give Problem(..., constants={{{names(stray)}: ...}})"
    )


def _require_inside(
    condition: Condition, domain: Region, occurrences: Sequence[Occurrence]
) -> None:
    """Raise ValueError where an unknown is taken outside of the domain; warn where u(2) may have
    been a product.
    """
    for o in occurrences:
        own = o.function.coordinates
        if o.arguments == own or set(own) != set(domain.coordinates):
            continue
        place = tuple(o.arguments[own.index(c)] for c in domain.coordinates)
        x = np.concatenate([probe(chart) for chart in charts_of(condition.region)])
        ends = [{}] if o.measure is None else _reached(o.measure)
        moved = np.concatenate([_moved(x, condition.region, place, end) for end in ends])
        outside = ~domain.contains(moved.astype(float)) if len(moved) else np.zeros(0, dtype=bool)
        if outside.any():
            where = ", ".join(
                f"{c}={v:.4g}" for c, v in zip(domain.coordinates, moved[outside][0], strict=True)
            )
            raise ValueError(f"{condition} takes {o} at {where}, outside of the domain {domain}")
        if condition.region.is_solid and all(a.is_number for a in o.arguments):
            warn(
                f"{condition} holds everywhere, but {o} is one number, the value at a point: write"
                " * if a product is meant"
            )


def _reached(measure: Measure, most: int = 32) -> Sequence[Mapping[Symbol, Expr]]:
    """Variables of integration at the ends of their limits, or at points of their region."""
    within = within_of(measure.weight)
    if within is None:
        return measure.ends()
    points = [x for chart in charts_of(within.region) for x in probe(chart)[:most].tolist()]
    return [dict(zip(within.variables, map(Float, x), strict=True)) for x in points]


def _moved(x: Array, region: Region, place: tuple[Expr, ...], at: Mapping[Symbol, Expr]) -> Array:
    """Points `(n, dim)` moved to a place, with values for variables of integration."""
    values = lambdify(region.coordinates, [p.subs(at) for p in place])(*x.T)
    return np.stack([np.broadcast_to(v, len(x)) for v in values], axis=1)
