"""Rows that are evaluated in blocks, turned onto a triangle or sketched: against the QR of the
matrix, and LAPACK.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import cos, exp

from pinnsolve import Box, Dense, Waves, coordinates, laplacian, manufactured, unknown
from pinnsolve.coefficients import least_squares as module
from pinnsolve.coefficients.least_squares import LeastSquares, least_squares, streamed_least_squares
from pinnsolve.coefficients.sketch import SKETCHING, sketch_of, sketched_least_squares
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize import streamed
from pinnsolve.discretize.assemble import NotFiniteError, assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.discretize.streamed import Streamed
from pinnsolve.fields.arrays import tensor_of
from pinnsolve.fields.building import build_space
from pinnsolve.fields.expansion import Expansion
from pinnsolve.search.fit import unheard
from rank_threads import on_threads

x, y = coordinates("x y")
u, v = unknown("u", x, y), unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})
EXACT = cos(7 * x + 3 * y) + exp(x)
helmholtz = manufactured(square, laplacian(u) + 40 * u, u @ square.boundary, exact={u: EXACT})
# Two unknowns, and rows of unlike sizes.
pair = manufactured(
    square,
    laplacian(u) - 0.1 * v,
    laplacian(v) + 5 * u,
    u @ square.boundary,
    v @ square.boundary,
    exact={u: EXACT, v: 30 * x * cos(y)},
)
WAYS = [streamed_least_squares, sketched_least_squares]


def posed(problem, width, scale, factors=None):
    system = compile_problem(problem)
    space = build_space(system, Dense(width, activation="sin", initialize=Waves(scale)), 0)
    points = collocation_points(system, space, 1)
    if factors is not None:
        points = tuple(replace(p, factors=factors(len(p.x))) for p in points)
    return system, points, space


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(streamed, "BLOCK_ROWS", replace(streamed.BLOCK_ROWS, cpu=50))


@pytest.mark.parametrize("problem", [helmholtz, pair], ids=["one", "two"])
@pytest.mark.parametrize("factors", [None, lambda n: np.linspace(0.1, 3.0, n)])
def test_blocks_are_the_rows_of_the_matrix(problem, factors, small_blocks):
    posing = posed(problem, 30, 4.0, factors)
    rows = Streamed.of(*posing)
    found = torch.cat([block.clone() for block in rows.blocks()])
    matrix = tensor_of(assemble(*posing).augmented)
    assert (found[:, :-1] * rows.norms - matrix[:, :-1]).abs().max() < 1e-14 * rows.norms.max()
    assert (found[:, -1] * rows.unit - matrix[:, -1]).norm() < 1e-14 * matrix[:, -1].norm()
    assert torch.allclose(found[:, :-1].norm(dim=0), torch.ones(len(rows.norms)).double())
    assert rows.size == pytest.approx(float(found[:, -1].norm()))
    assert rows.rows == len(matrix)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("problem", [helmholtz, pair], ids=["one", "two"])
def test_a_resolved_solution_is_as_accurate(way, problem, small_blocks):
    """Condition 1e17: normal equations have an error of 1e-9."""
    system, points, space = posed(problem, 300, 7.0)
    stored = least_squares(assemble(system, points, space).augmented)
    assert stored.condition > 1e15
    found = way(Streamed.of(system, points, space))
    at = np.random.default_rng(0).random((500, 2))
    exact = [problem.exact[unknown] for unknown in problem.unknowns]
    errors = []
    for solved in (stored, found):
        values = Expansion(space, torch.from_numpy(solved.coefficients)).values(at).numpy()
        for k, formula in enumerate(exact):
            told = np.array([float(formula.subs({x: a, y: b})) for a, b in at[:50]])
            errors.append(np.linalg.norm(values[k][:50] - told) / np.linalg.norm(told))
    by_qr, by_blocks = np.split(np.array(errors), 2)
    assert (by_blocks < 3 * by_qr + 1e-14).all(), errors
    assert (by_qr < 1e-11).all()
    assert found.rank == pytest.approx(stored.rank, rel=0.02)
    assert stored.condition / 30 < found.condition < 30 * stored.condition
    assert found.residual < 3 * stored.residual + 1e-14 * stored.target
    assert found.target == pytest.approx(stored.target, rel=1e-12)
    assert found.rows == stored.rows


@pytest.mark.parametrize("way", WAYS)
def test_well_conditioned_coefficients_are_lapacks(way, small_blocks):
    """Seven functions that do not hold the solution: a residual of one half is the least there
    is.
    """
    system, points, space = posed(helmholtz, 7, 6.0)
    problem = assemble(system, points, space)
    oracle = np.linalg.lstsq(problem.matrix, problem.target)[0]
    left = np.linalg.norm(problem.matrix @ oracle - problem.target)
    found = way(Streamed.of(system, points, space))
    assert np.abs(found.coefficients - oracle).max() < 1e-10 * np.abs(oracle).max()
    assert found.residual == pytest.approx(left, rel=1e-10)
    r = found.factor.triangle
    scaled = tensor_of(problem.matrix.copy()) / found.norms
    assert (r.T @ r - scaled.T @ scaled).abs().max() < 1e-13


def test_a_sketch_keeps_lengths(small_blocks):
    rows = Streamed.of(*posed(helmholtz, 60, 12.0))
    whole = torch.cat([block.clone() for block in rows.blocks()])
    sketch = sketch_of(rows, 0)
    assert sketch.shape == (SKETCHING.rows * rows.columns, rows.columns + 1)
    triangle = torch.linalg.qr(sketch[:, :-1]).R
    ratios = torch.linalg.svdvals(
        torch.linalg.solve_triangular(triangle, whole[:, :-1], upper=True, left=False)
    )
    assert 0.3 < ratios.square().min() < ratios.square().max() < 12
    assert torch.equal(sketch, sketch_of(rows, 0))
    assert not torch.equal(sketch, sketch_of(rows, 1))


@pytest.mark.parametrize("way", WAYS)
def test_where_functions_do_not_hold_the_solution_larger_ridges_compete(way, small_blocks):
    system, points, space = posed(helmholtz, 200, 60.0)
    solved = []
    for found in (
        LeastSquares()(system, points, space, unheard).solved,
        way(Streamed.of(system, points, space), lambda: module.held_out_rows(system, space)),
    ):
        solved.append(found)
    stored, blocks = solved
    assert blocks.rank == pytest.approx(stored.rank, rel=1e-3)
    # The ridge of a sketch is that of its own norm, which is a little larger or smaller.
    assert np.linalg.norm(blocks.coefficients) == pytest.approx(
        np.linalg.norm(stored.coefficients), rel=0.1
    )
    assert blocks.residual == pytest.approx(stored.residual, rel=1e-2)


def test_wide_problems_are_streamed_and_ranks_agree(monkeypatch, small_blocks):
    system, points, space = posed(helmholtz, 300, 7.0)
    stored = LeastSquares()(system, points, space, unheard)
    monkeypatch.setattr(module, "STREAMING", replace(module.STREAMING, columns=299))
    monkeypatch.setattr(module, "assemble", None)  # no matrix is made

    def work(ranks):
        return LeastSquares(ranks)(system, points, space, unheard)

    at = np.random.default_rng(0).random((500, 2))
    values = Expansion(space, stored.coefficients).values(at)
    alone, *shared = work(module.ALONE), *on_threads(2, work), *on_threads(5, work)
    for found in (alone, *shared):
        apart = Expansion(space, found.coefficients).values(at) - values
        assert apart.abs().max() < 1e-12 * values.abs().max()
    assert torch.equal(shared[0].coefficients, shared[1].coefficients)


def test_mistakes(monkeypatch):
    system, points, space = posed(helmholtz, 40, 4.0)
    few = tuple(p.taken(np.arange(5)) for p in points)
    for way in WAYS:
        with pytest.raises(ValueError, match="10 rows for 40 columns"):
            way(Streamed.of(system, few, space))
    poisoned = tuple(replace(p, x=np.where(p.x < 0.5, np.nan, p.x)) for p in points)
    with pytest.raises(NotFiniteError, match="not finite on the collocation points"):
        Streamed.of(system, poisoned, space)


class Given:
    """Rows that are there, in blocks."""

    def __init__(self, matrix, target):
        self.norms = torch.from_numpy(np.linalg.norm(matrix, axis=0))
        self.norms[self.norms == 0] = 1.0
        self.whole = torch.from_numpy(np.column_stack([matrix / self.norms.numpy(), target]))
        self.rows, self.columns = matrix.shape
        self.unit, self.size = 1.0, float(np.linalg.norm(target))

    def blocks(self):
        yield from (block.clone() for block in self.whole.split(37))


@pytest.mark.parametrize("way", WAYS)
def test_columns_that_are_zero_or_equal_share(way):
    generator = np.random.default_rng(4)
    half = generator.standard_normal((200, 20))
    half[:, 3] = 0.0
    target = half @ generator.standard_normal(20)
    found = way(Given(np.hstack([half, half]), target))
    first, second = np.split(found.coefficients, 2)
    # The ridge, at round-off, decides: to two digits.
    assert first == pytest.approx(second, abs=0.05)
    assert first[3] == 0.0
    assert half @ (first + second) == pytest.approx(target, abs=1e-12 * np.linalg.norm(target))
    assert found.rank == pytest.approx(19, abs=0.2)
    assert found.condition > 1e15
