"""Corners of plates: powers by the conditions of both sides, and functions that satisfy them."""

from __future__ import annotations

import cmath
import math
from itertools import product

import numpy as np
import pytest
import torch
from sympy import Eq, Rational

from oracles import against_autograd
from pinnsolve import (
    Box,
    Dense,
    PointCloud,
    Polygon,
    Problem,
    compile_problem,
    coordinates,
    eigenmodes,
    laplacian,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.biharmonic import FlowCornerFunctions
from pinnsolve.discretize.flow_corners import velocity_powers
from pinnsolve.discretize.plate_corners import (
    _determinant,
    corners_without_force,
    known_plate_corners,
    plate_powers,
)
from pinnsolve.problems.spectra import SPECTRA
from pinnsolve.running.stop import Stop

x, y = coordinates("x y")
v, RATIO = unknown("v", x, y), Rational(3, 10)
square = Box({x: (0, 1), y: (0, 1)})
UNIT = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
SIDES = list(product((x, y), (0, 1)))


def held(how, axis, end):
    """Conditions on a side of the square: clamped, hinged, free or guided."""
    other, side = (y if axis is x else x), square.at(**{axis.name: end})
    value, slope, moment, shear = (
        v,
        v.diff(axis),
        v.diff(axis, 2) + RATIO * v.diff(other, 2),
        v.diff(axis, 3) + (2 - RATIO) * v.diff(axis, other, other),
    )
    two = {"clamped": (value, slope), "hinged": (value, moment), "free": (moment, shear)}
    two["guided"] = slope, shear
    return [Eq(each, 0) @ side for each in two[how]]


def plate(*hows, more=()):
    sides = [each for how, side in zip(hows, SIDES, strict=True) for each in held(how, *side)]
    return compile_problem(Problem(square, Eq(laplacian(laplacian(v)), 1), *sides, *more))


def clamped(opening):
    """By d and dbar: the value, and the derivative across."""
    across = [cmath.exp(1j * (sign * opening / 2 + math.pi / 2)) for sign in (-1, 1)]
    return [[{(0, 0): 1.0}, {(1, 0): n, (0, 1): n.conjugate()}] for n in across]


@pytest.mark.parametrize("opening", [math.pi / 2, 2.0, 4.0, 3 * math.pi / 2])
def test_clamped_corners_have_one_power_more_than_the_velocity(opening):
    """Two derivations, of which one is a formula (Dean and Montagnon)."""
    wanted = [1 + a for a in velocity_powers(opening)]
    assert plate_powers(opening, clamped(opening))[: len(wanted)] == pytest.approx(wanted)


def derivatives(basis, places):
    orders = [(0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]
    return dict(zip(orders, basis(places, orders), strict=True))


@pytest.mark.parametrize("first", ["clamped", "hinged", "free"])
@pytest.mark.parametrize("last", ["clamped", "hinged", "free"])
def test_functions_satisfy_the_conditions_of_both_sides(first, last):
    """In the corner (0, 0): x = 0 is held by one, y = 0 by the other."""
    corners = known_plate_corners(plate(first, "free", last, "free"))
    here = [corner for corner in corners if corner.at == (0.0, 0.0)]
    if "hinged" in (first, last):
        assert not here  # of a right angle a mirror makes a straight side
        return
    basis = FlowCornerFunctions(tuple(here)).build(UNIT, 0)
    s, nu = torch.tensor([1e-6, 1e-3, 0.1, 0.7], dtype=torch.float64), 0.3
    for how, places, (i, j) in (
        (first, torch.stack([0 * s, s], 1), (0, 1)),
        (last, torch.stack([s, 0 * s], 1), (1, 0)),
    ):
        d = derivatives(basis, places)

        def of(across, along, d=d, i=i, j=j):
            return d[(across, along) if j else (along, across)]

        moment = of(2, 0) + nu * of(0, 2), of(2, 0).abs() + of(0, 2).abs()
        shear = of(3, 0) + (2 - nu) * of(1, 2), of(3, 0).abs() + of(1, 2).abs()
        value, slope = (of(0, 0), d[0, 0].abs() + s[:, None] ** 1.5), (of(1, 0), s[:, None])
        two = {"clamped": (value, slope), "hinged": (value, moment), "free": (moment, shear)}[how]
        for zero, size in two:
            assert float((zero.abs() / (size + 1e-300)).max()) < 1e-9


def test_functions_are_biharmonic_and_their_derivatives_closed():
    corners = known_plate_corners(plate("clamped", "free", "free", "free"))
    basis = FlowCornerFunctions(corners).build(UNIT, 0)
    generator = torch.Generator().manual_seed(0)
    places = 0.1 + 0.8 * torch.rand(20, 2, generator=generator, dtype=torch.float64)
    assert against_autograd(basis, places, [(1, 0), (0, 2), (2, 1)]) < 1e-10
    parts = basis(places, [(4, 0), (2, 2), (0, 4)]) * torch.tensor([1.0, 2.0, 1.0])[:, None, None]
    assert float((parts.sum(dim=0).abs() / parts.abs().sum(dim=0)).max()) < 1e-9


def test_powers_of_a_free_and_a_held_corner():
    corners = {c.at: c for c in known_plate_corners(plate("clamped", "free", "free", "free"))}
    assert len(corners) == 4
    lowest = {at: min(t.power for t in c.terms if not t.raised) for at, c in corners.items()}
    # Of finite energy; shear without a bound beside a clamped side, and, weakly, where both are free
    assert lowest == pytest.approx(
        {(0, 0): 2.0687, (0, 1): 2.0687, (1, 0): 2.7569, (1, 1): 2.7569}, abs=1e-4
    )


def test_no_power_is_left_out():
    """As many zeros as the argument of the determinant turns around them."""
    opening, sides = 2.0, clamped(2.0)
    t = np.linspace(0, 1, 4000)
    a, b, h = 1.5 + 0j, 7.4, 6.0
    path = [
        a - 1j * h + (b - a) * t,
        b - 1j * h + 2j * h * t,
        b + 1j * h + (a - b) * t,
        a + 1j * h - 2j * h * t,
    ]
    values = _determinant(np.concatenate(path), opening, sides)
    turns = np.angle(values[1:] / values[:-1]).sum() / (2 * np.pi)
    found = sum(2 if p.imag else 1 for p in plate_powers(opening, sides) if p.real < 7.4)
    assert round(turns) == found + 1  # r^2, which is there twice


def test_curved_sides_systems_and_other_operators_have_none():
    skew = Problem(square, Eq(laplacian(v.diff(x, 2) + 2 * v.diff(y, 2)), 1), *held("free", x, 0))
    assert not known_plate_corners(compile_problem(skew))
    triangle = Polygon((x, y), [(0, 0), (1, 0), (0, 1)])
    drum = Problem(triangle, Eq(laplacian(v), 1), Eq(v, 0) @ triangle.boundary)
    assert not known_plate_corners(compile_problem(drum))


CORNERS = {(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)}


@pytest.mark.parametrize(
    ("hows", "wanted"),
    [
        (("free",) * 4, CORNERS),
        (("clamped", "free", "free", "free"), {(1.0, 0.0), (1.0, 1.0)}),
        (("clamped", "free", "clamped", "free"), {(1.0, 1.0)}),
        (("hinged", "free", "free", "free"), {(1.0, 0.0), (1.0, 1.0)}),
        (("guided", "free", "free", "free"), {(1.0, 0.0), (1.0, 1.0)}),
        (("hinged",) * 4, set()),
        (("guided",) * 4, set()),
    ],
)
def test_corners_that_can_move_want_a_force(hows, wanted):
    """A side that is held takes any force, and one that does not turn none of a twist."""
    assert set(corners_without_force(plate(*hows))) == wanted


def test_a_force_or_a_pin_in_a_corner_is_seen():
    more = [Eq(v.diff(x, y), 0) @ square.at(x=0, y=0), Eq(v, 0) @ PointCloud({x: [1], y: [1]})]
    left = corners_without_force(plate(*["free"] * 4, more=more))
    assert set(left) == {(0.0, 1.0), (1.0, 0.0)}


def test_oblique_corners_want_forces():
    """Of a triangle, by conditions in its normals n and sides s."""
    triangle, equations = Polygon((x, y), [(0, 0), (2, 0), (0.3, 1)]), []
    points = [(0, 0), (2, 0), (Rational(3, 10), 1)]
    for a, b in zip(points, [*points[1:], points[0]], strict=True):
        n = Rational(b[1] - a[1]), Rational(a[0] - b[0])
        there = triangle.boundary.where(abs(n[0] * (x - a[0]) + n[1] * (y - a[1])) < 1e-9)
        s = -n[1], n[0]

        def along(f, way):
            return way[0] * f.diff(x) + way[1] * f.diff(y)

        size = n[0] ** 2 + n[1] ** 2
        bent, turned = along(along(v, n), n), along(along(v, s), s)
        moment, shear = bent + RATIO * turned, along(bent + (2 - RATIO) * turned, n)
        equations += [Eq(moment / size, 0) @ there, Eq(shear / size, 0) @ there]
    system = compile_problem(Problem(triangle, Eq(laplacian(laplacian(v)), 1), *equations))
    assert len(corners_without_force(system)) == 3


def test_what_is_solved_without_a_force_is_not_unique():
    hows = ("clamped", "free", "free", "free")
    sides = [each for how, side in zip(hows, SIDES, strict=True) for each in held(how, *side)]
    problem = Problem(square, Eq(laplacian(laplacian(v)), 1), *sides)
    with pytest.warns(UserWarning, match=r"free corners \(1, 0\) and \(1, 1\): declare"):
        found = solve(problem, Dense(40))
    assert found.stopped == Stop.NOT_UNIQUE


def test_modes_of_free_corners_without_a_force_are_refused():
    """One of four conditions in corners is left out: solutions that are pulled there are many."""
    whole, _ = SPECTRA["free_plate"]()
    less = Problem(whole.domain, *(c for c in whole.conditions if "(x=1, y=0)" not in str(c)))
    assert len(less.conditions) == len(whole.conditions) - 1
    with pytest.raises(ValueError, match=r"free corners \(1, 0\): declare that none"):
        eigenmodes(less)
