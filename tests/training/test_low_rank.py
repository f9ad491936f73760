"""Functions of low rank are trained from several starts, since most end in a bad minimum."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sympy import Rational, exp

from pinnsolve import Box, Budget, Dense, coordinates, laplacian, manufactured, unknown
from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.compile.system import compile_problem
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.running.stop import Stop
from pinnsolve.search import agreement
from pinnsolve.search.families.family import Family
from pinnsolve.search.families.separable import variants
from pinnsolve.search.fit import fit
from pinnsolve.search.grow import _best_of
from pinnsolve.search.task import Outcome, Task
from pinnsolve.solution.judging import error_on_points
from pinnsolve.training.low_rank import FactorDescent, LowRankFit, _exchanged

FIVE = coordinates("x y z p q")
BOX = Box(dict.fromkeys(FIVE, (0, 1)))
U = unknown("u", *FIVE)


def products():
    """A sum of four products, which no three are."""
    x, y, z, p, q = FIVE
    exact = (x - Rational(1, 3)) ** 2 * y**3 - 2 * y * z**2 + exp(q) * p**2 * x - 3 * z**3 * q
    return compile_problem(manufactured(BOX, -laplacian(U), U @ BOX.boundary, exact={U: exact}))


def begun(*left, took=0.0, seconds=math.inf):
    method = LowRankFit(budget=Budget(seconds, start=0.0, clock=lambda: 0.0))
    return method._begins(left, took)


def test_starts_go_on_until_one_has_arrived_or_two_have_found_the_same_least():
    assert all((begun(), begun(3e-4), begun(3e-4, 2e-4)))
    assert not begun(1e-7)
    assert not begun(2e-4, 5e-3, 2.01e-4)
    assert begun(2e-4, 5e-3, 5.01e-3)
    assert not begun(*np.linspace(1e-4, 2e-4, FactorDescent().starts))


def test_where_all_starts_lead_astray_or_take_long_no_more_begin():
    assert begun(0.3, 0.3)
    assert not begun(0.3, 0.2, 0.4)
    assert begun(3e-4, 2e-4, 1e-4, took=1.0, seconds=30.0)
    assert not begun(3e-4, 2e-4, 1e-4, took=4.0, seconds=30.0)


def test_one_product_is_exchanged_and_the_others_stay():
    before, other = torch.zeros(5, 3, 4), torch.ones(5, 3, 4)
    after = _exchanged(before, other, 1)
    assert after[:, 1].eq(1).all()
    assert after[:, [0, 2]].eq(0).all()
    assert before.eq(0).all()


@pytest.mark.slow
def test_of_more_products_than_there_are_most_seeds_find_them():
    """And so a fit is checked by one product more, not by fewer."""
    system = products()
    found = [fit(system, LowRank(6, 7), seed, goal=1e-8).residual for seed in range(5)]
    assert sum(residual < 1e-6 for residual in found) >= 4


def test_what_checks_a_fit_has_one_product_more_and_another_degree():
    (family,) = variants(products(), Family("waves", (), lambda _, width: Dense(width)), None)
    fitted, checking = family.of_width(480), family.checking(480, 1.4)
    assert checking == LowRank(fitted.rank + 1, fitted.degree - 1)


@pytest.fixture(scope="module")
def fits():
    """One fit, one that is nearly as good, and one of fewer products than there are."""
    system = products()
    good, near = (fit(system, LowRank(6, degree), 2, goal=1e-8) for degree in (7, 6))
    return system, good, near, fit(system, LowRank(2, 3), 0, goal=1e-8)


def drawn_in_turn(monkeypatch, *draws):
    turn = iter(draws)
    monkeypatch.setattr(agreement, "fit", lambda *_, **__: next(turn))
    return turn


def test_a_draw_that_is_far_worse_tells_of_itself_and_is_drawn_again(monkeypatch, fits):
    system, good, near, bad = fits
    assert bad.residual > agreement.CAUTION.astray * good.residual
    best = Outcome(good, math.nan, 0, "stagnated")
    drawn_in_turn(monkeypatch, bad, near)
    found = agreement.checked(Task(system, 1e-8, Budget(60), 0), best, LowRank(5, 6))
    wanted = agreement.compared(system, best, near, agreement.CAUTION.least)
    assert found.estimate == wanted.estimate


def test_draws_that_are_far_worse_are_counted(monkeypatch, fits):
    system, good, _, bad = fits
    rest = drawn_in_turn(monkeypatch, *[bad] * agreement.CAUTION.draws, None)
    best = Outcome(good, math.nan, 0, "stagnated")
    found = agreement.checked(Task(system, 1e-8, Budget(60), 0), best, LowRank(5, 6))
    assert next(rest) is None
    assert found.fit is good


@pytest.mark.slow
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_of_too_few_products_an_estimate_is_no_less_than_a_third_of_the_error(rank):
    system = products()
    for seed in range(3):
        best = Outcome(fit(system, LowRank(rank, 5), seed, goal=1e-8), math.nan, 0, "stagnated")
        task = Task(system, 1e-8, Budget(60), seed)
        found = agreement.checked(task, best, LowRank(rank + 1, 4))
        error = float(error_on_points(system, found.fit.field, None, 4000, seed))
        assert error / 3 < found.estimate


def test_a_fit_that_is_told_of_twice_does_not_agree_with_itself(fits):
    system, good, _, bad = fits
    ended = OutOfTimeError()
    alone = _best_of(system, [good, good.light()], Stop.BUDGET, ended)
    assert math.isnan(alone.estimate)
    assert _best_of(system, [good, good.light(), bad], Stop.BUDGET, ended).estimate > 0
