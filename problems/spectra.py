"""Eigenvalue problems, and the eigenvalues that are known: `SPECTRA["square"]()` gives both."""

from collections.abc import Callable, Sequence
from math import pi

from scipy.special import jn_zeros
from sympy import Eq, sqrt

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Polygon,
    Problem,
    coordinates,
    eigenvalue,
    laplacian,
    normal_derivative,
    unknown,
)

x, y = coordinates("x y")
u, v, lam = unknown("u", x), unknown("v", x, y), eigenvalue("lam")
Known = tuple[Problem, Sequence[complex]]
line, square, disk = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)}), Ball({x: 0, y: 0}, 1)


def string() -> Known:
    """A string between two points."""
    problem = Problem(line, Eq(-u.diff(x, 2), lam * u), Eq(u, 0) @ line.boundary)
    return problem, [(k * pi) ** 2 for k in range(1, 13)]


def square_drum() -> Known:
    """A square drum: most eigenvalues are there twice."""
    problem = Problem(square, Eq(-laplacian(v), lam * v), Eq(v, 0) @ square.boundary)
    return problem, sorted(pi**2 * (i * i + j * j) for i in range(1, 9) for j in range(1, 9))


def insulated_plate() -> Known:
    """No heat leaves: the first eigenvalue is zero."""
    problem = Problem(
        square, Eq(-laplacian(v), lam * v), Eq(normal_derivative(v), 0) @ square.boundary
    )
    return problem, sorted(pi**2 * (i * i + j * j) for i in range(9) for j in range(9))


def round_drum() -> Known:
    """A round drum: squares of the zeros of Bessel's functions, but of the first all twice."""
    problem = Problem(disk, Eq(-laplacian(v), lam * v), Eq(v, 0) @ disk.boundary)
    zeros = [(n, z) for n in range(10) for z in jn_zeros(n, 6)]
    return problem, sorted(z**2 for n, z in zeros for _ in range(2 if n else 1))


def l_shaped_drum() -> Known:
    """The drum of Fox, Henrici and Moler: the first by Betcke and Trefethen (2005), the third and
    eighth exact.
    """
    domain = Polygon((x, y), [(-1, -1), (1, -1), (1, 0), (0, 0), (0, 1), (-1, 1)])
    problem = Problem(domain, Eq(-laplacian(v), lam * v), Eq(v, 0) @ domain.boundary)
    return problem, [9.6397238440219, 2 * pi**2]


def sloshing() -> Known:
    """The eigenvalue stands on the boundary (Steklov's problem)."""
    flux = Eq(normal_derivative(v), lam * v) @ disk.boundary
    return Problem(disk, Eq(laplacian(v), 0), flux), [
        0,
        *(k for k in range(1, 9) for _ in range(2)),
    ]


def damped_string() -> Known:
    """Friction: the eigenvalue and its square, and complex pairs."""
    problem = Problem(line, Eq(u.diff(x, 2), lam**2 * u + lam * u), Eq(u, 0) @ line.boundary)
    parts = [sqrt(1 - 4 * (k * pi) ** 2).evalf() for k in range(1, 9)]
    return problem, [complex((-1 + sign * part) / 2) for part in parts for sign in (1, -1)]


def carried() -> Known:
    """What is carried along while it spreads: no symmetry, and eigenvalues that are real."""
    problem = Problem(line, Eq(-u.diff(x, 2) + 10 * u.diff(x), lam * u), Eq(u, 0) @ line.boundary)
    return problem, [25 + (k * pi) ** 2 for k in range(1, 13)]


def clamped_beam() -> Known:
    """A beam clamped at both ends: cos k cosh k = 1 (k by mpmath)."""
    problem = Problem(
        line, Eq(u.diff(x, 4), lam * u), Eq(u, 0) @ line.boundary, Eq(u.diff(x), 0) @ line.boundary
    )
    first = [4.730040744862704, 7.853204624095838, 10.995607838001671, 14.13716549125746]
    return problem, [k**4 for k in first]


def oscillator() -> Known:
    """Schroedinger's equation in a parabola, cut off where nothing is left."""
    well = Interval(x, -10, 10)
    problem = Problem(well, Eq(-u.diff(x, 2) / 2 + x**2 / 2 * u, lam * u), Eq(u, 0) @ well.boundary)
    return problem, [k + 0.5 for k in range(12)]


ENTRIES = (
    string,
    square_drum,
    insulated_plate,
    round_drum,
    l_shaped_drum,
    sloshing,
    damped_string,
    carried,
    clamped_beam,
    oscillator,
)
SPECTRA: dict[str, Callable[[], Known]] = {entry.__name__: entry for entry in ENTRIES}
