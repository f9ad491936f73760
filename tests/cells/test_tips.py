"""Rows near the tips of rough corners: at all distances, each as much as it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pinnsolve import Budget, compile_problem
from pinnsolve.cells.judge import at_faces
from pinnsolve.cells.solve import solved
from pinnsolve.cells.tips import NEAR_TIPS, beside_tips, counted_on, on_face, within_tips
from pinnsolve.discretize.points import fills_domain, sample_region
from pinnsolve.discretize.rough import roughness
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.tree import faces
from pinnsolve.problems.composite import COMPOSITE
from pinnsolve.strategies.layouts import first_layout
from pinnsolve.strategies.wavelengths import waves_of
from results.composite_references import REFERENCES

SYSTEM = compile_problem(COMPOSITE["stokes_step"]())
TIP = np.array([2.0, 1.0])
CELL = np.array([[2.0, 3.0], [1.0, 2.0]])
ROUGH = roughness(SYSTEM)


def test_a_cell_with_a_tip_has_points_at_all_distances_from_it():
    law = next(r for r in SYSTEM.residuals if fills_domain(r.condition.region))
    plain = sample_region(law.condition.region, 2000, 0)
    here = ((plain.x > CELL[:, 0]) & (plain.x < CELL[:, 1])).all(axis=1)
    plain = plain.taken(np.flatnonzero(here))
    p = within_tips(law, plain, ROUGH, CELL, 0)
    added = np.linalg.norm(p.x[len(plain.x) :] - TIP, axis=1)
    assert len(added) == np.ceil(NEAR_TIPS.share * len(plain.x))
    # As many in each decade, of six.
    counts = [((added > 10.0**-k) & (added < 10.0 ** (1 - k))).mean() for k in range(1, 7)]
    assert counts == pytest.approx([1 / 6] * 6, abs=0.1)
    distance = np.linalg.norm(p.x - TIP, axis=1)
    assert p.factors == pytest.approx(np.minimum(1.0, 2 * distance) ** 1.5445, rel=1e-3)
    # Of another cell nothing changes.
    assert len(within_tips(law, plain, ROUGH, CELL + 1, 0).x) == len(plain.x)


def test_points_on_a_side_stay_on_it():
    (wall,) = {
        id(r.condition.region): r
        for r in SYSTEM.residuals
        if not fills_domain(r.condition.region)
        and (r.condition.region.bounds == [[2, 2], [1, 2]]).all()
    }.values()
    plain = sample_region(wall.condition.region, 20, 0)
    p = beside_tips(wall, plain, ROUGH, CELL, 0)
    assert len(p.x) == 40
    assert (p.x[:, 0] == 2).all()
    assert (p.x[:, 1] > 1).all()
    assert p.x[:, 1].min() < 1.01 < plain.x[:, 1].min()


def test_faces_that_end_in_a_tip_have_points_at_all_distances_from_it():
    layout = first_layout(SYSTEM, None, None, 1e-3)
    plain = np.stack([np.full(20, 2.0), np.linspace(0.01, 0.99, 20)], axis=1)
    ends, elsewhere = (
        next(f for f in faces(layout.tree) if (f.bounds == bounds).all())
        for bounds in ([[2, 2], [0, 1]], [[3, 3], [0, 1]])
    )
    x = on_face(plain, ends, ROUGH)
    distance = np.linalg.norm(x[20:] - TIP, axis=1)
    assert len(distance) == 20
    assert (x[:, 0] == 2).all()
    assert distance.min() < 1e-5
    assert distance.max() > 1e-1
    assert len(on_face(plain, elsewhere, ROUGH)) == 20
    # A pressure counts as a slope does, within half of the face from the tip.
    counted = counted_on(tensor_of(x), ends, ROUGH, [0, 1]).numpy()
    assert counted[0] == pytest.approx(np.ones(40))
    assert counted[1][20:] == pytest.approx(np.minimum(1.0, 2 * distance))


def test_rows_see_all_functions_of_cells_beside_a_tip():
    """Compared on Chebyshev's points alone, functions that differ between cells at r < 1e-3 cost
    nothing: singular values of 1e-7, and pressures at r = 1e-5 that two draws know to 0.6.
    """
    layout = first_layout(SYSTEM, None, None, 1e-3)
    parts = replace(layout, parts=(waves_of(60, 7.0),) * len(layout.parts)).declared.parts
    assert solved(SYSTEM, layout.tree, parts, 0, Budget()).condition < 1e5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_slow_flow_behind_a_step(seed):
    """Against finite elements, which are known to 8e-6. Without rows near the tip 1e-3, and values
    that jump by 1e-2.
    """
    layout = first_layout(SYSTEM, None, None, 1e-3)
    layout = replace(layout, parts=(waves_of(100, 7.0),) * len(layout.parts))
    found = solved(SYSTEM, layout.tree, layout.declared.parts, seed, Budget())
    reference = REFERENCES["stokes_step"]()
    order = [[u.name for u in SYSTEM.problem.unknowns].index(n) for n in reference.unknowns]
    values = found.field.values(reference.points).numpy()[order].T
    apart = np.linalg.norm(values - reference.values) / np.linalg.norm(reference.values)
    assert apart < 2e-5
    assert at_faces(SYSTEM, found.field, 0)[0] < 1e-5
