"""Trained bases: trained on, kept in files, and made deeper."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pinnsolve import LSGD, Adam, BoxPlanes, Dense, ResNet, load, solve
from pinnsolve.basis.trained import _between
from small_losses import poisson


@pytest.mark.slow
def test_training_goes_on_where_it_ended(tmp_path):
    first = solve(poisson, Dense(20), LSGD(30))
    second = solve(poisson, first.trained, LSGD(60))
    assert second.error() < first.error() / 2
    again = solve(poisson, first.trained)  # the functions as they are
    assert again.error() < 3 * first.error()
    second.save(tmp_path / "s")
    kept = load(tmp_path / "s", poisson)
    np.testing.assert_array_equal(kept([[0.3, 0.4]]), second([[0.3, 0.4]]))
    assert solve(poisson, kept.trained).error() < 3 * second.error()


@pytest.mark.slow
def test_a_deeper_network_is_near_the_one_before(tmp_path):
    """Steps half as long with parameters from between: twice as many of the smoothest network are
    almost the same function.
    """
    basis = ResNet(6, 9)
    first = solve(poisson, basis, LSGD(30, Adam(3e-3), smoothness=1e-3))
    deeper = first.trained.deeper()
    assert str(deeper) == f"Trained({ResNet(6, 17)})"
    second = solve(poisson, deeper)
    assert second.error() < 3 * first.error()
    assert solve(poisson, deeper, LSGD(30, Adam(3e-3))).error() < second.error()
    second.save(tmp_path / "s")
    np.testing.assert_array_equal(load(tmp_path / "s", poisson)([[0.3, 0.4]]), second([[0.3, 0.4]]))
    grown = solve(poisson, second.trained.deeper(3))
    assert grown.basis.weights.shape[0] == 48
    with pytest.raises(TypeError, match="layers of a ResNet"):
        solve(poisson, Dense(5)).trained.deeper()
    with pytest.raises(ValueError, match="at least 2"):
        deeper.deeper(1)


def test_interpolation_in_depth_keeps_layers_that_lie_on_a_line():
    layers = torch.arange(4, dtype=torch.float64)[:, None, None] * torch.ones(
        4, 2, 2, dtype=torch.float64
    )
    found = _between(layers, 2)[:, 0, 0]
    torch.testing.assert_close(
        found, torch.tensor([0.0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.0], dtype=torch.float64)
    )
    torch.testing.assert_close(_between(layers[:1], 3), layers[:1].expand(3, 2, 2))


@pytest.mark.slow
def test_the_estimate_of_a_trained_basis_trains_another():
    solution = solve(poisson, Dense(20, initialize=BoxPlanes(3.0)), LSGD(150))
    assert solution.error() / 100 < solution.estimate < 100 * solution.error()
