"""Exponents against the derivatives of what they make."""

from __future__ import annotations

import pytest
from sympy import cos, cosh, exp, sin

from pinnsolve import coordinates
from pinnsolve.compile.exponents import SPECTRA, exponents

x, y = coordinates("x y")
NOTHING = (0j, 0j)


def test_products_of_waves_have_the_sums_of_their_exponents():
    found = exponents(sin(20 * x) * cos(3 * y), (x, y))
    assert found == {(20j, 3j), (20j, -3j), (-20j, 3j), (-20j, -3j)}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (sin(2 * x - 3 * y + 1), {(2j, -3j), (-2j, 3j)}),
        (exp(2 * x - y), {(2, -1)}),
        (x**2 * y + 3, {NOTHING}),
        (cosh(x) + y, {(1, 0j), (-1, 0j), NOTHING}),
        (sin(x) ** 2, {(2j, 0j), NOTHING, (-2j, 0j)}),
        # Of these nothing is said.
        (sin(x**2) + exp(-(y**2)), {NOTHING}),
        (x * sin(5 * y) / (1 + x**2), {(0j, 5j), (0j, -5j)}),
    ],
)
def test_expressions_have_the_exponents_of_their_exponentials(expression, expected):
    assert exponents(expression, (x, y)) == expected


def test_of_too_many_exponentials_nothing_is_said():
    assert exponents(sum(sin(k * x) for k in range(1, SPECTRA.most)), (x, y)) == {NOTHING}
