"""A domain of several materials as one unknown for each, joined where they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sympy import Expr

from pinnsolve.declare.by_region import EXAMPLE, by_region
from pinnsolve.declare.pieces import Pieces, in_pieces
from pinnsolve.declare.problem import Problem, problem_of
from pinnsolve.symbols.symbols import Unknown


@dataclass(frozen=True, eq=False)
class Decomposed:
    """A problem in pieces, and the unknowns of the first problem as expressions of the new ones:
    `fields[u]`.
    """

    problem: Problem
    fields: Mapping[Unknown, Expr]
    pieces: Pieces


def decompose(problem: Problem) -> Decomposed:
    """An unknown for each connected part of the regions that formulas of the problem name, with the
    equation of that part alone.

    Across the interfaces the unknown is continuous, and the normal part of the flux inside of a
    divergence; without a divergence, as many normal derivatives as the order of the equation asks
    for. Conditions go to the regions that they touch. `solve` does so by itself. Raises TypeError
    for no problem, ValueError where no formula differs by region.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, by_region, coordinates, decompose, divergence
    >>> from pinnsolve import gradient, unknown
    >>> (x,) = coordinates("x")
    >>> u, k = unknown("u", x), by_region({Interval(x, 0, 1): 400, Interval(x, 1, 2): 50})
    >>> rod = Problem(Interval(x, 0, 2), Eq(divergence(k * gradient(u)), 0), Eq(u(0), 0))
    >>> [condition.equation for condition in decompose(rod).problem.conditions[-2:]]
    [Eq(u_1(x), u_2(x)), Eq(400*n_x*Derivative(u_1(x), x), 50*n_x*Derivative(u_2(x), x))]
    """
    if problem_of(problem) is None:
        raise TypeError(
            f"decompose wants a Problem, decompose(Problem(domain, Eq(...), ...)): got {problem!r}"
        )
    parts = parts_of_problem(problem)
    if parts is None:
        raise ValueError(f"no formula of this problem differs by region: write k = {EXAMPLE}")
    return parts


@lru_cache(maxsize=16)
def parts_of_problem(problem: Problem) -> Decomposed | None:
    """The problem in pieces; None, where no formula of it differs by region."""
    pieces = in_pieces(problem.domain, problem.conditions, problem.unknowns, problem.exact)
    if pieces is None:
        return None
    fields = {
        u: by_region(dict(zip(pieces.regions, own, strict=True)))
        for u, own in pieces.unknowns.items()
    }
    return Decomposed(problem.replaced(pieces.conditions, pieces.own, pieces.exact), fields, pieces)


def solved_problem(problem: Problem) -> Problem:
    """The problem that is solved for this one: in pieces, where formulas differ by region."""
    parts = parts_of_problem(problem)
    return problem if parts is None else parts.problem
