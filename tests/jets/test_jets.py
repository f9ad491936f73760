"""Activations and multi-indices: against nested autograd and by counting."""

from __future__ import annotations

import pytest
import torch

from pinnsolve import Dense, coordinates
from pinnsolve.jets.activations import ACTIVATIONS
from pinnsolve.jets.indices import closure, composition, order_of

x, y, t = coordinates("x y t")
UNIT = {"x": (0.0, 1.0), "y": (0.0, 1.0)}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_derivatives_against_autograd(name):
    z = torch.linspace(-3.1, 2.9, 41, dtype=torch.float64, requires_grad=True)
    found = ACTIVATIONS[name](z, range(6))
    value = found[0]
    for k in range(1, 6):
        value = torch.autograd.grad(value.sum(), z, create_graph=True, materialize_grads=True)[0]
        if not value.requires_grad:
            value = value.detach() + 0 * z
        assert torch.allclose(found[k], value, rtol=1e-11, atol=1e-11), k


def test_faa_di_bruno_counts_set_partitions():
    """The counts of all terms add up to Bell's numbers."""
    for order, bell in enumerate((1, 1, 2, 5, 15, 52)):
        assert sum(term.count for term in composition((order,))) == bell
        assert sum(term.count for term in composition((order, 0, 0))) == bell
    assert sum(term.count for term in composition((2, 2))) == 15


def test_closure_is_downward_closed_and_collapsed_jets_are_short():
    rows = closure([(2, 1)], 2)
    assert set(rows) == {(0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (2, 1)}
    assert rows[0] == (0, 0)
    ten = frozenset(tuple(2 * int(i == j) for i in range(10)) for j in range(10))
    assert (
        len(closure([ten], 10)) == 12
    )  # value, ten slopes, one Laplacian in place of ten second derivatives
    assert order_of(ten) == 2


def test_bad_index_is_refused():
    basis = Dense(3).build(UNIT, 0)
    points = torch.zeros(1, 2, dtype=torch.float64)
    with pytest.raises(ValueError, match="does not fit"):
        basis(points, [(1, 0, 0)])
    with pytest.raises(ValueError, match="only sums of pure second"):
        basis(points, [frozenset({(1, 1)})])
