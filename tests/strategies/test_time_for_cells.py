"""Cells whose budget ends: what the time that is left is for."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import cos, exp

from pinnsolve import Box, Budget, compile_problem, coordinates, laplacian, manufactured, unknown
from pinnsolve.running.stop import Stop
from pinnsolve.search.task import Task
from pinnsolve.strategies.in_cells import InCells

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
WAVE = cos(12 * X + 16 * Y) + exp(X)
HELMHOLTZ = manufactured(SQUARE, laplacian(U) + 400 * U, U @ SQUARE.boundary, exact={U: WAVE})


@pytest.mark.parametrize(("seconds", "known"), [(100, True), (70, False)])
def test_where_the_next_cells_take_too_long_another_draw_tells_the_error(seconds, known):
    """One cell takes 40 seconds, four take four times as many."""
    told = []
    budget = Budget(seconds, start=0.0, clock=lambda: 40.0 * len(told))
    task = Task(compile_problem(HELMHOLTZ), 2e-6, budget, 0, lambda *what: told.append(what))
    outcome = InCells((1, 1))(task)
    assert outcome.stopped is Stop.BUDGET
    assert [what[0] for what in told] == ["cells", "check"][: 1 + known]
    if known:
        x = np.random.default_rng(0).random((500, 2))
        truth = np.cos(12 * x[:, 0] + 16 * x[:, 1]) + np.exp(x[:, 0])
        off = np.linalg.norm(outcome.fit.field.values(x)[0].numpy() - truth)
        error = off / np.linalg.norm(truth)
        assert error < outcome.estimate < 100 * error
    else:
        assert np.isnan(outcome.estimate)
