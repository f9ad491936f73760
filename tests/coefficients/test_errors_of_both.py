"""Rows with errors beside known ones: against draws whose errors are known."""

import numpy as np
import pytest

from pinnsolve.coefficients.errors_of_both import of_both


def drawn(seed, sigma=0.1, hidden=3, n=8, k=60):
    random = np.random.default_rng(seed)
    by_hidden, spread = random.standard_normal((k, hidden)), random.standard_normal((k, n))
    true, z = random.standard_normal(hidden), random.standard_normal(n)
    target = by_hidden @ true + spread @ z + sigma * random.standard_normal(k)
    return np.column_stack([by_hidden, spread, target]), true, z


def test_what_is_hidden_lies_as_far_away_as_is_said():
    apart = []
    for seed in range(40):
        rows, true, z = drawn(seed)
        found = of_both(np.array_split(rows, 3), 3, len(rows))
        apart += list((found.hidden - true) / np.linalg.norm(found.of_hidden, axis=1))
        apart += list((found.errors - z) / np.linalg.norm(found.of_errors, axis=1))
    assert 0.85 < np.sqrt(np.mean(np.square(apart))) < 1.15


def test_where_rows_are_all_errors_nothing_is_moved():
    rows, _, _ = drawn(0)
    rows[:, 3:-1] *= 1e-4
    found = of_both([rows], 3, len(rows))
    assert np.abs(found.errors).max() < 0.1
    assert np.linalg.norm(found.of_errors, axis=1) == pytest.approx(1, abs=0.01)


def test_an_open_direction_leaves_what_rows_say_of_the_rest():
    rows, _, z = drawn(1, sigma=1e-6)
    rows[:, 2] = rows[:, 0] - rows[:, 1]
    target = rows[:, :-1] @ np.concatenate([[1.0, 2.0, 0.0], z])
    found = of_both([np.column_stack([rows[:, :-1], target])], 3, len(rows))
    assert found.back.shape[1] == 2
    assert found.errors == pytest.approx(z, abs=1e-6)
    assert rows[:, :3] @ found.hidden == pytest.approx(rows[:, :3] @ [1.0, 2.0, 0.0], abs=1e-6)
