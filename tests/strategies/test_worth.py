"""What is worse than the guess, or than what the data alone suggest, is not returned."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, pi, sin, tanh

from pinnsolve import (
    Box,
    Dense,
    Interval,
    Problem,
    Waves,
    compile_problem,
    coordinates,
    load,
    solve,
    unknown,
)
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.runs import Plan, run
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome
from pinnsolve.strategies.worth import worth_more

x, y, t = coordinates("x y t")
w, u = unknown("w", x), unknown("u", x, t)
box = Box({x: (-1, 1), t: (0, 1)})
rising = Problem(Interval(x, 0, 1), Eq(exp(w) + 1 + x, 0))  # Newton's method goes to minus infinity
rootless = Problem(Interval(x, 0, 1), Eq(w**2 + 2 + sin(x), 0))
fan = Problem(
    box,
    Eq(u.diff(t) + u * u.diff(x), 0),
    Eq(u(x, 0), tanh(1000 * x)),
    Eq(u(-1, t), -1),
    Eq(u(1, t), 1),
)
jam = Problem(box, Eq(u.diff(t) + (1 - 2 * u) * u.diff(x), 0), Eq(u(x, 0), (1 + tanh(50 * x)) / 2))
# In the plane shocks are not foreseen.
v = unknown("v", x, y, t)
queue = Problem(
    Box({x: (-1, 1), y: (0, 1), t: (0, 1)}),
    Eq(v.diff(t) + (1 - 2 * v) * v.diff(x) + v.diff(y) / 10, 0),
    Eq(v(x, y, 0), (1 + tanh(50 * x)) / 2),
)
decaying = Problem(
    box,
    Eq(u.diff(t), u.diff(x, 2) / 10 - u**3),
    Eq(u(x, 0), cos(pi * x / 2)),
    Eq(u(-1, t), 0),
    Eq(u(1, t), 0),
)
inside = np.random.default_rng(0).uniform((-1, 0), (1, 1), (500, 2))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "guess", "known"),
    [(rising, None, "initial and boundary data"), (rootless, {w: 2 + sin(3 * x)}, "the guess")],
)
def test_what_is_worse_than_the_guess_is_not_returned(problem, guess, known, tmp_path):
    with pytest.warns(UserWarning, match=f"nothing better was found than .*{known}"):
        solution = solve(problem, tolerance=1e-6, guess=guess)
    points = np.linspace(0, 1, 50)[:, None]
    assert np.allclose(
        solution(points), 0 if guess is None else 2 + np.sin(3 * points[:, 0]), atol=1e-12
    )
    assert known in solution.diagnosis()[0]
    assert solution.diagnosis()[0] in solution.report()
    assert solution.stopped == "no solution"
    assert solution.estimate >= 1
    solution.save(tmp_path / "kept.st")
    assert load(tmp_path / "kept.st").report() == solution.report()


@pytest.mark.slow
@pytest.mark.parametrize(("problem", "width"), [(fan, 24), (jam, 40)])
def test_a_separation_that_fails_is_not_returned(problem, width):
    """Galerkin's method has no diffusion where characteristics meet: values of 40 to 75 instead of
    1, or a residual of 1.
    """
    system = compile_problem(problem)
    found = run(system, evolution_form(system), Plan(width, (), (), 1e-4, 0))
    kept = worth_more(system, Outcome(found, math.nan, 0, found.stopped), None)
    assert kept.fit is not found
    assert kept.stopped == "stagnated"
    assert float(kept.fit.field.values(inside).abs().max()) < 3
    start = np.column_stack([np.linspace(-0.9, 0.9, 7), np.zeros(7)])
    initial = np.tanh(1000 * start[:, 0]) if problem is fan else (1 + np.tanh(50 * start[:, 0])) / 2
    left = kept.fit.field.values(start).numpy()[0] - initial
    assert np.abs(left[np.arange(7) != 3]).max() < 0.25  # it has the data, as far as few waves can


@pytest.mark.slow
def test_what_is_better_is_kept_and_what_has_swollen_is_not():
    system = compile_problem(decaying)
    found = fit(system, Dense(8, activation="sin", initialize=Waves(2)), 0)
    rough = Outcome(found, math.nan, 0, "budget")
    assert 1e-3 < found.residual < 1
    assert worth_more(system, rough, None) is rough
    grown = replace(
        found,
        field=found.expansion.with_coefficients(1e3 * found.coefficients),
        residuals=(0.3,) * 4,
    )
    assert worth_more(system, replace(rough, fit=grown), None).fit is not grown
    believed = replace(rough, fit=replace(grown, residuals=(1e-3,) * 4))
    assert worth_more(system, believed, None) is believed
    nothing = found.expansion.with_coefficients(torch.full_like(found.coefficients, math.nan))
    empty = replace(found, field=nothing, residuals=(math.nan,) * 4)
    assert worth_more(system, replace(rough, fit=empty), None).fit is not empty


def test_a_linear_solution_on_which_draws_do_not_agree_is_not_returned_where_it_has_swollen():
    """A front that three functions cannot follow; two draws that agree, or a field of the data's
    size, are left.
    """
    front = tanh(3000 * (x - 0.3))
    equation = Eq(w.diff(x, 2), front.diff(x, 2))
    system = compile_problem(Problem(Interval(x, 0, 1), equation, Eq(w(0), -1), Eq(w(1), 1)))
    found = fit(system, Dense(3, 1, "sin", Waves(9.0)), 0)
    large = replace(
        found,
        field=found.expansion.with_coefficients(
            found.coefficients * 1000 / float(found.coefficients.abs().max())
        ),
    )
    swollen = Outcome(large, 2.0, 0, "budget")
    assert worth_more(system, replace(swollen, estimate=0.1), None).fit is large
    kept = worth_more(system, swollen, None)
    assert kept.fit is not large
    assert (kept.estimate, kept.stopped) == (1.0, "budget")
    assert (
        worth_more(system, replace(swollen, fit=kept.fit), None).fit.basis.size
        == kept.fit.basis.size
    )


@pytest.mark.slow
def test_a_solve_that_ends_in_its_first_fit_has_a_report(clock):
    clock(0.01)
    with pytest.warns(UserWarning, match="nothing better was found"):
        solution = solve(queue, tolerance=1e-6, budget=0.5)
    assert solution.stopped == "budget"
    assert len(solution.history.steps) >= 1
    assert "stopped" in solution.report()
