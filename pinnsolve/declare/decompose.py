"""A problem as it is solved: an unknown for each of several materials, joined where they meet, two
real ones for each that is complex, and the logarithm of each number that is positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sympy import Expr

from pinnsolve.declare.by_region import EXAMPLE, by_region
from pinnsolve.declare.logarithms import Logarithms, in_logarithms
from pinnsolve.declare.pairs import Pairs, in_pairs
from pinnsolve.declare.pieces import Pieces, in_pieces
from pinnsolve.declare.problem import Problem, problem_of
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.symbols import Unknown

# Each has `functions`, its own unknowns by those of the problem before, and `formulas(given)`.
Reduction = TypeVar("Reduction", Pieces, Pairs, Logarithms)


@dataclass(frozen=True, eq=False)
class Decomposed:
    """A problem in pieces, and the unknowns of the first problem as expressions of the new ones:
    `fields[u]`.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, by_region, coordinates, decompose, divergence
    >>> from pinnsolve import gradient, unknown
    >>> (x,) = coordinates("x")
    >>> u, k = unknown("u", x), by_region({Interval(x, 0, 1): 1, Interval(x, 1, 2): 3})
    >>> rod = Interval(x, 0, 2)
    >>> parts = decompose(Problem(rod, Eq(divergence(k * gradient(u)), 0), Eq(u, x) @ rod.boundary))
    >>> len(parts.problem.unknowns)
    2
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


@dataclass(frozen=True, eq=False)
class Reduced(Generic[Reduction]):
    """The problem that is solved for another, and what its unknowns are to the other's."""

    problem: Problem
    by: Reduction


@lru_cache(maxsize=16)
def pairs_of_problem(problem: Problem) -> Reduced[Pairs] | None:
    """The problem in pairs of real unknowns; None, where nothing of it is complex."""
    pairs = in_pairs(problem.conditions, problem.unknowns, problem.exact)
    return None if pairs is None else Reduced(problem.replaced(*pairs.held), pairs)


@lru_cache(maxsize=16)
def logarithms_of_problem(problem: Problem) -> Reduced[Logarithms] | None:
    """The problem with logarithms in the place of numbers that are positive; None, where none
    are.
    """
    found = in_logarithms(problem.conditions, problem.unknowns, problem.exact)
    return None if found is None else Reduced(problem.replaced(*found.held), found)


def reductions(problem: Problem) -> list[Reduced[Any]]:
    """Those that have something to do, in their order: into pieces, where formulas differ by
    region, then into pairs of real unknowns, then into logarithms. Each is of the problem before.
    """
    chain: list[Reduced[Any]] = []
    for reduced in (_in_parts, pairs_of_problem, logarithms_of_problem):
        found = reduced(chain[-1].problem if chain else problem)
        chain += [] if found is None else [found]
    return chain


def _in_parts(problem: Problem) -> Reduced[Pieces] | None:
    parts = parts_of_problem(problem)
    return None if parts is None else Reduced(parts.problem, parts.pieces)


def _pairs(problem: Problem) -> Pairs | None:
    """Of a problem in pieces, if there are any."""
    return next((r.by for r in reductions(problem) if isinstance(r.by, Pairs)), None)


def solved_problem(problem: Problem) -> Problem:
    """The problem that is solved for this one: the last of its reductions, or itself."""
    chain = reductions(problem)
    return chain[-1].problem if chain else problem


def solved_pairs(problem: Problem) -> tuple[tuple[str, int, int], ...]:
    """The name of each complex unknown, in each region, and the numbers of its parts among the
    unknowns that are solved for.
    """
    pairs = _pairs(problem)
    if pairs is None:
        return ()
    numbers = {u: k for k, u in enumerate(pairs.own)}
    return tuple((str(u.func), numbers[a], numbers[b]) for u, (a, b) in pairs.parts.items())


def told(problem: Problem) -> list[tuple[Condition, str]]:
    """For each condition that is solved for, the one that it belongs to, in each region, and which
    part of it it is; empty for all of it.
    """
    pairs = _pairs(problem)
    if pairs is None:
        parts = parts_of_problem(problem)
        whole = problem if parts is None else parts.problem
        return [(condition, "") for condition in whole.conditions]
    return [(half.whole, half.part) for half in pairs.halves]


def solved_formulas(problem: Problem, given: Mapping[Unknown, Expr]) -> dict[Unknown, Expr]:
    """Formulas of a problem's unknowns, as those of the problem that is solved for it."""
    own = dict(given)
    for reduced in reductions(problem):
        own = reduced.by.formulas(own)
    return own


def solved_unknowns(problem: Problem) -> dict[Unknown, tuple[Unknown, ...]]:
    """Of each unknown, those that are solved for."""
    own: dict[Unknown, tuple[Unknown, ...]] = {u: (u,) for u in problem.unknowns}
    for reduced in reductions(problem):
        functions = reduced.by.functions
        own = {u: tuple(w for v in each for w in functions[v]) for u, each in own.items()}
    return own
