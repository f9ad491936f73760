"""What a path is between its steps: as right as at them, however stiff the motion is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import Radau
from sympy import Eq, cos, exp, pi, sin

from pinnsolve import Box, Problem, coordinates, solve, unknown
from pinnsolve.evolution.integrate import integrate
from pinnsolve.evolution.runs import Plan, declared_space
from small_problems import semidiscrete_of

x, t = coordinates("x t")
u = unknown("u", x, t)
strip = Box({x: (0, 1), t: (0, 1)})
DIFFUSIONS = {
    # Data that fit the equation on the sides, and data that do not: u_t would not be zero there.
    "agreeing": Problem(
        strip,
        Eq(u.diff(t), (u * u.diff(x)).diff(x)),
        Eq(u(0, t), 2),
        Eq(u(1, t), 2),
        Eq(u(x, 0), 2 + sin(pi * x) ** 4),
    ),
    "disagreeing": Problem(
        strip,
        Eq(u.diff(t), (u.diff(x) / u**2).diff(x)),
        Eq(u(0, t), 2),
        Eq(u(1, t), 2),
        Eq(u(x, 0), 2 + sin(pi * x)),
    ),
}


def followed_closely(semidiscrete):
    """States at any time, by steps of a tolerance of 1e-11."""

    def plain(function):
        return lambda time, y: function(*map(as_tensor, (time, y))).numpy()

    def as_tensor(held):
        return semidiscrete.free.new_tensor(held)

    y = semidiscrete.start()[0].numpy()
    solver = Radau(
        plain(semidiscrete.rate),
        0.0,
        y,
        1.0,
        jac=plain(semidiscrete.jacobian),
        rtol=1e-11,
        atol=1e-12,
        first_step=1e-7,
    )
    pieces = []
    while solver.status == "running":
        solver.step()
        pieces.append((solver.t, solver.dense_output()))
    return lambda time: next(piece(time) for end, piece in pieces if time <= end)


@pytest.mark.slow
@pytest.mark.parametrize("data", DIFFUSIONS)
def test_a_path_is_between_its_steps_as_right_as_at_them(data):
    space = declared_space(Plan(100, (), (), 1e-5, 0), ["x"])
    semidiscrete = semidiscrete_of(DIFFUSIONS[data], space)
    field = integrate(semidiscrete, 1e-6).field
    exactly, steps = followed_closely(semidiscrete), field.times.numpy()
    times = np.concatenate([steps[:-1] + share * np.diff(steps) for share in (0.2, 0.5, 0.9)])
    held = field.motion(field.times.new_tensor(times), 0)
    moving = np.stack([semidiscrete.lifted[0](field.times.new_tensor(at)) for at in times])
    states = (held.flatten(1).numpy() - moving) @ semidiscrete.space.free.numpy()
    errors = [np.abs(y - exactly(at)).max() for y, at in zip(states, times, strict=True)]
    assert max(errors) < 3e-6


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("data", DIFFUSIONS)
def test_nonlinear_diffusion_is_met_whatever_its_corners(data, seed):
    """Of no exact solution: two tolerances agree, and neither leaves what the data span."""
    fine, rough = (solve(DIFFUSIONS[data], tolerance=goal, seed=seed) for goal in (1e-7, 1e-4))
    assert (fine.stopped, rough.stopped) == ("met", "met")
    points = {"x": np.linspace(0, 1, 101)[:, None], "t": np.linspace(0.0, 1, 57)}
    values, others = fine(points), rough(points)
    assert values == pytest.approx(others, rel=2e-4)
    assert 2 - 1e-4 < values.min() < values.max() < 3 + 1e-4


@pytest.mark.slow
def test_a_reaction_that_the_initial_data_do_not_balance_is_met():
    """u_t = u_xx + u (1 - u), from cos(pi x / 2) to no flow at 0 and nothing at 1."""
    problem = Problem(
        strip,
        Eq(u.diff(t), u.diff(x, 2) + u * (1 - u)),
        Eq(u.diff(x).subs(x, 0), 0),
        Eq(u(1, t), 0.2 * t),
        Eq(u(x, 0), cos(pi * x / 2)),
    )
    solution = solve(problem, tolerance=1e-6)
    assert solution.stopped == "met"
    assert solution.residual() < 1e-2


@pytest.mark.slow
def test_runs_in_the_same_functions_of_space_are_no_two_draws():
    """A wide front, interrupted when the first run with fine steps is made: one with coarse steps
    in the same functions agrees with it to the error of steps alone.
    """
    wide = Box({x: (0, 20), t: (0, 4)})
    problem = Problem(
        wide,
        Eq(u.diff(t), u.diff(x, 2) / 5 + 3 * u * (1 - u)),
        Eq(u(x, 0), exp(-((x - 6) ** 2))),
        Eq(u.diff(x).subs(x, 0), 0),
        Eq(u.diff(x).subs(x, 20), 0),
    )

    def at_once(step):
        if step.stage == "grow":
            raise KeyboardInterrupt

    left = solve(problem, tolerance=1e-8, callbacks=at_once)
    points = {"x": np.linspace(0, 20, 201)[:, None], "t": np.linspace(0, 4, 41)}
    better = solve(problem, tolerance=1e-4)
    assert (left.stopped, better.stopped) == ("interrupted", "met")
    error = np.linalg.norm(left(points) - better(points)) / np.linalg.norm(better(points))
    assert not left.estimate < error / 10
