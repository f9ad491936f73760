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

from sympy import Add, Eq, Mul, Rational, cos, exp, pi, sin

from pinnsolve import (
    Box,
    Problem,
    coordinates,
    laplacian,
    manufactured,
    normal_derivative,
    unknown,
)
from pinnsolve.geometry.combine import Solid
from pinnsolve.problems.draws import (
    random_conditions,
    random_domain,
    random_number,
    random_solution,
)
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


def _drawn(
    random: Random, kind: str, domain: Solid, shape: str, u: Unknown, left_sides: list[object]
) -> Drawn:
    value, solution = random_solution(random, domain, domain.coordinates)
    problem = manufactured(domain, *left_sides, exact={u: value})
    return Drawn(problem, kind, shape, solution, len(domain.coordinates))


def elliptic(random: Random, dimension: int) -> Drawn:
    """-div(a grad u) + c u, a variable and positive, c constant and not negative."""
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain, shape = random_domain(random, names)
    u = unknown("u", *names)
    a = 1 + (
        random_number(random, 0, 1) * cos(random.choice(names)) ** 2 if random.random() < 0.5 else 0
    )
    left = -Add(*[(a * u.diff(c)).diff(c) for c in names]) + random_number(random, 0, 5) * u
    return _drawn(
        random, "elliptic", domain, shape, u, [left, *random_conditions(random, u, domain)]
    )


def anisotropic(random: Random, dimension: int) -> Drawn:
    """A full constant tensor of diffusivities, with a little convection."""
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain, shape = random_domain(random, names)
    u = unknown("u", *names)
    second = Add(*[random_number(random, 0.2, 5) * u.diff(c, 2) for c in names])
    mixed = random_number(random, -0.15, 0.15) * u.diff(names[0], names[-1]) if dimension > 1 else 0
    left = -second - mixed + Add(*[random_number(random, -1, 1) * u.diff(c) for c in names])
    return _drawn(
        random,
        "anisotropic",
        domain,
        shape,
        u,
        [left, *[u @ c.region for c in random_conditions(random, u, domain)]],
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
        + sum(random_number(random, 0, 1) * u.diff(c) for c in names[1:])
    )
    smooth, solution = random_solution(random, domain, names)
    value = smooth + random_number(random, 0.5, 2) * exp((names[0] - 1) / eps) * Mul(
        *[cos(c) for c in names[1:]]
    )
    problem = manufactured(domain, left, u @ domain.boundary, exact={u: value})
    return Drawn(problem, "convection", "box", f"{solution} + outflow layer", dimension)


def helmholtz(random: Random, dimension: int) -> Drawn:
    """laplacian(u) + k^2 u with Dirichlet data; k is random, so that it is no eigenvalue."""
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain = Box(dict.fromkeys(names, (0, 1)))
    u = unknown("u", *names)
    k = random_number(random, 2, 15 if dimension < 3 else 5)
    left = laplacian(u) + k**2 * u
    return _drawn(random, "helmholtz", domain, "box", u, [left, u @ domain.boundary])


def plate(random: Random, dimension: int) -> Drawn:
    """laplacian^2 u + c u: beam or plate, clamped, or simply supported (u and laplacian(u) given)
    on boxes.
    """
    names = coordinates(" ".join(NAMES[:dimension]) + " ")
    domain, shape = random_domain(random, names)
    u = unknown("u", *names)
    second = normal_derivative(u) if random.random() < 0.5 else laplacian(u)
    left = laplacian(laplacian(u), *names) + random_number(random, 0, 3) * u
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
    end = random_number(random, 0.3, 1.5)
    domain = Box({**{c: (0, random_number(random, 0.5, 3)) for c in space}, t: (0, end)})
    a = random_number(random, 0.05, 1) if order == 1 else random_number(random, 0.5, 4)
    lower = (
        random_number(random, 0, 1) * (u.diff(space[0]) if order == 1 else u.diff(t))
        + random_number(random, 0, 1) * u
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
    speed, decay, count = (
        random_number(random, -8, 8),
        random_number(random, 0, 1),
        random.randint(1, 3),
    )
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
