"""What tests of several folders take: sines, pieces, a nonlinear rod, evolutions in small steps."""

from __future__ import annotations

from functools import cache

from sympy import Eq, Piecewise, sin

from pinnsolve import Dense, Interval, Problem, Waves, compile_problem, coordinates, unknown
from pinnsolve.discretize.recognize import evolution_form
from pinnsolve.evolution.orthonormal import orthonormal_functions
from pinnsolve.evolution.semidiscrete import Semidiscrete
from pinnsolve.fields.separated import Modes
from pinnsolve.problems import CATALOGUE

(x,) = coordinates("x")
u = unknown("u", x)


@cache
def declared(name):
    """A problem of the catalogue, declared once for all tests that ask many of them: to declare and
    to compile all of them takes ten seconds, and six tests do.
    """
    return CATALOGUE[name]()


@cache
def compiled(name):
    """The same, compiled."""
    return compile_problem(declared(name))


def waves(width, scale=4.0):
    """Sines of all phases, with wave vectors of that size."""
    return Dense(width, activation="sin", initialize=Waves(scale))


def two(first, second, where):
    """The first where the relation holds, the second elsewhere."""
    return Piecewise((first, where), (second, True))


def nonlinear():
    """A rod with a cubic spring."""
    return Problem(
        Interval(x, 0, 1), Eq(-u.diff(x, 2) + u**3, 10 * sin(3 * x)), Eq(u(0), 0), Eq(u(1), 1)
    )


def semidiscrete_of(problem, space, seed=0):
    """The ordinary equations that an evolution is in the basis that is declared for its space."""
    system = compile_problem(problem)
    form = evolution_form(system)
    name = system.domain.coordinates[form.axis].name
    return Semidiscrete(system, form, orthonormal_functions(system, form, Modes(space, name), seed))
