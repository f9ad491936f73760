"""Symbols, operators, problems, and every mistake that is refused before any work starts."""

from __future__ import annotations

import pytest
from sympy import Eq, N, Rational, cos, diff, exp, nan, oo, pi, sin, symbols

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Polygon,
    Problem,
    coordinates,
    curl,
    divergence,
    gradient,
    laplacian,
    manufactured,
    normal,
    normal_derivative,
    unknown,
)
from pinnsolve.problems import CATALOGUE
from pinnsolve.symbols.occurrences import separate, substitute
from small_problems import declared

x, y, z, t = coordinates("x y z t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})


def test_unknown_is_called_at_other_points():
    assert u(x, 0).args == (x, 0)
    assert u(x, 0).func == u.func
    with pytest.raises(ValueError, match=r"u takes \(x, y\)"):
        u(x)


def test_unknowns_of_one_name_but_other_coordinates_differ():
    v = unknown("u", x, t)
    assert v(x, 0).coordinates == (x, t)
    assert u(x, 0).coordinates == (x, y)
    assert v(x, 0) != u(x, 0)


@pytest.mark.parametrize(
    "mistake", [lambda: u.diff(t), lambda: u(x, 0).diff(y), lambda: laplacian(u, x, t)]
)
def test_derivative_that_sympy_would_take_to_be_zero(mistake):
    with pytest.raises(ValueError, match="depend"):
        mistake()


def test_operators_against_sympy():
    f = x**2 * sin(y) * exp(z)
    assert laplacian(f, x, y, z) == sum(diff(f, c, 2) for c in (x, y, z))
    assert gradient(f, x, y) == (diff(f, x), diff(f, y))
    field = (x * y, y * z, z * x)
    assert divergence(field, x, y, z) == y + z + x
    assert curl(field, x, y, z) == (-y, -z, -x)
    assert curl((-y, x), x, y) == 2
    assert divergence(curl(field, x, y, z), x, y, z) == 0
    n = normal(x, y)
    assert normal_derivative(f, x, y) == n[0] * diff(f, x) + n[1] * diff(f, y)
    w = unknown("w", x, y, t)
    assert laplacian(w, x, y) == w.diff(x, 2) + w.diff(y, 2)
    with pytest.raises(ValueError, match="name as many"):
        divergence((u, u, u))
    with pytest.raises(ValueError, match="no unknown"):
        laplacian(f)


def test_occurrences_are_found_at_other_points_and_in_derivatives():
    expression = u(x, 0) + x * u.diff(x, y) + u.diff(y).subs(y, 1) ** 2 + u.diff(y)
    rest, found = separate(expression)
    seen = {(o.index, o.arguments) for o in found.values()}
    assert seen == {((0, 0), (x, 0)), ((1, 1), (x, y)), ((0, 1), (x, 1)), ((0, 1), (x, y))}
    assert not rest.atoms(type(u))
    value = sin(x) * y**3
    by_hand = 0 + x * 3 * y**2 * cos(x) + 9 * sin(x) ** 2 + 3 * y**2 * sin(x)
    assert substitute(expression, {u: value}).equals(by_hand)


def test_an_equation_holds_where_its_arguments_say():
    box = Box({x: (-1, 1), t: (0, 1)})
    v = unknown("v", x, t)
    problem = Problem(
        box,
        Eq(v.diff(t), v.diff(x, 2)),
        Eq(v(x, 0), sin(x)),
        Eq(v(-1, t), v(1, t)),
        Eq(v.diff(x).subs(x, 1), 0),
        Eq(v(0, 0), 0),
    )
    places = [problem.place(c) for c in problem.conditions]
    assert places == [
        "the domain",
        "the domain.at(t=0)",
        "the domain.at(x=-1)",
        "the domain.at(x=1)",
        "the domain.at(x=0, t=0)",
    ]


def test_manufactured_problem_has_no_defects():
    disk = Ball({x: 0, y: 0}, 2)
    exact = exp(x) * sin(y) + x**3
    problem = manufactured(
        disk, -laplacian(u) + u**2, (normal_derivative(u) + 2 * u) @ disk.boundary, exact={u: exact}
    )
    assert problem.defects() == (0, 0)


def test_constants_of_an_exact_solution_may_be_rounded_as_numbers_are():
    """A rational that is pi to sixteen digits; one that is pi to twelve is refused."""
    disk, law = Ball({x: 0, y: 0}, 1), Eq(-laplacian(u), 4 * pi)

    def solved_by(digits):
        return {u: Rational(N(pi, digits).round(digits - 1)) * (1 - x**2 - y**2)}

    Problem(disk, law, Eq(u, 0) @ disk.boundary, exact=solved_by(16))
    with pytest.raises(ValueError, match="does not satisfy"):
        Problem(disk, law, Eq(u, 0) @ disk.boundary, exact=solved_by(12))


def test_defects_vanish_on_the_region_only():
    """1 - x^2 - y^2 is zero on the circle, and nowhere else."""
    disk = Ball({x: 0, y: 0}, 1)
    problem = Problem(
        disk, Eq(-laplacian(u), 4), Eq(u, 0) @ disk.boundary, exact={u: 1 - x**2 - y**2}
    )
    assert problem.defects() == (0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_catalogue_entry_is_satisfied_by_its_exact_solution(name):
    problem = declared(name)
    if problem.exact is None:  # compared with a reference, or (the cavities) with published values
        assert problem.reference is not None or name.startswith("cavity")
    else:
        assert all(defect == 0 for defect in problem.defects())
    assert name == CATALOGUE[name].__name__


def test_pretty_names_equations_places_and_solution():
    text = CATALOGUE["wave_1d"]().pretty()
    assert "on the domain.at(t=0)" in text
    assert "exact: u(x, t)" in text


k = symbols("k")
v = unknown("v", x)
harmonic = Eq(laplacian(u), 0)

MISTAKES = {
    "comparison": (lambda: Problem(square, u == 0), TypeError, "write Eq"),
    "comparison on a region": (
        lambda: Problem(square, harmonic, (u == 0) @ square.boundary),
        TypeError,
        "write Eq",
    ),
    "always true": (lambda: Problem(square, Eq(u, u)), ValueError, "evaluated an equation to True"),
    "no equation": (lambda: Problem(square, "u = 0"), TypeError, "not an equation"),
    "nothing": (lambda: Problem(square), ValueError, "at least one equation"),
    "domain first": (lambda: Problem(harmonic), TypeError, "first argument is its domain"),
    "unknown coordinate": (lambda: Problem(square, Eq(laplacian(u), t)), ValueError, "mentions t"),
    "a letter for a constant": (
        lambda: Problem(square, Eq(laplacian(u), k * u)),
        ValueError,
        "mentions k",
    ),
    "no unknown": (
        lambda: Problem(square, harmonic, Eq(x, y) @ square.boundary),
        ValueError,
        "no unknown",
    ),
    "face outside": (lambda: Problem(square, harmonic, Eq(u(x, 2), 0)), ValueError, "outside"),
    "region outside": (
        lambda: Problem(square, harmonic, Eq(u, 0) @ Ball({x: 0, y: 0}, 1).boundary),
        ValueError,
        "lies outside of the domain",
    ),
    "other coordinates": (
        lambda: Problem(square, harmonic, Eq(u, 0) @ Interval(x, 0, 1).boundary),
        ValueError,
        "mentions y: the coordinates are x",
    ),
    "unknown with too few coordinates": (
        lambda: Problem(square, Eq(v.diff(x), 1)),
        ValueError,
        "no unknown depends on y",
    ),
    "wrong solution": (
        lambda: Problem(square, Eq(laplacian(u), 1), exact={u: x**2}),
        ValueError,
        r"does not satisfy Derivative.*= 1 on .*left minus right side is 1 at",
    ),
    "solution slightly wrong": (
        lambda: Problem(
            square, harmonic, Eq(u, x) @ square.boundary, exact={u: x + Rational(1, 10**12) * x * y}
        ),
        ValueError,
        "does not satisfy u",
    ),
    "solution with a stray symbol": (
        lambda: Problem(square, harmonic, exact={u: t}),
        ValueError,
        "contains t",
    ),
    "solution of another unknown": (
        lambda: Problem(square, harmonic, exact={v: x}),
        ValueError,
        "but the unknowns are",
    ),
    "empty interval": (lambda: Box({x: (1, 1)}), ValueError, "zero measure"),
    "reversed interval": (lambda: Interval(x, 1, 0), ValueError, "zero measure"),
    "infinite interval": (lambda: Box({x: (0, oo)}), ValueError, "finite real number"),
    "a string as a bound": (lambda: Box({x: (0, "1")}), TypeError, "not the string"),
    "no radius": (lambda: Ball({x: 0, y: 0}, 0), ValueError, "zero measure"),
    "flat polygon": (lambda: Polygon((x, y), [(0, 0), (1, 1), (2, 2)]), ValueError, "zero measure"),
    "crossed polygon": (
        lambda: Polygon((x, y), [(0, 0), (1, 1), (1, 0), (0, 2)]),
        ValueError,
        "not simple",
    ),
    "nothing left by where": (
        lambda: Problem(square, harmonic, Eq(u, 0) @ square.boundary.where(y > 2)),
        ValueError,
        "zero measure",
    ),
    "where with a stray symbol": (lambda: square.boundary.where(z > 2), ValueError, "names z"),
    "where with ==": (lambda: square.boundary.where(y == 2), TypeError, "write Eq"),
    "at with a stray name": (lambda: square.at(z=0), ValueError, "no coordinate z"),
    "face of a ball": (
        lambda: Problem(Ball({x: 0, y: 0}, 1), Eq(u(x, 0), 0)),
        ValueError,
        "has no face",
    ),
    "normal inside": (
        lambda: Problem(square, Eq(normal_derivative(u), 0)),
        ValueError,
        "outward normal",
    ),
    "infinite data": (lambda: Problem(square, Eq(laplacian(u), x * oo)), ValueError, "not finite"),
    "nan data": (lambda: Problem(square, Eq(laplacian(u), nan)), ValueError, "nan"),
    "product of the same": (lambda: square * square, ValueError, "share x, y"),
    "union of different": (lambda: square | Interval(x, 0, 1), ValueError, "different coordinates"),
    "coordinates twice": (lambda: unknown("u", x, x), ValueError, "twice"),
    "no coordinates": (
        lambda: Problem(square, Eq(unknown("u").diff(x, 2), -1)),
        ValueError,
        "declared without coordinates",
    ),
    "equations for manufactured": (
        lambda: manufactured(square, harmonic, exact={u: x}),
        TypeError,
        "left-hand sides",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named(mistake):
    make, kind, message = MISTAKES[mistake]
    with pytest.raises(kind, match=message):
        make()
