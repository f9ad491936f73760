"""The pages on integrals and on complex unknowns, one row of each again, and what all studies
cover together.
"""

from __future__ import annotations

from itertools import product
from statistics import median

import pytest

from results import accuracy, complex_values, integral, nonlinear
from results.exact_study import SEEDS
from study_tables import committed

PAGES = {
    "integral.csv": (integral.STUDY, "neumann_of_mean_zero"),
    "complex_values.csv": (complex_values.STUDY, "helmholtz_absorbing"),
}


@pytest.mark.parametrize("file", PAGES)
def test_all_rows_of_a_page_are_met(file):
    rows, (study, quick) = committed(file), PAGES[file]
    assert {(r["problem"], r["seed"]) for r in rows} == set(
        product(study.problems, map(str, SEEDS))
    )
    for name in study.problems:
        mine = [r for r in rows if r["problem"] == name]
        assert median(float(r["error"]) for r in mine) < study.tolerance
        assert all(r["stopped"] == "met" for r in mine)
    assert study.row(quick, 0).error < study.tolerance


def test_the_studies_cover_the_catalogue():
    exact = (integral.STUDY.problems, complex_values.STUDY.problems)
    studied = {"cavity_100", "cavity_400"}.union(accuracy.GIVEN, nonlinear.ASKED, *exact)
    assert studied == set(accuracy.CATALOGUE)
