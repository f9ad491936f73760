"""Random linear problems with known solutions, by seed: how blindness is measured.

Operators of second and fourth order with constant and variable coefficients, elliptic, parabolic,
hyperbolic and dominated by convection; boxes of any aspect ratio, disks and polygons; mixed
conditions; solutions that are not all sines. Choices in the solver are tuned on seeds below 1000
only; what is reported comes from seeds from 1000 on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sympy import Add, Eq, Expr, Mul, Rational, Symbol, cos, exp, pi, sin, tanh

from pinnsolve import (
    Ball,
    Box,
    Polygon,
    Problem,
    coordinates,
    laplacian,
    manufactured,
    normal_derivative,
    unknown,
)
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.region import Condition
from pinnsolve.symbols.symbols import Unknown

NAMES = ("x", "y", "z", "p", "q", "r", "s", "v", "w", "a")


@dataclass(frozen=True)
class Drawn:
    """A random problem and the kinds that it was drawn from."""

    problem: Problem
    equation: str
    domain: str
    solution: str
    dimension: int


def random_problem(seed: int) -> Drawn:
    """The problem of a seed; always the same one."""
    random = Random(f"pinnsolve {seed}")
    dimension = random.choices((1, 2, 3, random.randint(5, 10)), (25, 45, 22, 8))[0]
    equation = random.choice(EQUATIONS[min(dimension, 4)])
    return equation(random, dimension)


def _number(random: Random, low: float, high: float) -> Rational:
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
    corner = [_number(random, -1, 1) for _ in names]
    return Box({c: (low, low + side) for c, low, side in zip(names, corner, sides, strict=True)})


def _disk(random: Random, names: tuple[Symbol, ...]) -> Ball:
    return Ball({c: _number(random, -1, 1) for c in names}, _number(random, 0.5, 2))


def _polygon(random: Random, names: tuple[Symbol, ...]) -> Polygon:
    """Convex: corners on an ellipse, at random angles that leave no gap of half a turn."""
    count = random.randint(3, 7)
    corners = []
    for k in range(count):
        angle = 2 * pi * (k + random.uniform(0, 0.6)) / count
        corners.append((_rounded(1.5 * cos(angle)), _rounded(sin(angle))))
    return Polygon((names[0], names[1]), corners)


def _rounded(value: Expr) -> Rational:
    return Rational(round(100 * float(value)), 100)


# ---- solutions, over coordinates s in [0, 1] of the domain's box


def _wave(random: Random, s: list[Expr]) -> Expr:
    top = {1: 20, 2: 12, 3: 6}.get(len(s), 2)
    return sin(Add(*[_number(random, -top, top) * c for c in s]) + _number(random, 0, 3))


def _gaussian(random: Random, s: list[Expr]) -> Expr:
    width = _number(
        random, *{1: (0.05, 0.3), 2: (0.1, 0.4), 3: (0.25, 0.5)}.get(len(s), (0.8, 1.5))
    )
    return exp(-Add(*[(c - _number(random, 0, 1)) ** 2 for c in s]) / (2 * width**2))


def _boundary_layer(random: Random, s: list[Expr]) -> Expr:
    c, width = (
        random.choice(s),
        _number(random, *{1: (0.01, 0.2), 2: (0.03, 0.2)}.get(len(s), (0.15, 0.4))),
    )
    return exp(-c / width) if random.random() < 0.5 else exp((c - 1) / width)


def _interior_layer(random: Random, s: list[Expr]) -> Expr:
    width = _number(random, *{1: (0.03, 0.2), 2: (0.08, 0.3)}.get(len(s), (0.3, 0.6)))
    directions = [_number(random, -1, 1) for _ in s]
    middle = Add(*[d * _number(random, 0.3, 0.7) for d in directions])
    return tanh((Add(*[d * c for d, c in zip(directions, s, strict=True)]) - middle) / width)


def _polynomial(random: Random, s: list[Expr]) -> Expr:
    def term() -> Expr:
        return _number(random, -2, 2) * Mul(
            *[c ** random.randint(0, 4) for c in random.sample(s, min(2, len(s)))]
        )

    return 1 + Add(*[term() for _ in range(4)])


def _rational(random: Random, s: list[Expr]) -> Expr:
    top = {1: 20, 2: 8, 3: 4}.get(len(s), 1)
    return 1 / (1 + _number(random, 0.5, top) * Add(*[(c - _number(random, 0, 1)) ** 2 for c in s]))


def _exponential(random: Random, s: list[Expr]) -> Expr:
    return exp(Add(*[_number(random, -2, 2) * c for c in s[:3]]))


SOLUTIONS: tuple[Callable[[Random, list[Expr]], Expr], ...] = (
    _wave,
    _gaussian,
    _boundary_layer,
    _interior_layer,
    _polynomial,
    _rational,
    _exponential,
)


def _solution(random: Random, domain: Solid, over: tuple[Symbol, ...]) -> tuple[Expr, str]:
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


# ---- conditions and equations


def _conditions(random: Random, u: Unknown, domain: Solid) -> list[Condition]:
    """Dirichlet, Neumann or Robin on each face of a box (on the whole boundary elsewhere), one of
    them Dirichlet.
    """
    if not isinstance(domain, Box):
        return [
            random.choice((u, normal_derivative(u) + _number(random, 1, 3) * u)) @ domain.boundary
        ]
    faces = [domain.at(**{c.name: end}) for c, ends in domain.limits.items() for end in ends]
    if len(faces) > 6:
        return [u @ domain.boundary]
    fixed = random.randrange(len(faces))
    kinds = (u, u, normal_derivative(u), normal_derivative(u) + _number(random, 0.5, 3) * u)
    return [(u if k == fixed else random.choice(kinds)) @ face for k, face in enumerate(faces)]


def _domain(random: Random, names: tuple[Symbol, ...]) -> tuple[Solid, str]:
    shapes = (
        [_box, _box, _disk, _polygon]
        if len(names) == 2
        else [_box, _box, _disk]
        if len(names) == 3
        else [_box]
    )
    shape = random.choice(shapes)
    return shape(random, names), shape.__name__.strip("_")


def _drawn(
    random: Random, kind: str, domain: Solid, shape: str, u: Unknown, left_sides: list[object]
) -> Drawn:
    value, solution = _solution(random, domain, domain.coordinates)
    problem = manufactured(domain, *left_sides, exact={u: value})
    return Drawn(problem, kind, shape, solution, len(domain.coordinates))


def elliptic(random: Random, dimension: int) -> Drawn:
    """-div(a grad u) + c u, a variable and positive, c constant and not negative."""
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain, shape = _domain(random, names)
    u = unknown("u", *names)
    a = 1 + (_number(random, 0, 1) * cos(random.choice(names)) ** 2 if random.random() < 0.5 else 0)
    left = -Add(*[(a * u.diff(c)).diff(c) for c in names]) + _number(random, 0, 5) * u
    return _drawn(random, "elliptic", domain, shape, u, [left, *_conditions(random, u, domain)])


def anisotropic(random: Random, dimension: int) -> Drawn:
    """A full constant tensor of diffusivities, with a little convection."""
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain, shape = _domain(random, names)
    u = unknown("u", *names)
    second = Add(*[_number(random, 0.2, 5) * u.diff(c, 2) for c in names])
    mixed = _number(random, -0.15, 0.15) * u.diff(names[0], names[-1]) if dimension > 1 else 0
    left = -second - mixed + Add(*[_number(random, -1, 1) * u.diff(c) for c in names])
    return _drawn(
        random,
        "anisotropic",
        domain,
        shape,
        u,
        [left, *[u @ c.region for c in _conditions(random, u, domain)]],
    )


def convection(random: Random, dimension: int) -> Drawn:
    """-eps laplacian(u) + b . grad u = f on a unit box with a boundary layer of width eps at the
    outflow.
    """
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain = Box(dict.fromkeys(names, (0, 1)))
    u = unknown("u", *names)
    eps = Rational(1, random.choice((10, 20, 50, 100, 1000) if dimension == 1 else (5, 10, 20)))
    left = (
        -eps * laplacian(u)
        + u.diff(names[0])
        + sum(_number(random, 0, 1) * u.diff(c) for c in names[1:])
    )
    smooth, solution = _solution(random, domain, names)
    value = smooth + _number(random, 0.5, 2) * exp((names[0] - 1) / eps) * Mul(
        *[cos(c) for c in names[1:]]
    )
    problem = manufactured(domain, left, u @ domain.boundary, exact={u: value})
    return Drawn(problem, "convection", "box", f"{solution} + outflow layer", dimension)


def helmholtz(random: Random, dimension: int) -> Drawn:
    """laplacian(u) + k^2 u with Dirichlet data; k is random, so that it is no eigenvalue."""
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain = Box(dict.fromkeys(names, (0, 1)))
    u = unknown("u", *names)
    k = _number(random, 2, 15 if dimension < 3 else 5)
    left = laplacian(u) + k**2 * u
    return _drawn(random, "helmholtz", domain, "box", u, [left, u @ domain.boundary])


def plate(random: Random, dimension: int) -> Drawn:
    """laplacian^2 u + c u: beam or plate, clamped, or simply supported (u and laplacian(u) given)
    on boxes.
    """
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain, shape = _domain(random, names)
    u = unknown("u", *names)
    second = normal_derivative(u) if random.random() < 0.5 else laplacian(u)
    left = laplacian(laplacian(u), *names) + _number(random, 0, 3) * u
    return _drawn(
        random, "plate", domain, shape, u, [left, u @ domain.boundary, second @ domain.boundary]
    )


def parabolic(random: Random, dimension: int) -> Drawn:
    """u_t - a laplacian(u) + b u_x + c u in dimension - 1 space coordinates, initial value
    given.
    """
    return _evolution(random, dimension, 1)


def hyperbolic(random: Random, dimension: int) -> Drawn:
    """u_tt - a laplacian(u) + d u_t, initial value and velocity given."""
    return _evolution(random, dimension, 2)


def _evolution(random: Random, dimension: int, order: int) -> Drawn:
    space = coordinates(" ".join(NAMES[: dimension - 1]) + " ")
    (t,) = coordinates("t ")
    u = unknown("u", *space, t)
    end = _number(random, 0.3, 1.5)
    domain = Box({**{c: (0, _number(random, 0.5, 3)) for c in space}, t: (0, end)})
    a = _number(random, 0.05, 1) if order == 1 else _number(random, 0.5, 4)
    lower = (
        _number(random, 0, 1) * (u.diff(space[0]) if order == 1 else u.diff(t))
        + _number(random, 0, 1) * u
    )
    left = u.diff(t, order) - a * laplacian(u, *space) + lower
    faces = [domain.at(**{c.name: edge}) for c in space for edge in domain.limits[c]]
    sides = [random.choice((u, normal_derivative(u, *space))) @ face for face in faces]
    start = [u @ domain.at(t=0)] + ([u.diff(t) @ domain.at(t=0)] if order == 2 else [])
    kind = "parabolic" if order == 1 else "hyperbolic"
    return _drawn(random, kind, domain, "box", u, [left, *start, *sides])


def advection(random: Random, dimension: int) -> Drawn:
    """u_t + c u_x + r u on a ring: periodic in x, initial value given."""
    x, t = coordinates("x t")
    u = unknown("u", x, t)
    speed, decay, count = _number(random, -8, 8), _number(random, 0, 1), random.randint(1, 3)
    domain = Box({x: (0, 2 * pi), t: (0, 1)})
    profile = random.choice(
        (
            sin(count * (x - speed * t)),
            exp(cos(x - speed * t)),
            1 / (2 + cos(count * (x - speed * t))),
        )
    )
    problem = Problem(
        domain,
        Eq(u.diff(t) + speed * u.diff(x) + decay * u, 0),
        Eq(u(x, 0), profile.subs(t, 0)),
        Eq(u(0, t), u(2 * pi, t)),
        exact={u: profile * exp(-decay * t)},
    )
    return Drawn(problem, "advection", "ring", "travelling profile", 2)


# By dimension; 4 stands for more than three.
EQUATIONS: dict[int, tuple[Callable[[Random, int], Drawn], ...]] = {
    1: (elliptic, anisotropic, convection, helmholtz, plate),
    2: (
        elliptic,
        elliptic,
        anisotropic,
        convection,
        helmholtz,
        plate,
        parabolic,
        parabolic,
        hyperbolic,
        advection,
    ),
    3: (elliptic, elliptic, anisotropic, convection, helmholtz, parabolic, hyperbolic),
    4: (elliptic, anisotropic),
}
