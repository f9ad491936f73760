"""What is known on a grid, as coefficients and data: the same solution as from formulas."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from sympy import Eq, cos, exp, sin

from pinnsolve import (
    Box,
    Dense,
    Interval,
    Problem,
    Waves,
    coordinates,
    divergence,
    gradient,
    interpolate,
    laplacian,
    load,
    solve,
    unknown,
)
from pinnsolve.compile.enclose import enclosure
from pinnsolve.compile.lower import lower

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
line = np.linspace(0, 1, 41)
X, Y = np.meshgrid(line, line, indexing="ij")
coefficient = exp(-x) * (2 + sin(3 * y))
table = interpolate({x: line, y: line}, np.exp(-X) * (2 + np.sin(3 * Y)), degree=5)
exact = sin(3 * x) * cos(2 * y)


def conducting(k):
    """Steady conduction, whose load is that of the formula."""
    load_of = -sum((coefficient * exact.diff(c)).diff(c) for c in (x, y))
    return Problem(
        square, Eq(-divergence(k * gradient(u)), load_of), Eq(u, exact) @ square.boundary
    )


def test_a_coefficient_by_its_values(tmp_path):
    solution = solve(conducting(table), Dense(250, activation="sin", initialize=Waves(4.0)))
    places = np.random.default_rng(0).random((500, 2))
    wanted = np.sin(3 * places[:, 0]) * np.cos(2 * places[:, 1])
    assert np.abs(solution(places) - wanted).max() < 1e-7
    solution.save(tmp_path / "kept.st")
    kept = load(tmp_path / "kept.st", conducting(table))
    assert (kept(places) == solution(places)).all()


def test_tables_are_compiled_with_their_derivatives():
    places = torch.rand(2, 50, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    asked = [e.diff(c, n) for e in (table,) for c in (x, y) for n in (0, 1, 2)]
    known = [coefficient.diff(c, n) for c in (x, y) for n in (0, 1, 2)]
    found, wanted = (lower(each, [x, y])(places, 50) for each in (asked, known))
    assert (found - wanted).abs().max() < 1e-4
    moving = places.clone().requires_grad_()
    lower([table], [x, y])(moving, 50).sum().backward()
    assert (moving.grad[0] - wanted[1]).abs().max() < 1e-7


def test_tables_are_enclosed():
    ends = {x: (torch.tensor([0.2]), torch.tensor([0.3])), y: (torch.tensor([0.5]),) * 2}
    low, high = enclosure(1 / table, {c: tuple(e.double() for e in b) for c, b in ends.items()})
    at = np.linspace(0.2, 0.3, 50)
    values = np.exp(at) / (2 + np.sin(1.5))
    assert low <= values.min() <= values.max() <= high
    assert high - low < 3 * np.ptp(values)


@pytest.mark.slow
def test_an_initial_value_by_its_values():
    v, rod = unknown("v", x, t), Interval(x, 0, 1)
    start = interpolate({x: line}, np.sin(np.pi * line), degree=5)
    fading = Problem(
        rod * Interval(t, 0, 1),
        Eq(v.diff(t), v.diff(x, 2) / 10),
        Eq(v(x, 0), start),
        Eq(v, 0) @ rod.boundary,
    )
    solution = solve(fading, tolerance=1e-6)
    assert solution.stopped == "met"
    assert abs(solution(0.3, 0.7) - np.sin(0.3 * np.pi) * np.exp(-(np.pi**2) * 0.07)) < 1e-6


MISTAKES = [
    (lambda: interpolate([line], line), TypeError, "points of its grid by coordinate"),
    (lambda: interpolate({x: line}, line[:-1]), ValueError, "values of shape (40,) do not fit"),
    (lambda: interpolate({x: line[::-1]}, line), ValueError, "do not increase"),
    (lambda: interpolate({x: line}, np.log(line)), ValueError, "value of point (0,) is -inf"),
    (lambda: interpolate({x: line}, line, degree=0), ValueError, "degree from 1 to 9"),
    (lambda: interpolate({x: line}, line, degree="cubic"), ValueError, "degree from 1 to 9"),
    (lambda: interpolate({x: [0, 1]}, [0, 1]), ValueError, "at least 4 points along x"),
    (
        lambda: interpolate({x: line, y: line[:9]}, np.zeros((9, 41))),
        ValueError,
        "values.T here",
    ),
    (
        lambda: Problem(square, Eq(laplacian(u), interpolate({x: line / 2}, line))),
        ValueError,
        "takes data(x) for x from 0 to 1, and its grid goes from 0 to 0.5",
    ),
]


@pytest.mark.parametrize(("wrong", "error", "words"), MISTAKES)
def test_mistakes_are_named(wrong, error, words):
    with np.errstate(divide="ignore"), pytest.raises(error, match=re.escape(words)):
        wrong()
