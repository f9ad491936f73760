"""Compiled losses."""

from __future__ import annotations

import pytest
import torch

from pinnsolve import LSGD, Adam, Dense, compile_problem, compiled, solve
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.problems import CATALOGUE
from pinnsolve.training.compiled import eager
from pinnsolve.training.lsgd import first_joint
from pinnsolve.training.objective import Joint
from pinnsolve.training.weighted_loss import weighted_loss

peak = CATALOGUE["poisson_2d_peak"]()


@pytest.mark.slow
def test_a_compiled_loss_has_the_same_gradient():
    system = compile_problem(peak)
    points, space = sample_points(peak, 60, 0), build_space(system, Dense(6, 2), 0)
    plain, quick = (Joint(weighted_loss(system, points, space, t)) for t in (eager, compiled))
    start = first_joint(plain)
    torch.testing.assert_close(quick.gradient(start), plain.gradient(start), rtol=1e-9, atol=1e-12)


def test_without_a_compiler_the_loss_stays_as_it_is(monkeypatch):
    def no_compiler(loss, dynamic):
        def fails(*arguments):
            raise RuntimeError("no C++ compiler found")

        return fails

    monkeypatch.setattr(torch, "compile", no_compiler)
    with pytest.warns(UserWarning, match="not compiled, since no C"):
        solution = solve(peak, Dense(6, 2), LSGD(3, Adam(1e-2), transform=compiled))
    assert solution.stopped == "trained"
