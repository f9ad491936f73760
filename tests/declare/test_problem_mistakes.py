"""Mistakes in problems: each is refused by words that name the thing and the remedy."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, Integral, Matrix, Sum, Symbol, oo

from mistakes import (
    equation,
    k,
    line,
    named,
    require_refused,
    slope,
    square,
    u,
    v,
    x,
    y,
)
from pinnsolve import (
    Box,
    Interval,
    Problem,
    gradient,
    hard,
    laplacian,
    manufactured,
    unknown,
)

PROBLEMS = {
    "a dict as domain": (
        lambda: Problem({x: (0, 1)}, slope),
        TypeError,
        "first argument is its domain, a Box",
    ),
    "a tuple as domain": (
        lambda: Problem((0, 1), slope),
        TypeError,
        "first argument is its domain",
    ),
    "equation first": (lambda: Problem(slope, line), TypeError, "first argument is its domain"),
    "a class as domain": (lambda: Problem(Box, slope), TypeError, "first argument is its domain"),
    "a boundary as domain": (
        lambda: Problem(square.boundary, Eq(v, 1)),
        TypeError,
        "first argument is its domain",
    ),
    "no equation": (
        lambda: Problem(line),
        ValueError,
        r"at least one equation: Problem\(domain, Eq",
    ),
    "==": (lambda: Problem(line, u == 0), TypeError, r"write Eq\(left, right\)"),
    "an inequality": (lambda: Problem(line, slope, u < 1), TypeError, "write Eq"),
    "a string": (lambda: Problem(line, "u' = 1"), TypeError, "write Eq"),
    "None": (lambda: Problem(line, slope, None), TypeError, "write Eq"),
    "a dict": (lambda: Problem(line, {u: 0}), TypeError, "write Eq"),
    "a pair": (lambda: Problem(line, (u(0), 0)), TypeError, "not an equation: 0; write Eq"),
    "region inside of Eq": (
        lambda: Eq(u, 0 @ line.boundary),
        TypeError,
        r"behind the whole equation: Eq\(left, 0\) @ region",
    ),
    "a region in Eq": (lambda: Eq(u, line), TypeError, r"Eq\(left, right\) @ region"),
    "region first": (lambda: line.boundary @ Eq(u, 0), TypeError, r"Eq\(...\) @ region"),
    "matrices of other shapes": (
        lambda: equation(Matrix([u, u]), Matrix([1])),
        ValueError,
        "shapes of two vectors",
    ),
    "vectors of other lengths": (
        lambda: equation((u.diff(x), u), (1, 2, 3)),
        ValueError,
        "2 components on the left and 3|vectors",
    ),
    "outside": (
        lambda: Problem(line, slope, Eq(u(2), 0)),
        ValueError,
        r"x=2 lies outside of .*\[0, 1\]",
    ),
    "u(2) for 2 u": (
        lambda: equation(u.diff(x), u(2)),
        ValueError,
        r"takes u\(2\) at x=2, outside of the domain",
    ),
    "delay": (lambda: equation(u.diff(x), u(x - 1)), ValueError, r"takes u\(x - 1\) at x=-"),
    "sympy's Function": (
        lambda: equation(Function("f")(x).diff(x), 1),
        ValueError,
        r"declare f = unknown\('f', ...\)",
    ),
    "a letter": (lambda: equation(u.diff(x), k), ValueError, "mentions k.*constants={k: ...}"),
    "another x": (
        lambda: equation(u.diff(x), Symbol("x")),
        ValueError,
        "mentions another x.*make it once",
    ),
    "infinite": (lambda: equation(u.diff(x), oo), ValueError, "not finite"),
    "integral": (lambda: equation(u.diff(x), Integral(u, x)), ValueError, "give both limits"),
    "sum": (lambda: equation(u.diff(x), Sum(u**k, (k, 0, 3))), ValueError, "write its terms"),
    "exact by name": (
        lambda: Problem(line, slope, exact={"u": x}),
        TypeError,
        r"exact={u: sin\(x\)}: write u, without quotes",
    ),
    "exact alone": (lambda: Problem(line, slope, exact=x), TypeError, "exact must be a dict"),
    "exact as a function": (
        lambda: Problem(line, slope, exact={u: np.sin}),
        TypeError,
        "expression of the coordinates",
    ),
    "exact as a string": (
        lambda: Problem(line, slope, exact={u: "x"}),
        TypeError,
        "expression of the coordinates",
    ),
    "exact as a list": (
        lambda: Problem(line, slope, exact={u: [1, 2]}),
        TypeError,
        "one expression or number",
    ),
    "exact None": (
        lambda: Problem(line, slope, exact={u: None}),
        TypeError,
        "expression of the coordinates",
    ),
    "exact of itself": (lambda: Problem(line, slope, exact={u: u}), ValueError, "without unknowns"),
    "exact at a point": (
        lambda: Problem(line, slope, exact={u(0): 0}),
        ValueError,
        "give the whole function",
    ),
    "wrong exact": (lambda: Problem(line, slope, exact={u: 2 * x}), ValueError, "does not satisfy"),
    "constants by name": (
        lambda: Problem(line, Eq(u, k), constants={"k": 1}),
        TypeError,
        "write k, without quotes",
    ),
    "constants as a list": (
        lambda: Problem(line, Eq(u, k), constants=[k]),
        TypeError,
        "constants must be a dict",
    ),
    "constant as a string": (
        lambda: Problem(line, Eq(u, k), constants={k: "1"}),
        TypeError,
        "constants of k must be",
    ),
    "constant None": (
        lambda: Problem(line, Eq(u, k), constants={k: None}),
        TypeError,
        "constants of k must be",
    ),
    "a coordinate as constant": (
        lambda: Problem(line, Eq(u, x), constants={x: 1}),
        ValueError,
        "x is a coordinate",
    ),
    "unused constant": (
        lambda: Problem(line, slope, constants={k: 1}),
        ValueError,
        "k is not mentioned",
    ),
    "reference": (
        lambda: Problem(line, slope, reference=[1, 2]),
        TypeError,
        "reference must be a Reference",
    ),
    "manufactured alone": (
        lambda: manufactured(line, u.diff(x), exact=x),
        TypeError,
        "exact must be a dict",
    ),
    "manufactured equations": (
        lambda: manufactured(line, slope, exact={u: x}),
        TypeError,
        "left-hand sides",
    ),
    "hard region": (lambda: hard(line), TypeError, "hard wants a Problem"),
}

whole, above = Symbol("m", integer=True), Symbol("r", positive=True)
turned = unknown("v", y, x)
PROBLEMS |= {
    "@ a string": (
        lambda: Eq(u, 0) @ "boundary",
        TypeError,
        r"behind Eq\(...\) @ stands a region, domain.boundary .*'boundary'",
    ),
    "@ nothing": (lambda: Eq(u, 0) @ None, TypeError, "stands a region"),
    "@ a list": (
        lambda: Eq(v, 0) @ [square.at(x=0), square.at(x=1)],
        TypeError,
        r"one region for several: a \| b",
    ),
    "@ a method": (lambda: Eq(v, 0) @ square.at, TypeError, "stands a region"),
    "@ bounds": (lambda: Eq(v, 0) @ square.bounds, TypeError, "stands a region"),
    "a list of values": (lambda: Eq(u, [1, 2]), TypeError, r"or tuples, .*Data\(values\)"),
    "a whole coordinate": (
        lambda: Problem(Interval(whole, 0, 1), Eq(unknown("z", whole).diff(whole), 1)),
        ValueError,
        r"the coordinate m is in \[0, 1\], .*declared integer.*coordinates\('m'\)",
    ),
    "a positive coordinate": (
        lambda: Problem(Interval(above, -1, 1), Eq(unknown("z", above).diff(above), abs(above))),
        ValueError,
        r"r is in \[-1, 1\], .*declared nonnegative, positive",
    ),
    "one name for two": (
        lambda: Problem(square, Eq(laplacian(v), turned), Eq(laplacian(turned), v)),
        ValueError,
        r"two unknowns have the name v: declare one, and call it, v\(x, 0\)",
    ),
}

MISTAKES = named("problems", PROBLEMS)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])


def test_vectors_and_lists_are_equations_by_component():
    field = (Eq(v.diff(x), 1), Eq(v.diff(y), x))
    by_matrix = Problem(square, Eq(Matrix([v.diff(x), v.diff(y)]), Matrix([1, x])))
    assert [c.equation for c in by_matrix.conditions] == list(field)
    assert [c.equation for c in Problem(square, Eq(gradient(v), (1, x))).conditions] == list(field)
    assert [c.equation for c in Problem(square, [*field]).conditions] == list(field)
    on_boundary = Problem(square, Eq(laplacian(v), 0), Eq(gradient(v), (1, x)) @ square.boundary)
    assert [str(c.region) for c in on_boundary.conditions[1:]] == [str(square.boundary)] * 2
