"""Polar and spherical coordinates: what divides by r is solved like what does not."""

from __future__ import annotations

import pytest
from sympy import Dummy, Eq, besseli, cos, exp, pi, sin, sqrt, tan

from pinnsolve import Box, Budget, Interval, Problem, coordinates, manufactured, solve, unknown
from pinnsolve.compile.poles import without_poles

r, s, t, z = coordinates("r s t z")
u, ur, urr = (Dummy(name, real=True) for name in ("u", "ur", "urr"))
DISK = Box({r: (0, 1), s: (0, pi)})

# Equations with poles, and what is made of them.
TERMS = {
    "a disk": (urr + ur / r - 4, r * urr + ur - 4 * r),
    "a ball": (2 * (urr + 2 * ur / r) - u, 2 * r * urr + 4 * ur - u * r),
    "squares": (urr + ur / r - u / r**2, r**2 * urr + r * ur - u),
    "a sphere": (urr + ur / tan(s) - u / sin(s) ** 2, None),
    "no pole": (urr + ur / (1 + r) - sin(r) / r, urr + ur / (1 + r) - sin(r) / r),
    "of the unknown": (urr + ur / u, urr + ur / u),
}


@pytest.mark.parametrize("name", TERMS)
def test_equations_are_multiplied_by_what_vanishes(name):
    equation, wanted = TERMS[name]
    found = without_poles(equation, (u, ur, urr), DISK)
    if wanted is None:  # whatever it is, it is a multiple, and finite at both poles
        assert (found / equation).simplify().free_symbols <= {s}
        assert all(found.subs(s, end).is_finite is not False for end in (0, pi))
    else:
        assert (found - wanted).expand() == 0


def test_a_ring_has_no_pole():
    equation = urr + ur / r
    assert without_poles(equation, (u, ur, urr), Interval(r, 1, 2)) is equation


def ball():
    """Heat in a ball, with a reaction: u = exp(-t) cos(r^2)."""
    w = unknown("u", r, t)
    return manufactured(
        Box({r: (0, 1), t: (0, 1)}),
        w.diff(t) - (r**2 * w.diff(r)).diff(r) / r**2 + w**3,
        w(r, 0),
        w(1, t),
        w.diff(r).subs(r, 0),
        exact={w: exp(-t) * cos(r**2)},
    )


def steady():
    """A rod with sources: u = 1 - r^2."""
    w = unknown("u", r)
    sides = Eq(w.diff(r).subs(r, 0), 0), Eq(w(1), 0)
    return Problem(
        Interval(r, 0, 1), Eq(w.diff(r, 2) + w.diff(r) / r, -4), *sides, exact={w: 1 - r**2}
    )


def pipe():
    """Between r and z: u = I_0(pi r) sin(pi z)."""
    w = unknown("u", r, z)
    value = besseli(0, pi * r) * sin(pi * z)
    ends = Eq(w(r, 0), 0), Eq(w(r, 1), 0), Eq(w(1, z), value.subs(r, 1))
    return Problem(
        Box({r: (0, 1), z: (0, 1)}),
        Eq(w.diff(r, 2) + w.diff(r) / r + w.diff(z, 2), 0),
        Eq(w.diff(r).subs(r, 0), 0),
        *ends,
        exact={w: value},
    )


def star():
    """Lane's and Emden's equation of index 5, from its singular start."""
    w = unknown("u", r)
    law = Eq(w.diff(r, 2) + 2 * w.diff(r) / r, -(w**5))
    sides = Eq(w(0), 1), Eq(w.diff(r).subs(r, 0), 0)
    return Problem(Interval(r, 0, 3), law, *sides, exact={w: 1 / sqrt(1 + r**2 / 3)})


SOLVED = {
    "a rod": steady,
    "a pipe": pipe,
    "a star": star,
    "a ball": ball,
}


@pytest.mark.parametrize("name", SOLVED)
def test_they_are_solved_with_nothing_given(name):
    solution = solve(SOLVED[name](), tolerance=1e-6, budget=Budget(columns=600))
    assert solution.stopped == "met"
    assert float(solution.error()) < 1e-6
