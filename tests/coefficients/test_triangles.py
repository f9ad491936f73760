"""Triangles of rows: what is merged, reweighted and eliminated says the same as all rows at
once.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pinnsolve.coefficients.factor import WholeFactor
from pinnsolve.coefficients.least_squares import in_blocks, least_squares
from pinnsolve.coefficients.triangles import Triangle, eliminated, merge

SIZES = (4, 3, 5, 2)
TOUCHED = ((0,), (1,), (2,), (3,), (0, 1), (1, 2), (2, 3), (0, 3))  # a ring


EQUAL = (1.0,) * len(TOUCHED)


def rows(weights=EQUAL, seed=0):
    """Random rows, of each set of blocks some."""
    random = torch.Generator().manual_seed(seed)
    found = []
    for weight, blocks in zip(weights, TOUCHED, strict=True):
        width = sum(SIZES[k] for k in blocks) + 1
        found.append(
            Triangle(blocks, weight * torch.randn(11, width, generator=random, dtype=torch.float64))
        )
    return found


def whole(parts):
    """The same as one matrix with its target."""
    starts = np.cumsum([0, *SIZES])
    matrix = np.zeros((sum(len(p.rows) for p in parts), starts[-1] + 1), order="F")
    low = 0
    for part in parts:
        columns = np.concatenate(
            [np.arange(starts[k], starts[k + 1]) for k in part.blocks] + [[starts[-1]]]
        )
        matrix[low : low + len(part.rows), columns] = part.rows.numpy()
        low += len(part.rows)
    return matrix


def test_merged_triangles_leave_the_same_for_all_coefficients():
    parts = rows()
    merged = merge([part.reduced() for part in parts], SIZES)
    assert merged.blocks == (0, 1, 2, 3)
    assert len(merged.rows) == merged.rows.shape[1]
    matrix = whole(parts)
    for c in np.random.default_rng(0).standard_normal((5, sum(SIZES))):
        left = float((merged.rows[:, :-1] @ torch.from_numpy(c) - merged.rows[:, -1]).norm())
        assert left == pytest.approx(np.linalg.norm(matrix[:, :-1] @ c - matrix[:, -1]), rel=1e-13)


@pytest.mark.parametrize("weight", [1.0, 1e-3, 1e3])
def test_triangles_are_reweighted_without_their_rows(weight):
    """Oracle: least squares of all rows, weighted."""
    weights = (1.0, 1.0, weight, 1.0, weight, 1.0, 1.0, 1.0)
    triangles = [
        Triangle(p.blocks, w * p.reduced().rows) for w, p in zip(weights, rows(), strict=True)
    ]  # made once, for all weights
    merged = merge(triangles, SIZES).rows
    found = torch.linalg.solve_triangular(merged[:-1, :-1], merged[:-1, -1:], upper=True)[:, 0]
    matrix = whole(rows(weights))
    expected = np.linalg.lstsq(matrix[:, :-1], matrix[:, -1])[0]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10)


def test_elimination_is_least_squares():
    """Coefficients, residual, and the factor against that of all rows at once."""
    found, expected = in_blocks(rows(), SIZES), least_squares(whole(rows()))
    np.testing.assert_allclose(found.coefficients, expected.coefficients, rtol=1e-11)
    assert found.residual == pytest.approx(expected.residual, rel=1e-12)
    assert found.target == pytest.approx(expected.target, rel=1e-12)
    assert found.rank == pytest.approx(sum(SIZES), rel=1e-10)
    np.testing.assert_allclose(found.norms.numpy(), expected.norms.numpy(), rtol=1e-13)


def test_substitutions_with_a_factor_in_blocks():
    """R'R is A'A, whatever the order of elimination: R^-1 R^-T against its inverse."""
    factor, _ = eliminated(rows(), SIZES)
    matrix = torch.from_numpy(whole(rows())[:, :-1])
    unit = torch.eye(sum(SIZES), dtype=torch.float64)
    inverse = torch.linalg.inv(matrix.T @ matrix)
    torch.testing.assert_close(
        factor.backward(factor.forward(unit)), inverse, rtol=1e-9, atol=1e-12
    )
    plain = WholeFactor(torch.linalg.qr(matrix).R)
    torch.testing.assert_close(plain.backward(plain.forward(unit)), inverse, rtol=1e-9, atol=1e-12)
    assert factor.columns == plain.columns == sum(SIZES)


def test_dependent_columns_get_small_coefficients():
    """Two equal columns in one block, and a target that they reach: the ridge shares the
    coefficient between them.
    """
    parts, truth, starts = rows(), np.arange(float(sum(SIZES))), np.cumsum([0, *SIZES])
    for part in parts:
        if 0 in part.blocks:
            part.rows[:, 1] = part.rows[:, 0]
        own = np.concatenate([truth[starts[k] : starts[k + 1]] for k in part.blocks])
        part.rows[:, -1] = part.rows[:, :-1] @ torch.from_numpy(own)
    found = in_blocks(parts, SIZES).coefficients
    np.testing.assert_allclose(found[:2], 0.5, rtol=0.2)
    np.testing.assert_allclose(found[2:], truth[2:], rtol=1e-12)


def test_too_few_rows_and_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="rows for 14 columns"):
        in_blocks(rows()[:1], SIZES)
    parts = rows()
    parts[2].rows[0, 0] = torch.nan
    with pytest.raises(ValueError, match="not finite"):
        in_blocks(parts, SIZES)
