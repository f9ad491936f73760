"""Weights of rows that do not depend on the basis which is trained."""

from __future__ import annotations

from collections.abc import Sequence

from pinnsolve.basis.networks import Dense
from pinnsolve.coefficients.flat import flattest_field
from pinnsolve.compile.system import System
from pinnsolve.discretize.assemble import LeastSquaresProblem, NotFiniteError, assemble
from pinnsolve.discretize.linearize import linearized
from pinnsolve.discretize.points import Points
from pinnsolve.fields.building import build_space

REFERENCE = Dense(50, 1, "tanh")


def reference_problem(system: System, points: Sequence[Points]) -> LeastSquaresProblem:
    """Least squares in a plain network, box-initialized: its weights of rows and its target serve
    other bases too.

    Of equations without a value at zero, the tangent at the flattest field that the data allow.
    """
    space = build_space(system, REFERENCE, 0)
    try:
        return assemble(system, points, space)
    except NotFiniteError:
        return assemble(linearized(system, flattest_field(system)), points, space)
