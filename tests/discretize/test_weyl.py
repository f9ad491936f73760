"""Weyl's law, against spectra that are known."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Box, Problem, coordinates, eigenvalue, laplacian, normal_derivative, unknown
from pinnsolve.declare.pencil import pencil_of
from pinnsolve.discretize.weyl import weyl_of
from pinnsolve.problems.spectra import SPECTRA

# The ring counts as thin.
DRUMS = ("square_drum", "insulated_plate", "round_drum")


def law_of(problem):
    return weyl_of(pencil_of(problem))


@pytest.mark.parametrize("name", DRUMS)
def test_full_spectra_are_as_expected_and_two_missing_ones_are_noticed(name):
    problem, known = SPECTRA[name]()
    law, values = law_of(problem), np.array(known[:14], dtype=float)
    for count in (4, 6, 8, 12):
        assert not law.short(values[:count])
    for missing in range(6):
        assert law.short(np.delete(values, [missing, missing + 1]))
    assert law.expected(values)[11] == pytest.approx(11.5, abs=1.5)


def test_one_missing_drum_of_lowest_modes_is_noticed():
    problem, known = SPECTRA["round_drum"]()
    assert law_of(problem).short(np.array(known[1:7], dtype=float))


def test_sides_are_told_apart_and_sizes_are_taken():
    x, y = coordinates("x y")
    u, lam = unknown("u", x, y), eigenvalue("lam")
    box = Box({x: (0, 2), y: (0, 3)})
    held, free = Eq(u, 0), Eq(normal_derivative(u), 0)
    sides = [free @ box.at(x=0), held @ box.at(x=2), held @ box.at(y=0), held @ box.at(y=3)]
    law = law_of(Problem(box, Eq(5 * laplacian(u), -20 * lam * u), *sides))
    assert (law.area, law.length, law.times) == pytest.approx((6, 3 - 7, 4))
    known = sorted(
        np.pi**2 / 4 * (((i + 0.5) / 2) ** 2 + (j / 3) ** 2) for i in range(9) for j in range(1, 9)
    )
    assert not law.short(np.array(known[:12]))


def test_thin_domains_have_no_law():
    """Of a strip of 1 : 20 it is off by up to four."""
    x, y = coordinates("x y")
    u, lam = unknown("u", x, y), eigenvalue("lam")
    for length, held in ((5, True), (20, False)):
        strip = Box({x: (0, length), y: (0, 1)})
        law = law_of(Problem(strip, Eq(-laplacian(u), lam * u), Eq(u, 0) @ strip.boundary))
        assert (law is not None) == held


def test_other_problems_have_no_law():
    for name in ("string", "sloshing", "damped_string", "clamped_plate", "slow_flow"):
        assert law_of(SPECTRA[name]()[0]) is None
    x, y = coordinates("x y")
    u, lam = unknown("u", x, y), eigenvalue("lam")
    box = Box({x: (0, 1), y: (0, 1)})
    for inside, edge in (
        (Eq(-u.diff(x, 2) - 2 * u.diff(y, 2), lam * u), Eq(u, 0)),
        (Eq(-laplacian(u), x * lam * u), Eq(u, 0)),
        (Eq(-laplacian(u), lam * u), Eq(u + normal_derivative(u), 0)),
        (Eq(laplacian(u), lam * u), Eq(u, 0)),
    ):
        assert law_of(Problem(box, inside, edge @ box.boundary)) is None
    assert law_of(Problem(box, Eq(-laplacian(u), lam * u), Eq(u, 0) @ box.at(x=0))) is None
