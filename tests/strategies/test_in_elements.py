"""Waves on more and more elements, against exact solutions: what is met, and what files hold."""

from __future__ import annotations

import time
from itertools import islice, pairwise

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, cos, pi

from pinnsolve import Box, Budget, Interval, Problem, interpolate, laplacian, load, solve
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.evolution.vibration import vibration_of
from pinnsolve.evolution.wavelike import wavelike
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Task
from pinnsolve.strategies.element_levels import _finer, _growing, growing, on_a_grid
from pinnsolve.strategies.in_elements import REFINED, InElements, left_of
from small_waves import T, U, X, Y, closed, damped, driven, layers, leaving, missed, starts


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


@pytest.mark.parametrize("power", [0.7, 1.5, 2.5])
def test_powers_are_told_by_paths_of_any_growth(power):
    nodes = np.array([48, 255, 510, 765]) ** -power
    before, change = nodes[1] - nodes[2], nodes[2] - nodes[3]
    left = left_of(change, before, REFINED.orders[1], (2.0, 1.5)) / REFINED.caution
    assert left * change == pytest.approx(nodes[3], rel=1e-6)


def test_one_difference_promises_no_more_where_nodes_are_many_times_as_many():
    assert left_of(1e-2, float("nan"), 2.0, (1.0, 5.3)) == left_of(1e-2, float("nan"), 2.0)


def on_a_grid_of(n, unlike=12.0):
    """Squares of a speed that are linear between n + 1 points, 1 and another by turns."""
    domain = Box({X: (0, 1), Y: (0, Rational(1, 2))}) * Interval(T, 0, 1)
    line = np.linspace(0, 1, n + 1)
    medium = interpolate({X: line}, 1 + (unlike - 1) * (np.arange(n + 1) % 3 == 0), degree=1)
    law = Eq(U.diff(T, 2), medium * laplacian(U, X, Y))
    return compile_problem(Problem(domain, law, *closed(domain), *starts(domain, cos(pi * X))))


def test_edges_of_elements_are_on_the_lines_of_the_media_and_polynomials_grow_first():
    system = on_a_grid_of(50)
    wave = wavelike(system)
    levels = list(islice(on_a_grid(system, wave), 6))
    assert [level.degree for level in levels] == [1, 2, 3, 4, 4, 4]
    assert [level.counts for level in levels[:5]] == [(50, 25)] * 4 + [(100, 38)]
    assert vibration_of(system, wave, (12, 6), 4).jumps
    assert not any(vibration_of(system, wave, each.counts, each.degree).jumps for each in levels)


@pytest.mark.parametrize("n", [1, 2_000])
def test_no_lines_and_too_many_are_no_grid(n):
    system = on_a_grid_of(n)
    assert on_a_grid(system, wavelike(system)) is None


def test_levels_become_finer_where_multiples_are_wanted():
    system = compile_problem(layers()[0])
    levels = list(islice(growing(system, wavelike(system)), 5))
    assert [level.counts[0] % 2 for level in levels] == [0] * 5
    assert all(b.nodes > 1.2 * a.nodes for a, b in pairwise(levels))


def test_no_coordinate_stays_behind_where_multiples_are_wanted():
    """Eighths along x, and a wave that does not know y: two levels with the same ones agree."""
    levels = islice(_finer(_growing(12.0, (1.0, 1.0), (8, 1))), 5)
    assert [level.counts[0] for level in levels] == [16, 24, 40, 64, 88]
    thin = islice(_finer(_growing(12.0, (1.0, 0.01), (1, 1))), 3)
    assert [level.counts for level in thin] == [(12, 2), (18, 2), (27, 2)]


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
