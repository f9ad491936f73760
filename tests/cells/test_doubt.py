"""How far a solution may be off along functions that hardly change the rows: beside eigenvalues."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from sympy import Float, cos, exp, lambdify, pi

from pinnsolve import Box, Budget, Dense, Waves, coordinates, laplacian, manufactured, unknown
from pinnsolve.cells.doubt import off_along
from pinnsolve.cells.solve import solved
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.cellwise import Cellwise
from pinnsolve.fields.tree import grid

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
WAVES = Dense(180, activation="sin", initialize=Waves(7.0))
AT = np.random.default_rng(1).random((1000, 2))


def beside(mode, distance, exact, domain=SQUARE, counts=(3, 3), at=AT):
    """The field beside an eigenvalue of the square, what was decided, and its relative error."""
    near = pi**2 * (mode[0] ** 2 + mode[1] ** 2) * (1 + Float(distance))
    problem = manufactured(domain, -laplacian(U) - near * U, U @ domain.boundary, exact={U: exact})
    tree = grid(domain.bounds, counts)
    found = solved(compile_problem(problem), tree, [WAVES] * len(tree.cells), 0, Budget())
    truth = lambdify((X, Y), exact, "numpy")(*at.T)
    left = found.field.values(at)[0].numpy() - truth
    return found, left, float(np.sqrt(np.mean(left**2)) / truth.std())


def test_the_weakest_function_is_the_mode_and_the_error_is_along_it():
    found, left, error = beside((2, 2), 1e-6, cos(5 * X + 7 * Y) + exp(X))
    mode = np.sin(2 * np.pi * AT[:, 0]) * np.sin(2 * np.pi * AT[:, 1])
    weak = Cellwise.of(found.rows.cells, [w[:, 0] for w in found.decided.weak])
    for function in (weak.values(AT)[0].numpy(), left):
        cosine = function @ mode / np.linalg.norm(function) / np.linalg.norm(mode)
        assert abs(cosine) > 0.999
    off, rounded = off_along(found.rows, found.field, [w[:, :1] for w in found.decided.weak], 5)
    assert rounded < error < off < 100 * error


def test_the_mode_of_a_part_that_no_other_sees_is_carried_down():
    """Two squares apart, of which one is beside an eigenvalue: a merge decides its mode alone."""
    other = Box({X: (2, 3.1), Y: (0, 1)})
    at = np.concatenate([AT, AT * (1.1, 1) + (2, 0)])
    found, left, error = beside((2, 2), 1e-6, cos(5 * X + 7 * Y), SQUARE | other, (6, 2), at)
    decided = found.decided
    assert decided.root == 0
    weak = decided.hardly_seen(0)
    mode = np.where(at[:, 0] > 1, 0, np.sin(2 * np.pi * at[:, 0]) * np.sin(2 * np.pi * at[:, 1]))
    function = Cellwise.of(found.rows.cells, [w[:, -1] for w in weak]).values(at)[0].numpy()
    for each in (function, left):
        assert abs(each @ mode) > 0.999 * np.linalg.norm(each) * np.linalg.norm(mode)
    assert error < off_along(found.rows, found.field, weak, 5)[0] < 100 * error


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_the_estimate_is_never_below_the_error_nor_far_above(seed):
    """Modes, distances and solutions at random; of errors above one nothing more is asked."""
    rng = random.Random(seed)
    mode = rng.randint(1, 5), rng.randint(1, 5)
    exact = cos(rng.uniform(-15, 15) * X + rng.uniform(-15, 15) * Y)
    found, _, error = beside(mode, 10 ** rng.uniform(-8, -4), exact)
    singular = found.decided.singular
    weak = max(1, min(4, int((singular < 1e-4 * singular.max()).sum())))
    off, _ = off_along(found.rows, found.field, [w[:, :weak] for w in found.decided.weak], seed)
    assert min(1.0, error) < off < 100 * error
    assert math.isfinite(error)
