"""Numbers in equations whose fields are measured everywhere: against exact solutions, with nothing
said on the sides.
"""

import time

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import Box, Budget, Data, PointCloud, Problem, coordinates, solve, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.running.stop import Stop
from pinnsolve.strategies.measured_everywhere import measured_everywhere

x, y, t = coordinates("x y t")
k = unknown("k")
u, v, p = (unknown(name, x, y) for name in "uvp")
w = unknown("w", x, t)
FLOW = Box({x: (-0.5, 1), y: (-0.5, 1.5)})


def measured(values, noise, random):
    if not noise:
        return Data(values)
    sigma = noise * np.sqrt(np.mean(values**2))
    return Data(values + sigma * random.standard_normal(len(values)), sigma=sigma)


def kovasznay(noise=0.0, seed=0, n=1500, viscosity=0.05):
    """Behind a grid: an exact solution of Navier's and Stokes' equations (Kovasznay, 1948)."""
    random = np.random.default_rng(seed)
    at = random.uniform([-0.5, -0.5], [1, 1.5], (n, 2)).T
    rate = 0.5 / viscosity - np.sqrt(0.25 / viscosity**2 + 4 * np.pi**2)
    grown = np.exp(rate * at[0])
    values = (
        1 - grown * np.cos(2 * np.pi * at[1]),
        rate / 2 / np.pi * grown * np.sin(2 * np.pi * at[1]),
    )
    cloud = PointCloud({x: at[0], y: at[1]})
    momentum = [
        Eq(u * f.diff(x) + v * f.diff(y) + p.diff(s), k * (f.diff(x, 2) + f.diff(y, 2)))
        for f, s in ((u, x), (v, y))
    ]
    data = [
        Eq(f, measured(f_values, noise, random)) @ cloud
        for f, f_values in zip((u, v), values, strict=True)
    ]
    return [*momentum, Eq(u.diff(x) + v.diff(y), 0), *data]


def rod(noise, seed, n=300, diffusivity=0.37):
    random = np.random.default_rng(seed)
    at = random.random((2, n))
    values = sum(
        a * np.cos(m * np.pi * at[0]) * np.exp(-diffusivity * (m * np.pi) ** 2 * at[1])
        for m, a in ((1, 1.0), (2, 0.5))
    )
    cloud = PointCloud({x: at[0], t: at[1]})
    data = Eq(w, measured(values, noise, random)) @ cloud
    return Problem(Box({x: (0, 1), t: (0, 1)}), Eq(w.diff(t), k * w.diff(x, 2)), data)


def test_a_diffusivity_with_nothing_said_on_the_sides():
    apart = []
    for seed in range(12):
        solution = solve(rod(0.01, seed), seed=seed, tolerance=3e-2)
        assert solution.stopped == Stop.MET
        apart.append((float(solution[k]) - 0.37) / solution[k].deviation)
    # Of twelve normal numbers: one in a thousand is outside
    assert 0.45 < np.sqrt(np.mean(np.square(apart))) < 1.65


def test_a_coarse_tolerance_is_met_within_it():
    solution = solve(rod(0.0, 0), tolerance=1e-3)
    assert solution.stopped == Stop.MET
    assert float(solution[k]) == pytest.approx(0.37, rel=1e-3)


def test_errors_of_fields_are_no_larger_than_is_said():
    at = np.random.default_rng(5).random((2000, 2))
    for seed in range(6):
        solution = solve(rod(0.0, seed), seed=seed, tolerance=1e-2)
        true = sum(
            a * np.cos(m * np.pi * at[:, 0]) * np.exp(-0.37 * (m * np.pi) ** 2 * at[:, 1])
            for m, a in ((1, 1.0), (2, 0.5))
        )
        error = np.sqrt(np.mean((solution(at, expression=w) - true) ** 2)) / true.std()
        assert error < solution.estimate <= 1e-2
        assert solution.stopped == Stop.MET


def test_a_viscosity_beside_a_pressure_that_nobody_measures():
    with pytest.warns(UserWarning, match="not uniquely"):
        solution = solve(Problem(FLOW, *kovasznay()), tolerance=1e-5)
    assert solution.stopped == Stop.NOT_UNIQUE  # but for a constant in the pressure
    assert float(solution[k]) == pytest.approx(0.05, rel=1e-6)


def test_which_problems_are_measured_everywhere():
    known = measured_everywhere(compile_problem(Problem(FLOW, *kovasznay(n=20))))
    unknowns = known.system.problem.unknowns
    assert {unknowns[j] for j in known.fields} == {u, v}
    assert [unknowns[j] for j in known.hidden] == [p]
    free = rod(0.0, 0, n=20)
    assert measured_everywhere(compile_problem(free)) is not None
    held = Problem(free.domain, *free.conditions, Eq(w.subs(x, 1), 0))
    assert measured_everywhere(compile_problem(held)) is None


def test_a_pressure_is_found_where_it_is_said_at_a_point():
    pinned = Problem(FLOW, *kovasznay(), Eq(p.subs({x: 0, y: 0}), 0))
    solution = solve(pinned, tolerance=1e-5)
    assert solution.stopped == Stop.MET
    assert solution.estimate < 1e-5
    assert float(solution[k]) == pytest.approx(0.05, rel=1e-6)
    at = np.random.default_rng(1).uniform([-0.5, -0.5], [1, 1.5], (200, 2))
    rate = 10 - np.sqrt(100 + 4 * np.pi**2)
    assert solution(at, expression=p) == pytest.approx(
        (1 - np.exp(2 * rate * at[:, 0])) / 2, abs=1e-5
    )
    low, high = solution.band(p, at)
    assert (low <= high).all()


def test_what_data_tell_is_said_where_more_is_asked():
    solution = solve(rod(0.01, 0), tolerance=1e-4)
    assert solution.stopped == Stop.STAGNATED
    assert "these data tell what is sought to" in solution.diagnosis()[0]


def test_an_equation_that_does_not_hold_is_not_met():
    problem = rod(0.01, 0)
    law, data = problem.conditions[0], problem.conditions[1]
    wrong = Problem(
        problem.domain, Eq(w.diff(t), k * w.diff(x)), Eq(w, data.equation.rhs) @ data.region
    )
    budget = Budget(12, clock=time.process_time)
    with pytest.warns(UserWarning, match="the data are not fitted: squares left are"):
        solution = solve(wrong, tolerance=0.5, budget=budget)
    assert law.equation != wrong.conditions[0].equation
    assert solution.stopped != Stop.MET
