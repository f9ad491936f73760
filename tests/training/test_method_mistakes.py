"""Mistakes in methods and descents: refused by words that name the thing and the remedy."""

from __future__ import annotations

import pytest

from mistakes import few, named, require_refused, rod
from pinnsolve import LBFGS, LSGD, Adam, GradientDescent, LeastSquares, Sequence, solve

OF_METHODS = {
    "steps in quotes": (lambda: solve(rod, few, LSGD(steps="5")), TypeError, "whole numbers"),
    "a descent by name": (
        lambda: LSGD(descent="adam"),
        TypeError,
        r"descent must be .*LSGD\(descent=Adam\(1e-3\)\).*'adam'",
    ),
    "a descent's class": (lambda: LSGD(descent=Adam), TypeError, r"write Adam\(\)"),
    "a joint descent's class": (
        lambda: GradientDescent(descent=Adam),
        TypeError,
        r"write Adam\(\)",
    ),
    "a joint descent by name": (lambda: GradientDescent(descent="adam"), TypeError, "got 'adam'"),
    "a method for a descent": (
        lambda: LSGD(descent=LeastSquares()),
        TypeError,
        r"descent must be one as in",
    ),
    "a memory in quotes": (lambda: LBFGS("a"), TypeError, r"LBFGS\(memory=50\): got 'a'"),
    "no memory": (lambda: LBFGS(0), ValueError, "memory must be at least 1"),
    "a number of draws": (lambda: LSGD(resample=5), TypeError, r"resample=Resample\(\): got .*, 5"),
    "a transform by name": (
        lambda: GradientDescent(transform="compiled"),
        TypeError,
        "transform=compiled",
    ),
    "a class in turn": (lambda: Sequence((Adam, 5)), TypeError, r"write Adam\(\)"),
    "a descent without steps": (
        lambda: Sequence(Adam()),
        ValueError,
        r"Sequence\(\(Adam\(\), 1000\), ...\)",
    ),
    "a rate in quotes": (lambda: Adam("1e-3"), TypeError, "rate must be a number: got '1e-3'"),
    "a schedule's value": (
        lambda: Adam(schedule=0.9),
        TypeError,
        "schedule must be a function of the step",
    ),
    "one decay": (lambda: Adam(decay=0.9), TypeError, r"decay=\(0.9, 0.999\)"),
    "seconds of a training": (
        lambda: LSGD(seconds="5"),
        TypeError,
        "seconds must be a number: got '5'",
    ),
    "a goal in quotes": (lambda: GradientDescent(goal="1e-3"), TypeError, "goal must be a number"),
}

MISTAKES = named("solving", OF_METHODS)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])
