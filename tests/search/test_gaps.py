"""What two fits promise is no more than the condition that gained least, and the values where
materials meet, allow.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sympy import Eq, Integer, Rational

from pinnsolve import (
    Box,
    Functions,
    Problem,
    by_region,
    coordinates,
    divergence,
    gradient,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.measure import gap, relative_residuals
from pinnsolve.fields.expansion import Expansion
from pinnsolve.search.agreement import CAUTION, compared
from pinnsolve.search.fit import fit
from pinnsolve.search.task import Outcome

(x,) = coordinates("x")
U = unknown("u", x)
ROD, RIGHT = Box({x: (-1, 1)}), Box({x: (0, 1)})
EXACT = by_region({ROD - RIGHT: x, RIGHT: x / 1000})
K = by_region({ROD - RIGHT: 1, RIGHT: 1000})
ENDS = (Eq(U(-1), -1), Eq(U(1), Rational(1, 1000)))
SYSTEM = compile_problem(Problem(ROD, Eq(divergence(K * gradient(U)), 0), *ENDS))
# Of x / 1000 on the right, about its mean.
VARIES = 1e-3 / np.sqrt(12)
LEVEL = 1e-6


def off_by(left: float, right: float, *residuals: float):
    """A fit of straight lines with given residuals, whose slope on the left is off and whose values
    on the right are.
    """
    made = fit(SYSTEM, Functions(Integer(1), x), 0)
    lines = torch.tensor([0, 1.0 + left, right, 1e-3]).double()
    return replace(made, field=Expansion(made.expansion.space, lines), residuals=residuals)


def promised(better, worse):
    return compared(SYSTEM, Outcome(better, float("nan"), 0, "stagnated"), worse).estimate


def test_a_gap_is_relative_to_the_unknown_that_varies_less():
    field = off_by(0, LEVEL, 0.0).field
    assert gap(SYSTEM, field, 0) == pytest.approx(LEVEL / VARIES, rel=0.05)
    *others, at_its_end = sorted(relative_residuals(SYSTEM, field, 0))
    assert max(others) < 0.01 * at_its_end
    assert gap(compile_problem(Problem(ROD, Eq(U.diff(x, 2), 0), *ENDS)), field, 0) == 0.0


def test_the_better_fit_promises_no_more_than_its_gap_fell_by():
    """A thousandth of the residual, and half of the gap: as much as the two differ by."""
    better, worse = off_by(0, LEVEL, 1e-9), off_by(0, 2 * LEVEL, 1e-6)
    assert promised(better, worse) == pytest.approx(LEVEL / VARIES, rel=0.05)


def test_a_gap_far_below_the_difference_costs_so_many_times_itself():
    better, worse = off_by(0, LEVEL, 1e-9), off_by(0.5, LEVEL, 1e-6)
    assert promised(better, worse) == pytest.approx(CAUTION.across * LEVEL / VARIES, rel=0.05)


def test_the_condition_that_fell_least_costs_so_many_times_what_is_left_of_it():
    """The largest residual falls by a million, another one not at all."""
    better, worse = off_by(0, 0, 1e-9, 1e-6), off_by(0.5, 0, 1.0, 1e-6)
    assert promised(better, worse) == pytest.approx(CAUTION.across * 1e-6, rel=0.05)
