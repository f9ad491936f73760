"""Evolutions and marches that were ended in their midst: what their files hold, and how they are
gone on with.
"""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
import torch
from scipy.integrate import Radau
from sympy import Eq, Integer, cos, exp, pi, sin

from conftest import Killed
from pinnsolve import (
    LSGD,
    Adam,
    Box,
    Budget,
    Checkpoint,
    Dense,
    Interval,
    March,
    Problem,
    Solution,
    Waves,
    coordinates,
    load,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.chain import OpenSlab
from pinnsolve.evolution.orthonormal import orthonormal_functions
from pinnsolve.evolution.runs import Runs
from pinnsolve.evolution.semidiscrete import Semidiscrete
from pinnsolve.fields.separated import Modes

x, t = coordinates("x t")
w = unknown("w", t)
u = unknown("u", x, t)
bar = Box({x: (0, 1), t: (0, 1)})
logistic = Problem(
    Interval(t, 0, 5),
    Eq(w.diff(t), w * (1 - w)),
    Eq(w(0), Integer(1) / 10),
    exact={w: 1 / (1 + 9 * exp(-t))},
)
EXACT = sin(pi * x) * exp(-t) * cos(5 * t)
heat = Problem(
    bar,
    Eq(u.diff(t) - u.diff(x, 2), EXACT.diff(t) - EXACT.diff(x, 2)),
    Eq(u(x, 0), EXACT.subs(t, 0)),
    Eq(u(0, t), 0),
    Eq(u(1, t), 0),
    exact={u: EXACT},
)


@pytest.fixture
def writes(monkeypatch):
    """Numbers of the solutions that are written: all of them; the program is killed after number
    `last`.
    """
    write = Checkpoint.write

    def of(last):
        numbers, seen = count(1), []

        def counted(self, solution):
            write(self, solution)
            seen.append(solution)
            if next(numbers) == last:
                raise Killed

        monkeypatch.setattr(Checkpoint, "write", counted)
        return seen

    return of


@pytest.fixture
def always(tmp_path):
    return Checkpoint(tmp_path / "run.st", seconds=0)


@pytest.mark.slow
@pytest.mark.parametrize("last", [9, 40])
def test_an_evolution_that_was_killed_goes_on_in_the_midst_of_a_run(
    writes, always, last, monkeypatch
):
    step, made = Radau.step, []
    monkeypatch.setattr(Radau, "step", lambda self: (made.append(1), step(self))[1])
    whole = solve(logistic, tolerance=1e-5)
    steps = len(made)
    writes(last)
    with pytest.raises(Killed):
        solve(logistic, tolerance=1e-5, checkpoint=always)
    left = load(always.path)
    assert isinstance(left.unfinished, Runs)
    assert left.unfinished.held[-1].stopped == "interrupted"
    made.clear()
    again = solve(logistic, tolerance=1e-5, resume=always.path)
    # No step is made again nor left out, but for those by which a restart changes their lengths.
    assert abs(len(made) - (steps - last)) <= 3
    assert again.stopped == whole.stopped == "met"
    assert again.unfinished is None
    assert again.error() < 1e-5
    stages = [step.stage for step in again.history.steps if step.stage != "interrupted"]
    assert stages == [step.stage for step in whole.history.steps]


@pytest.mark.slow
def test_an_evolution_that_ran_out_of_its_budget_goes_on(clock):
    clock(0.02)
    part = solve(logistic, tolerance=1e-8, budget=Budget(seconds=3))
    assert part.stopped == "budget"
    held = sum(run.steps for run in part.unfinished.held)
    assert held > 10
    told = []
    again = solve(logistic, tolerance=1e-8, resume=part, callbacks=[told.append])
    assert again.stopped == "met"
    assert again.error() < 1e-8
    assert told[0].rows > part.unfinished.held[-1].steps  # it includes those that were made


def moving(second):
    """With side data that move; of first or second order in time."""
    law = Eq(u.diff(t, 2), u.diff(x, 2) - sin(u)) if second else Eq(u.diff(t), u.diff(x, 2) + u**2)
    start = [Eq(u.diff(t).subs(t, 0), x)] if second else []
    return Problem(
        bar, law, Eq(u(x, 0), cos(x)), *start, Eq(u(0, t), cos(3 * t)), Eq(u(1, t), cos(1) + sin(t))
    )


@pytest.mark.parametrize("second", [False, True])
def test_states_are_read_off_a_path(second):
    system = compile_problem(moving(second))
    form = evolution_form(system)
    semidiscrete = Semidiscrete(
        system,
        form,
        orthonormal_functions(system, form, Modes(Dense(30, 1, "sin", Waves(6.0)), "t"), 0),
    )
    states = torch.randn(
        4, semidiscrete.size, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )
    times = torch.tensor([0.0, 0.2, 0.7, 1.0], dtype=torch.float64)
    rates = torch.stack([semidiscrete.rate(t, y) for t, y in zip(times, states, strict=True)])
    held = semidiscrete.along(times, semidiscrete.path(times, states, rates))
    for found, given in zip(held, (states, rates), strict=True):
        assert torch.allclose(found, given, rtol=1e-9, atol=1e-9 * float(given.abs().max()))


def interrupting(stage, n):
    """A callback that is Ctrl-C at the n-th step of a stage."""
    left = iter(range(n - 1))

    def callback(step):
        if step.stage == stage and next(left, None) is None:
            raise KeyboardInterrupt

    return callback


@pytest.mark.slow
def test_a_slab_that_was_grown_when_killed_is_grown_on(always):
    """The second slab: neither the first one nor its search is done again, and the estimate is that
    of both draws.
    """
    way = {"tolerance": 1e-6, "march": March(t, 2)}
    part = solve(heat, **way, callbacks=[interrupting("march", 1)], checkpoint=always)
    assert part.unfinished.done == 1
    after_choice = len([s for s in part.history.steps if s.stage == "choose"])
    left = solve(heat, **way, resume=part, callbacks=[interrupting("grow", 1)], checkpoint=always)
    assert len([s for s in left.history.steps if s.stage == "choose"]) > after_choice
    left = load(always.path, heat)
    assert left.declared.lengths == (0.5,)
    assert isinstance(left.unfinished, OpenSlab)
    told = []
    again = solve(heat, **way, resume=left, callbacks=[told.append])
    assert "choose" not in {step.stage for step in told}
    assert told[0].basis == str(left.unfinished.begun.declared)
    assert again.stopped == "met"
    assert again.error() < 1e-6
    assert 0.01 * again.error() < again.estimate < 1e-6


@pytest.mark.slow
def test_a_first_slab_that_was_interrupted_is_not_taken_for_solved(tmp_path):
    way = {"tolerance": 1e-6, "march": March(t, 2)}
    part = solve(heat, **way, callbacks=[interrupting("choose", 1)])
    assert part.stopped == "interrupted"
    assert part.unfinished.done == 0
    assert "interrupted" in part.report()
    with pytest.raises(ValueError, match=r"known up to t = 0\.5 only"):
        part([[0.5, 0.9]])
    part.save(tmp_path / "part.st")
    again = solve(heat, **way, resume=tmp_path / "part.st")
    assert again.declared.lengths == (0.5, 0.5)
    assert again.stopped == "met"
    assert again.error() < 1e-6


@pytest.mark.slow
def test_a_slab_in_training_is_trained_on(writes, always):
    way = {"basis": Dense(12), "method": LSGD(8, Adam(3e-3)), "march": March(t, 2)}
    whole = solve(heat, **way)
    writes(13)  # eight steps, the slab, and four of the next
    with pytest.raises(Killed):
        solve(heat, **way, checkpoint=always)
    left = Solution.load(always.path)
    assert (left.unfinished.done, left.unfinished.begun.steps) == (1, 4)
    writes(0)
    again = solve(heat, **way, checkpoint=always, resume=always.path)
    assert again.stopped == whole.stopped
    assert len(again.history.training) == 16
    assert again.error() < 3 * whole.error()
    early = np.random.default_rng(0).random((50, 2)) * [1, 0.5]
    assert np.array_equal(again(early), whole(early))
