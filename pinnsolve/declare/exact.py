"""The exact solution of a problem: what it may be, and that it satisfies the equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Expr, Integer, Symbol, simplify, sympify

from pinnsolve.declare.checks import difference, names
from pinnsolve.declare.jumps import require_no_kink
from pinnsolve.declare.probes import largest_defect
from pinnsolve.geometry.region import Condition, Region
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.given import Formula
from pinnsolve.symbols.occurrences import substitute
from pinnsolve.symbols.symbols import Unknown

# Relative: an exact solution is compared in float64, its constants may be rounded so far
SAME_IN_FLOAT64 = 1e-14


def exact_in(
    given: Mapping[Unknown, Formula],
    constants: Mapping[Symbol, Expr],
    unknowns: Sequence[Unknown],
    domain: Region,
) -> dict[Unknown, Expr]:
    """What is given as each unknown's exact solution, with the constants' values in their place.

    Raises ValueError for other unknowns than the equations', and for what is no function of the
    domain's coordinates.
    """
    values = {u: sympify(value, strict=True).subs(constants) for u, value in given.items()}
    if set(values) != set(unknowns):
        raise ValueError(f"exact gives {names(values)}, but the unknowns are {names(unknowns)}")
    for u, value in values.items():
        stray = value.free_symbols - set(domain.coordinates)
        if stray:
            raise ValueError(
                f"exact solution {u} = {value} contains {names(stray)}, which is no coordinate"
                " of the domain"
            )
    return {u: values[u] for u in unknowns}


def require_satisfied(conditions: Sequence[Condition], exact: Mapping[Unknown, Expr]) -> None:
    """Raise ValueError for an exact solution with a kink where an equation differentiates it, or
    that does not satisfy a condition. Measured data are noisy, as a rule: they are not asked.
    """
    for condition in conditions:
        if condition.region.is_solid:
            for u, value in exact.items():
                require_no_kink(value, difference(condition), condition.region, u)
    for condition in conditions:
        if _is_measured(condition):
            continue
        largest = largest_defect(condition, _defect(condition, exact), SAME_IN_FLOAT64)
        if largest is not None:
            raise ValueError(f"the exact solution does not satisfy {condition}: {largest}")


def defect_of(condition: Condition, exact: Mapping[Unknown, Expr]) -> Expr:
    """Left minus right side at the exact solution, simplified: zero, if it vanishes to 50 digits or
    the data are measured.
    """
    defect = _defect(condition, exact)
    vanishes = _is_measured(condition) or largest_defect(condition, defect) is None
    return Integer(0) if vanishes else simplify(defect)


def _is_measured(condition: Condition) -> bool:
    return bool(difference(condition).has(Data))


def _defect(condition: Condition, exact: Mapping[Unknown, Expr]) -> Expr:
    return substitute(difference(condition), exact)
