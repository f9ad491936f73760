"""What eigenvalues are said to be off by, and which scale of a basis they are asked of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pinnsolve import eigenmodes
from pinnsolve.problems.spectra import SPECTRA
from pinnsolve.strategies import spectrum
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


def test_a_scale_whose_last_mode_is_no_mode_is_not_chosen(monkeypatch):
    """The steepest of five has a complex last value, which leaves no residual that could be asked:
    the first mode is asked, too. (Forty modes of a square were off by 2e-5.)
    """
    problem, _ = SPECTRA["clamped_beam"]()
    plain, calls = spectrum.nearest_eigenvalues, []

    def split(rows, powers, count):
        m, c = plain(rows, powers, count)
        calls.append(count)
        return np.append(m[:-1], m[-1] * (1 + 1e-3j)) if len(calls) == 5 else m, c

    usual = eigenmodes(problem, 4)[0].history.final.basis
    monkeypatch.setattr(spectrum, "nearest_eigenvalues", split)
    assert eigenmodes(problem, 4)[0].history.final.basis == usual


def test_all_functions_are_tried_that_there_may_be(monkeypatch):
    """A doubled width was the last that was below the most: an L stagnated at 1.01e-10 with 2,024 of
    2,400, for 1e-10.
    """
    widths, plain = [], spectrum._Sounding.of_width

    def watched(self, family, width):
        widths.append(width)
        return plain(self, family, width)

    monkeypatch.setattr(spectrum._Sounding, "of_width", watched)
    monkeypatch.setattr(spectrum, "SOUNDING", replace(spectrum.SOUNDING, most=200))
    problem, _ = SPECTRA["string"]()
    eigenmodes(problem, 4, tolerance=1e-17)
    assert widths[-1] == 200
    assert widths == sorted(set(widths))
