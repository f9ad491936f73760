"""Points that are drawn anew in a training: where residuals are, and how iterates on them are judged."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest
import torch

from pinnsolve import LBFGS, LSGD, Adam, Dense, LevenbergMarquardt, Resample, compile_problem, solve
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.loop import Validation
from pinnsolve.training.objective import Reduced
from pinnsolve.training.weighted_loss import weighted_loss
from small_losses import poisson


def test_iterates_on_points_of_their_own_are_judged_by_their_mean():
    """Noise about 1 that steps leave, and one iterate that is lucky; one that is far better than
    all before is no luck.
    """

    class Bowl:
        def judge(self, at):
            return float(((at.x - 1) ** 2 + (at.coefficients - 1) ** 2).sum())

    def at(value):
        return Iterate(
            torch.tensor([value], dtype=torch.float64),
            torch.tensor([[value]], dtype=torch.float64),
            1.0,
        )

    watch, recent = Validation(Bowl(), at(3.0), 8.0, 8.0), [at(1.5), at(0.52), at(1.4), at(0.6)]
    found = watch.after(recent[-1], recent)
    assert float(found.best.x) == float(found.best.coefficients) == pytest.approx(1.005)
    assert found.fresh == pytest.approx(2 * 0.005**2)
    assert watch.after(at(1.1), [at(1.9), at(1.9), at(1.1)]).best.x == 1.1
    assert found.after(at(1.2)).best is found.best


def test_new_points_are_drawn_where_the_residual_is():
    system = compile_problem(poisson)
    rows = weighted_loss(system, sample_points(poisson, 200, 0), build_space(system, Dense(12), 0))
    coefficients = rows.solve().coefficients
    drawn, again = (
        Resample(points=400, candidates=16).drawn(rows, coefficients, 3) for _ in range(2)
    )
    usual = sample_points(poisson, 400, 5)
    sizes = [
        rows.misfit(coefficients, (replace(p, factors=None), *usual[1:]))[:400].square().mean()
        for p in (drawn[0], usual[0])
    ]
    assert sizes[0] > 1.3 * sizes[1]
    assert [len(p.x) for p in drawn] == [len(p.x) for p in usual]
    for p, q in zip(drawn, again, strict=True):
        np.testing.assert_array_equal(p.x, q.x)
        assert p.factors is not None
        assert 0.2 < p.factors.min() <= p.factors.max() <= 1
    assemble_there = assemble(rows.system, drawn, rows.space, row_scales=rows.scales)
    plain = assemble(
        rows.system, [replace(p, factors=None) for p in drawn], rows.space, row_scales=rows.scales
    )
    factors = np.concatenate([p.factors for p in drawn])
    np.testing.assert_allclose(assemble_there.augmented, factors[:, None] * plain.augmented)


@pytest.mark.slow
@pytest.mark.parametrize(
    "descent", [Adam(1e-3), LBFGS(), LevenbergMarquardt()], ids=["adam", "lbfgs", "lm"]
)
def test_training_on_points_that_are_drawn_anew(descent):
    seen, resample = [], Resample(every=5, points=150)
    solution = solve(
        poisson, Dense(12), LSGD(40, descent, resample=resample), callbacks=[seen.append]
    )
    again = solve(poisson, Dense(12), LSGD(40, descent, resample=resample))
    assert solution.error() < solve(poisson, Dense(12)).error()
    assert float(solution.error()) == float(again.error())
    assert solution.residual() < 10
    with pytest.raises(ValueError, match="at least 1"):
        Resample(every=0)


def test_where_no_step_is_left_new_points_are_drawn():
    """Levenberg-Marquardt ends on fixed points, and goes on at others where there are others."""

    class Stuck(Reduced):
        def advanced(self, at, step):
            return replace(at, loss=math.inf)

    system = compile_problem(poisson)
    space = build_space(system, Dense(12), 0)
    for resample, steps in ((None, 0), (Resample(every=50, points=30), 4)):
        rows = weighted_loss(system, sample_points(poisson, 60, 0), space, resample=resample)
        seen, points = [], []
        for now in islice(LevenbergMarquardt().iterates(Stuck(rows), rows.solve()), 4):
            seen.append(now)
            points.append(now.points[0].x)
        assert len(seen) == steps
        assert all(not np.array_equal(a, b) for a, b in pairwise(points))
