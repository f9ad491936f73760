"""The model of what a pass costs."""

from __future__ import annotations

import pytest

from layers import ORDERS, network, run
from pinnsolve import MGRIT
from pinnsolve.mgrit.model import Costs, best_factors, parallel_pass, serial_pass


def test_the_model_counts_what_a_pass_costs():
    """One rank gains nothing; many gain by what is divided; by hand for two levels on four
    ranks.
    """
    costs = Costs(1.0, 2.0, 1.0, 1.0, 2.0, 0.5)
    assert serial_pass(costs, 64) == 192
    forward = 16 + (4 + 16) * 1.0 + 3 * 0.5
    back = 16 * 2.0 + (4 + 16) * 2.0 + 3 * 0.5
    assert parallel_pass(costs, 64, 4, (4,)) == pytest.approx(forward + back)
    assert parallel_pass(costs, 64, 4, (4,), reverse=2) > parallel_pass(costs, 64, 4, (4,))
    speedups = [serial_pass(Costs(), 1024) / best_factors(1024, ranks)[0] for ranks in (2, 16, 64)]
    assert [speedup > least for speedup, least in zip(speedups, (1.4, 6, 15), strict=True)] == [
        True
    ] * 3
    assert MGRIT.auto(1024, 16).factors == best_factors(1024, 16)[1]
    assert run(network(40, MGRIT.auto(40)), ORDERS[0])[0].isfinite().all()
    with pytest.raises(ValueError, match="too few for 16 ranks"):
        MGRIT.auto(32, 16)
