"""Rows turned onto a triangle, and shared by ranks: against one QR, and LAPACK."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pinnsolve.coefficients.least_squares import least_squares
from pinnsolve.coefficients.tall import PANELS, turned_onto
from rank_threads import on_threads


def drawn(rows, columns, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((rows, columns)))


@pytest.mark.parametrize("n", [PANELS.columns // 2, 2 * PANELS.columns + 17])
@pytest.mark.parametrize("beside", [0, 3])
@pytest.mark.parametrize("full", [0, 40])
def test_rows_turned_onto_a_triangle_are_one_qr(n, beside, full):
    top = drawn(n, n + beside).triu()
    below = drawn(40 if full else n, n + beside, 1)
    whole = torch.cat([top, below if full else below.triu()])
    turned_onto(top, below if full else below.triu_(), full)
    assert torch.equal(top, top.triu())
    oracle = torch.linalg.qr(whole[:, :n]).R
    signs = (top.diagonal() * oracle.diagonal()).sign()
    assert (signs[:, None] * top[:, :n] - oracle).abs().max() < 1e-12 * n
    # Columns behind are turned alike: they are fitted as before.
    fitted = torch.linalg.solve_triangular(top[:, :n], top[:, n:], upper=True)
    expected = torch.linalg.lstsq(whole[:, :n], whole[:, n:]).solution
    assert fitted.sub(expected).norm() <= 1e-10 * expected.norm()


def rows_of_condition(decay, noise, rows=500, columns=60):
    """A matrix whose singular values fall by so many digits, and a target in its range but for
    noise.
    """
    generator = np.random.default_rng(2)
    left, right = (
        np.linalg.qr(generator.standard_normal((n, columns)))[0] for n in (rows, columns)
    )
    matrix = left * np.logspace(0, -decay, columns) @ right.T
    target = matrix @ generator.standard_normal(columns)
    return matrix, target + noise * generator.standard_normal(rows)


@pytest.mark.parametrize("size", [2, 3, 5, 11])
@pytest.mark.parametrize(("decay", "noise"), [(3, 1e-2), (17, 0.0)])
def test_ranks_find_what_one_process_finds(size, decay, noise):
    matrix, target = rows_of_condition(decay, noise)
    both = np.column_stack([matrix, target])
    alone = least_squares(np.asfortranarray(both))
    # Shares of different lengths; with eleven ranks, fewer rows than columns.
    cuts = np.linspace(0, len(both), size + 1).astype(int)

    def work(ranks):
        own = both[cuts[ranks.rank] : cuts[ranks.rank + 1]]
        return least_squares(np.asfortranarray(own), ranks=ranks)

    every = on_threads(size, work)
    for found in every:
        assert np.array_equal(found.coefficients, every[0].coefficients)
        # What a function is at points is determined; coefficients of null directions are not.
        apart = matrix @ (found.coefficients - alone.coefficients)
        assert np.linalg.norm(apart) < 1e-12 * np.linalg.norm(target)
        unit = found.target
        assert found.residual == pytest.approx(alone.residual, rel=1e-10, abs=1e-13 * unit)
        assert unit == pytest.approx(alone.target, rel=1e-12)
        assert found.rank == pytest.approx(alone.rank, rel=1e-2)
        assert found.rows == len(both)
