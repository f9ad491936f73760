"""Mistakes with coordinates, unknowns and operators: each is refused by words that name the remedy."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import sin

from mistakes import equation, named, require_refused, t, tau, u, v, w, x, y
from pinnsolve import (
    Box,
    coordinates,
    curl,
    divergence,
    gradient,
    laplacian,
    normal,
    normal_derivative,
    unknown,
)

DECLARING = {
    "no name": (lambda: coordinates(""), ValueError, r"at least one name, coordinates\('x t'\)"),
    "a number as coordinates": (
        lambda: coordinates(5),
        TypeError,
        r"names in a string, coordinates\('x t'\)",
    ),
    "a list of names": (lambda: coordinates(["x", "y"]), TypeError, r"names in a string"),
    "one name twice": (lambda: coordinates("x x"), ValueError, "names one twice: x, x"),
    "a string as a coordinate": (
        lambda: unknown("u", "x"),
        ValueError,
        r"as symbols, unknown\('u', x, t\): got \('x',\)",
    ),
    "coordinates in a tuple": (
        lambda: unknown("u", (x, y)),
        ValueError,
        r"as symbols, unknown\('u', x, t\)",
    ),
    "an expression as a coordinate": (lambda: unknown("u", 2 * x), ValueError, "as symbols"),
    "a symbol for a name": (
        lambda: unknown(x),
        TypeError,
        r"a word in a string, unknown\('u', x\)",
    ),
    "a number for a name": (lambda: unknown(5, x), TypeError, r"a word in a string"),
    "a tuple of coordinates": (
        lambda: unknown("u", coordinates("x")),
        ValueError,
        r"unpack a tuple, .*\(x,\) = coordinates",
    ),
    "a tuple of one": (
        lambda: sin(coordinates("x")),
        TypeError,
        r"no symbol: unpack it, \(x,\) = coordinates\('x'\)",
    ),
    "a tuple times": (
        lambda: 2 * coordinates("x y"),
        TypeError,
        r"unpack it, x, y = coordinates\('x y'\)",
    ),
    "a tuple in a box": (
        lambda: Box({coordinates("x"): (0, 1)}),
        ValueError,
        r"unpack a tuple, \(x,\) = coordinates",
    ),
    "arguments by name": (
        lambda: v(y=0),
        TypeError,
        r"takes its arguments in order, without names, v\(x, 0\)",
    ),
    "a product of vectors": (
        lambda: gradient(v) * gradient(v),
        TypeError,
        r"sum\(a\*b for a, b in zip",
    ),
    "a normal times": (lambda: normal(x, y) * gradient(v), TypeError, r"normal_derivative\(u\)"),
    "a scalar product": (
        lambda: gradient(v) @ gradient(v),
        TypeError,
        r"sum\(a\*b for a, b in zip",
    ),
    "a norm": (
        lambda: gradient(v).norm(),
        AttributeError,
        r"a square sum\(a\*\*2 for a in gradient\(u\)\)",
    ),
    "two words for a name": (lambda: unknown("u v", x), TypeError, "a word in a string.*'u v'"),
    "the coordinate's name": (lambda: unknown("x", x), ValueError, "has the name of a coordinate"),
    "too few arguments": (lambda: v(0), ValueError, r"v takes \(x, y\), but was called with 1"),
    "a string argument": (lambda: u("0"), TypeError, "u.x. takes numbers or expressions.*'0'"),
    "a list argument": (lambda: u([0]), TypeError, "takes numbers or expressions"),
    "an array argument": (lambda: u(np.zeros(3)), TypeError, "takes numbers or expressions"),
    "derivative by a string": (
        lambda: u.diff("x"),
        ValueError,
        r"written u.diff\(x\) or u.diff\(x, 2\)",
    ),
    "derivative by nothing": (v.diff, ValueError, r"written v.diff\(x\)"),
    "negative order": (lambda: u.diff(x, -1), ValueError, "whole orders"),
    "half an order": (lambda: u.diff(x, 0.5), ValueError, "whole orders"),
    "another coordinate": (
        lambda: u.diff(y),
        ValueError,
        "u.x. does not depend on y: declare it with",
    ),
    "a derivative at too few": (
        lambda: v.diff(x)(0),
        ValueError,
        r"v takes \(x, y\), but was called with 1",
    ),
    "evaluated first": (
        lambda: w(x, 0).diff(t),
        ValueError,
        r"no longer depends on t.*w.diff\(t\).subs",
    ),
    "Derivative of another": (
        lambda: equation(sympy.Derivative(u, y)),
        ValueError,
        "does not depend on y",
    ),
    "normal of a string": (lambda: normal("x"), TypeError, r"normal\(x, y\)"),
    "laplacian in time": (
        lambda: laplacian(w),
        ValueError,
        r"differentiate by t too.*laplacian\(w, x\)",
    ),
    "gradient in time": (
        lambda: gradient(unknown("p", x, tau)),
        ValueError,
        r"by tau too.*gradient\(p, x\)",
    ),
    "flux in time": (lambda: normal_derivative(w), ValueError, r"normal_derivative\(w, x\)"),
    "divergence in time": (lambda: divergence((w, w)), ValueError, r"divergence\(v, x\)"),
    "laplacian by a string": (
        lambda: laplacian(v, "x"),
        TypeError,
        r"laplacian\(f, x, y\) wants coordinates",
    ),
    "laplacian by a list": (lambda: laplacian(v, [x, y]), TypeError, "wants coordinates"),
    "laplacian of a list": (lambda: laplacian([v, v]), TypeError, "one expression.*each component"),
    "laplacian of a string": (lambda: laplacian("v"), TypeError, "one expression"),
    "laplacian of a number": (
        lambda: laplacian(2),
        ValueError,
        r"no unknown in .*laplacian\(f, x, y\)",
    ),
    "divergence of a scalar": (lambda: divergence(v), TypeError, r"divergence\(\(v_x, v_y\)\)"),
    "divergence of one": (lambda: divergence((v,)), ValueError, "name as many coordinates"),
    "curl of a scalar": (lambda: curl(v), TypeError, "wants a vector"),
    "gradient of a vector": (lambda: gradient((v, v)), TypeError, "one expression"),
}

MISTAKES = named("declaring", DECLARING)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])
