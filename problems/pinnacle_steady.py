"""PINNacle's tasks that do not evolve (Hao et al., arXiv 2306.08827), in our words: five of
Poisson's equation, two flows, and a coefficient that is sought.
"""

import numpy as np
from sympy import Add, Eq, Expr, Float, Rational, pi, sin

from pinnsolve import (
    Box,
    Data,
    PointCloud,
    Problem,
    by_region,
    coordinates,
    divergence,
    gradient,
    laplacian,
    manufactured,
    normal_derivative,
    unknown,
)

from .flows import momentum
from .multiscale import SQUARE
from .reference import reference

x, y = coordinates("x y")


def poisson_nd() -> Problem:
    """Poisson's equation in five dimensions, u = sum_i sin(pi x_i / 2)."""
    five = coordinates("x1:6")
    u, box = unknown("u", *five), Box(dict.fromkeys(five, (0, 1)))
    value = Add(*[sin(pi * c / 2) for c in five])
    return manufactured(box, laplacian(u), u @ box.boundary, exact={u: value})


# Cells along a side, and their length.
CELLS, CELL = 5, 4
# Exponents of ten between which the conductivities lie: three orders of magnitude.
CONDUCTIVITIES = (-1.0, 2.0)


def many_areas(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Conductivities, and the mean and the wave of the load, of 5 x 5 cells: `(5, 5)` and `(5, 5,
    2)`, drawn as those of the benchmark.
    """
    rng = np.random.default_rng(seed)
    conductivities = 10 ** rng.uniform(*CONDUCTIVITIES, (CELLS, CELLS))
    loads = rng.uniform(-1, 1, (CELLS, CELLS, 2))
    return conductivities.round(4), loads.round(4)


def poisson_many_areas() -> Problem:
    """Poisson 2D-MS: 25 cells with a conductivity and a load each, that heat leaves at all sides.

    In each corner of four cells the solution is a small power of the distance.
    """
    u, plate = unknown("u", x, y), Box({x: (-10, 10), y: (-10, 10)})
    low = [CELL * i - 10 for i in range(CELLS)]
    cells = {
        (i, j): Box({x: (low[i], low[i] + CELL), y: (low[j], low[j] + CELL)})
        for i in range(CELLS)
        for j in range(CELLS)
    }
    conductivities, loads = many_areas()
    a = by_region({cell: Float(conductivities[at]) for at, cell in cells.items()})
    f = by_region(
        {
            cell: Float(loads[at][0]) + Float(loads[at][1]) * _half_wave(low[at[0]], low[at[1]])
            for at, cell in cells.items()
        }
    )
    sides = Eq(normal_derivative(u) + u, 0) @ plate.boundary
    return Problem(
        plate,
        Eq(-divergence(a * gradient(u)), f),
        sides,
        reference=reference("pinnacle_poisson2d_ms"),
    )


def _half_wave(left: int, low: int) -> Expr:
    """Half a wave along each side of a cell, zero on its rim."""
    return sin(pi * (x - left) / CELL) * sin(pi * (y - low) / CELL)


def cavity() -> Problem:
    """NS 2D-C: a square with a lid that moves by 4 x (1 - x), at Re = 100, in velocities and
    pressure (reference: Chebyshev collocation).
    """
    a, b, p = (unknown(name, x, y) for name in "abp")
    rest = [SQUARE.at(x=0), SQUARE.at(x=1), SQUARE.at(y=0)]
    return Problem(
        SQUARE,
        *(Eq(law, 0) for law in momentum([a, b], p, (x, y), Rational(1, 100))),
        Eq(a.diff(x) + b.diff(y), 0),
        *[Eq(v, 0) @ wall for wall in rest for v in (a, b)],
        Eq(a, 4 * x * (1 - x)) @ SQUARE.at(y=1),
        Eq(b, 0) @ SQUARE.at(y=1),
        Eq(p(0, 0), 0),
        reference=reference("pinnacle_ns2d_c"),
    )


# Of the values that are measured, absolute.
NOISE = 0.1


def noisy(values: np.ndarray, seed: int = 0) -> Data:
    """Values `(n,)` with the benchmark's noise."""
    errors = np.random.default_rng(seed).standard_normal(len(values))
    return Data(values + NOISE * errors, sigma=NOISE)


def poisson_inverse(seed: int = 0) -> Problem:
    """PInv: the conductivity of a plate, from 50 x 50 values of u that noise spoils, and from its
    own values on the sides.
    """
    u, a = unknown("u", x, y), unknown("a", x, y)
    values = {
        u: sin(pi * x) * sin(pi * y),
        a: 1 / (1 + x**2 + y**2 + (x - 1) ** 2 + (y - 1) ** 2),
    }
    flux = divergence(a * gradient(u), x, y)
    load = flux.subs(values).doit()
    line = np.linspace(0, 1, 50)
    xs, ys = (c.ravel() for c in np.meshgrid(line, line))
    measured = noisy(np.sin(np.pi * xs) * np.sin(np.pi * ys), seed)
    return Problem(
        SQUARE,
        Eq(flux, load),
        Eq(u, measured) @ PointCloud({x: xs, y: ys}),
        Eq(a, values[a]) @ SQUARE.boundary,
        exact=values,
    )
