"""Formulas of unknowns: what may be done with them, and what to write instead of what may not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
import torch
from sympy import Eq, sin

from mistakes import k, line, square, t, u, v, w, x, y
from pinnsolve import coordinates, divergence, gradient, laplacian


def test_a_gradient_is_multiplied_and_added_component_by_component():
    assert divergence(k * gradient(v)) == (k * laplacian(v)).expand()
    assert 2 * gradient(v) - gradient(v) == gradient(v)
    assert (gradient(v) + gradient(v)) / 2 == gradient(v)
    assert -gradient(v) == (-v.diff(x), -v.diff(y))


def test_coordinates_are_a_tuple_otherwise():
    assert coordinates("x t") == (x, t)
    assert (*coordinates("x"), t) == (x, t)
    assert sympy.Tuple(x, t) == sympy.sympify(coordinates("x t"))


FORMULAS = [
    (lambda: math.sin(u), r"u\(x\) is a formula, not a number; write sympy's functions"),
    (lambda: math.exp(u.diff(x) * x), "sympy's functions in the place of math's"),
    (lambda: float(u), r"solution\(points, u\(x\)\)"),
    (
        lambda: np.interp(x, [0, 1], [1, 2]),
        r"values of a table come in as interpolate.*implemented_function\('f', lambda x: np.hypot",
    ),
    (lambda: int(u * x), "is a formula, not a number"),
    (lambda: complex(u), "is a formula, not a number"),
    (lambda: round(u), "is a formula, not a number"),
    (
        lambda: 1 if u > 0 else 0,
        r"u\(x\) > 0 holds at some points.*write Piecewise\(\(a, u\(x\) > 0\), \(b, True\)\)",
    ),
    (lambda: max(x, 0), r"Max\(a, b\)"),
    (lambda: square.boundary.where(0.2 < x < 1), r"And\(p, q\) for .*a < x < b"),
    (lambda: np.where(x > 0.5, 1, 2), "write Piecewise"),
    (lambda: np.isnan(u), r"isnan cannot be taken of the formula u\(x\): write it with sympy's"),
    (lambda: torch.sin(u * x), r"torch's sin cannot be taken of the formula x\*u\(x\)"),
    (lambda: u(0)(1), r"u\(0\) is evaluated already, and cannot be called again: call u\(x\)"),
    (lambda: sympy.Derivative(u * v, x)(0), r"cannot be called: write .subs\(x, value\)"),
    (lambda: u ^ 2, r"is written u\*\*2"),
    (lambda: Eq(u, "sin(x)"), r"got 'sin\(x\)': write it without quotes"),
    (lambda: Eq(u, None), "got None: write a number or a formula"),
    (lambda: Eq(u, np.linspace(0, 1, 3)), r"Eq\(u, Data\(values\)\) @ PointCloud"),
    (lambda: Eq(u, lambda x: x), "write the function's formula"),
    (lambda: Eq(u), r"has two sides, and its region stands behind it, Eq\(...\) @ region"),
    (lambda: Eq(u, 0, line.boundary), r"Eq\(...\) @ region"),
]


@pytest.mark.parametrize(("asked", "words"), FORMULAS)
def test_formulas_that_are_taken_for_numbers_say_what_to_write(asked, words):
    with pytest.raises(TypeError, match=f"(?s){words}"):
        asked()


@pytest.mark.parametrize(
    ("name", "words"),
    [("dx", r"u.diff\(x\)"), ("laplacian", r"laplacian\(u\)"), ("_secret", "_secret$")],
)
def test_attributes_that_are_not_there_say_what_to_write(name, words):
    with pytest.raises(AttributeError, match=words):
        getattr(u, name)
    assert not hasattr(u, name)


def test_numpys_functions_of_formulas_are_sympys():
    assert np.exp(u * x) == sympy.exp(u * x)
    assert np.sin(x * np.array([1, 2])[0]) == sin(x)
    assert np.abs(u) == abs(u)
    assert np.maximum(u, 0) == sympy.Max(u, 0)
    assert np.arctan2(x, y) == sympy.atan2(x, y)
    assert np.float64(2) * u == 2.0 * u
    assert list(np.array([1, 2]) * u) == [u, 2 * u]
    assert list(np.sqrt(u) + np.array([x, 1])) == [sympy.sqrt(u) + x, sympy.sqrt(u) + 1]
    assert np.linalg.norm(gradient(v)) == sympy.sqrt(v.diff(x) ** 2 + v.diff(y) ** 2)
    assert np.sqrt(sympy.Integer(4)) == 2


def test_a_derivative_is_evaluated_by_calling_it():
    assert u.diff(x)(0) == u.diff(x).subs(x, 0)
    assert w.diff(t)(x, 0) == w.diff(t).subs(t, 0)
    assert v.diff(x)(y, x) == v.diff(x).subs([(x, y), (y, x)], simultaneous=True)
    assert u.diff(x, 2)(x) == u.diff(x, 2)
