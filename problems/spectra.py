"""Eigenvalue problems, and the eigenvalues that are known: `SPECTRA["square"]()` gives both."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise, product
from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import hyp1f1, jn_zeros, jv, yv
from sympy import Eq, I, Rational, S, Symbol, sqrt

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Polygon,
    Problem,
    coordinates,
    eigenvalue,
    integral,
    laplacian,
    normal_derivative,
    unknown,
)

x, y = coordinates("x y")
u, v, lam = unknown("u", x), unknown("v", x, y), eigenvalue("lam")
Known = tuple[Problem, Sequence[complex]]
line, square, disk = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)}), Ball({x: 0, y: 0}, 1)
CLAMPED = [1294.9339795917, 5386.65656081, 5386.65656081, 11710.8112384, 17313.4997218]
CLAMPED += [17478.1065517, 27225.1340432, 27225.1340432, 44319.4449974, 44319.4449974]
CLAMPED += [48414.3797256, 58638.5291690]
FREE = [0.0, 0.0, 0.0, 181.3923399, 384.0085993, 589.0426512]
SHELF = [12.0478572, 72.3552646, 453.0042010, 739.7682515, 958.1622172, 2935.8592995]


def zeros(function: Callable[[float], float], ends: NDArray[np.float64]) -> list[float]:
    """Those between ends `(n,)` at which a function has unlike signs."""
    pairs = pairwise(ends.tolist())
    return [brentq(function, a, b, xtol=1e-14) for a, b in pairs if function(a) * function(b) < 0]


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
    found = [(n, z) for n in range(10) for z in jn_zeros(n, 6)]
    return problem, sorted(z**2 for n, z in found for _ in range(2 if n else 1))


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


def damped_beam() -> Known:
    """A hinged beam with friction: fourth derivatives, and complex pairs."""
    problem = Problem(
        line,
        Eq(-u.diff(x, 4), lam**2 * u + 10 * lam * u),
        Eq(u, 0) @ line.boundary,
        Eq(u.diff(x, 2), 0) @ line.boundary,
    )
    parts = [sqrt(25 - (k * pi) ** 4).evalf() for k in range(1, 8)]
    return problem, [complex(-5 + sign * part) for part in parts for sign in (1, -1)]


def free_beam() -> Known:
    """A beam that nothing holds: moved and turned, it does not vibrate; then as if clamped."""
    moment, force = (Eq(u.diff(x, k), 0) @ line.boundary for k in (2, 3))
    problem = Problem(line, Eq(u.diff(x, 4), lam * u), moment, force)
    return problem, [0, 0, *clamped_beam()[1]]


def turning() -> Known:
    """Carried around a ring while it spreads: complex pairs."""
    problem = Problem(
        line,
        Eq(u.diff(x, 2) - 3 * u.diff(x), lam * u),
        Eq(u(0), u(1)),
        Eq(u.diff(x)(0), u.diff(x)(1)),
    )
    return problem, [-((2 * k * pi) ** 2) - 6j * k * pi for k in range(-5, 6)]


def clamped_plate() -> Known:
    """A square plate, clamped: the first by Bjorstad and Tjostheim (1999), others by Ritz's method
    (`results/plate_references.py`).
    """
    problem = Problem(
        square,
        Eq(laplacian(laplacian(v)), lam * v),
        Eq(v, 0) @ square.boundary,
        Eq(normal_derivative(v), 0) @ square.boundary,
    )
    return problem, CLAMPED


def plate_sides(free: Sequence[tuple[Symbol, int]]) -> Problem:
    """A square plate of Poisson's ratio 0.3: some sides are free (no moment, no shear, no force in
    the corners between two of them), the others clamped.
    """
    ratio, conditions = Rational(3, 10), [Eq(laplacian(laplacian(v)), lam * v)]
    for axis, end in product((x, y), (0, 1)):
        other, side = (y if axis is x else x), square.at(**{axis.name: end})
        two = (
            (
                v.diff(axis, 2) + ratio * v.diff(other, 2),
                v.diff(axis, 3) + (2 - ratio) * v.diff(axis, other, 2),
            )
            if (axis, end) in free
            else (v, v.diff(axis))
        )
        conditions += [Eq(each, 0) @ side for each in two]
    for a, b in product((0, 1), (0, 1)):
        if (x, a) in free and (y, b) in free:
            conditions.append(Eq(v.diff(x, y), 0) @ square.at(x=a, y=b))
    return Problem(square, *conditions)


def free_plate() -> Known:
    """A plate that nothing holds, as Chladni's: moved and turned, it does not vibrate. By Ritz's
    method (`results/plate_references.py`).
    """
    problem = plate_sides([(x, 0), (x, 1), (y, 0), (y, 1)])
    return problem, FREE


def shelf() -> Known:
    """A plate clamped on one side, by the same."""
    return plate_sides([(x, 1), (y, 0), (y, 1)]), SHELF


def ridged_waveguide() -> Known:
    """Transverse electric waves in a pipe with a ridge, an L across (Dauge's benchmark)."""
    domain = l_shaped_drum()[0].domain
    walls = Eq(normal_derivative(v), 0) @ domain.boundary
    known = [0, 1.47562182408, 3.53403136678, pi**2, pi**2, 11.3894793979]
    return Problem(domain, Eq(-laplacian(v), lam * v), walls), known


def ring_drum() -> Known:
    """A drum between two circles: zeros of Bessel's functions crossed."""
    domain = disk - Ball({x: 0, y: 0}, Rational(1, 2))
    problem = Problem(domain, Eq(-laplacian(v), lam * v), Eq(v, 0) @ domain.boundary)

    def crossed(k: float, n: int) -> float:
        return float(jv(n, k) * yv(n, k / 2) - jv(n, k / 2) * yv(n, k))

    found = []
    for n in range(8):
        own = zeros(partial(crossed, n=n), np.arange(5, 15, 0.5))
        found += [zero**2 for zero in own for _ in range(2 if n else 1)]
    return problem, sorted(found)


def slow_flow() -> Known:
    """Modes by which a slow flow in a square comes to rest (Leriche and Labrosse, 2004)."""
    a, b, p = (unknown(name, x, y) for name in "abp")
    problem = Problem(
        square,
        Eq(-laplacian(a) + p.diff(x), lam * a),
        Eq(-laplacian(b) + p.diff(y), lam * b),
        Eq(a.diff(x) + b.diff(y), 0),
        Eq(a, 0) @ square.boundary,
        Eq(b, 0) @ square.boundary,
        Eq(integral(p, square), 0),
    )
    return problem, [52.3446911684]


def absorbing_well() -> Known:
    """A parabola with a complex factor (Davies, 1999): no symmetry, and eigenvalues on a ray."""
    well, w = Interval(x, -8, 8), unknown("w", x, complex=True)
    problem = Problem(
        well, Eq(-w.diff(x, 2) + (1 + I) * x**2 * w, lam * w), Eq(w, 0) @ well.boundary
    )
    return problem, [complex(sqrt(1 + I).evalf()) * (2 * k + 1) for k in range(12)]


def flux_in_a_ring() -> Known:
    """A charge on a ring around a magnetic flux (Aharonov and Bohm, 1959)."""
    ring, w, flux = Interval(x, 0, 2 * S.Pi), unknown("w", x, complex=True), Rational(3, 10)
    problem = Problem(
        ring,
        Eq(-w.diff(x, 2) + 2 * I * flux * w.diff(x) + flux**2 * w, lam * w),
        Eq(w(0), w(2 * S.Pi)),
        Eq(w.diff(x)(0), w.diff(x)(2 * S.Pi)),
    )
    return problem, sorted((k - 0.3) ** 2 for k in range(-6, 7))


def charge_in_a_field() -> Known:
    """A charge in a disk, in a magnetic field of strength 4: for each turn m, zeros of Kummer's
    function (its argument by its series).
    """
    w, field, known = unknown("w", x, y, complex=True), 4, list[float]()
    turning = x * w.diff(y) - y * w.diff(x)
    inside = -laplacian(w) + field * I * turning + Rational(field**2, 4) * (x**2 + y**2) * w
    problem = Problem(disk, Eq(inside, lam * w), Eq(w, 0) @ disk.boundary)

    def at_edge(value: float, m: int) -> float:
        a = (abs(m) - m + 1) / 2 - value / (2 * field)
        return float(hyp1f1(a, abs(m) + 1, field / 2))

    for m in range(-12, 13):
        known += zeros(partial(at_edge, m=m), np.arange(0.3, 120, 0.5))
    return problem, sorted(known)


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
    damped_beam,
    free_beam,
    turning,
    clamped_plate,
    free_plate,
    shelf,
    ridged_waveguide,
    ring_drum,
    slow_flow,
    absorbing_well,
    flux_in_a_ring,
    charge_in_a_field,
)
SPECTRA: dict[str, Callable[[], Known]] = {entry.__name__: entry for entry in ENTRIES}
