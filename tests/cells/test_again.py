"""What is condensed serves other right-hand sides: in elimination, and in Newton's method."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import cos, exp, sin

from oracles import generator
from pinnsolve import (
    Box,
    Budget,
    Dense,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    unknown,
)
from pinnsolve.basis.initialize import Waves
from pinnsolve.cells import eliminate, solve
from pinnsolve.cells.eliminate import Elimination, Held, Raw, Trace, again
from pinnsolve.cells.frames import linearized
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.spaces import cells_of
from pinnsolve.discretize.changes import difference
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.places import quadrature
from pinnsolve.discretize.points import Points
from pinnsolve.fields.tree import grid
from random_cells import chain_of_cells, normal
from rank_threads import on_threads

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})


def other(raw, of):
    """The same rows with other right-hand sides."""
    traces = {k: Trace(t.matrix, normal(len(t.offset), of=of)) for k, t in raw.traces.items()}
    return Raw(raw.rows, normal(len(raw.target), of=of), traces)


def only_sides(raw):
    return again(raw.target, {key: trace.offset for key, trace in raw.traces.items()})


def close(found, wanted):
    pairs = zip(found.coefficients, wanted.coefficients, strict=True)
    return max(float((a - b).abs().max()) for a, b in pairs) < 1e-9


@pytest.fixture
def condensed(monkeypatch):
    """How often something was condensed."""
    calls, original = [], eliminate.condensation

    def counted(*given):
        calls.append(given)
        return original(*given)

    monkeypatch.setattr(eliminate, "condensation", counted)
    return calls


@pytest.mark.parametrize("counts", [(1, 1), (3, 2)])
def test_other_targets_need_nothing_condensed(counts, condensed):
    tree, raws, sights, _ = chain_of_cells(counts)
    held, of = Held({}, {}), generator(5)
    Elimination(tree, raws.__getitem__, sights, kept=held).decided()
    changed = [other(raw, of) for raw in raws]
    wanted = Elimination(tree, changed.__getitem__, sights).decided()
    condensed.clear()
    sides = [only_sides(raw) for raw in changed]
    found = Elimination(tree, sides.__getitem__, sights, kept=held).decided()
    assert not condensed
    assert close(found, wanted)
    assert torch.equal(found.singular, wanted.singular)


def test_a_cell_that_moved_is_condensed_anew_with_what_it_is_merged_into(condensed):
    tree, raws, sights, _ = chain_of_cells((4, 2))
    held, of = Held({}, {}), generator(5)
    Elimination(tree, raws.__getitem__, sights, kept=held).decided()
    changed = [other(raw, of) for raw in raws]
    changed[5] = replace(changed[5], rows=normal(*changed[5].rows.shape, of=of))
    wanted = Elimination(tree, changed.__getitem__, sights).decided()
    condensed.clear()
    sides = [raw if k == 5 else only_sides(raw) for k, raw in enumerate(changed)]
    found = Elimination(tree, sides.__getitem__, sights, kept=held).decided()
    # The cell, and two merges below the root of eight cells.
    assert len(condensed) == 3
    assert close(found, wanted)


def test_ranks_know_again_what_others_have_condensed():
    tree, raws, sights, _ = chain_of_cells((4, 2))
    of = generator(5)
    changed = [other(raw, of) for raw in raws]
    changed[5] = replace(changed[5], rows=normal(*changed[5].rows.shape, of=of))
    wanted = Elimination(tree, changed.__getitem__, sights).decided()
    sides = [raw if k == 5 else only_sides(raw) for k, raw in enumerate(changed)]

    def work(ranks):
        held = Held({}, {})
        Elimination(tree, raws.__getitem__, sights, ranks=ranks, kept=held).decided()
        before = dict(held.parts)
        found = Elimination(tree, sides.__getitem__, sights, ranks=ranks, kept=held).decided()
        same = sum(condensed is held.parts[own][1] for own, (_, condensed) in before.items())
        return found, len(before) - same

    found = on_threads(3, work)
    assert all(close(each, wanted) for each, _ in found)
    assert sum(anew for _, anew in found) == 3


def reaction():
    """A nonlinear problem whose solution is known."""
    value = sin(3 * x) * exp(y) + cos(2 * y)
    return manufactured(square, laplacian(u) - u**3, u @ square.boundary, exact={u: value})


def test_old_slopes_lead_to_the_same_solution(monkeypatch, condensed):
    system, tree = compile_problem(reaction()), grid(square.bounds, (2, 2))
    waves = [Dense(60, 1, "sin", Waves(4.0))] * 4
    points = np.random.default_rng(0).random((50, 2))
    chord = solve.solved(system, tree, waves, 0, Budget())
    few = len(condensed)
    monkeypatch.setattr(solve, "NEWTON", replace(solve.NEWTON, far=0.0, still=0.0))
    newton = solve.solved(system, tree, waves, 0, Budget())
    assert chord.converged
    assert newton.converged
    assert few < 0.8 * (len(condensed) - few)
    apart = chord.field.values(points) - newton.field.values(points)
    assert float(apart.abs().max()) < 1e-5
    exact = np.sin(3 * points[:, 0]) * np.exp(points[:, 1]) + np.cos(2 * points[:, 1])
    assert float(np.abs(chord.field.values(points).numpy()[0] - exact).max()) < 1e-4


def test_newton_ends_where_what_is_left_is_not_seen_beside_the_residual(monkeypatch):
    system, tree = compile_problem(reaction()), grid(square.bounds, (2, 1))
    waves, steps, original = [Dense(25, 1, "sin", Waves(4.0))] * 2, [], solve.Steps.step

    def counted(*given):
        steps.append(given)
        return original(*given)

    monkeypatch.setattr(solve.Steps, "step", counted)
    early = solve.solved(system, tree, waves, 0, Budget())
    few = len(steps)
    monkeypatch.setattr(solve, "NEWTON", replace(solve.NEWTON, beside=0.0))
    late = solve.solved(system, tree, waves, 0, Budget())
    assert early.converged
    assert few < len(steps) - few
    residual = max(relative_residuals(system, late.field, 1))
    points = quadrature(system, 256, 1)
    assert 0.0 < difference(system, early.field, late.field, points) < residual / 100
    # Beside a residual that says that nothing is known it does not end.
    far = len(steps) - few
    monkeypatch.setattr(solve, "NEWTON", replace(solve.NEWTON, beside=1e-3))
    monkeypatch.setattr(solve, "relative_residuals", lambda *_, **__: (300.0,))
    solve.solved(system, tree, waves, 0, Budget())
    assert len(steps) - few - far >= far


def test_a_frame_at_its_own_field_gives_its_own_target():
    system, tree = compile_problem(reaction()), grid(square.bounds, (2, 1))
    cells = cells_of(system, tree, [Dense(20, 1, "sin", Waves(4.0))] * 2, 0)
    rows = rows_of(system, cells, 0)
    here = solve.solved(system, tree, [Dense(20, 1, "sin", Waves(4.0))] * 2, 0, Budget()).field
    raw, frames = rows.framed(0, here)
    target, offsets, moved = frames.at(here)
    assert moved == 0.0
    assert torch.allclose(target, raw.target, 0.0, 1e-13)
    assert all(torch.equal(offsets[key], raw.traces[key].offset) for key in offsets)
    # At zero the slope of u^3 is another: by 3 u^2 beside the size of the Laplacian's rows.
    (law,) = (r for r in system.residuals if not r.linear)
    p = Points(np.array([[0.3, 0.4]]), None, np.ones(1))
    frame = linearized(law, p, here, rows.units)
    assert 0.0 < frames.at(cells_field(here, 0.0))[2] < 1.0
    value = float(here.values(p.x)[0, 0])
    assert frame.at(cells_field(here, 0.0))[1] == pytest.approx(3 * value**2, rel=1e-9)


def cells_field(like, factor):
    """The field times a number."""
    parts = [part.coefficients * factor for part in like.parts]
    return type(like).of(like.cells, parts)
