"""Unknowns on their way to other processes."""

from __future__ import annotations

import pytest

from pinnsolve import Data, coordinates, unknown
from pinnsolve.symbols.symbols import UnknownFunction


def test_a_function_can_be_hashed_before_it_has_its_coordinates():
    """As it is when it arrives with the code that names it: a sweep by joblib."""
    x, y = coordinates("x y")
    bare = UnknownFunction.__new__(UnknownFunction, "u")
    whole = unknown("u", x, y).func
    assert hash(bare) == hash(whole)
    assert bare != whole
    assert whole == unknown("u", x, y).func != unknown("u", y, x).func


def test_a_deviation_is_given_by_its_name():
    with pytest.raises(TypeError, match=r"a name: got 0.02; .*sigma"):
        Data([1.0, 2.0], 0.02)


def test_numbers_are_constants_of_a_flux():
    """(k u')' of a number k, and of what depends on u: derivatives by the product rule."""
    (x,) = coordinates("x")
    u, k, m = unknown("u", x), unknown("k"), unknown("m")
    assert (k * u.diff(x)).diff(x) == k * u.diff(x, 2)
    flux = ((k + m * u) * u.diff(x)).diff(x)
    assert (flux - (k + m * u) * u.diff(x, 2) - m * u.diff(x) ** 2).expand() == 0
