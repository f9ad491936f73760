"""Evolutions in cells of space that were ended in their midst go on there."""

from __future__ import annotations

import pytest
from sympy import Eq, cos, exp, sin

from conftest import Killed
from pinnsolve import Box, Budget, Checkpoint, Interval, Problem, coordinates, load, solve, unknown
from pinnsolve.evolution.stepping import Stepper
from pinnsolve.evolution.underway import Underway

x, y, t = coordinates("x y t")
u = unknown("u", x, y, t)
# No unit box: cells that a file names are cut out of the domain's own.
plate = Box({x: (0, 2), y: (-1, 0)})
EXACT = exp(-t) * sin(x) * cos(y)
LEFT = u.diff(t) - (u.diff(x, 2) + u.diff(y, 2)) / 10
problem = Problem(
    plate * Interval(t, 1, 3),
    Eq(LEFT, LEFT.subs(u, EXACT).doit()),
    Eq(u(x, y, 1), EXACT.subs(t, 1)),
    Eq(u, EXACT) @ plate.boundary,
    exact={u: EXACT},
)
asked = {"cells": (2, 1), "tolerance": 1e-4}


@pytest.fixture
def steps(monkeypatch):
    """The times at which steps were begun."""
    step, made = Stepper.step, []

    def counted(self, state, *given):
        made.append(state.t)
        return step(self, state, *given)

    monkeypatch.setattr(Stepper, "step", counted)
    return made


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_from_its_file(steps, tmp_path, monkeypatch):
    whole = solve(problem, **asked)
    assert whole.stopped == "met"
    assert whole.unfinished is None
    all_steps = len(steps)
    steps.clear()
    write, last = Checkpoint.write, all_steps * 2 // 3

    def killed(self, solution):
        write(self, solution)
        if len(steps) >= last:
            raise Killed

    monkeypatch.setattr(Checkpoint, "write", killed)
    with pytest.raises(Killed):
        solve(problem, **asked, checkpoint=Checkpoint(tmp_path / "run.st", seconds=0))
    left = load(tmp_path / "run.st")
    assert isinstance(left.unfinished, Underway)
    assert left.unfinished.path is not None
    reached = float(left.unfinished.path.field.times[-1])
    assert 1 < reached < 3
    assert left.unfinished.last is not None
    steps.clear()
    again = solve(problem, tolerance=1e-4, resume=tmp_path / "run.st")
    assert steps[0] == reached
    # No step is made again, but for those by which a restart finds their length.
    assert len(steps) <= all_steps - last + 12
    assert again.stopped == "met"
    assert again.error() < 1e-4
    assert again.unfinished is None


@pytest.mark.slow
def test_a_run_that_used_its_budget_goes_on(steps):
    """Its clock is the number of its steps."""
    part = solve(problem, **asked, budget=Budget(10, clock=lambda: len(steps)))
    assert part.stopped == "budget"
    last = part.unfinished.path.field.times[-1]
    assert float(last) == part.field.last_time[1] < 3
    assert part.unfinished.last is None
    steps.clear()
    again = solve(problem, **asked, resume=part)
    assert steps[0] == last
    assert again.stopped == "met"
    assert again.error() < 1e-4
