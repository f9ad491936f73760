"""Conditions that hold whatever the network: the unknown as a lift of the data plus a vanishing
factor times a free one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from math import prod

from sympy import Eq, Expr, Integer, Symbol

from pinnsolve.declare.by_region import ByRegion
from pinnsolve.declare.checks import difference
from pinnsolve.declare.problem import Problem, problem_of
from pinnsolve.geometry.region import Condition, Region
from pinnsolve.geometry.solids import Ball, Box
from pinnsolve.symbols.data import Data
from pinnsolve.symbols.occurrences import separate, substitute
from pinnsolve.symbols.symbols import Unknown

# A face of a box: a coordinate and its value. The sphere of a ball: nothing.
Place = tuple[()] | tuple[Symbol, Expr]


@dataclass(frozen=True)
class Hard:
    """A problem for free functions w, and the unknowns of the first problem as expressions of
    these: `fields[u]`.

    >>> from sympy import Eq
    >>> from pinnsolve import Interval, Problem, coordinates, hard, unknown
    >>> (x,) = coordinates("x")
    >>> u, rod = unknown("u", x), Interval(x, 0, 1)
    >>> free = hard(Problem(rod, Eq(u.diff(x, 2), -1), Eq(u, 2) @ rod.boundary))
    >>> free.fields[u]
    x*(1 - x)*u_free(x) + 2
    """

    problem: Problem
    fields: Mapping[Unknown, Expr]


def hard(problem: Problem) -> Hard:
    """Put u = lift + factor * w into a problem wherever it gives the values of u on whole faces of
    a box, or on a sphere.

    On a box the lift is Gordon's and Hall's transfinite interpolation of the data (Numer. Math. 21,
    1973) and the factor the product of the distances to the faces; on a ball they are the data's
    own formula, and 1 - |x - c|^2 / R^2 (Lagaris, Likas, Fotiadis, IEEE Trans. Neural Netw. 9,
    1998). Other conditions stay equations, for w.

        free = hard(poisson)
        solution = solve(free.problem, Dense(200))
        solution(points, free.fields[u])

    In a given basis this is often 100 times more accurate, automatic solves gain nothing
    (results/hard.md), so that nothing is made hard unasked. Raises ValueError for another domain,
    or if no condition gives values on a whole face.

    >>> from sympy import Eq, pi, sin
    >>> from pinnsolve import Box, Dense, Problem, coordinates, hard, laplacian, solve, unknown
    >>> x, y = coordinates("x y")
    >>> u, square = unknown("u", x, y), Box({x: (0, 1), y: (0, 1)})
    >>> load = 2 * pi**2 * sin(pi * x) * sin(pi * y)
    >>> free = hard(Problem(square, Eq(-laplacian(u), load), Eq(u, 2) @ square.boundary))
    >>> solution = solve(free.problem, Dense(200))
    >>> f"{solution(0.0, 0.3, free.fields[u]):.12f}, {solution(0.5, 0.5, free.fields[u]):.4f}"
    '2.000000000000, 3.0000'
    """
    if problem_of(problem) is None:
        raise TypeError(
            f"hard wants a Problem, hard(Problem(domain, Eq(...), ...)): got {problem!r}"
        )
    fields, used = _built_in(problem)
    if not fields:
        raise ValueError(
            "no condition gives an unknown's values on a whole face of the domain: nothing can be"
            " hard"
        )
    # What is built in holds for any w, and is no equation any more.
    left = [c for k, c in enumerate(problem.conditions) if k not in used]
    equations = [Eq(substitute(difference(c), fields), 0, evaluate=False) @ c.region for c in left]
    return Hard(
        Problem(problem.domain, *equations), {u: fields.get(u, u) for u in problem.unknowns}
    )


def _built_in(problem: Problem) -> tuple[dict[Unknown, Expr], set[int]]:
    """What stands for each unknown whose values are given on whole faces, and the numbers of the
    conditions that give them.
    """
    domain = problem.domain
    faces = _whole_faces(domain)
    fields: dict[Unknown, Expr] = {}
    used: set[int] = set()
    for u in problem.unknowns:
        given = {
            k: g
            for k, c in enumerate(problem.conditions)
            if c.region in faces and (g := _value(c, u, domain)) is not None
        }
        if not given:
            continue
        values = {
            place: g.subs(*place) if place else g
            for k, g in given.items()
            for place in faces[problem.conditions[k].region]
        }
        lift, factor = _lift(domain, values)
        fields[u] = lift + factor * u.func.named(f"{u.func}_free")
        used |= set(given)
    return fields, used


@singledispatch
def _whole_faces(domain: Region) -> Mapping[Region, Sequence[Place]]:
    """The regions on which values can be built in, each with the places that it consists of."""
    raise ValueError(f"hard conditions are for boxes and balls: the domain is {domain}")


@_whole_faces.register
def _(domain: Box) -> Mapping[Region, Sequence[Place]]:
    places = [(c, end) for c, limits in domain.limits.items() for end in limits]
    faces = {domain.at(**{c.name: end}): [(c, end)] for c, end in places}
    return {domain.boundary: places, **faces}


@_whole_faces.register
def _(domain: Ball) -> Mapping[Region, Sequence[Place]]:
    return {domain.boundary: [()]}


def _value(condition: Condition, u: Unknown, domain: Region) -> Expr | None:
    """The g of u = g; None for other conditions."""
    residual, occurrences = separate(difference(condition))
    # What differs by region is known on the face alone, not at the other points of a lift.
    if len(occurrences) != 1 or residual.has(Data, ByRegion):
        return None
    ((symbol, occurrence),) = occurrences.items()
    slope = residual.diff(symbol)
    gives_values = (
        occurrence.function == u.func
        and not any(occurrence.index)
        and slope != 0
        and not slope.free_symbols
    )
    if not gives_values or not residual.free_symbols <= {symbol, *domain.coordinates}:
        return None
    return -residual.subs(symbol, 0) / slope


@singledispatch
def _lift(domain: Region, values: Mapping[Place, Expr]) -> tuple[Expr, Expr]:
    """A function with these values on the faces, and a factor that vanishes there."""
    raise NotImplementedError


@_lift.register
def _(box: Box, faces: Mapping[Place, Expr]) -> tuple[Expr, Expr]:
    lift, factor = Integer(0), Integer(1)
    for coordinate, (low, high) in box.limits.items():
        s = (coordinate - low) / (high - low)
        mine = {
            place: faces[coordinate, place] for place in (low, high) if (coordinate, place) in faces
        }
        shapes = {low: 1 - s, high: s} if len(mine) == 2 else dict.fromkeys(mine, Integer(1))
        # What the lift so far lacks on these faces; at corners where data agree, it lacks nothing.
        lift = lift + sum(
            shapes[place] * (g - lift.subs(coordinate, place)) for place, g in mine.items()
        )
        factor = factor * prod(s if place == low else 1 - s for place in mine)
    return lift, factor


@_lift.register
def _(ball: Ball, values: Mapping[Place, Expr]) -> tuple[Expr, Expr]:
    squares = sum((c - middle) ** 2 for c, middle in ball.center.items())
    return values[()], 1 - squares / ball.radius**2
