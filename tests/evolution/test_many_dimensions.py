"""Evolutions in more dimensions of space than an integrator was ever tried in."""

from __future__ import annotations

from sympy import exp

from pinnsolve import Ball, Interval, compile_problem, coordinates, laplacian, manufactured, unknown
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.evolve import begins_within
from pinnsolve.running.budget import Budget


def test_five_dimensions_of_space_have_a_first_width():
    *space, t = coordinates("a b c d e t")
    u = unknown("u", *space, t)
    cylinder = Ball(dict.fromkeys(space, 0), 1) * Interval(t, 0, 1)
    left = u.diff(t) - laplacian(u, *space)
    mantle = cylinder.boundary.where((t > 0) & (t < 1))
    problem = manufactured(
        cylinder, left, u @ cylinder.at(t=0), u @ mantle, exact={u: exp(t + space[0])}
    )
    system = compile_problem(problem)
    form = evolution_form(system)
    assert form is not None
    assert begins_within(system, form, Budget())
