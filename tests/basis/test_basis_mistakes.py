"""Mistakes in bases: refused by words that name the thing and the remedy."""

from __future__ import annotations

import pytest
from sympy import cos

from mistakes import k, named, require_refused, rod, u, x
from pinnsolve import BoxPlanes, Dense, Functions, ResNet, TensorProduct, Waves, solve

OF_BASES = {
    "a negative scale": (
        lambda: Waves(-3),
        ValueError,
        r"a scale is no negative number, Waves\(3.0\): got -3",
    ),
    "a scale in quotes": (lambda: Waves("3"), TypeError, r"a scale is a number, .*got '3'"),
    "a slope in quotes": (lambda: BoxPlanes("3"), TypeError, r"BoxPlanes\(3.0\): got '3'"),
    "width in quotes": (lambda: solve(rod, Dense("20")), TypeError, r"Dense\(400, 2\): got '20'"),
    "half a neuron": (lambda: solve(rod, Dense(1.5)), TypeError, r"Dense\(400, 2\)"),
    "widths": (lambda: solve(rod, ResNet([20, 20], 2)), TypeError, r"ResNet\(400, 2\)"),
    "no neurons": (lambda: solve(rod, Dense(0)), ValueError, "at least 1"),
    "no such activation": (
        lambda: solve(rod, Dense(5, activation="swish")),
        ValueError,
        "there are tanh",
    ),
    "initializer by name": (
        lambda: solve(rod, Dense(5, initialize="waves")),
        TypeError,
        r"initialize=Waves\(3.0\)",
    ),
    "class of initializers": (
        lambda: solve(rod, Dense(5, initialize=Waves)),
        TypeError,
        r"initialize=Waves\(3.0\)",
    ),
    "basis and a number": (lambda: Dense(5) + 5, TypeError, r"Dense\(400\) \+ Functions"),
    "functions in quotes": (lambda: Functions("x"), TypeError, r"Functions\(x, sin\(x\)\)"),
    "functions in a list": (lambda: Functions([x, cos(x)]), TypeError, r"Functions\(x, sin\(x\)\)"),
    "functions of an unknown": (lambda: Functions(u), TypeError, "expressions of coordinates"),
    "functions elsewhere": (
        lambda: solve(rod, Functions(k * x)),
        ValueError,
        "mention k: the domain's coordinates",
    ),
    "tensor product": (lambda: TensorProduct(5), TypeError, r"\(x, y\): Dense\(100\)"),
}

MISTAKES = named("solving", OF_BASES)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])
