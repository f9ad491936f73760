"""The study of composite problems beside other packages: what it holds, and rows again."""

from __future__ import annotations

import pytest

from results import composite_peers
from results.composite_peers_report import first_places, points, quickest
from results.peer_problems import COMPOSITE_PROBLEMS
from results.writing import read_csv


def rows():
    return read_csv(composite_peers.CSV, composite_peers.Row)


def again(problem, package, size):
    """A row, and what its script says now."""
    (job,) = (
        j
        for j in composite_peers.jobs()
        if (j.problem, j.package, j.size) == (problem, package, size)
    )
    (row,) = (
        r for r in rows() if (r.problem, r.package, r.size, r.run) == (problem, package, size, 0)
    )
    return row, next(job.rows())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("package", "size"), [("patches", "4, n = 12"), (composite_peers.CELLS, "2 x 2 x 300")]
)
def test_rows_can_be_reproduced(package, size):
    """Those that need no other package."""
    row, now = again("varying_plate", package, size)
    assert now.error < 2 * row.error
    assert now.unknowns == row.unknowns


def test_the_table_is_whole():
    """Whatever was to be measured was, as often; nothing else stands there."""
    found = rows()
    assert {r.problem for r in found} == set(COMPOSITE_PROBLEMS)
    there = {(r.problem, r.package, r.size) for r in found}
    wanted = {(j.problem, j.package, j.size) for j in composite_peers.jobs()}
    assert there >= wanted
    assert {package for _, package, _ in there - wanted} == {composite_peers.JAX_AGAIN}
    for key in there:
        times = sum((r.problem, r.package, r.size) == key for r in found)
        assert times == (1 if key[1] == composite_peers.JAX else composite_peers.RUNS), key


def test_nothing_is_met_and_wrong():
    met = [r for r in rows() if r.note == "met"]
    assert len(met) > 10
    assert all(r.error <= 3 * float(r.size) for r in met)


def test_losses_are_told():
    """What the page says: in squares patches are quicker at every error; and bold is the least."""
    found = points(rows())
    for problem in composite_peers.PATCHES:
        mine = [p for p in found if p.problem == problem]
        taken = quickest(mine, 1e-6)
        assert min(taken, key=taken.get) == "patches", problem
    line = first_places(
        [p for p in found if p.problem == "varying_plate"], composite_peers.PACKAGES
    ).splitlines()[3]
    assert line.count("**") == 2
