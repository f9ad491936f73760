"""The implicit method of a step: its conditions of order, and what it does to what is stiff."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pinnsolve.evolution.tableau import ESDIRK

A = ESDIRK.a.numpy()
WEIGHTS = A[-1]
EMBEDDED = WEIGHTS - ESDIRK.error.numpy()


@cache
def trees(order):
    """All rooted trees of an order, as sorted tuples of subtrees (Butcher's theory)."""
    if order == 1:
        return {()}
    grown = set()
    for smaller in range(1, order):
        for branch in trees(smaller):
            for rest in trees(order - smaller):
                grown.add(tuple(sorted((*rest, branch))))
    return grown


def stages_of(tree):
    """What a tree's elementary differential is at the stages, and its density."""
    product, size, density = np.ones(len(A)), 1, 1
    for branch in tree:
        inner, n, below = stages_of(branch)
        product, size, density = product * (A @ inner), size + n, density * below
    return product, size, size * density


@pytest.mark.parametrize(("weights", "order"), [(WEIGHTS, 5), (EMBEDDED, 4)])
def test_all_conditions_of_order_hold(weights, order):
    for n in range(1, order + 1):
        assert len(trees(n)) == {1: 1, 2: 1, 3: 2, 4: 4, 5: 9}[n]
        for tree in trees(n):
            product, _, density = stages_of(tree)
            assert abs(weights @ product - 1 / density) < 1e-14
    higher = [stages_of(tree) for tree in trees(order + 1)]
    assert max(abs(weights @ product - 1 / density) for product, _, density in higher) > 1e-4


def grows(z):
    """The factor of a step for y' = z y."""
    one = np.ones(len(A))
    return 1 + z * (WEIGHTS @ np.linalg.solve(np.eye(len(A)) - z * A, one))


def test_it_is_stable_on_the_left_and_ends_what_is_stiff():
    line = [abs(grows(1j * y)) for y in np.geomspace(1e-3, 1e6, 400)]
    assert max(line) <= 1 + 1e-12
    assert abs(grows(-1e8)) < 1e-6  # it falls as 1 / z


def test_all_stages_have_one_matrix_but_the_first_which_is_known():
    assert np.allclose(np.diag(A)[1:], ESDIRK.gamma, rtol=1e-15)
    assert not A[0].any()
    assert not np.triu(A, 1).any()
