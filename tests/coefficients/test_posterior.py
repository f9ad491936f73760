"""Rows with errors: the mean and covariance are numpy's, and priors as strong as evidence says."""

from __future__ import annotations

import numpy as np
import pytest

from pinnsolve.coefficients.posterior import Belief, Posterior, solved_rows, told_by

SIZE = 8
rng = np.random.default_rng(5)
ROUGH = np.diff(np.eye(SIZE), 2, axis=0)
DATA = np.column_stack([rng.standard_normal((30, SIZE)) / 3, np.zeros(30)])
DATA[:, -1] = DATA[:, :-1] @ np.sin(np.arange(SIZE)) + rng.standard_normal(30)
HARD = np.column_stack([np.eye(SIZE)[[0, 3, 7]], np.sin([0, 3, 7])]) * 1e4


def test_mean_and_covariance_are_those_of_the_normal_equations():
    mean, factor = solved_rows([HARD, DATA])
    rows = np.vstack([HARD, DATA])
    precision = rows[:, :-1].T @ rows[:, :-1]
    assert factor @ factor.T == pytest.approx(np.linalg.inv(precision), rel=1e-6, abs=1e-12)
    expected = np.linalg.lstsq(rows[:, :-1], rows[:, -1], rcond=None)[0]
    assert mean == pytest.approx(expected, rel=1e-8)
    deviations = Posterior(mean, factor, 1.0, 0.0).deviations(np.eye(SIZE))
    assert deviations == pytest.approx(np.sqrt(np.diag(np.linalg.inv(precision))), rel=1e-6)


def test_what_no_row_sees_has_a_huge_variance():
    blind = np.column_stack([np.eye(SIZE)[:5], np.ones(5)])
    mean, factor = solved_rows([blind])
    assert mean[:5] == pytest.approx(np.ones(5))
    assert (np.linalg.norm(factor, axis=1)[5:] > 1e6).all()


def log_evidence(strength):
    """Of the data, hard rows given: the density of a normal distribution."""
    precision = HARD[:, :-1].T @ HARD[:, :-1] + strength * ROUGH.T @ ROUGH
    covariance = np.linalg.inv(precision)
    mean = covariance @ HARD[:, :-1].T @ HARD[:, -1]
    spread = np.eye(len(DATA)) + DATA[:, :-1] @ covariance @ DATA[:, :-1].T
    left = DATA[:, -1] - DATA[:, :-1] @ mean
    return -0.5 * (left @ np.linalg.solve(spread, left) + np.linalg.slogdet(spread)[1])


def test_a_prior_is_as_strong_as_the_evidence_of_the_data_says():
    belief = Belief(slice(0, SIZE), ROUGH, 1e-2)
    for _ in range(200):
        mean, factor = solved_rows([HARD, DATA, belief.rows(SIZE)])
        belief, gamma = belief.strengthened(mean, told_by(DATA, mean, factor))
    grid = np.geomspace(belief.strength / 100, belief.strength * 100, 2001)
    best = grid[np.argmax([log_evidence(s) for s in grid])]
    assert belief.strength == pytest.approx(best, rel=0.01)
    assert 0 < gamma < SIZE - len(HARD)


def test_what_data_told_is_what_is_not_known_without_them():
    others = [HARD, np.column_stack([np.eye(SIZE), np.arange(SIZE)])]
    (mean, factor), (before, wider) = solved_rows([*others, DATA]), solved_rows(others)
    told = told_by(DATA, mean, factor)
    assert mean - told.change == pytest.approx(before, rel=1e-6, abs=1e-8)
    both = factor @ factor.T + told.taken @ told.taken.T
    assert both == pytest.approx(wider @ wider.T, rel=1e-6, abs=1e-9)


def test_without_hard_rows_all_directions_count():
    belief = Belief(slice(0, SIZE), ROUGH, 1e-6)
    mean, factor = solved_rows([DATA, belief.rows(SIZE)])
    stronger, gamma = belief.strengthened(mean, told_by(DATA, mean, factor))
    assert gamma == pytest.approx(len(ROUGH), rel=1e-3)
    assert stronger.strength == pytest.approx(gamma / float(((ROUGH @ mean) ** 2).sum()), rel=1e-3)
