"""An unknown in the place of a symbol is the unknown, by whatever route sympy takes; it can be
called, too.
"""

from __future__ import annotations

import pytest
from sympy import (
    Eq,
    Function,
    Lambda,
    Matrix,
    Piecewise,
    Poly,
    Symbol,
    exp,
    integrate,
    lambdify,
    legendre,
    series,
    sin,
    sqrt,
)

from pinnsolve import Interval, Problem, coordinates, unknown

x, t = coordinates("x t")
X, Y = Symbol("X"), Symbol("Y")
LAW = 1 - X**2

ROUTES = {
    "subs": (lambda u: LAW.subs(X, u), lambda u: 1 - u**2),
    "a dict": (lambda u: (X**2 * Y**3).subs({X: u, Y: u.diff(x)}), lambda u: u**2 * u.diff(x) ** 3),
    "simultaneous": (
        lambda u: (X**2 * Y).subs([(X, u), (Y, u)], simultaneous=True),
        lambda u: u**3,
    ),
    "by name": (lambda u: LAW.subs("X", u), lambda u: 1 - u**2),
    "xreplace": (lambda u: LAW.xreplace({X: u}), lambda u: 1 - u**2),
    "replace": (lambda u: LAW.replace(X, u), lambda u: 1 - u**2),
    "lambdify": (lambdify(X, LAW), lambda u: 1 - u**2),
    "Lambda": (Lambda(X, LAW), lambda u: 1 - u**2),
    "a function of powers": (
        lambda u: (exp(X**2) + X**X + sqrt(X) + 1 / X).subs(X, u),
        lambda u: exp(u**2) + u**u + sqrt(u) + 1 / u,
    ),
    "series": (lambda u: series(sin(X), X, 0, 5).removeO().subs(X, u), lambda u: u - u**3 / 6),
    "Poly": (Poly(X**2 + 1, X), lambda u: u**2 + 1),
    "Poly as expression": (lambda u: Poly(X**2 + 1, X).as_expr().subs(X, u), lambda u: u**2 + 1),
    "Piecewise": (
        lambda u: Piecewise((X**2, X > 0), (0, True)).subs(X, u),
        lambda u: Piecewise((u**2, u > 0), (0, True)),
    ),
    "Matrix": (lambda u: Matrix([X**2, X]).subs(X, u), lambda u: Matrix([u**2, u])),
    "Eq": (lambda u: Eq(X**2, X).subs(X, u), lambda u: Eq(u**2, u)),
    "integrate": (lambda u: integrate(X**2, (X, 0, u)), lambda u: u**3 / 3),
    "legendre": (lambda u: legendre(2, X).subs(X, u), lambda u: (3 * u**2 - 1) / 2),
    "a function of sympy": (
        lambda u: Function("f")(X).subs(Function("f"), Lambda(X, X**2)).subs(X, u),
        lambda u: u**2,
    ),
    "another unknown": (
        lambda u: (unknown("v", *u.coordinates) ** 2).subs(unknown("v", *u.coordinates), u),
        lambda u: u**2,
    ),
    "a power": (lambda u: (X**4).subs(X**2, u), lambda u: u**2),
}


@pytest.mark.parametrize("u", [unknown("u", x), unknown("u", x, t)], ids=str)
@pytest.mark.parametrize("route", ROUTES)
def test_substitution_gives_the_unknown(route, u):
    take, wanted = ROUTES[route]
    assert (
        (take(u) - wanted(u)).expand() == 0
        if not isinstance(take(u), (Eq, Matrix))
        else take(u) == wanted(u)
    )


def test_an_unknown_can_still_be_called_and_replaced():
    u, v = unknown("u", x), unknown("v", x, t)
    assert u(2).args == (2,)
    assert v(x, 0).args == (x, 0)
    assert (u**2 + u).subs(x, 0) == u(0) ** 2 + u(0)
    assert (u**2 + u.diff(x)).subs(u, sin(x)).doit() == sin(x) ** 2 + sin(x).diff(x)


def test_an_unknown_outside_of_the_domain_is_refused_and_a_number_in_an_equation_gets_a_word():
    u = unknown("u", x)
    line = Interval(x, 0, 1)
    with pytest.raises(ValueError, match=r"takes u\(2\) at x=2, outside of the domain"):
        Problem(line, Eq(u.diff(x, 2), u(2)))
    with pytest.raises(ValueError, match=r"takes u\(x - 1\) at x=-.*outside of the domain"):
        Problem(line, Eq(u.diff(x), u(x - 1)))
    with pytest.warns(UserWarning, match=r"u\(1\) is one number.*write \* if a product is meant"):
        Problem(line, Eq(u.diff(x, 2), u(1)))
    Problem(line, Eq(u.diff(x), u(x / 2)), Eq(u(0), u(1)))
    first = unknown("A0")
    for start in (Eq(u(0), first), Eq(first, u(0))):
        problem = Problem(line, Eq(u.diff(x), first * u), start, Eq(u(1), 2))
        assert str(problem.conditions[1].region).endswith(".at(x=0)")
