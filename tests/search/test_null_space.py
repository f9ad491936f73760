"""Dimensions of null spaces, and wavenumbers that equations have of themselves."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sympy import Eq, Rational, pi

from pinnsolve import (
    Box,
    Dense,
    Graded,
    Interval,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    unknown,
)
from pinnsolve.problems import CATALOGUE
from pinnsolve.search.fit import fit
from pinnsolve.search.null_space import null_space_dimension
from pinnsolve.search.scales import natural_wavenumbers
from small_problems import waves

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})


def neumann():
    return Problem(
        square,
        Eq(-laplacian(u), 0),
        *[Eq(u.diff(c), 0) @ square.at(**{c.name: e}) for c in (x, y) for e in (0, 1)],
    )


def initial_only():
    w = unknown("w", x, t)
    return Problem(
        Box({x: (0, 1), t: (0, 1)}),
        Eq(w.diff(t, 2), w.diff(x, 2)),
        Eq(w(0, t), 0),
        Eq(w(1, t), 0),
        Eq(w(x, 0), 0),
    )


def beam_without_a_clamp():
    rod, w = Interval(x, 0, 1), unknown("w", x)
    return Problem(rod, Eq(w.diff(x, 4), 1), Eq(w(0), 0), Eq(w.diff(x, 2), 0) @ rod.boundary)


def eigenvalue(k):
    return lambda: Problem(
        square, Eq(-laplacian(u) - (k * pi) ** 2 * u, 0), Eq(u, 0) @ square.boundary
    )


NULL_SPACES = {
    "Neumann": (neumann, waves(200, 4), 1),
    "beam, one support": (beam_without_a_clamp, waves(60, 4), 1),
    "Laplace without conditions": (lambda: Problem(square, Eq(laplacian(u), 0)), waves(200, 4), 8),
    "wave without initial velocity": (initial_only, waves(800, 22), 8),
    "Helmholtz, 10 pi: 6, 8 and 8, 6": (eigenvalue(10), waves(900, 24), 2),
    "Helmholtz, sqrt(2) pi": (eigenvalue(2 ** Rational(1, 2)), waves(300, 5), 1),
    "Helmholtz, 9 pi": (eigenvalue(9), waves(900, 24), 0),
    "Poisson": (CATALOGUE["poisson_2d"], waves(300, 4), 0),
    "layer": (
        CATALOGUE["convection_diffusion_1e3"],
        Dense(200, initialize=Graded(1e-3, {"x": 1})),
        0,
    ),
    "plate": (CATALOGUE["biharmonic"], waves(300, 5), 0),
    "Stokes": (CATALOGUE["stokes"], waves(200, 5), 0),
    "advection": (CATALOGUE["advection_30"], waves(400, {"x": 7, "t": 31}), 0),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        *product(NULL_SPACES, [0]),
        *product(
            ["Neumann", "Laplace without conditions", "Helmholtz, sqrt(2) pi", "Poisson"], [1]
        ),
    ],
)
def test_null_space_dimension(name, seed):
    make, declared, dimension = NULL_SPACES[name]
    system = compile_problem(make())
    assert null_space_dimension(system, fit(system, declared, seed)) == dimension


def test_natural_wavenumber_is_read_off_the_equation():
    largest = {
        name: natural_wavenumbers(compile_problem(CATALOGUE[name]())).max()
        for name in ("helmholtz_9pi", "convection_diffusion_1e3", "poisson_2d")
    }
    assert largest["helmholtz_9pi"] == pytest.approx(9 * np.pi)
    assert largest["convection_diffusion_1e3"] == pytest.approx(1000)
    assert largest["poisson_2d"] == 0
