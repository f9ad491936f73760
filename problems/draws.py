"""What random problems are drawn from: domains, solutions and conditions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sympy import Add, Expr, Mul, Rational, Symbol, cos, exp, pi, sin, tanh

from pinnsolve import Ball, Box, Polygon, normal_derivative
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.symbols import Unknown


def random_number(random: Random, low: float, high: float) -> Rational:
    """A random rational with a denominator of 100, so that what sympy derives from it stays
    exact.
    """
    return Rational(round(100 * random.uniform(low, high)), 100)


def _length(random: Random) -> Rational:
    """Sides between 1/10 and 10, evenly in their logarithm: aspect ratios up to 100."""
    return max(Rational(1, 10), Rational(round(100 * 10 ** random.uniform(-1, 1)), 100))


# ---- domains


def _box(random: Random, names: tuple[Symbol, ...]) -> Box:
    sides = [_length(random) if len(names) < 4 else Rational(1) for _ in names]
    corner = [random_number(random, -1, 1) for _ in names]
    return Box({c: (low, low + side) for c, low, side in zip(names, corner, sides, strict=True)})


def _disk(random: Random, names: tuple[Symbol, ...]) -> Ball:
    return Ball({c: random_number(random, -1, 1) for c in names}, random_number(random, 0.5, 2))


def _polygon(random: Random, names: tuple[Symbol, ...]) -> Polygon:
    """Convex: corners on an ellipse, at random angles that leave no gap of half a turn."""
    count = random.randint(3, 7)
    corners = []
    for k in range(count):
        angle = 2 * pi * (k + random.uniform(0, 0.6)) / count
        corners.append((_rounded(1.5 * cos(angle)), _rounded(sin(angle))))
    return Polygon((names[0], names[1]), corners)


# By dimension; boxes alone in others. What stands twice is drawn twice as often.
SHAPES: dict[int, tuple[Callable[[Random, tuple[Symbol, ...]], Solid], ...]] = {
    2: (_box, _box, _disk, _polygon),
    3: (_box, _box, _disk),
}


def random_domain(random: Random, names: tuple[Symbol, ...]) -> tuple[Solid, str]:
    """Any shape that there is in so many coordinates, and its name."""
    shape = random.choice(SHAPES.get(len(names), (_box,)))
    return shape(random, names), shape.__name__.strip("_")


def _rounded(value: Expr) -> Rational:
    return Rational(round(100 * float(value)), 100)


# ---- solutions, over coordinates s in [0, 1] of the domain's box


def _wave(random: Random, s: list[Expr]) -> Expr:
    top = {1: 20, 2: 12, 3: 6}.get(len(s), 2)
    return sin(
        Add(*[random_number(random, -top, top) * c for c in s]) + random_number(random, 0, 3)
    )


def _gaussian(random: Random, s: list[Expr]) -> Expr:
    width = random_number(
        random, *{1: (0.05, 0.3), 2: (0.1, 0.4), 3: (0.25, 0.5)}.get(len(s), (0.8, 1.5))
    )
    return exp(-Add(*[(c - random_number(random, 0, 1)) ** 2 for c in s]) / (2 * width**2))


def _boundary_layer(random: Random, s: list[Expr]) -> Expr:
    c, width = (
        random.choice(s),
        random_number(random, *{1: (0.01, 0.2), 2: (0.03, 0.2)}.get(len(s), (0.15, 0.4))),
    )
    return exp(-c / width) if random.random() < 0.5 else exp((c - 1) / width)


def _interior_layer(random: Random, s: list[Expr]) -> Expr:
    width = random_number(random, *{1: (0.03, 0.2), 2: (0.08, 0.3)}.get(len(s), (0.3, 0.6)))
    directions = [random_number(random, -1, 1) for _ in s]
    middle = Add(*[d * random_number(random, 0.3, 0.7) for d in directions])
    return tanh((Add(*[d * c for d, c in zip(directions, s, strict=True)]) - middle) / width)


def _polynomial(random: Random, s: list[Expr]) -> Expr:
    def term() -> Expr:
        return random_number(random, -2, 2) * Mul(
            *[c ** random.randint(0, 4) for c in random.sample(s, min(2, len(s)))]
        )

    return 1 + Add(*[term() for _ in range(4)])


def _rational(random: Random, s: list[Expr]) -> Expr:
    top = {1: 20, 2: 8, 3: 4}.get(len(s), 1)
    return 1 / (
        1
        + random_number(random, 0.5, top)
        * Add(*[(c - random_number(random, 0, 1)) ** 2 for c in s])
    )


def _exponential(random: Random, s: list[Expr]) -> Expr:
    return exp(Add(*[random_number(random, -2, 2) * c for c in s[:3]]))


SOLUTIONS: tuple[Callable[[Random, list[Expr]], Expr], ...] = (
    _wave,
    _gaussian,
    _boundary_layer,
    _interior_layer,
    _polynomial,
    _rational,
    _exponential,
)


def random_solution(random: Random, domain: Solid, over: tuple[Symbol, ...]) -> tuple[Expr, str]:
    """One family, or the sum or product of two."""
    bounds = dict(zip(domain.coordinates, domain.bounds, strict=True))
    s = [(c - _rounded(bounds[c][0])) / _rounded(bounds[c][1] - bounds[c][0]) for c in over]
    first, second = random.sample(SOLUTIONS, 2)
    names = [f.__name__.strip("_") for f in (first, second)]
    a, b = first(random, s), second(random, s)
    mode = random.choice(("alone", "sum", "product"))
    if mode == "alone":
        return a, names[0]
    return (a + b, " + ".join(names)) if mode == "sum" else (a * b, " * ".join(names))


# ---- conditions


def random_conditions(random: Random, u: Unknown, domain: Solid) -> list[Condition]:
    """Dirichlet, Neumann or Robin on each face of a box (on the whole boundary elsewhere), one of
    them Dirichlet.
    """
    if not isinstance(domain, Box):
        return [
            random.choice((u, normal_derivative(u) + random_number(random, 1, 3) * u))
            @ domain.boundary
        ]
    faces = [domain.at(**{c.name: end}) for c, ends in domain.limits.items() for end in ends]
    if len(faces) > 6:
        return [u @ domain.boundary]
    fixed = random.randrange(len(faces))
    kinds = (u, u, normal_derivative(u), normal_derivative(u) + random_number(random, 0.5, 3) * u)
    return [(u if k == fixed else random.choice(kinds)) @ face for k, face in enumerate(faces)]
