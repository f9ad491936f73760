"""Ctrl-C, wherever it falls, ends the whole solve with the best so far."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from sympy import Eq, sin

from pinnsolve import (
    LSGD,
    Box,
    Dense,
    Greedy,
    Interval,
    March,
    Problem,
    coordinates,
    solve,
    unknown,
)
from pinnsolve.coefficients import gauss_newton, least_squares
from pinnsolve.search import fit as fits
from small_problems import nonlinear

x, t = coordinates("x t")
u = unknown("u", x)
v = unknown("v", x, t)


def reaction():
    box = Box({x: (0, 1), t: (0, 1)})
    value = x * (1 - x) * t
    equation = Eq(v.diff(t) - v.diff(x, 2) + v**3, x * (1 - x) + 2 * t + value**3)
    return Problem(box, equation, Eq(v(x, 0), 0), Eq(v(0, t), 0), Eq(v(1, t), 0))


class CtrlC:
    """A function that is interrupted in its k-th call, and in no other."""

    def __init__(self, inner, k):
        self.inner, self.left, self.after = inner, k, 0

    def __call__(self, *arguments, **named):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        self.after += self.left < 0
        return self.inner(*arguments, **named)


WAYS = {
    "automatic": lambda: solve(nonlinear(), tolerance=1e-12),
    "given": lambda: solve(nonlinear(), Dense(30)),
    "trained": lambda: solve(nonlinear(), Dense(10), LSGD(5)),
    "march": lambda: solve(reaction(), Dense(60), march=March(t, 4)),
    "greedy": lambda: solve(nonlinear(), Dense(30), grow=Greedy(60, 3)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("k", [1, 2, 3, 5, 8])
def test_no_call_follows_an_interrupt(way, k, monkeypatch):
    """In Newton's method, wherever it is: nothing more is assembled, and what there is comes
    back.
    """
    held = CtrlC(gauss_newton.assemble, k)
    monkeypatch.setattr(gauss_newton, "assemble", held)
    try:
        solution = WAYS[way]()
    except KeyboardInterrupt:
        assert held.after == 0
        return
    assert held.left > 0 or (solution.stopped == "interrupted" and held.after == 0)


def test_a_single_solve_that_is_interrupted_gives_its_first_functions(monkeypatch):
    linear = Problem(Interval(x, 0, 1), Eq(-u.diff(x, 2), sin(3 * x)), Eq(u(0), 0), Eq(u(1), 0))
    monkeypatch.setattr(least_squares, "assemble", CtrlC(least_squares.assemble, 1))
    solution = solve(linear, Dense(300))
    assert solution.stopped == "interrupted"
    assert solution.residual() < 1e-3
    assert int((solution.coefficients != 0).sum()) <= 120


def test_a_march_that_is_interrupted_in_its_first_fit_has_a_report(monkeypatch):
    monkeypatch.setattr(gauss_newton, "assemble", CtrlC(gauss_newton.assemble, 3))
    solution = solve(reaction(), tolerance=1e-9, march=March(t))
    assert [step.stage for step in solution.history.steps] == ["interrupted"]
    assert "interrupted" in solution.report()
    assert "nan" not in solution.report()
    with pytest.raises(ValueError, match=r"known up to t = 0\.25 only"):
        solution([[0.5, 0.99]])


@pytest.mark.parametrize("k", [1, 2, 3])
def test_interrupted_judgement_of_a_fit(k, monkeypatch):
    held = CtrlC(fits.relative_residuals, k)
    monkeypatch.setattr(fits, "relative_residuals", held)
    try:
        solution = WAYS["automatic"]()
    except KeyboardInterrupt:
        assert k == 1
        return
    assert solution.stopped == "interrupted"
    assert held.after == 0


@pytest.mark.parametrize("k", [1, 3, 6])
def test_a_callback_may_interrupt_again_and_again(k):
    seen = []

    def stop(step):
        seen.append(step)
        if len(seen) >= k:
            raise KeyboardInterrupt

    assert solve(nonlinear(), tolerance=1e-12, callbacks=[stop]).stopped == "interrupted"
    assert len(seen) == k


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without signals")
def test_termination_is_as_ctrl_c_and_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGTERM)
    solution = solve(
        nonlinear(), tolerance=1e-12, callbacks=[lambda step: os.kill(os.getpid(), signal.SIGTERM)]
    )
    assert solution.stopped == "interrupted"
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_thread_solves_without_touching_signals():
    found = []
    thread = threading.Thread(target=lambda: found.append(solve(nonlinear(), Dense(20))))
    thread.start()
    thread.join()
    assert found[0].residual() < 1e-2
