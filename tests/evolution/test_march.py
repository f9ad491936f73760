"""Marching through slabs of time: handed-on values, lengths that are found, blow-up, interruption,
files.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, pi, sin

from pinnsolve import (
    LSGD,
    Ball,
    Box,
    Budget,
    Data,
    Dense,
    Interval,
    March,
    PointCloud,
    Problem,
    Waves,
    coordinates,
    load,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.slab import first_slab
from pinnsolve.evolution import march
from pinnsolve.evolution.chain import DoneSlab, slab_system
from pinnsolve.search.fit import fit

x, y, t = coordinates("x y t")
u = unknown("u", x, t)
w = unknown("w", t)
EXACT = sin(pi * x) * exp(-t) * cos(5 * t)


def forced(end=3):
    """Heat with a source that depends on time, so that a slab's clock matters."""
    return Problem(
        Box({x: (0, 1), t: (0, end)}),
        Eq(u.diff(t) - u.diff(x, 2), EXACT.diff(t) - EXACT.diff(x, 2)),
        Eq(u(x, 0), EXACT.subs(t, 0)),
        Eq(u(0, t), 0),
        Eq(u(1, t), 0),
        exact={u: EXACT},
    )


def wave():
    value = sin(pi * x) * cos(pi * t)
    return Problem(
        Box({x: (0, 1), t: (0, 4)}),
        Eq(u.diff(t, 2), u.diff(x, 2)),
        Eq(u(x, 0), sin(pi * x)),
        Eq(u.diff(t).subs(t, 0), 0),
        Eq(u(0, t), 0),
        Eq(u(1, t), 0),
        exact={u: value},
    )


BASIS = Dense(200, 1, "sin", Waves(6.0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("problem", "slabs"), [(forced(), 3), (wave(), 3)], ids=["forced heat", "wave"]
)
def test_equal_slabs_in_a_given_basis(problem, slabs):
    solution = solve(problem, BASIS, march=March(t, slabs))
    assert solution.declared.lengths == pytest.approx(
        [float(problem.domain.bounds[1, 1]) / slabs] * slabs
    )
    assert solution.error() < 1e-5
    assert 0.01 * solution.error() < solution.estimate < 100 * solution.error()
    assert solution.residual() < 1e-3
    assert solution.stopped == "solved"


def test_what_is_handed_on_is_the_end_of_the_slab_before():
    """Values and velocities, against the slab's own field."""
    system = compile_problem(wave())
    first = fit(slab_system(system, t, 1.25, ()), BASIS, 0)
    done = DoneSlab(1.25, first.field, BASIS, 0, first.field)
    second = slab_system(system, t, 0.5, [done])
    place = torch.linspace(0, 1, 21, dtype=torch.float64)
    start = torch.stack([place, torch.zeros(21, dtype=torch.float64)], dim=1)
    end = torch.stack([place, torch.full((21,), 1.25, dtype=torch.float64)], dim=1)
    for residual, index in ((second.residuals[1], (0, 0)), (second.residuals[2], (0, 1))):
        handed = -residual.data(start, None)
        assert torch.allclose(handed, first.field(end, [index])[0, 0], atol=1e-12)
    assert second.domain.bounds.tolist() == [[0.0, 1.0], [0.0, 0.5]]


@pytest.mark.slow
def test_automatic_slabs_meet_the_tolerance():
    solution = solve(forced(), tolerance=1e-7, march=March(t), budget=Budget(columns=1000))
    assert solution.stopped == "met"
    assert solution.error() < 1e-7
    assert sum(solution.declared.lengths) == pytest.approx(3)


def test_the_estimate_sees_errors_that_are_handed_on_and_grow():
    """w' = w - 2 exp(-t): the solution decays, and errors grow, e^16 times against it."""
    problem = Problem(
        Interval(t, 0, 8), Eq(w.diff(t), w - 2 * exp(-t)), Eq(w(0), 1), exact={w: exp(-t)}
    )
    solution = solve(problem, Dense(12, 1, "sin", Waves(2.0)), march=March(t, 8))
    in_the_first = abs(float(solution([[1.0]])[0]) - np.exp(-1))
    assert solution.error() > 100 * in_the_first
    assert 0.01 * solution.error() < solution.estimate < 100 * solution.error()


@pytest.mark.slow
def test_blow_up_ends_the_march_at_its_last_good_slab(monkeypatch):
    monkeypatch.setattr(march, "PACE", replace(march.PACE, shortest=1 / 16))
    problem = Problem(Interval(t, 0, 2), Eq(w.diff(t), w**2), Eq(w(0), 1))  # 1 / (1 - t)
    with pytest.warns(UserWarning, match=r"known up to t = 0\.[89]"):
        solution = solve(problem, tolerance=1e-6, march=March(t), budget=Budget(columns=60))
    assert solution.stopped == "blow-up"
    times = np.linspace(0, 0.8, 50)[:, None]
    assert np.abs(solution(times) * (1 - times[:, 0]) - 1).max() < 1e-5


class StopAfter:
    """Ctrl-C after so many slabs."""

    def __init__(self, slabs):
        self.left = slabs

    def __call__(self, step):
        self.left -= step.stage == "march"
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.slow
def test_an_interrupted_march_is_gone_on_with(tmp_path):
    problem = forced()
    part = solve(problem, BASIS, march=March(t, 4), callbacks=[StopAfter(2)])
    assert part.stopped == "interrupted"
    assert part.declared.lengths == (0.75, 0.75)
    early = np.stack([np.full(20, 0.4), np.linspace(0, 1.5, 20)], axis=1)
    assert np.abs(part(early) - sin_exact(early)).max() < 1e-5
    part.save(tmp_path / "part.safetensors")
    whole = solve(
        problem, BASIS, march=March(t, 4, after=load(tmp_path / "part.safetensors", problem))
    )
    assert whole.stopped == "solved"
    assert whole.declared.lengths == (0.75,) * 4
    assert np.array_equal(whole(early), part(early))
    assert whole.error() < 1e-5


def sin_exact(points):
    at, time = points.T
    return np.sin(np.pi * at) * np.exp(-time) * np.cos(5 * time)


def test_a_disk_in_time_is_cut_where_its_time_ends():
    disk = Ball({x: 0, y: 0}, 1)
    v = unknown("v", x, y, t)
    domain = disk * Interval(t, 0, 2)
    problem = Problem(
        domain, Eq(v.diff(t), v.diff(x, 2) + v.diff(y, 2)), Eq(v(x, y, 0), 1 - x**2 - y**2)
    )
    assert first_slab(problem, t, 0.5).domain.bounds[2].tolist() == [0.0, 0.5]


def test_bad_marches_are_refused():
    problem = forced()
    with pytest.raises(ValueError, match="at least one slab"):
        March(t, 0)
    with pytest.raises(ValueError, match="the coordinates are x, t"):
        solve(problem, march=March(y))
    with pytest.raises(ValueError, match="solution of a march"):
        March(t, after=solve(problem, Dense(50)))
    box = Box({x: (0, 1), t: (0, 1)})
    with pytest.warns(UserWarning, match="holds at the final t too"):
        ended = Problem(box, Eq(u.diff(t), u.diff(x, 2)), Eq(u, 0) @ box.boundary)
    with pytest.raises(ValueError, match="final time"):
        solve(ended, march=March(t))
    cloud = PointCloud({x: [0.5, 0.6], t: [0.1, 0.9]})
    measured = Problem(problem.domain, *problem.declared, Eq(u, Data([0.1, 0.2])) @ cloud)
    with pytest.raises(ValueError, match="measured data"):
        solve(measured, march=March(t))


@pytest.mark.slow
def test_a_network_is_trained_on_from_slab_to_slab(tmp_path):
    """Each slab starts from what training left of the network in the one before; nothing is
    estimated, and all is saved.
    """
    problem, seen = forced(1), []
    method = LSGD(15)
    solution = solve(problem, Dense(12), method, march=March(t, slabs=3), callbacks=[seen.append])
    assert solution.error() < solve(problem, Dense(12), march=March(t, slabs=3)).error() / 3
    assert [step.stage for step in seen].count("march") == 3
    assert len([step for step in seen if step.stage == "descent"]) > 15
    first, *_, last = (part.basis for part in solution.field.parts)
    assert (first.weights[0] - last.weights[0]).norm() < 0.5 * first.weights[
        0
    ].norm()  # trained on, not drawn anew
    solution.save(tmp_path / "s")
    points = [[0.3, 0.2], [0.5, 0.9]]
    np.testing.assert_array_equal(load(tmp_path / "s", problem)(points), solution(points))
