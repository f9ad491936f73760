"""Functions of one coordinate of space: polynomials, standing waves, and what they are good for."""

from __future__ import annotations

import math

import pytest
import torch
from sympy import Eq, cos, cosh, pi

from pinnsolve import (
    Box,
    Budget,
    Dense,
    Interval,
    Problem,
    compile_problem,
    coordinates,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.standing import Standing
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.reflected import vanishing_at_ends
from pinnsolve.problems import CATALOGUE

x, t = coordinates("x t")
u = unknown("u", x, t)


@pytest.mark.parametrize("low", [0, 1])
@pytest.mark.parametrize("high", [0, 1])
def test_standing_waves_vanish_at_the_ends(low, high):
    """And are the eigenfunctions of u'' there, the slowest first, orthogonal to each other."""
    basis = Dense(5, 1, "sin", Standing(low, high)).build({"x": (1.0, 3.0)}, 0)
    nodes = torch.linspace(1, 3, 2001, dtype=torch.float64)[:, None]
    values, slopes, bends = basis(nodes, [(0,), (1,), (2,)]).detach()
    ends = [(values, slopes)[order][place] for order, place in ((low, 0), (high, -1))]
    assert max(float(end.abs().max()) for end in ends) < 1e-12
    wave = math.pi / 2 * (torch.arange(5) + 1 - (low + high) / 2)
    assert torch.allclose(bends, -(wave**2) * values, atol=1e-10)
    inside = values[:-1] + values[1:]  # a rule that is exact for waves of whole and half periods
    gram = inside.T @ inside
    assert torch.allclose(gram, gram.diag().diag(), atol=1e-9 * float(gram.max()))


def film(law, *sides):
    """u_t = law, with derivatives of those orders zero at either end."""
    given = [Eq(u.diff(x, k).subs(x, e), 0) for e, orders in enumerate(sides) for k in orders]
    return Problem(
        Box({x: (0, 1), t: (0, 1)}), Eq(u.diff(t), law), Eq(u(x, 0), cos(pi * x)), *given
    )


BENT = -u.diff(x, 4)
INSULATED, HINGED, CLAMPED = (1, 3), (0, 2), (0, 1)
KINDS = {
    "of second order": (film(u.diff(x, 2) + x * u, (1,), (0,)), ()),
    "of third order": (film(-u.diff(x, 3), (0,), (0, 1)), ()),
    "insulated": (film((u**3).diff(x, 2) + BENT, INSULATED, INSULATED), (1, 1)),
    "hinged": (film(u * u.diff(x) + BENT, HINGED, HINGED), (0, 0)),
    "one end of each": (film(u**3 + BENT, HINGED, INSULATED), (0, 1)),
    "clamped": (film(BENT, CLAMPED, CLAMPED), None),
    "of place": (film((1 + x) * BENT, INSULATED, INSULATED), None),
    "carried": (film(u.diff(x) + BENT, INSULATED, INSULATED), None),
    "not odd": (film(u**2 + BENT, HINGED, HINGED), None),
    "one end does not": (film(u**2 + BENT, HINGED, INSULATED), None),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_sides_reflect_is_seen(name):
    problem, wanted = KINDS[name]
    system = compile_problem(problem)
    assert vanishing_at_ends(system, evolution_form(system)) == wanted


def test_periodic_coordinates_have_harmonics():
    system = compile_problem(CATALOGUE["kuramoto_sivashinsky"]())
    assert vanishing_at_ends(system, evolution_form(system)) is None


# What waves at random did not solve to, however long.
ASKED = {"porous_medium": 1e-9, "cahn_hilliard": 1e-7}


@pytest.mark.parametrize("name", ASKED)
def test_they_are_solved_to_digits_that_waves_at_random_lack(name):
    solution = solve(CATALOGUE[name](), tolerance=ASKED[name], budget=Budget(seconds=90))
    assert solution.stopped == "met"
    assert solution.error() < ASKED[name]


@pytest.mark.slow
def test_a_soliton_between_walls_is_followed():
    """Third derivatives of waves at random are noise: Korteweg's and de Vries' equation blew up."""
    strip = Interval(x, -5, 7) * Interval(t, 0, 1)
    sides = u @ strip.at(x=-5), u @ strip.at(x=7), u.diff(x) @ strip.at(x=7)
    law = u.diff(t) + 6 * u * u.diff(x) + u.diff(x, 3)
    wave = 2 / cosh(x - 4 * t + 1) ** 2
    problem = manufactured(strip, law, *sides, u @ strip.at(t=0), exact={u: wave})
    solution = solve(problem, tolerance=1e-4, budget=Budget(seconds=90))
    assert solution.stopped == "met"
    assert solution.error() < solution.estimate
    assert "Modes" in str(solution.declared)
