"""A wide basis on the ranks of an MPI run: whatever their number, the same solution."""

from __future__ import annotations

import pytest

from under_mpi import ended, started

SOLVES = """
from dataclasses import replace
import numpy as np
import torch
from sympy import Eq, cos, exp
from pinnsolve import Box, Dense, Waves, coordinates, laplacian, manufactured, solve, unknown
from pinnsolve.mgrit.communicator import ranks
from pinnsolve.strategies import in_basis
in_basis.WIDE = replace(in_basis.WIDE, columns=100)
x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
at = np.random.default_rng(0).random((500, 2))
waves = Dense(400, activation="sin", initialize=Waves(8.0))
exact = cos(7 * x + 3 * y) + exp(x)
linear = manufactured(square, laplacian(u) + 40 * u, u @ square.boundary, exact={u: exact})
nonlinear = manufactured(square, -laplacian(u) + u**3, u @ square.boundary, exact={u: exact})
"""

COMPARED = """
for problem in (linear, nonlinear):
    solution = solve(problem, waves)
    assert solution.error() < 1e-12, solution.report()
    found = " ".join(f"{value:.17e}" for value in solution(at))
    for rank in range(ranks().size):
        ranks().total(torch.zeros(1))
        if rank == ranks().rank:
            print(found, flush=True)
"""


def values(out):
    return [[float(word) for word in line.split()] for line in out.splitlines()]


@pytest.mark.slow
def test_ranks_that_share_rows_find_what_one_process_finds():
    found, size = [], 3
    for n in (1, size):
        with started(n, SOLVES + COMPARED) as process:
            code, out, err = ended(process, 120)
        assert code == 0, err
        found.append(values(out))
    alone, shared = found
    assert len(shared) == 2 * size
    for k, line in enumerate(shared):
        own = alone[k // size]
        # Values, not coefficients: these are determined to no digit where functions depend.
        assert line == pytest.approx(own, rel=0, abs=1e-12 * max(map(abs, own)))
        assert line == shared[k - k % size], "each rank has the same, to the last bit"


@pytest.mark.slow
def test_rows_are_dealt():
    code = """
from pinnsolve.coefficients import least_squares
before, lengths = least_squares.least_squares, []
def noted(augmented, *others, **named):
    lengths.append(len(augmented))
    return before(augmented, *others, **named)
least_squares.least_squares = noted
solve(linear, waves)
total = ranks().total(torch.tensor(max(lengths)))
assert max(lengths) < 0.6 * float(total), lengths
in_basis.WIDE = replace(in_basis.WIDE, columns=500)
# Each may solve its own in a narrow one.
solve(linear, waves, seed=ranks().rank)
solve(linear, Dense(550), seed=ranks().rank)
"""
    with started(2, SOLVES + code) as process:
        code, _, err = ended(process, 60)
    assert code != 0
    assert "the ranks declare different tasks: seed differ" in err


@pytest.mark.slow
def test_an_error_on_one_rank_ends_all():
    code = """
from pinnsolve.coefficients import least_squares
def failing(*_):
    raise RuntimeError("a rank fails")
if ranks().rank == 1:
    least_squares.merged = failing
solve(linear, waves)
"""
    with started(2, SOLVES + code) as process:
        code, _, err = ended(process, 60)
    assert code != 0
    assert "a rank fails" in err
