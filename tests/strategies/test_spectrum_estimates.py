"""What eigenvalues are said to be off by."""

from __future__ import annotations

import numpy as np
import pytest

from pinnsolve.strategies.spectrum import no_better_than_first, sizes_of, with_spread


def test_values_that_may_be_one_are_known_no_better_than_they_differ():
    values = np.array([1.0, 17.23117459, 17.23117764, 40.0])
    estimates = np.array([1e-9, 7.5e-7, 7.5e-7, 1e-6])
    spread = with_spread(values, estimates)
    assert spread == pytest.approx([1e-9, 3.05e-6, 3.05e-6, 1e-6])


def test_what_may_be_zero_is_measured_by_the_size_of_others():
    """12 +- 0.1 is known to a hundredth, among thousands too; 1e-9 +- 1e-9 is zero."""
    values, estimates = np.array([1e-9, 12.0, 3000.0]), np.array([1e-9, 0.1, 0.1])
    assert sizes_of(values, estimates, 1500.0) == pytest.approx([1500.0, 12.0, 3000.0])


def test_two_draws_that_agree_by_chance_on_a_fast_mode_are_not_believed():
    """Of a ring drum the twelfth was off by 1e-11 and said 2e-13; the slowest said 1e-11."""
    sizes = np.array([1.0, 10.0, 100.0])
    estimates = sizes * np.array([1e-11, 7e-9, 2e-13])
    found = no_better_than_first(estimates, sizes)
    assert found / sizes == pytest.approx([1e-11, 7e-9, 1e-11])
