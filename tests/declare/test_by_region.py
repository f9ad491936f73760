"""What differs by region: as an expression, and as a mistake."""

from __future__ import annotations

import pickle

import pytest
from sympy import Derivative, Eq, Rational, sin

from pinnsolve import (
    Ball,
    Box,
    Interface,
    Interval,
    Problem,
    by_region,
    coordinates,
    decompose,
    divergence,
    gradient,
    unknown,
)
from pinnsolve.declare.by_region import in_region

x, y = coordinates("x y")
u, v = unknown("u", x, y), unknown("v", x)
plate = Box({x: (-1, 1), y: (-1, 1)})
disk = Ball({x: 0, y: 0}, Rational(1, 2))
rest = plate - disk
k = by_region({disk: 1000, rest: 1 + x})
law, held = Eq(divergence(k * gradient(u)), 0), Eq(u, 0) @ plate.boundary


def test_it_is_an_expression_that_compares_and_travels():
    again = by_region({Ball({x: 0, y: 0}, Rational(1, 2)): 1000, plate - disk: 1 + x})
    assert (again, hash(again), str(again)) == (k, hash(k), str(k))
    assert k != by_region({disk: 999, rest: 1 + x})
    assert k != by_region({Ball({x: 0, y: 0}, 1): 1000, rest: 1 + x})
    assert k + again == 2 * k
    assert str(k) == f"by_region({{{disk}: 1000, {rest}: x + 1}})"
    flux = divergence(k * gradient(u))
    assert pickle.loads(pickle.dumps(k)) == k
    assert pickle.loads(pickle.dumps(flux)) == flux
    assert pickle.loads(pickle.dumps(Problem(plate, law, held))) == Problem(plate, law, held)


def test_derivatives_wait_for_the_region():
    """Each formula has its own; between them there is a jump, which none of these holds."""
    product = (k * x**2).diff(x)
    assert product == 2 * x * k + x**2 * Derivative(k, x)
    assert in_region(product, {k: sin(x)}) == 2 * x * sin(x) + x**2 * sin(x).diff(x)


def test_a_divergence_keeps_its_flux_until_the_region_is_known():
    flux = k * gradient(u)
    kept = divergence(flux)
    assert kept.flux == flux
    assert in_region(kept, {k: x * y}) == divergence(x * y * gradient(u))
    assert divergence(x * y * gradient(u)).has(Derivative)


MISTAKES = {
    "no regions": (lambda: by_region({}), TypeError, "wants a formula for each region"),
    "no mapping": (lambda: by_region(3), TypeError, "wants a formula for each region"),
    "a boundary": (lambda: by_region({disk.boundary: 1}), TypeError, "wants solid regions"),
    "no value": (lambda: by_region({disk: None, rest: 1}), ValueError, "no value for Ball"),
    "a text": (lambda: by_region({disk: "1"}), TypeError, "a number or a formula for Ball.*'1'"),
    "other coordinates": (
        lambda: by_region({disk: 1, Interval(x, 0, 1): 2}),
        ValueError,
        "give regions over the same ones",
    ),
    "a coefficient that is zero": (
        lambda: Problem(plate, Eq(divergence(by_region({disk: 0, rest: 1}) * gradient(u)), 1)),
        ValueError,
        "says nothing of an unknown in Ball.*radius 1/2.*coefficients are zero: give",
    ),
    "an overlap": (
        lambda: Problem(plate, Eq(u, by_region({disk: 1, plate: 2}))),
        ValueError,
        r"Ball.*radius 1/2\) and Box.*overlap at x=.*, y=",
    ),
    "a gap": (
        lambda: Problem(plate, Eq(u, by_region({disk: 1}))),
        ValueError,
        r"no value at x=.*, y=.*give the rest one too",
    ),
    "a thin gap": (
        lambda: Problem(
            plate, Eq(u, by_region({disk: 1, plate - Ball({x: 0, y: 0}, Rational(501, 1000)): 2}))
        ),
        ValueError,
        "no value at",
    ),
    "a region that sticks out": (
        lambda: Problem(
            plate, Eq(u, by_region({disk: 1, Box({x: (-2, 1), y: (-1, 1)}) - disk: 1}))
        ),
        ValueError,
        "lies outside of the domain Box.* at x=-",
    ),
    "coordinates in another order": (
        lambda: Problem(plate, Eq(u, by_region({Ball({y: 0, x: 0}, 1): 1}))),
        ValueError,
        "in the same order",
    ),
    "a flux without its divergence": (
        lambda: Problem(plate, Eq((k * u.diff(x)).diff(x) + u.diff(y, 2), 0), held),
        ValueError,
        "write the flux inside of a divergence",
    ),
    "a value on an interface": (
        lambda: Problem(plate, law, held, Eq(u, 1) @ disk.boundary),
        ValueError,
        "lies on the interface between .* continuous already, by the equation: leave it out",
    ),
    "an interface's condition given once more": (
        lambda: Problem(plate, law, held, Eq(u, 1) @ Interface(disk, rest)),
        ValueError,
        "lies on the interface between",
    ),
    "a value on the interface of a rod": (
        lambda: Problem(
            Interval(x, 0, 2),
            Eq(
                divergence(by_region({Interval(x, 0, 1): 1, Interval(x, 1, 2): 2}) * gradient(v)), 0
            ),
            Eq(v(1), 0),
        ),
        ValueError,
        "lies on the interface between",
    ),
    "an exact solution that jumps": (
        lambda: Problem(plate, law, held, exact={u: by_region({disk: 1, rest: 0})}),
        ValueError,
        "does not satisfy u_1.* = u_2.* on Interface",
    ),
    "an exact solution whose flux jumps": (
        lambda: Problem(
            plate,
            Eq(divergence(k * gradient(u)), by_region({disk: 4000, rest: 0})),
            Eq(u, Rational(1, 4)) @ plate.boundary,
            exact={u: by_region({disk: x**2 + y**2, rest: Rational(1, 4)})},
        ),
        ValueError,
        r"does not satisfy 1000\*n_x.* on Interface",
    ),
    "two fluxes that do not add up": (
        lambda: Problem(plate, Eq(k * divergence(k * gradient(u)) + divergence((k * u, k * u)), 0)),
        ValueError,
        "several divergences with factors that differ by region",
    ),
    "nothing to decompose": (
        lambda: decompose(Problem(plate, Eq(u, x))),
        ValueError,
        "no formula of this problem differs by region",
    ),
    "no problem": (lambda: decompose(plate), TypeError, "decompose wants a Problem"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_refused_when_the_problem_is_declared(name):
    make, kind, words = MISTAKES[name]
    with pytest.raises(kind, match=f"(?s){words}"):
        make()
