"""Cells around a ball whose equation has solutions in closed form."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Rational, exp, sin

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Problem,
    coordinates,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.own_waves import OwnWaves
from pinnsolve.basis.sums import summands
from pinnsolve.compile.system import compile_problem
from pinnsolve.search.task import Task
from pinnsolve.strategies import in_cells, own_cells, own_waves
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.strategies.own_cells import with_own_waves

x, y, z = coordinates("x y z")
w = unknown("w", x, y, z)
CUBE = Box({x: (0, 1), y: (0, 1), z: (0, 1)})
BODY = CUBE - Ball({x: Rational(1, 2), y: Rational(2, 5), z: Rational(1, 2)}, Rational(1, 4))
VALUE = exp(sin(3 * y)) * sin(2 * x + z)


def are_own(parts) -> set[bool]:
    """Whether cells have solutions of their equation."""
    return {isinstance(summands(part)[0], OwnWaves) for part in parts}


def problem_of(factor) -> Problem:
    """A screened equation in a cube with a ball cut out, its screening times a factor."""
    law = -laplacian(w) + 40 * factor * w
    return manufactured(BODY, law, w @ BODY.boundary, exact={w: VALUE})


@pytest.mark.slow
def test_a_screened_equation_around_a_ball_is_met_and_can_be_read_again(tmp_path):
    problem = problem_of(1)
    solution = solve(problem, cells=(2, 2, 2), tolerance=1e-5, seed=1)
    assert solution.stopped == "met"
    assert are_own(solution.declared.parts) == {True}
    assert float(solution.error()) < solution.estimate <= 1e-5
    solution.save(tmp_path / "ball.st")
    again = load(tmp_path / "ball.st", problem)
    assert float(again.error()) == pytest.approx(float(solution.error()))


@pytest.mark.parametrize(
    ("factor", "goal", "own"), [(1, 1e-3, True), (1 + x, 1e-3, False), (1, 1e-12, False)]
)
def test_they_are_taken_where_the_equation_has_one_number_and_its_data_are_held(factor, goal, own):
    system = compile_problem(problem_of(factor))
    layout = with_own_waves(first_layout(system, (2, 2, 1), None, goal), goal)
    assert are_own(layout.parts) == {own}


def test_a_domain_without_balls_has_waves_of_any_kind():
    law = manufactured(CUBE, -laplacian(w) + 40 * w, w @ CUBE.boundary, exact={w: VALUE})
    layout = with_own_waves(first_layout(compile_problem(law), (2, 2, 1), None, 1e-3), 1e-3)
    assert are_own(layout.parts) == {False}


@pytest.mark.parametrize(
    ("jump", "seconds", "own"), [(1, 1e3, True), (1e3, 1e3, False), (1, 0, False)]
)
def test_waves_are_gone_on_from_where_solutions_jump_more_or_there_is_no_time(
    monkeypatch, jump, seconds, own
):
    monkeypatch.setattr(own_waves, "OWN", replace(own_waves.OWN, width=60))
    task = Task(compile_problem(problem_of(1)), 1e-3, Budget(), 0)
    layout, plain = first_layout(task.system, (1, 1, 2), None, 1e-3), in_cells.fit_in_own_units
    first, _ = plain(task, layout, 0, in_cells.ALONE)

    def fit(*given):
        fitted, found = plain(*given)
        return replace(fitted, jump=jump * first.jump), found

    monkeypatch.setattr(in_cells, "fit_in_own_units", fit)
    task = replace(task, budget=Budget(seconds + 1e-9))
    stagnated = in_cells.Outcome(first, 1.0, 0, in_cells.Stop.STAGNATED)
    begun, after = in_cells.Progress(layout), in_cells.Progress(layout, stagnated, first)
    found = in_cells._in_solutions(task, begun, after, 1.0)
    assert are_own(found.last.declared.parts) == {own}
    assert are_own(found.layout.parts) == {own}


@pytest.mark.parametrize(("jump", "own"), [(1e-3, True), (0.1, False)])
def test_solutions_beside_a_shared_one_come_first_unless_they_go_astray(monkeypatch, jump, own):
    monkeypatch.setattr(own_cells, "OWN", replace(own_cells.OWN, with_shared=40))
    plain = in_cells.fit_in_own_units

    def fit(task, layout, *given):
        fitted, found = plain(task, layout, *given)
        return replace(fitted, jump=jump if layout.shared else 1e-2), found

    monkeypatch.setattr(in_cells, "fit_in_own_units", fit)
    task = Task(compile_problem(problem_of(1)), 1e-3, Budget(), 0)
    waves = first_layout(task.system, (1, 1, 2), None, 1e-3)
    layout = with_own_waves(waves, 1e-3)
    assert layout.shared is not None
    found = in_cells._solved(task, in_cells.Progress(layout, waves=waves))
    assert are_own(found.last.declared.parts) == {own}
    assert are_own(found.layout.parts) == {own}
