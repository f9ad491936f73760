"""What is read off the equations: who lives where, and what is continuous between them."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Rational, exp

from pinnsolve import (
    Ball,
    Box,
    Data,
    Interface,
    Interval,
    PointCloud,
    Problem,
    by_region,
    coordinates,
    decompose,
    divergence,
    gradient,
    laplacian,
    normal,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.declare.checks import difference
from pinnsolve.declare.connected import connected
from pinnsolve.declare.partition import common
from pinnsolve.symbols.occurrences import substitute

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", x, y)
n_x, n_y = normal(x, y)
left, right = Box({x: (0, 1), y: (0, 1)}), Box({x: (1, 3), y: (0, 1)})
both = Box({x: (0, 3), y: (0, 1)})
k, f = by_region({left: 1000, right: 1 + x}), by_region({left: 1, right: x})
face = Interface(left, right)


def joints(problem, on=face):
    """Left minus right side of the interface's conditions, at known functions of each part."""
    parts = decompose(problem)
    values = {w: exp(number * x) + y**2 for number, w in enumerate(parts.problem.unknowns, 1)}
    return [
        substitute(difference(c), values).expand()
        for c in parts.problem.conditions
        if c.region == on
    ]


a, b = exp(x) + y**2, exp(2 * x) + y**2  # what `joints` puts in for u_1 and u_2
c, d = exp(3 * x) + y**2, exp(4 * x) + y**2


def along(value, order=1):
    """(n . grad)^order of a value."""
    for _ in range(order):
        value = n_x * value.diff(x) + n_y * value.diff(y)
    return value


JOINTS = {
    "a flux": (Eq(divergence(k * gradient(u)), 0), [a - b, 1000 * along(a) - (1 + x) * along(b)]),
    "a flux with a part that is no gradient": (
        Eq(-2 * divergence([k * u.diff(x) - u, k * u.diff(y)]), f),
        [a - b, 1000 * along(a) - n_x * a - (1 + x) * along(b) + n_x * b],
    ),
    "a flux of values": (
        Eq(divergence((k * u, 0 * u), x, y) + u, 0),
        [n_x * (1000 * a - (1 + x) * b)],
    ),
    "a load, second order": (Eq(laplacian(u), f), [a - b, along(a) - along(b)]),
    "a coefficient in front": (Eq(k * laplacian(u), 1), [a - b, along(a) - along(b)]),
    "first order": (Eq(u.diff(x) + k * u, 0), [a - b]),
    "no derivative": (Eq(u, f), []),
    "fourth order": (
        Eq(laplacian(laplacian(u)), f),
        [along(a, m) - along(b, m) for m in range(4)],
    ),
}


@pytest.mark.parametrize("name", JOINTS)
def test_what_is_continuous_is_read_off_the_equation(name):
    law, wanted = JOINTS[name]
    found = joints(Problem(both, law, Eq(u, 0) @ both.boundary))
    assert [(one - other.expand()).expand() for one, other in zip(found, wanted, strict=True)] == [
        0
    ] * len(wanted)


def test_of_a_system_every_equation_has_its_flux():
    """Two stresses, and two displacements: four conditions."""
    slope = k * (u.diff(y) + v.diff(x))
    law = [
        Eq(divergence((2 * k * u.diff(x), slope)), 0),
        Eq(divergence((slope, 2 * k * v.diff(y))), 0),
    ]
    shear_left, shear_right = 1000 * (a.diff(y) + c.diff(x)), (1 + x) * (b.diff(y) + d.diff(x))
    wanted = [
        a - b,
        c - d,
        n_x * (2000 * a.diff(x) - 2 * (1 + x) * b.diff(x)) + n_y * (shear_left - shear_right),
        n_x * (shear_left - shear_right) + n_y * (2000 * c.diff(y) - 2 * (1 + x) * d.diff(y)),
    ]
    found = joints(Problem(both, *law))
    assert [(one - other).expand() for one, other in zip(found, wanted, strict=True)] == [0] * 4


def test_time_is_no_direction_across_an_interface():
    """Two derivatives in time, and one condition on the value beside the flux."""
    w, hour = unknown("w", x, y, t), Interval(t, 0, 1)
    law = Eq(w.diff(t, 2), divergence(k * gradient(w, x, y), x, y))
    parts = decompose(Problem(both * hour, law, Eq(w(x, y, 0), 0)))
    on_face = [c for c in parts.problem.conditions if isinstance(c.region, Interface)]
    assert len(on_face) == 2
    assert on_face[0].region == Interface(left * hour, right * hour)
    assert len(parts.problem.conditions) == 2 + 2 + 2


def test_conditions_go_to_the_regions_that_they_touch():
    problem = Problem(
        both,
        Eq(divergence(k * gradient(u)), f),
        Eq(u, 0) @ both.at(x=0),
        Eq(u, f) @ both.at(y=0),
        Eq(normal_derivative(u), 0) @ both.at(x=3),
        Eq(u, Data([1.0, 2.0, 3.0])) @ PointCloud({x: [0.5, 2.0, 0.6], y: [0.5, 0.5, 0.1]}),
    )
    parts = decompose(problem)
    one, other = parts.problem.unknowns
    held = {
        str(c.region).split("(")[0] + str(u.func): c
        for c in parts.problem.conditions
        for u in (one, other)
        if difference(c).atoms(type(u)) == {u} or difference(c).has(u)
    }
    assert parts.fields[u] == by_region({left: one, right: other})
    sides = [c for c in parts.problem.conditions if c.region.is_listed]
    assert [c.region.points.tolist() for c in sides] == [[[0.5, 0.5], [0.6, 0.1]], [[2.0, 0.5]]]
    assert [c.region.known[0].tolist() for c in sides] == [[1.0, 3.0], [2.0]]
    bottom = [c for c in parts.problem.conditions if difference(c) in (one - 1, other - x)]
    assert [c.region.contains(np.array([[0.5, 0.0], [2.0, 0.0]])).tolist() for c in bottom] == [
        [True, False],
        [False, True],
    ]
    (end,) = [c for c in parts.problem.conditions if c.region == both.at(x=3)]
    assert end.equation.lhs == normal_derivative(other)
    assert held


def test_a_period_joins_the_parts_at_its_ends():
    w = unknown("w", x)
    thirds = {Interval(x, j, j + 1): j + 1 for j in range(3)}
    ring = Problem(
        Interval(x, 0, 3),
        Eq(divergence(by_region(thirds) * gradient(w)), 1),
        Eq(w(0), w(3)),
        Eq(w.diff(x).subs(x, 0), 3 * w.diff(x).subs(x, 3)),
    )
    parts = decompose(ring)
    first, _, last = parts.problem.unknowns
    ends = [c.equation for c in parts.problem.conditions if c.region == ring.domain.at(x=0)]
    assert ends[0] == Eq(first(0), last(3))
    assert ends[1] == Eq(first.diff(x).subs(x, 0), 3 * last.diff(x).subs(x, 3))


def test_two_lists_of_regions_have_their_common_parts():
    disk = Ball({x: 1, y: Rational(1, 2)}, Rational(1, 4))
    g = by_region({disk: 1, both - disk: 0})
    parts = decompose(Problem(both, Eq(divergence(k * gradient(u)), g), Eq(u, 0) @ both.boundary))
    assert len(parts.problem.unknowns) == 4
    faces = [c.region for c in parts.problem.conditions if isinstance(c.region, Interface)]
    assert len(faces) == 2 * 4  # two arcs and two straight pieces, a value and a flux on each


def test_a_number_is_one_for_all_regions():
    m = unknown("m")
    parts = decompose(Problem(both, Eq(divergence(k * gradient(u)), m), Eq(u, 0) @ both.boundary))
    assert [str(w.func) for w in parts.problem.unknowns] == ["m", "u_1", "u_2"]
    assert parts.fields[m].formulas == {left: m, right: m}


def test_names_that_are_taken_are_left():
    taken = unknown("u_1", x, y)
    parts = decompose(Problem(both, Eq(laplacian(u), f), Eq(taken, u)))
    names = [str(w.func) for w in parts.problem.unknowns]
    assert len(set(names)) == 4


@pytest.mark.parametrize("radius", [Rational(1, 5), Rational(1, 50), Rational(1, 5000)])
def test_a_tiny_island_is_joined_to_what_is_around_it(radius):
    """Two lists of the same regions have two common parts, however small one of them is."""
    island = Ball({x: 1, y: Rational(1, 2)}, radius)
    regions = (island, both - island)
    conduct, load = (by_region(dict(zip(regions, each, strict=True))) for each in ((9, 1), (0, 1)))
    laws = Eq(divergence(conduct * gradient(u)), load), Eq(u, 0) @ both.boundary
    parts = decompose(Problem(both, *laws))
    assert parts.pieces.regions == regions
    on = [c.region for c in parts.problem.conditions]
    assert on.count(Interface(*regions)) == 2
    assert on.count(both.boundary) == 1


def test_parts_that_touch_have_nothing_in_common():
    assert common(left, right) is None
    assert common(left, both) == left
    assert common(both, left) == left
    overlapping = common(left, Box({x: (Rational(1, 2), 2), y: (0, 1)}))
    assert overlapping.contains(np.array([[0.7, 0.5], [0.3, 0.5], [1.5, 0.5]])).tolist() == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("width", [Rational(1, 10), Rational(1, 100_000)])
def test_the_ends_of_a_thin_strip_have_the_conditions_of_the_wall(width):
    """Between two plates: its ends are less of the wall than random points of that see."""
    spans = [(0, 1), (1, 1 + width), (1 + width, 3)]
    plates = [Box({x: span, y: (0, 1)}) for span in spans]
    conduct = by_region(dict(zip(plates, (1, 1000, 1), strict=True)))
    laws = Eq(divergence(conduct * gradient(u)), 0), Eq(u, y) @ both.boundary
    parts = decompose(Problem(both, *laws))
    known = [c for c in parts.problem.conditions if c.equation.rhs == y]
    assert len(known) == 3
    ends = sample_region(known[1].region, 64, seed=0)
    assert plates[1].contains(ends.x).all()
    assert set(ends.x[:, 1]) == {0.0, 1.0}
    assert ends.weights.sum() == pytest.approx(2 * float(width))


def interval(low, high):
    return Interval(x, low, high)


ISLANDS = {
    "intervals": (interval(0, 1) | interval(2, 3), [0.5, 2.5]),
    "an interval less two": (interval(0, 5) - (interval(1, 2) | interval(3, 4)), [0.5, 2.5, 4.5]),
    "neighbours": (interval(0, 1) | interval(2, 3) | interval(1, Rational(3, 2)), [0.5, 2.5]),
    "one": (interval(0, 2) | interval(1, 3), [0.5]),
    "at all times": ((interval(0, 1) | interval(2, 3)) * Interval(t, 0, 1), [0.5, 2.5]),
    "cut by another": ((interval(0, 1) | interval(2, 3)) & interval(0, Rational(5, 2)), [0.5, 2.2]),
    "a box cut through": (both - Box({x: (1, 2), y: (0, 1)}), [0.5, 2.5]),
    "a box with a notch": (both - Box({x: (1, 2), y: (Rational(1, 2), 1)}), [0.5]),
    "disks": (Ball({x: 0, y: 0.5}, 0.4) | Ball({x: 1, y: 0.5}, 0.4), [0.1, 0.9]),
    "boxes that meet in a corner": (left | Box({x: (1, 2), y: (1, 2)}), [0.5, 1.5]),
    "a plate with holes": (both - (Ball({x: 1, y: 0.5}, 0.2) | Ball({x: 2, y: 0.5}, 0.2)), [0.5]),
}


@pytest.mark.parametrize("name", ISLANDS)
def test_islands_are_told_apart(name):
    """Each has one of the points; together they are the region."""
    region, at = ISLANDS[name]
    parts = connected(region)
    x_of = np.column_stack([at, *[np.full(len(at), 0.5)] * (len(region.coordinates) - 1)])
    if name == "boxes that meet in a corner":
        x_of[1, 1] = 1.5
    held = np.stack([part.contains(x_of) for part in parts])
    assert (held.sum(axis=0) == 1).all()
    assert (held.sum(axis=1) == 1).all()
    points = sample_region(region, 500, seed=0).x
    assert np.stack([part.contains(points) for part in parts]).any(axis=0).all()
    for part in parts:
        assert region.contains(sample_region(part, 100, seed=1).x).all()
    assert len(parts) > 1 or parts == (region,)


def test_an_unknown_for_each_island():
    """Heat through three layers, of which two are one material: resistances add up."""
    w = unknown("w", x)
    copper = interval(0, 1) | interval(2, 3)
    conduct = by_region({copper: 100, interval(1, 2): 1})
    laws = Eq(divergence(conduct * gradient(w)), 0), Eq(w(0), 0), Eq(w(3), 102)
    problem = Problem(interval(0, 3), *laws)
    assert len(decompose(problem).problem.unknowns) == 3
    solution = solve(problem, tolerance=1e-10)
    assert solution([[0.5], [1.0], [2.0], [2.5]]) == pytest.approx([0.5, 1.0, 101.0, 101.5])
