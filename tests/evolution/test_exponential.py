"""Exponential steps: phi functions and steps against mpmath."""

from __future__ import annotations

import mpmath
import pytest
import torch

from pinnsolve.evolution.exponential import RULE, further, phis, slope_at_ends, weights_of

RATES = [-1e5, -30.0, -3.0, -1.01, -0.99, -1e-3, 0.0, 0.5, 2.0, 3j, -2 + 40j]


@pytest.mark.parametrize("z", RATES)
def test_phi_functions_are_their_integrals(z):
    found = phis(torch.tensor([z], dtype=torch.complex128), 7)[:, 0]
    for k in range(1, 8):

        def inside(s, k=k):
            return mpmath.exp((1 - s) * z) * s ** (k - 1) / mpmath.factorial(k - 1)

        wanted = complex(mpmath.quad(inside, [0, 0.5, 0.9, 0.999, 0.99999, 1]))
        assert abs(complex(found[k]) - wanted) < 1e-10 * abs(wanted)


@pytest.mark.parametrize("z", RATES)
def test_a_step_is_exact_where_forces_are_polynomials(z):
    h, rate = 0.4, torch.tensor([z / 0.4], dtype=torch.complex128)
    t = h * RULE.places.to(rate.dtype)
    nodes = weights_of(rate, h).at_nodes(torch.ones_like(rate), (1 - 3 * t**5)[:, None])
    for at, found in zip(t.real.tolist(), nodes[:, 0].tolist(), strict=True):

        def inside(s, at=at):
            return mpmath.exp((at - s) * z / h) * (1 - 3 * s**5)

        middle = [at * share for share in (0, 0.5, 0.9, 0.999, 0.99999, 1)]
        wanted = mpmath.exp(at * z / h) + (mpmath.quad(inside, middle) if at else 0)
        assert abs(found - complex(wanted)) < 1e-9


def test_slopes_at_the_ends_are_those_of_the_polynomial():
    t = 0.4 * RULE.places
    found = slope_at_ends(0.4, (t**6 - t)[:, None])[:, 0]
    assert torch.allclose(found, torch.tensor([-1.0, 6 * 0.4**5 - 1], dtype=torch.float64))


@pytest.mark.parametrize("ratio", [0.25, 1.0, 2.0])
def test_polynomials_go_on_into_the_next_step(ratio):
    c = RULE.places

    def force(t):
        return torch.stack([2 - t + 3 * t**4, t**6], dim=-1)

    torch.testing.assert_close(further(force(c), ratio), force(1 + ratio * c), rtol=1e-9, atol=1e-9)
