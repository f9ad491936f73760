"""What is assumed of numbers: their sign, and bounds."""

from __future__ import annotations

import math
import pickle

import pytest
from sympy import sqrt

from pinnsolve import coordinates, unknown

(x,) = coordinates("x")


@pytest.mark.parametrize(
    ("made", "error", "words"),
    [
        ({"bounds": (2, 1)}, ValueError, "the lower one first"),
        ({"bounds": (1, 1)}, ValueError, "the lower one first"),
        ({"bounds": (0, math.inf)}, ValueError, "finite"),
        ({"bounds": (math.nan, 1)}, ValueError, "finite"),
        ({"bounds": 3}, TypeError, "two numbers"),
        ({"bounds": (1, 2, 3)}, TypeError, "two numbers"),
        ({"bounds": ("0", "1")}, TypeError, "two numbers"),
        ({"bounds": (0, 1), "positive": True}, ValueError, "lower bound must be above zero"),
        ({"bounds": (0, 1), "complex": True}, ValueError, "k is complex"),
        ({"complex": True, "positive": True}, ValueError, "not both"),
        ({"positive": "yes"}, TypeError, "got positive='yes'"),
        ({"negative": True}, TypeError, "got negative=True; a number may be positive=True"),
    ],
)
def test_what_cannot_be_assumed_is_refused(made, error, words):
    with pytest.raises(error, match=words):
        unknown("k", **made)


def test_fields_are_neither_positive_nor_bounded():
    with pytest.raises(ValueError, match=r"write exp\(a\)"):
        unknown("a", x, positive=True)
    with pytest.raises(ValueError, match="a is a field"):
        unknown("a", x, bounds=(0, 1))


def test_positive_numbers_are_positive_to_sympy():
    k = unknown("k", positive=True)
    assert sqrt(k**2) == k
    assert k.is_real
    assert sqrt(unknown("k") ** 2) != unknown("k")


def test_numbers_of_other_bounds_are_others():
    k = unknown("k", bounds=(0, 1))
    assert k == unknown("k", bounds=(0.0, 1.0))
    assert k != unknown("k", bounds=(0, 2))
    assert k != unknown("k")


@pytest.mark.parametrize("made", [{"positive": True}, {"bounds": (1, 2)}, {"complex": True}])
def test_they_travel_to_other_processes(made):
    k = unknown("k", **made)
    again = pickle.loads(pickle.dumps(k))
    assert again == k
    assert (again.func.values, again.func.bounds) == (k.func.values, k.func.bounds)
