"""Which cells are cut, and which have more functions, by the faults that they have and had."""

from __future__ import annotations

import numpy as np
from sympy import cos, exp

from pinnsolve import Box, Dense, Waves, coordinates, laplacian, manufactured, unknown
from pinnsolve.cells.judge import Judged
from pinnsolve.compile.system import compile_problem
from pinnsolve.strategies.layouts import first_layout, refined

X, Y = coordinates("x y")
U = unknown("u", X, Y)
SQUARE = Box({X: (0, 1), Y: (0, 1)})
WAVE = cos(12 * X + 16 * Y) + exp(X)
HELMHOLTZ = manufactured(SQUARE, laplacian(U) + 400 * U, U @ SQUARE.boundary, exact={U: WAVE})
WAVES = Dense(250, activation="sin", initialize=Waves(7.0))


def test_bad_cells_are_cut_and_good_ones_have_more_functions():
    layout = first_layout(compile_problem(HELMHOLTZ), (4, 1), WAVES, 1e-4)

    def after(faults, goal=0.0, unknowns=1):
        return refined(layout, Judged(np.array(faults), np.zeros(4), 0.0), goal, unknowns)

    cut = after([1e-3, 1e-5, 1e-6, 1e-7])
    assert len(cut.parts) == 7
    richer = after([1e-7, 1e-9, 1e-9, 1e-9])
    assert [part.width for part in richer.parts] == [350, 250, 250, 250]
    assert [part.width for part in after([1e-7] * 4).parts] == [350] * 4
    assert [part.width for part in after([1e-5] * 4, goal=1e-4).parts] == [350] * 4
    assert [len(after([1e-7] * 4, 0.0, n).parts) for n in (1, 4, 5)] == [4, 4, 16]


def test_cells_which_more_functions_have_not_helped_are_cut():
    first = first_layout(compile_problem(HELMHOLTZ), (4, 1), WAVES, 1e-4)

    def after(layout, faults, goal=2e-5):
        return refined(layout, Judged(np.array(faults), np.zeros(len(faults)), 0.0), goal)

    richer = after(first, [1e-5] * 4)
    assert [part.width for part in richer.parts] == [350] * 4
    # Faults that all together are far below the goal are let be.
    small = after(richer, [9e-6, 1e-6, 2e-7, 1e-7], goal=1e-4)
    assert [part.width for part in small.parts] == [490] * 2 + [350] * 2
    # The first cell has hardly less than with 250 functions, the second a tenth; the others, whose
    # faults are small beside these, are left as they are.
    mixed = after(richer, [9e-6, 1e-6, 2e-7, 1e-7])
    assert [part.width for part in mixed.parts] == [350] * 4 + [490, 350, 350]
    # Quarters begin anew, the last cell has what it had with 250; where most have more functions,
    # a small fault that has not fallen cuts none.
    again = after(mixed, [1e-6] * 4 + [4e-7, 2e-7, 9e-6])
    assert [part.width for part in again.parts] == [490] * 4 + [600] + [490] + [350] * 4
