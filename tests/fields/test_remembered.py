"""Newton's method evaluates functions once, and finds what it found."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pinnsolve import Dense, GaussNewton, compile_problem
from pinnsolve.basis.networks import DenseBasis
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.fields import remembered
from pinnsolve.fields.building import build_space
from pinnsolve.fields.remembered import RememberingSpace
from pinnsolve.problems import CATALOGUE
from small_problems import nonlinear


def found(system, seed=0, width=40):
    space = build_space(system, Dense(width), seed)
    points = collocation_points(system, space, seed)
    return GaussNewton()(system, points, space, lambda *_: None)


def counted(monkeypatch, made):
    """How often functions are evaluated meanwhile."""
    calls, forward = [], DenseBasis.forward

    def counting(self, x, indices):
        calls.append(len(x))
        return forward(self, x, indices)

    with monkeypatch.context() as patch:
        patch.setattr(DenseBasis, "forward", counting)
        made()
    return len(calls)


@pytest.mark.parametrize("name", ["bratu_2d", "lorenz", "volterra_nonlinear"])
def test_the_same_is_found_to_the_last_bit(name, monkeypatch):
    system = compile_problem(CATALOGUE[name]())
    coefficients = [found(system).coefficients]
    monkeypatch.setattr(remembered, "REMEMBERED", 0)
    coefficients.append(found(system).coefficients)
    assert torch.equal(*coefficients)


def test_functions_are_evaluated_once(monkeypatch):
    system = compile_problem(nonlinear())
    once = counted(monkeypatch, lambda: found(system))
    monkeypatch.setattr(remembered, "REMEMBERED", 0)
    assert 3 * once < counted(monkeypatch, lambda: found(system))


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch):
    system = compile_problem(nonlinear())
    space = RememberingSpace(build_space(system, Dense(40), 0).blocks)
    residual = system.residuals[0]
    each = 8 * 40 * 50 * len(residual.slots)
    monkeypatch.setattr(remembered, "REMEMBERED", 3 * each + 1)
    for _ in range(5):  # points that are gone may lie where others come
        at = torch.from_numpy(np.random.default_rng().random((50, 1)))
        kept = space.slots(residual, at)
        plain = build_space(system, Dense(40), 0).slots(residual, at)
        assert all(map(torch.equal, kept, plain))
    assert space.bytes == 3 * each
