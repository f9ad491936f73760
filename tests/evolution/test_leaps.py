"""Exponential steps: how often they ask for forces."""

from __future__ import annotations

import math

import torch
from sympy import Eq, Rational, cos, pi

from pinnsolve import Box, Interval, Problem, coordinates, laplacian, unknown
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.leaps import LEAPING, Bounds, halvings, leapt
from pinnsolve.evolution.modes import fine_grid
from pinnsolve.evolution.products import Equations, initial
from pinnsolve.evolution.suited import motion_in, suits_products

X, Y, T = coordinates("x y t")
U = unknown("u", X, Y, T)


def test_forces_are_foreseen(monkeypatch):
    """Three sweeps over six nodes a step, of forces that change little; six, where none is
    foreseen.
    """
    domain = Box({X: (0, 1), Y: (0, 1)}) * Interval(T, 0, 6)
    system = compile_problem(
        Problem(
            domain,
            Eq(U.diff(T), laplacian(U, X, Y) / 100 + U * (1 - U)),
            Eq(U(X, Y, 0), Rational(1, 4) + cos(pi * X) * cos(pi * Y) / 8),
            *[Eq(U.diff(c).subs(c, end), 0) for c in (X, Y) for end in (0, 1)],
        )
    )
    form, asked = evolution_form(system), []
    motion = motion_in(system, suits_products(system, form), (6, 6))
    plain = Equations.force
    monkeypatch.setattr(Equations, "force", lambda self, t, q: asked.append(t) or plain(self, t, q))
    parts = initial(form, fine_grid(system, form, motion.equations.lines), 1)
    bounds = Bounds((), math.inf, torch.zeros(1, dtype=torch.float64))
    leaps, word = leapt(motion, parts, 1e-8, lambda leaps: True, bounds)
    assert word == "finished"
    assert len(leaps.times) > 8
    assert len(asked) < 25 * len(leaps.times)


def test_a_step_that_is_not_finite_is_halved_once():
    assert [halvings(error) for error in (math.inf, 1.01, 1e300)] == [1, 1, LEAPING.cuts]
