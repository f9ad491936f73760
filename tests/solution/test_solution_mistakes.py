"""Mistakes with solutions: answered by words that name the thing and the remedy."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from mistakes import line, named, require_refused, rod, solved, u
from pinnsolve import load, solve

OF_SOLUTIONS = {
    "a solution as a guess": (lambda: solve(rod, guess=solved()), TypeError, "resume=solution"),
    "an expression first": (
        lambda: solved()(u, np.zeros(2)),
        TypeError,
        r"points come first, .*solution\(points, u\(x\)\)",
    ),
    "a region for points": (
        lambda: solved()(line),
        TypeError,
        r"sample_region\(region, 1000, seed=0\)",
    ),
    "a name for points": (
        lambda: solved()(x=0.5),
        TypeError,
        r"solution has no argument x: write solution\(points\)",
    ),
    "points of an error": (
        lambda: solved().error(points=5),
        TypeError,
        "solution.error has no argument points: write n=",
    ),
    "a file's name": (lambda: solved().save(filename="a.st"), TypeError, "write path="),
    "prediction": (
        lambda: solved().predict(0.5),
        AttributeError,
        r"no attribute predict: call it, solution\(points\)",
    ),
    "an unknown of it": (lambda: solved().u, AttributeError, r"solution\(points, u\)"),
    "a solution for a formula": (lambda: Eq(u, solved()), TypeError, r"Data\(solution\(points\)\)"),
    "points in quotes": (
        lambda: solved().error("100"),
        TypeError,
        "n must be a whole number, n=1000: got '100'",
    ),
    "half a point": (lambda: solved().error(2.5), TypeError, "n must be a whole number"),
    "no points": (lambda: solved().error(0), ValueError, "n must be at least 1"),
    "a seed in quotes": (
        lambda: solved().error(10, "a"),
        TypeError,
        "seed must be a whole number, seed=0: got 'a'",
    ),
    "a residual's seed": (lambda: solved().residual("a"), TypeError, "seed must be a whole number"),
    "pruned by text": (lambda: solved().pruned("a"), TypeError, "below must be a number"),
    "no file": (lambda: load("nowhere.st"), OSError, "nowhere.st"),
}

MISTAKES = named("solving", OF_SOLUTIONS)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])


def test_points_outside_of_the_domain_deserve_a_word():
    with pytest.warns(
        UserWarning, match=r"1 of 3 points lie outside of the domain .* the first is x=5"
    ):
        solved()(np.array([0.0, 5.0, 1.0]))
    solved()(np.array([0.0, 0.5, 1.0 + 1e-14]))
