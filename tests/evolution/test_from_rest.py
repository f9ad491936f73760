"""Where integrations start: from rest, at zero, where the rate has no value; and where they end."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sympy import Eq, cos, exp, log, pi, sin, sqrt, tan, tanh

from pinnsolve import Box, Interval, Problem, coordinates, solve, unknown

x, t = coordinates("x t")
u, w, v = unknown("u", x, t), unknown("w", t), unknown("v", t)
second = Interval(t, 0, 1)
box = Box({x: (0, 1), t: (0, 1)})


def ode(rate, start, end=1.0, exact=None):
    return Problem(
        Interval(t, 0, end),
        Eq(w.diff(t), rate),
        Eq(w(0), start),
        exact=None if exact is None else {w: exact},
    )


def forced(value, order=1):
    """u_t = u_xx - u^3 + f, or u_tt = ..., with data and forcing of the exact solution."""
    force = value.diff(t, order) - value.diff(x, 2) + value**3
    starts = [Eq(u.diff(t, k).subs(t, 0), value.diff(t, k).subs(t, 0)) for k in range(order)]
    sides = [Eq(u(end, t), value.subs(x, end)) for end in (0, 1)]
    return Problem(
        box, Eq(u.diff(t, order), u.diff(x, 2) - u**3 + force), *starts, *sides, exact={u: value}
    )


FROM_ZERO = {
    "tanh": ode(1 - w**2, 0, exact=tanh(t)),
    "long": ode(1 - w**2, 0, 20, exact=tanh(t)),
    "tan": ode(1 + w**2, 0, exact=tan(t)),
    "stiff": ode(1e4 * (sin(t) - w) + cos(t) + w**2 - sin(t) ** 2, 0, exact=sin(t)),
    "no rate at the start": ode(3 * t**2 + w**2 - t**6, 0, exact=t**3),
    "tiny": ode(1e-12 * (1 - (1e12 * w) ** 2), 0, exact=1e-12 * tanh(t)),
    "second order from rest": Problem(
        second,
        Eq(w.diff(t, 2), 2 - w**2 + t**4),
        Eq(w(0), 0),
        Eq(w.diff(t).subs(t, 0), 0),
        exact={w: t**2},
    ),
    "one unknown at zero": Problem(
        second,
        Eq(w.diff(t), -w * v - w + sin(t) * exp(-t)),
        Eq(v.diff(t), cos(t) + (v - sin(t)) ** 2),
        Eq(w(0), 1),
        Eq(v(0), 0),
        exact={w: exp(-t), v: sin(t)},
    ),
    "forcing": forced(t * sin(pi * x)),
    "sides that move": forced(t * exp(x)),
    "a wave from rest": forced(t**2 * sin(pi * x), 2),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FROM_ZERO)
def test_evolutions_start_from_zero(name):
    tolerance = 1e-6
    solution = solve(FROM_ZERO[name], tolerance=tolerance)
    assert solution.stopped == "met"
    assert solution.error() < tolerance


@pytest.mark.slow
def test_a_chain_of_reactions_that_starts_with_one_substance():
    """Robertson's kinetics with rates of one size: two of three unknowns start at zero, and one has
    no rate there.
    """
    a, b, c = unknown("a", t), unknown("b", t), unknown("c", t)
    problem = Problem(
        Interval(t, 0, 4),
        Eq(a.diff(t), -a + 10 * b * c),
        Eq(b.diff(t), a - 10 * b * c - 30 * b**2),
        Eq(c.diff(t), 30 * b**2),
        *[Eq(k(0), value) for k, value in ((a, 1), (b, 0), (c, 0))],
    )
    solution = solve(problem, tolerance=1e-8)
    at = np.linspace(0, 4, 41)

    def rates(_, y):
        first, second_, third = y[0], 10 * y[1] * y[2], 30 * y[1] ** 2
        return [-first + second_, first - second_ - third, third]

    oracle = solve_ivp(
        rates, (0, 4), [1, 0, 0], method="Radau", t_eval=at, rtol=1e-12, atol=1e-14
    ).y
    found = solution(at[:, None])
    assert solution.stopped == "met"
    assert all(
        np.abs(found[name] - row).max() < 1e-7 * row.max()
        for name, row in zip("abc", oracle, strict=True)
    )


@pytest.mark.slow
def test_zero_that_stays_zero():
    solution = solve(ode(w - w**2, 0), tolerance=1e-8)
    assert np.abs(solution([[0.5]])).max() == 0
    assert solution.stopped == "met"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "start", "exact"),
    [
        (1 / w, 1, sqrt(1 + 2 * t)),
        (w ** (-0.9) / 1.9, 1, (1 + t) ** (1 / 1.9)),
        (-w * log(w), 2, exp(log(2) * exp(-t))),
        (sqrt(w), 1, (1 + t / 2) ** 2),
    ],
)
def test_rates_that_have_no_value_at_zero(rate, start, exact):
    solution = solve(ode(rate, start, exact=exact), tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8
    assert solution.residual() < 1e-6
    assert solution.estimate < 1e-8
    assert solution.report()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "start", "end", "stopped", "when"),
    [
        (1 + w**2, 0, 2, "blow-up", np.pi / 2),
        (w**3, 1, 1, "blow-up", 0.5),
        (exp(w), 0, 2, "not finite", 1.0),
        (1 / (1 - w), 0, 1, "not finite", 0.5),
        (-1 / w, 1, 1, "not finite", 0.5),
        (-sqrt(w), 1, 3, "not finite", 2.0),
        (1 + tan(w) ** 2, 0, 2, "not finite", np.pi / 4),
    ],
)
def test_the_end_of_a_solution_is_named(rate, start, end, stopped, when):
    with pytest.warns(UserWarning, match=r"up to t = |beyond t = ") as told:
        solution = solve(ode(rate, start, end), tolerance=1e-6)
    assert solution.stopped == stopped
    said = re.search(r"t = (\d[\d.]*)", str(told[0].message))
    assert float(said.group(1)) == pytest.approx(when, rel=1e-3)
    assert solution.report()


@pytest.mark.slow
def test_no_slope_at_the_start():
    """w' = sqrt(w) + t from zero is w = c t^2, 2 c = sqrt(c) + 1; the slope of the root is infinite
    there.
    """
    solution = solve(ode(sqrt(w) + t, 0, exact=t**2), tolerance=1e-8)
    assert solution.stopped == "met"
    assert solution.error() < 1e-8
    with pytest.raises(ValueError, match=r"not finite at the initial data, t = 0: .*1/w"):
        solve(ode(1 / w, 0), tolerance=1e-8)


@pytest.mark.slow
def test_a_solution_is_known_only_as_far_as_it_was_followed(tmp_path):
    """u_t = u_xx / 10 + 6 u^2 from 1 is 1 / (1 - 6 t)."""
    ends = [Eq(u.diff(x).subs(x, end), 0) for end in (0, 1)]
    problem = Problem(box, Eq(u.diff(t), u.diff(x, 2) / 10 + 6 * u**2), Eq(u(x, 0), 1), *ends)
    with pytest.warns(UserWarning, match=r"t = 0\.166"):
        solution = solve(problem, tolerance=1e-4)
    assert solution.stopped == "blow-up"
    assert solution([[0.3, 0.1]])[0] == pytest.approx(1 / 0.4, rel=1e-3)
    assert max(solution.residuals()) < 1e-3
    with pytest.raises(ValueError, match=r"known up to t = 0\.166.* only: a point has t = 0\.5"):
        solution([[0.3, 0.5]])
    solution.plot(tmp_path / "known.png")
    assert solution.report()
