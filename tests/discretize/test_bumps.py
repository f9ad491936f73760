"""Test functions of a box: against integrals by sympy, and by parts."""

import numpy as np
import pytest
from sympy import Eq, Rational, exp, integrate, lambdify, sin, symbols

from pinnsolve import Box, Problem, coordinates, unknown
from pinnsolve.compile.functions import Functions
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.bumps import against, bumps
from pinnsolve.discretize.collocate import bounds_by_name
from pinnsolve.fields.separated import Constant
from pinnsolve.fields.space import Block, Space

x, y = coordinates("x y")
BOX = np.array([[0.0, 2.0], [-1.0, 3.0]])


def test_the_first_function_is_the_bump_itself():
    (s,) = symbols("s,")
    by = bumps(BOX[:1], (1,), (20,))
    norm = integrate((1 - s**2) ** 8, (s, -1, 1))
    whole = integrate((1 - s**2) ** 4 * exp(s + 1), (s, -1, 1)) / norm ** Rational(1, 2)
    values = by.values @ np.exp(by.points.x[:, 0])
    assert abs(values[0]) == pytest.approx(float(whole), rel=1e-12)


def test_they_are_orthonormal():
    by = bumps(BOX, (4, 3), (16, 15))
    once = by.values / by.points.weights
    assert once @ by.values.T == pytest.approx(np.eye(12), abs=1e-12)


def test_an_equation_is_linearized_as_its_derivative_says():
    u, k = unknown("u", x, y), unknown("k")
    equation = Eq(u * u.diff(x), k * u.diff(y, 2) + x)
    system = compile_problem(Problem(Box({x: (0, 2), y: (-1, 3)}), equation, Eq(k, 1)))
    functions = Functions(sin(x) * exp(y), x * y**2).build(bounds_by_name(system.problem), 0)
    space = Space((Block(functions), Block(Constant(), ())))
    by = bumps(BOX, (3, 4), (20, 24))
    a, b, c = 0.7, -0.3, 0.2
    rows = against(system.residuals[0], by, space, np.array([a, b, c]))
    field, one, other = a * sin(x) * exp(y) + b * x * y**2, sin(x) * exp(y), x * y**2

    def by_hand(formula):
        return by.values @ np.broadcast_to(
            lambdify((x, y), formula)(*by.points.x.T), len(by.points.x)
        )

    for column, f in enumerate((one, other)):
        slope = f * field.diff(x) + field * f.diff(x) - c * f.diff(y, 2)
        assert rows[:, column] == pytest.approx(by_hand(slope), abs=1e-12)
    assert rows[:, 2] == pytest.approx(by_hand(-field.diff(y, 2)), abs=1e-12)
    # Of the updated field: what is multiplied twice counts once, beside the right side
    target = field * field.diff(x) - c * field.diff(y, 2) + x
    assert rows[:, 3] == pytest.approx(by_hand(target), abs=1e-11)
