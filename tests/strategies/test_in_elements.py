"""Waves on more and more elements, against exact solutions: what is met, and what files hold."""

from __future__ import annotations

import time

import pytest
import torch

from pinnsolve import Budget, load, solve
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.evolution.vibration import vibration_of
from pinnsolve.evolution.wavelike import wavelike
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Task
from pinnsolve.strategies.in_elements import REFINED, InElements, left_of
from small_waves import damped, driven, layers, leaving, missed


@pytest.mark.slow
@pytest.mark.parametrize(("made", "goal"), [(layers, 1e-3), (damped, 1e-5), (leaving, 1e-4)])
def test_what_is_met_is_no_farther_away_than_estimated(made, goal):
    problem, domain, exact = made()
    system = compile_problem(problem)
    task = Task(system, goal, Budget(60, clock=time.process_time), 0)
    found = InElements(wavelike(system))(task)
    assert found.stopped == Stop.MET
    assert missed(found.fit.field, domain, exact) <= found.estimate <= goal


@pytest.mark.parametrize(
    ("before", "change", "error"),
    [
        (2.5e-3, 9.5e-4, 1.5e-3),
        (1.1e-2, 2.0e-3, 2.4e-3),
        (4.9e-3, 9.6e-4, 8.7e-4),
        (9.8e-3, 2.8e-3, 2.5e-3),
    ],
)
def test_beside_jumps_within_elements_differences_fall_fast_by_chance(before, change, error):
    """Of two layers, beside their exact modes (docs/decisions/0069)."""
    assert left_of(change, before, REFINED.orders[1]) * change < error
    assert left_of(change, before, REFINED.of_jumps) * change > error


@pytest.mark.parametrize(("count", "within"), [(12, False), (13, True)])
def test_a_jump_between_elements_is_none_within_them(count, within):
    system = compile_problem(layers()[0])
    assert vibration_of(system, wavelike(system), (count, 4), 4).jumps == within


def test_no_time_is_no_solution_and_little_time_no_promise():
    problem, _, _ = driven()
    system = compile_problem(problem)
    ticks = iter(range(10_000))
    budget = Budget(40, start=0.0, clock=lambda: float(next(ticks)))
    found = InElements(wavelike(system))(Task(system, 1e-9, budget, 0))
    assert found.stopped == Stop.BUDGET


@pytest.mark.slow
def test_the_automatic_choice_comes_to_them_and_files_hold_them(tmp_path):
    problem, domain, exact = leaving()
    solution = solve(problem, tolerance=1e-3, budget=Budget(30, clock=time.process_time))
    assert solution.stopped == Stop.MET
    assert missed(solution.field, domain, exact) <= solution.estimate <= 1e-3
    solution.save(tmp_path / "wave")
    again, x = load(tmp_path / "wave"), sample_region(solution.problem.domain, 50, 0).x
    assert torch.equal(again.field.values(x), solution.field.values(x))
