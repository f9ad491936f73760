"""Assembly and least squares against oracles; residuals, null spaces, choice and growth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import (
    Box,
    Dense,
    Graded,
    Interval,
    Problem,
    Waves,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    unknown,
)
from pinnsolve.coefficients.least_squares import RIDGE, least_squares
from pinnsolve.compile.lower import lower
from pinnsolve.discretize.assemble import FACE_WEIGHT, assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.problems import CATALOGUE
from pinnsolve.search.fit import fit
from pinnsolve.search.null_space import null_space_dimension
from pinnsolve.search.scales import natural_wavenumber

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})


def waves(width, scale):
    return Dense(width, activation="sin", initialize=Waves(scale))


def augmented(matrix, target):
    return np.asfortranarray(np.column_stack([matrix, target]))


def well_conditioned(rows=300, columns=40):
    generator = np.random.default_rng(0)
    return generator.standard_normal((rows, columns)) * np.logspace(
        -6, 6, columns
    ), generator.standard_normal(rows)


def test_least_squares_against_lapack():
    matrix, target = well_conditioned()
    norms = np.linalg.norm(
        matrix, axis=0
    )  # without equilibration the oracle itself loses ten digits
    oracle = (
        torch.linalg.lstsq(
            torch.from_numpy(matrix / norms), torch.from_numpy(target), driver="gelsd"
        ).solution.numpy()
        / norms
    )
    solved = least_squares(augmented(matrix, target))
    assert np.abs((solved.coefficients - oracle) / oracle).max() < 1e-9
    assert solved.residual == pytest.approx(np.linalg.norm(matrix @ oracle - target), rel=1e-12)
    assert solved.rank == pytest.approx(40, abs=1e-6)


def test_condition_estimate_against_the_inverse():
    matrix, target = well_conditioned()
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    r = np.linalg.qr(scaled, mode="r")
    oracle = np.linalg.cond(r, 1)
    assert oracle / 3 < least_squares(augmented(matrix, target)).condition < 3 * oracle


@pytest.mark.parametrize("decay", [12, 18, 25])
def test_rank_counts_singular_values_above_the_ridge(decay):
    """Against the SVD of the column-scaled matrix; the random rotation keeps the columns alike in
    norm.
    """
    generator = np.random.default_rng(1)
    left, right = (np.linalg.qr(generator.standard_normal((n, 60)))[0] for n in (200, 60))
    matrix = left * np.logspace(0, -decay, 60) @ right.T
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    s = np.linalg.svd(scaled, compute_uv=False)
    oracle = (s**2 / (s**2 + (RIDGE * s[0]) ** 2)).sum()
    solved = least_squares(augmented(matrix, left[:, 0].copy()))
    assert solved.rank == pytest.approx(oracle, abs=1)
    assert np.linalg.norm(matrix @ solved.coefficients - left[:, 0]) < 1e-12


def test_rank_deficient_gives_small_coefficients():
    """Duplicate columns: the ridge shares the load evenly, as the minimum norm solution does, but
    for round-off / ridge.
    """
    generator = np.random.default_rng(2)
    half = generator.standard_normal((100, 10))
    target = half @ generator.standard_normal(10)
    solved = least_squares(augmented(np.hstack([half, half]), target))
    oracle = np.linalg.lstsq(half, target, rcond=None)[0]
    assert solved.coefficients[:10] == pytest.approx(oracle / 2, rel=0.05)
    assert solved.rank == pytest.approx(10, abs=0.1)


def test_least_squares_mistakes():
    with pytest.raises(ValueError, match="3 rows for 5 columns"):
        least_squares(np.ones((3, 6), order="F"))
    with pytest.raises(ValueError, match="not finite"):
        least_squares(np.full((5, 4), np.nan, order="F"))
    zero = least_squares(augmented(np.zeros((5, 3)), np.ones(5)))
    assert zero.coefficients.tolist() == [0, 0, 0]


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


def neumann():
    return Problem(
        square,
        Eq(-laplacian(u), 0),
        *[Eq(u.diff(c), 0) @ square.at(**{c.name: e}) for c in (x, y) for e in (0, 1)],
    )


def initial_only():
    w = unknown("w", x, t)
    return Problem(
        Box({x: (0, 1), t: (0, 1)}),
        Eq(w.diff(t, 2), w.diff(x, 2)),
        Eq(w(0, t), 0),
        Eq(w(1, t), 0),
        Eq(w(x, 0), 0),
    )


def beam_without_a_clamp():
    rod, w = Interval(x, 0, 1), unknown("w", x)
    return Problem(rod, Eq(w.diff(x, 4), 1), Eq(w(0), 0), Eq(w.diff(x, 2), 0) @ rod.boundary)


def eigenvalue(k):
    return lambda: Problem(
        square, Eq(-laplacian(u) - (k * pi) ** 2 * u, 0), Eq(u, 0) @ square.boundary
    )


NULL_SPACES = {
    "Neumann": (neumann, waves(200, 4), 1),
    "beam, one support": (beam_without_a_clamp, waves(60, 4), 1),
    "Laplace without conditions": (lambda: Problem(square, Eq(laplacian(u), 0)), waves(200, 4), 8),
    "wave without initial velocity": (initial_only, waves(800, 22), 8),
    "Helmholtz, 10 pi: 6, 8 and 8, 6": (eigenvalue(10), waves(900, 24), 2),
    "Helmholtz, sqrt(2) pi": (eigenvalue(2 ** Rational(1, 2)), waves(300, 5), 1),
    "Helmholtz, 9 pi": (eigenvalue(9), waves(900, 24), 0),
    "Poisson": (CATALOGUE["poisson_2d"], waves(300, 4), 0),
    "layer": (
        CATALOGUE["convection_diffusion_1e3"],
        Dense(200, initialize=Graded(1e-3, {"x": 1})),
        0,
    ),
    "plate": (CATALOGUE["biharmonic"], waves(300, 5), 0),
    "Stokes": (CATALOGUE["stokes"], waves(200, 5), 0),
    "advection": (CATALOGUE["advection_30"], waves(400, {"x": 7, "t": 31}), 0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NULL_SPACES)
@pytest.mark.parametrize("seed", [0, 1])
def test_null_space_dimension(name, seed):
    make, declared, dimension = NULL_SPACES[name]
    system = compile_problem(make())
    assert null_space_dimension(system, fit(system, declared, seed)) == dimension


def test_natural_wavenumber_is_read_off_the_equation():
    assert natural_wavenumber(compile_problem(CATALOGUE["helmholtz_9pi"]())) == pytest.approx(
        9 * np.pi
    )
    assert natural_wavenumber(
        compile_problem(CATALOGUE["convection_diffusion_1e3"]())
    ) == pytest.approx(1000)
    assert natural_wavenumber(compile_problem(CATALOGUE["poisson_2d"]())) == 0


def test_evaluate_in_blocks_agrees_with_one_block(monkeypatch):
    system = compile_problem(CATALOGUE["stokes"]())
    found = fit(system, waves(50, 5), 0)
    points = np.random.default_rng(0).random((100, 2))
    whole = found.field.derivatives(points, [(0, 0), (1, 0)])
    monkeypatch.setattr("pinnsolve.fields.blocks.BLOCK_BYTES", 8 * 50 * 2 * 7)
    in_blocks = found.field.derivatives(points, [(0, 0), (1, 0)])
    # BLAS sums in another order for other shapes: round-off is that of the sum of absolute terms.
    assert float((in_blocks - whole).abs().max()) < 1e-15 * 5 * float(
        found.coefficients.abs().sum()
    )


def large_system():
    problem = CATALOGUE["poisson_2d"]()
    system = compile_problem(problem)
    return system, build_space(system, waves(1500, 14), 0), sample_points(problem, 11_500, 0)


# getrusage's maximum is inherited from the parent process; the kernel's high-water mark of this
# address space is not.
PEAK = """
import re, sys
sys.path.insert(0, {tests!r})
from test_train import large_system, assemble, least_squares
def high_water():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status", encoding="utf-8").read())[1])
system, space, points = large_system()
small = assemble(system, [type(p)(p.x[:50], p.normals, p.weights[:50]) for p in points], space)
before = high_water()
problem = assemble(system, points, space)
least_squares(problem.augmented)
print((high_water() - before) * 1024 / problem.matrix.nbytes)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").is_file(),
    reason="the high-water mark is read where Linux keeps it",
)
def test_peak_memory_of_assembly_and_solve():
    """At most 2.5 times the matrix, by the operating system's account of a process of its own."""
    script = PEAK.format(tests=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 1 < float(done.stdout) < 2.5
