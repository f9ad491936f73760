"""Rows against autograd of the residual; points, scales, and residuals relative to their terms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, sin

from pinnsolve import (
    Box,
    Dense,
    Graded,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    unknown,
)
from pinnsolve.compile.lower import lower
from pinnsolve.discretize.assemble import FACE_WEIGHT, assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.blocks import BlockSize
from pinnsolve.fields.building import build_space
from pinnsolve.problems import CATALOGUE
from pinnsolve.search.fit import fit
from small_problems import waves

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})


def test_assembled_rows_against_autograd_of_the_residual():
    """Each column is the derivative of the residual by its coefficient; the target is minus the
    residual at zero.
    """
    system = compile_problem(
        Problem(
            square,
            Eq(-laplacian(u) + x * v.diff(x, y) + u, sin(x)),
            Eq(v.diff(x), u),
            Eq(u, y) @ square.boundary,
        )
    )
    space = build_space(system, Dense(7, 2, "tanh"), 0)
    points = sample_points(system.problem, 20, seed=0)
    problem = assemble(system, points, space)
    for residual, p, rows, scale in zip(
        system.residuals, points, problem.slices, problem.row_scales, strict=True
    ):
        places = torch.from_numpy(p.x)

        def value(c, residual=residual, places=places):
            phi = [space.basis(places, [s.index])[0] @ c[s.unknown] for s in residual.slots]
            return residual.value(places, None, torch.stack(phi))

        jacobian = torch.autograd.functional.jacobian(
            value, torch.zeros(2, 7, dtype=torch.float64)
        ).reshape(len(places), 14)
        assert np.allclose(problem.matrix[rows] / scale, jacobian.numpy(), rtol=1e-12, atol=1e-12)
        assert np.allclose(
            problem.target[rows] / scale,
            -value(torch.zeros(2, 7, dtype=torch.float64)).detach().numpy(),
        )


def test_rows_are_scaled_by_condition():
    system = compile_problem(CATALOGUE["biharmonic"]())
    problem = assemble(
        system, sample_points(system.problem, 200, 0), build_space(system, waves(50, 5), 0)
    )
    sizes = [np.sqrt((problem.matrix[rows] ** 2).sum(axis=1).mean()) for rows in problem.slices]
    assert sizes == pytest.approx([1, FACE_WEIGHT, FACE_WEIGHT])


def test_newton_rows_of_a_nonlinear_equation():
    """Linearized at a solution in the basis' span, Newton's system is solved by that solution."""
    exact = lower([sin(x) * cos(y)], [x, y])
    problem = Problem(
        square, Eq(laplacian(u) + u**2, -2 * sin(x) * cos(y) + (sin(x) * cos(y)) ** 2)
    )
    system = compile_problem(problem)
    space = build_space(system, waves(150, 3), 0)
    points = sample_points(problem, 450, 0)
    places = torch.from_numpy(points[0].x)
    values = space.basis(places, [(0, 0)])[0].detach()
    c = torch.linalg.lstsq(
        values, exact(places.T, len(places))[0][:, None], driver="gelsd"
    ).solution[:, 0]
    linearized = assemble(system, points, space, c)
    assert np.abs(linearized.matrix @ c.numpy() - linearized.target).max() < 1e-8


def test_points_follow_thin_neurons():
    system = compile_problem(CATALOGUE["convection_diffusion_1e3"]())
    graded, plain = (
        build_space(system, d, 0)
        for d in (Dense(200, initialize=Graded(1e-3, {"x": 1})), waves(200, 5))
    )
    near = [(collocation_points(system, space, 0)[0].x > 0.99).mean() for space in (graded, plain)]
    assert near[0] > 0.2
    assert near[1] < 0.02


def test_relative_residuals_do_not_depend_on_scaling():
    """The same problem in other units: the residual against the equation's own terms stays the
    same.
    """
    found = []
    for factor in (1, 10**6):
        scaled = Problem(
            square, Eq(-factor * laplacian(u), factor * exp(x)), Eq(u, 0) @ square.boundary
        )
        system = compile_problem(scaled)
        f = fit(system, waves(60, 6), 0)
        found.append(relative_residuals(system, f.field, 5))
    assert found[0] == pytest.approx(found[1], rel=1e-3)
    assert relative_residuals(system, f.expansion.with_coefficients(0 * f.coefficients), 5)[
        0
    ] == pytest.approx(1)


def test_residual_of_laplaces_equation_is_judged_by_its_terms():
    """u_xx + u_yy = 0 has a small sum of large terms; a harmonic fit is good, though its Laplacian
    is all error.
    """
    problem = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: exp(x) * sin(y)})
    assert fit(compile_problem(problem), waves(200, 3), 0).residual < 1e-8


def test_evaluate_in_blocks_agrees_with_one_block(monkeypatch):
    system = compile_problem(CATALOGUE["stokes"]())
    found = fit(system, waves(50, 5), 0)
    points = np.random.default_rng(0).random((100, 2))
    whole = found.field.derivatives(points, [(0, 0), (1, 0)])
    monkeypatch.setattr("pinnsolve.fields.blocks.BLOCK_SIZE", BlockSize(bytes=8 * 50 * 2 * 7))
    in_blocks = found.field.derivatives(points, [(0, 0), (1, 0)])
    # BLAS sums in another order for other shapes: round-off is that of the sum of absolute terms.
    assert float((in_blocks - whole).abs().max()) < 1e-15 * 5 * float(
        found.coefficients.abs().sum()
    )
