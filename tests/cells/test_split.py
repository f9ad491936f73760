"""Rows split into what they determine and the rest, against dense least squares."""

from __future__ import annotations

import pytest
import torch

from oracles import generator
from pinnsolve.cells.split import by_trace, split_of
from random_cells import normal

CUT = 1e-2
# How many rows, columns, and columns that are determined weakly.
SHAPES = [(9, 6, 2), (6, 9, 4), (40, 30, 12), (8, 8, 0), (8, 5, 5)]


def rows_of(n: int, columns: int, weak: int, seed: int = 0) -> torch.Tensor:
    """Rows with singular values of 1 to 2, and of 1e-6 to 2e-6, turned at random."""
    of = generator(seed)
    rank = min(n, columns)
    u, v = (torch.linalg.qr(normal(k, rank, of=of)).Q for k in (n, columns))
    values = 1 + torch.rand(rank, dtype=torch.float64, generator=of)
    values[: min(weak, rank)] *= 1e-6
    return u * values @ v.T


@pytest.mark.parametrize(("n", "columns", "weak"), SHAPES)
def test_rows_are_what_they_are_split_into(n, columns, weak):
    rows, target = rows_of(n, columns, weak), normal(n, 3, of=generator(1))
    split = split_of(rows, CUT)
    free = split.rest.shape[1]
    # All values are alike, or none is 1e-2 of the largest.
    assert free == columns - (min(n, columns) - weak if weak < min(n, columns) else min(n, columns))
    assert torch.allclose(split.rest.T @ split.rest, torch.eye(free).double(), atol=1e-12)
    # Orthogonal matrices change no norm: of rows along both kinds of directions nothing is lost.
    z = torch.cat([split.first, split.rest], dim=1) @ normal(columns, 3, of=generator(2))
    determined, left = split.turned(rows @ z)
    y = split.rest.T @ (z - split.solved(determined))
    assert torch.allclose(split.solved(determined) + split.rest @ y, z, atol=1e-9)
    assert torch.allclose(left[:free], split.left @ y, atol=1e-12)
    # And least squares of the two parts is that of the rows.
    determined, left = split.turned(target)
    y = torch.linalg.lstsq(split.left, left[:free], driver="gelsd").solution
    found = split.solved(determined) + split.rest @ y
    oracle = torch.linalg.lstsq(rows, target, driver="gelsd").solution
    assert torch.allclose(rows @ found, rows @ oracle, atol=1e-8)
    one, _ = split.turned(target[:, 0])
    assert torch.allclose(split.solved(one), split.solved(determined)[:, 0])


def test_a_part_without_columns_determines_nothing():
    split = split_of(torch.zeros(4, 0).double(), CUT)
    assert split.first.shape == split.rest.shape == (0, 0)
    assert split.solved(split.turned(torch.ones(4).double())[0]).shape == (0,)


def test_rows_that_shall_decide_nothing_are_left_as_they_are():
    rows = rows_of(9, 6, 2)
    split = split_of(rows, CUT, free=6)
    assert split.first.shape == (6, 0)
    _, left = split.turned(rows)
    assert torch.allclose(left[:6], split.left @ split.rest.T, atol=1e-12)
    assert split.strongest == 1.0


@pytest.mark.parametrize(("weak", "seen"), [(0, 6), (2, 4), (6, 6)])
def test_what_is_seen_has_orthonormal_traces_and_the_rest_small_ones(weak, seen):
    traces = rows_of(20, 6, weak)
    least = CUT * float(torch.linalg.matrix_norm(traces, 2))
    shown, dark = by_trace(traces, least)
    assert shown.shape[1] == seen
    assert torch.allclose((traces @ shown).T @ (traces @ shown), torch.eye(seen).double())
    assert dark.shape[1] == 6 - seen
    if dark.numel():
        assert float(torch.linalg.matrix_norm(traces @ dark, 2)) < least
