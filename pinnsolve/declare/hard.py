"""Conditions that hold whatever the network: the unknown as a lift of the data plus a vanishing
factor times a free one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

from sympy import Eq, Expr, Integer, Symbol

from pinnsolve.declare.checks import difference
from pinnsolve.declare.problem import Problem
from pinnsolve.geometry.region import Boundary, Condition, Face
from pinnsolve.geometry.solids import Ball, Box
from pinnsolve.symbols.occurrences import separate, substitute
from pinnsolve.symbols.symbols import Data, Unknown, unknown

Faces = Mapping[
    tuple[Symbol, Expr], Expr
]  # the unknown's values by face: a coordinate and its value


@dataclass(frozen=True)
class Hard:
    """A problem for free functions w, and the unknowns of the first problem as expressions of
    these: `fields[u]`.
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
    """
    if not isinstance(problem, Problem):
        raise TypeError(
            f"hard wants a Problem, hard(Problem(domain, Eq(...), ...)): got {problem!r}"
        )
    domain = problem.domain
    if not isinstance(domain, Box | Ball):
        raise ValueError(f"hard conditions are for boxes and balls: the domain is {domain}")
    fields: dict[Unknown, Expr] = {}
    used: set[int] = set()
    for u in problem.unknowns:
        given = {
            k: g
            for k, c in enumerate(problem.conditions)
            if (g := _value(c, u, domain)) is not None
        }
        if not given:
            continue
        conditions = [(problem.conditions[k], g) for k, g in given.items()]
        lift, factor = (
            _on_a_box(domain, dict(_faces(conditions, domain)))
            if isinstance(domain, Box)
            else _on_a_ball(domain, [g for _, g in conditions])
        )
        fields[u] = lift + factor * unknown(f"{u.func}_free", *u.coordinates)
        used |= set(given)
    if not fields:
        raise ValueError(
            "no condition gives an unknown's values on a whole face of the domain: nothing can be"
            " hard"
        )
    left = [c for k, c in enumerate(problem.conditions) if k not in used]
    equations = [Eq(substitute(difference(c), fields), 0, evaluate=False) @ c.region for c in left]
    return Hard(Problem(domain, *equations), {u: fields.get(u, u) for u in problem.unknowns})


def _value(condition: Condition, u: Unknown, domain: Box | Ball) -> Expr | None:
    """The g of u = g on one face, or on the whole boundary; None for other conditions."""
    region = condition.region
    whole = isinstance(region, Boundary) and region.solid is domain
    if not (
        whole or (isinstance(region, Face) and region.solid is domain and len(region.values) == 1)
    ):
        return None
    residual, found = separate(difference(condition))
    if len(found) != 1 or residual.atoms(Data):
        return None
    ((symbol, occurrence),) = found.items()
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


def _faces(
    conditions: Sequence[tuple[Condition, Expr]], box: Box
) -> Iterator[tuple[tuple[Symbol, Expr], Expr]]:
    for condition, g in conditions:
        one = condition.region.values if isinstance(condition.region, Face) else None
        places = (
            one.items()
            if one
            else ((c, place) for c, limits in box.limits.items() for place in limits)
        )
        yield from (((c, place), g.subs(c, place)) for c, place in places)


def _on_a_box(box: Box, faces: Faces) -> tuple[Expr, Expr]:
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


def _on_a_ball(ball: Ball, values: Sequence[Expr]) -> tuple[Expr, Expr]:
    return (
        values[0],
        1 - sum((c - middle) ** 2 for c, middle in ball.center.items()) / ball.radius**2,
    )
