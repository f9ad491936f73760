"""Condensation and elimination, against dense least squares of all rows together."""

from __future__ import annotations

import pytest
import torch

from oracles import generator
from pinnsolve.cells.condense import CUTS, condensation
from pinnsolve.cells.eliminate import Elimination, Raw, Trace, again
from pinnsolve.cells.split import largest_value
from pinnsolve.cells.split import svd_of as singular
from random_cells import SHARED, chain_of_cells, normal


@pytest.mark.parametrize("counts", [(1, 1), (2, 1), (3, 2), (4, 4)])
def test_all_cells_together_are_the_dense_solution(counts):
    tree, raws, sights, _ = chain_of_cells(counts, rows=12 if counts == (1, 1) else 8)
    decided = Elimination(tree, raws.__getitem__, sights).decided()
    columns = 12
    blocks, right = [], []
    for number, raw in enumerate(raws):
        block = torch.zeros(len(raw.rows), columns * len(raws), dtype=torch.float64)
        block[:, columns * number : columns * (number + 1)] = raw.rows
        blocks.append(block)
        right.append(raw.target)
    for key, cells in sights.items():
        block = torch.zeros(SHARED, columns * len(raws), dtype=torch.float64)
        total = torch.zeros(SHARED, dtype=torch.float64)
        for k in cells:
            block[:, columns * k : columns * (k + 1)] = raws[k].traces[key].matrix
            total += raws[k].traces[key].offset
        blocks.append(block)
        right.append(-total)
    dense, target = torch.cat(blocks), torch.cat(right)
    found = torch.cat(decided.coefficients)
    assert float((dense @ found - target).norm() / target.norm()) < 1e-10
    oracle = torch.linalg.lstsq(dense, target, driver="gelsd").solution
    if int(torch.linalg.matrix_rank(dense)) == dense.shape[1]:
        assert float((found - oracle).norm() / oracle.norm()) < 1e-9


def test_what_is_kept_satisfies_the_rows_and_spans_the_rest():
    of = generator(1)
    rows, trace = normal(20, 30, of=of), normal(16, 30, of=of)
    condensed = condensation(rows, [trace], CUTS.rows)
    kept = condensed.kept.homogeneous
    assert kept.shape[1] == 10  # 30 columns, of which 20 rows determine as many
    assert float((rows @ kept).abs().max()) < 1e-12
    particular, left = condensed.applied(torch.cat([normal(20, of=of), torch.zeros(10).double()]))
    assert particular.shape == (30,)
    assert len(left) == 10
    assert (
        float((condensed.kept.traces[0].T @ condensed.kept.traces[0] - torch.eye(10)).abs().max())
        < 1e-10
    )


def test_weakly_determined_directions_keep_their_rows():
    # The second unknown is seen by others, and its row is weak: it is left to them, with its row.
    rows = torch.diag(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    trace = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
    condensed = condensation(rows, [trace], 1e-2)
    assert condensed.kept.size == 1
    assert abs(float(condensed.kept.rows[0, 0])) == pytest.approx(1e-3)
    _, left = condensed.applied(torch.tensor([1.0, 2e-3], dtype=torch.float64))
    assert abs(float(left[0] / condensed.kept.rows[0, 0])) == pytest.approx(2.0)


@pytest.mark.parametrize(("goal", "kept"), [(1e-3, 1), (1e-5, 0), (1e-12, 0)])
def test_what_rows_tell_less_of_than_the_goal_allows_is_left_to_others(goal, kept):
    rows = torch.diag(torch.tensor([1.0, 1e-9], dtype=torch.float64))
    trace = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
    cuts = CUTS.asked(goal)
    condensed = condensation(rows, [trace], cuts.rows, cuts)
    assert condensed.kept.size == kept
    assert CUTS.asked(goal).rows >= CUTS.rows


def test_what_nobody_sees_is_solved_however_weak_its_row():
    rows = torch.diag(torch.tensor([1.0, 1e-3], dtype=torch.float64))
    trace = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    condensed = condensation(rows, [trace], 1e-2)
    particular, _ = condensed.applied(torch.tensor([1.0, 2e-3], dtype=torch.float64))
    assert particular.tolist() == pytest.approx([1.0, 2.0])


def test_a_cell_of_no_functions_leaves_nothing():
    condensed = condensation(torch.zeros(0, 0).double(), [torch.zeros(3, 0).double()], 1e-12)
    assert condensed.kept.size == 0


def test_a_cell_that_stands_for_others_is_condensed_once():
    tree, raws, sights, _ = chain_of_cells((4, 1))
    first, asked = raws[1], []
    # The third cell is like the second: only its right-hand sides are its own.
    offsets = zip(raws[2].traces, (t.offset for t in raws[2].traces.values()), strict=True)
    known = {**dict(enumerate(raws)), 2: again(raws[2].target, dict(offsets))}
    stands = {2: 1}

    def raw(number):
        asked.append(number)
        return known[number]

    elimination = Elimination(tree, raw, sights, first=lambda k: stands.get(k, k))
    found = elimination.decided().coefficients
    matrices = [t.matrix for t in first.traces.values()]
    twin = {
        key: Trace(matrix, t.offset)
        for (key, t), matrix in zip(raws[2].traces.items(), matrices, strict=True)
    }
    whole = {**dict(enumerate(raws)), 2: Raw(first.rows, raws[2].target, twin, first.free)}
    oracle = Elimination(tree, whole.__getitem__, sights).decided().coefficients
    assert all(torch.equal(a, b) for a, b in zip(found, oracle, strict=True))
    assert sorted(elimination.cells) == [0, 1, 3]
    assert asked == [0, 1, 2, 3]


def _not_converged(_):
    raise torch.linalg.LinAlgError("the algorithm failed to converge")


def _no_numbers(a):
    """As it answered for a cell with 38 values of one size, without a word."""
    n, m = a.shape
    return a.new_full((n, n), torch.nan), a.new_ones(min(n, m)), a.new_full((m, m), torch.nan)


@pytest.mark.parametrize("failing", [_not_converged, _no_numbers])
def test_singular_values_are_had_where_divide_and_conquer_fails(monkeypatch, failing):
    a = normal(9, 7, of=generator(4))
    oracle = torch.linalg.svdvals(a)
    monkeypatch.setattr(torch.linalg, "svd", failing)
    u, s, vh = singular(a)
    assert torch.allclose(s, oracle, rtol=1e-13)
    assert float((u[:, :7] * s @ vh - a).abs().max()) < 1e-13


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (5, 12), (12, 5), (200, 300)])
def test_the_largest_singular_value_is_known_without_the_others(shape):
    matrix = normal(*shape, of=generator(3))
    wanted = float(torch.linalg.matrix_norm(matrix, 2)) if matrix.numel() else 0.0
    assert 0.9 * wanted <= largest_value(matrix) <= (1 + 1e-12) * wanted
