"""Problems without a solution say so, soon and with the share of the nonlinearity that was reached;
those with one go on.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from sympy import Eq, Rational, cosh, exp, log, sin

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    Problem,
    Waves,
    coordinates,
    laplacian,
    solve,
    unknown,
)

x, y = coordinates("x y")
w, v, u = unknown("w", x), unknown("v", x), unknown("u", x, y)
line = Interval(x, 0, 1)
square, disk = Box({x: (0, 1), y: (0, 1)}), Ball({x: 0, y: 0}, 1)
SOON = 12  # fits, of which each takes a small part of a second: the blind choice alone makes fifty


def between_zeros(side, **more):
    """side(w) = 0 with zeros at both ends."""
    return Problem(line, Eq(side, 0), Eq(w(0), 0), Eq(w(1), 0), **more)


def bratu(strength, **more):
    return between_zeros(w.diff(x, 2) + strength * exp(w), **more)


WITHOUT = {
    "Bratu": bratu(4),
    "Bratu, just beyond": bratu(Rational(352, 100)),
    "Bratu at a resonance of its linear part": bratu(10),
    "Bratu on a square": Problem(
        square, Eq(laplacian(u) + 8 * exp(u), 0), Eq(u, 0) @ square.boundary
    ),
    "Bratu on a disk": Problem(disk, Eq(laplacian(u) + 3 * exp(u), 0), Eq(u, 0) @ disk.boundary),
    "a square": between_zeros(w.diff(x, 2) + w**2 + 50),
    "two unknowns": Problem(
        line,
        *[Eq(a.diff(x, 2) + 5 * exp(b), 0) for a, b in ((w, v), (v, w))],
        *[Eq(a(end), 0) for a in (w, v) for end in (0, 1)],
    ),
    "no root": Problem(line, Eq(w**2 + 2 + sin(x), 0)),
    "no power": Problem(line, Eq(exp(w) + 1 + x, 0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WITHOUT)
def test_a_problem_without_a_solution_says_so_soon(name):
    with pytest.warns(UserWarning, match="no solution was found: the residual stagnates at"):
        solution = solve(WITHOUT[name], tolerance=1e-6)
    assert solution.stopped == "no solution"
    assert len(solution.history.steps) <= SOON
    assert solution.null_space == 0
    (said,) = [sentence for sentence in solution.diagnosis() if "no solution was found" in sentence]
    stagnates = float(re.search(r"stagnates at (\S+)", said).group(1).rstrip(";"))
    assert stagnates == pytest.approx(solution.residual(), rel=0.1)
    assert said in solution.report()
    assert solution.estimate > 0.1


def widest(share):
    """The longest interval on which w'' + 4 ((1 - share) (1 + w) + share exp(w)) = 0 has a positive
    solution with zero ends.
    """

    def between(w, top):
        """The rise from w to the top of the force's integral, over its width: no digits cancel at
        the top.
        """
        gap = top - w
        return 4 * (
            (1 - share) * (1 + (top + w) / 2)
            + share * np.exp(w) * (np.expm1(gap) / gap if gap else 1.0)
        )

    def length(top):  # w = top - z^2
        return 2 * quad(lambda z: 2 / np.sqrt(2 * between(top - z**2, top)), 0, np.sqrt(top))[0]

    found = minimize_scalar(lambda top: -length(top), bounds=(0.1, 6), method="bounded")
    return -found.fun


@pytest.mark.slow
def test_the_share_is_that_of_the_fold():
    fold = brentq(lambda share: widest(share) - 1, 0.1, 0.99)
    with pytest.warns(UserWarning, match="no solution was found"):
        solution = solve(WITHOUT["Bratu"], tolerance=1e-6)
    share = float(re.search(r"nonlinear share reaches (\S+);", solution.diagnosis()[0]).group(1))
    assert (
        fold - 1 / 32 < share <= fold + 0.005
    )  # shares are followed in steps of at least 1/32, and said in two digits


@pytest.mark.slow
def test_the_share_is_told_of_a_given_basis_too():
    with pytest.warns(
        UserWarning,
        match=r"did not converge: no solution was found.*as the nonlinear share reaches 0\.\d",
    ):
        solution = solve(WITHOUT["Bratu"], Dense(60, activation="sin", initialize=Waves(4)))
    assert solution.stopped == "not converged"
    assert solution.diagnosis()[0] in solution.report()


@pytest.mark.slow
@pytest.mark.parametrize("strength", [Rational(351, 100), Rational(35138, 10000)])
def test_a_solution_just_below_the_fold_is_found(strength):
    """Bratu's is -2 log(cosh((x - 1/2) a / 2) / cosh(a / 4)), a the smaller root of a = sqrt(2
    strength) cosh(a / 4).
    """
    angle = brentq(lambda a: a - np.sqrt(2 * float(strength)) * np.cosh(a / 4), 0.5, 4.7985)
    exact = -2 * log(cosh((x - Rational(1, 2)) * angle / 2) / np.cosh(angle / 4))
    solution = solve(bratu(strength, exact={w: exact}), tolerance=1e-6)
    assert solution.stopped == "met"
    assert solution.error() < 1e-6


def test_an_equation_that_no_real_number_satisfies_is_refused():
    with pytest.raises(ValueError, match="no real number satisfies it"):
        Problem(line, Eq(w**2, -1))
