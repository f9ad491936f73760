"""The page on eigenvalues, and one of its rows again."""

from __future__ import annotations

from statistics import median

import numpy as np

from pinnsolve.problems.spectra import SPECTRA
from results import spectra
from study_tables import committed


def test_eigenvalues_are_as_exact_as_they_say():
    rows = committed("spectra.csv")
    asked = {(name, str(seed)) for name in SPECTRA for seed in spectra.seeds_of(name)}
    assert {(r["problem"], r["seed"]) for r in rows} == asked
    for name in SPECTRA:
        mine = [r for r in rows if r["problem"] == name]
        asked = spectra.TOLERANCES.get(name, 1e-8)
        assert median(float(r["error"]) for r in mine) < max(1e-8, asked)
        assert all(float(r["error"]) < 30 * float(r["uncertainty"]) + 1e-12 for r in mine)
    again = spectra.row("clamped_beam", 0)
    assert again.error < 1e-9
    assert again.stopped == "met"


def test_one_that_is_missing_is_an_error():
    """Of a pair, too: the next one does not stand in its place."""
    known = SPECTRA["square_drum"]()[1]
    found = np.array(known[:13])
    assert spectra.error_of(found[:12], known) == 0
    assert spectra.error_of(np.delete(found, 1), known) > 0.1
