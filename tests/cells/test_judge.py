"""What cells leave where they meet: nothing of it stands in the residuals of the equations."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, Integer, Rational, cos, exp

from pinnsolve import (
    Box,
    Dense,
    Functions,
    Interval,
    Problem,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.cells.judge import at_faces, judged, jumps_in
from pinnsolve.cells.places import rows_of
from pinnsolve.cells.spaces import cells_of
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.measure import relative_residuals
from pinnsolve.fields.cellwise import Cellwise
from pinnsolve.fields.tree import grid
from pinnsolve.search.agreement import compared
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome
from rank_threads import on_threads

(X,) = coordinates("x")
U = unknown("u", X)
LINE = Interval(X, 0, 1)


def test_the_jump_is_that_of_values_in_the_size_of_what_varies():
    """The cosine in one of two cells, nothing in the other."""
    problem = manufactured(LINE, U.diff(X, 2), U @ LINE.boundary, exact={U: cos(X)})
    whole = solve(problem, Dense(20, activation="sin", initialize=Waves(2.0)), cells=2)
    assert whole.jump < 1e-9
    first, second = (part.coefficients for part in whole.field.parts)
    half = Cellwise.of(whole.field.cells, [first, 0 * second])
    x = np.linspace(0, 1, 100_001)
    varies = np.where(x < 0.5, np.cos(x), 0.0).std()
    system = compile_problem(problem)
    assert at_faces(system, half, 0)[0] == pytest.approx(np.cos(0.5) / varies, rel=0.02)
    assert at_faces(system, fit(system, Dense(20), 0).field, 0)[0] == 0.0


X2, Y2 = coordinates("x y")
V = unknown("v", X2, Y2)


def test_the_kink_is_that_of_fluxes_in_their_own_size():
    """A tent over two cells: no residual, no jump of values, and a flux that jumps by twice its own
    size.
    """
    square = Box({X2: (0, 1), Y2: (0, 1)})
    problem = Problem(square, Eq(laplacian(V), 0), Eq(V, X2) @ square.boundary)
    system = compile_problem(problem)
    line = Functions(X2, Integer(1))
    cells = cells_of(system, grid(square.bounds, (2, 1)), [line, line], 0)
    tent = Cellwise.of(cells, [torch.tensor([c, d]).double() for c, d in ((1, 0), (-1, 1))])
    assert at_faces(system, tent, 0)[0] < 1e-14
    assert max(relative_residuals(system, tent, 0)[:1]) < 1e-14
    assert at_faces(system, tent, 0)[1] == pytest.approx(2.0)
    straight = Cellwise.of(cells, [torch.tensor([1.0, 0.0]).double()] * 2)
    assert at_faces(system, straight, 0)[1] < 1e-14


def test_a_part_of_a_face_counts_as_that_part():
    """Of one face of three cells two fifths are inside; there alone the values jump."""
    square, wall = Box({X2: (0, 3), Y2: (0, 1)}), Rational(2, 5)
    shape = square - Box({X2: (Rational(1, 2), Rational(3, 2)), Y2: (wall, 1)})
    system = compile_problem(Problem(shape, Eq(laplacian(V), 0), Eq(V, 0) @ shape.boundary))
    cells = cells_of(system, grid(square.bounds, (3, 1)), [Functions(Integer(1))] * 3, 0)
    field = Cellwise.of(cells, [torch.tensor([c]).double() for c in (0.0, 1.0, 1.0)])
    areas = np.array([0.5 + 0.5 * 0.4, 0.5 * 0.4 + 0.5 + 1.0])
    left, right = areas / areas.sum()
    assert at_faces(system, field, 0)[0] == pytest.approx(
        np.sqrt(0.4 / 1.4) / np.sqrt(left * right), rel=0.2
    )
    rows = rows_of(system, cells, 0)
    first, _, last = judged(rows, field, 0).jumps
    assert last == 0.0
    assert first == pytest.approx(np.sqrt(0.4 / 3) / np.sqrt(left * right), rel=0.2)


@pytest.mark.parametrize("size", [2, 3])
def test_ranks_share_the_faces(size):
    """Two faces: of three ranks one has none."""
    square = Box({X2: (0, 3), Y2: (0, 1)})
    problem = Problem(square, Eq(laplacian(V), 0), Eq(V, X2) @ square.boundary)
    system, line = compile_problem(problem), Functions(X2)
    cells = cells_of(system, grid(square.bounds, (3, 1)), [line] * 3, 0)
    field = Cellwise.of(cells, [torch.tensor([c]).double() for c in (1.0, 2.0, -1.0)])
    alone = at_faces(system, field, 0)
    assert min(alone) > 0.1
    assert on_threads(size, lambda ranks: at_faces(system, field, 0, ranks)) == [alone] * size


def test_second_and_third_derivatives_across_faces_of_a_plate_count_too():
    """Half of |z|^3: values, slopes and curvatures meet, and the third derivative jumps."""
    beam = Problem(LINE, Eq(U.diff(X, 4), 0), *(Eq(U(a), 0) for a in (0, 1)))
    system = compile_problem(beam)
    cube = Functions((X - Rational(1, 2)) ** 3)
    cells = cells_of(system, grid(LINE.bounds, (2,)), [cube, cube], 0)
    field = Cellwise.of(cells, [torch.tensor([c]).double() for c in (-1.0, 1.0)])
    assert at_faces(system, field, 0)[1] == pytest.approx(2.0)
    assert jumps_in(system, field, 0, [2])[0] < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_layer_that_no_cell_resolves_is_in_the_estimate(seed):
    """Cells without the layer satisfy the equation and jump where they meet, or leave of it what
    they jump by: either way the layer is named.
    """
    eps = Rational(1, 100_000)
    equation, ends = Eq(-eps * U.diff(X, 2) + U.diff(X), 1), (Eq(U(0), 0), Eq(U(1), 0))
    problem = Problem(LINE, equation, *ends, exact={U: X - exp((X - 1) / eps)})
    solution = solve(problem, cells=8, tolerance=1e-6, seed=seed)
    assert solution.error() < 10 * solution.estimate
    assert solution.stopped != "met"
    assert solution.residual() > 1e-2
    assert any("layers or waves of that size are not resolved" in s for s in solution.diagnosis())


def test_a_fit_that_jumps_is_not_the_better_one():
    problem = manufactured(LINE, U.diff(X, 2), U @ LINE.boundary, exact={U: cos(X)})
    system = compile_problem(problem)
    a, b = fit(system, Dense(12), 0), fit(system, Dense(40), 1)
    jumping = type(b)(**{**vars(b), "jump": 0.5})
    outcome = Outcome(a, float("nan"), 0, "stagnated")
    assert compared(system, outcome, b).fit is b
    assert compared(system, outcome, jumping).fit is a
    assert compared(system, Outcome(jumping, 0.0, 0, "stagnated"), jumping).estimate == 0.5


def test_of_two_fits_the_better_one_promises_no_more_than_its_jumps():
    """Residuals may fall a thousandfold, and errors as jumps do."""
    problem = manufactured(LINE, U.diff(X, 2), U @ LINE.boundary, exact={U: cos(X)})
    system = compile_problem(problem)
    a, b = fit(system, Dense(4), 0), fit(system, Dense(40), 1)
    outcome = Outcome(a, float("nan"), 0, "stagnated")
    apart = compared(system, outcome, b, 1.0).estimate
    assert compared(system, outcome, b).estimate < 0.1 * apart
    jump = 1e-3 * apart
    first, second = (type(f)(**{**vars(f), "jump": size}) for f, size in ((a, 4 * jump), (b, jump)))
    found = compared(system, Outcome(first, float("nan"), 0, "stagnated"), second)
    assert found.estimate == pytest.approx(3 / 4 * apart)
