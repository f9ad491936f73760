"""Points of a solution: every way to give them, and values in their shape."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import qmc
from sympy import Eq, Matrix, Symbol, sin

from pinnsolve import (
    Ball,
    Box,
    Data,
    Dense,
    Interval,
    PointCloud,
    Problem,
    coordinates,
    gradient,
    laplacian,
    manufactured,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.discretize.sobol import sobol

x, y, t = coordinates("x y t")
square = Box({x: (0, 1), y: (0, 2)})
u, w, v = unknown("u", x, y), unknown("w", y, x), unknown("v", t)


class Frame:
    """What a data frame is to us: columns, and arrays by name."""

    def __init__(self, held):
        self.held, self.columns = held, list(held)

    def __getitem__(self, name):
        return self.held[name]


@pytest.fixture(scope="module")
def plane():
    return solve(
        manufactured(square, laplacian(u), u @ square.boundary, exact={u: x + 2 * y}),
        Dense(120, activation="sin"),
    )


@pytest.fixture(scope="module")
def turned():
    """The unknown's order is y, x, the domain's x, y."""
    return solve(
        manufactured(square, laplacian(w), w @ square.boundary, exact={w: x + 2 * y}),
        Dense(120, activation="sin"),
    )


@pytest.fixture(scope="module")
def line():
    domain = Interval(t, 0, 1)
    return solve(
        manufactured(domain, v.diff(t), v @ domain.at(t=0), exact={v: t**2}),
        Dense(20, activation="sin"),
    )


def values(a, b):
    return np.asarray(a) + 2 * np.asarray(b)


A, B = np.random.default_rng(0).random((2, 5))
X, Y = np.meshgrid(A, B, indexing="ij")
WAYS = {
    "rows": lambda s: (s(np.stack([A, B], 1)), values(A, B)),
    "lists": lambda s: (s([[0.1, 0.2], [0.3, 0.4]]), [0.5, 1.1]),
    "a point": lambda s: (s([0.1, 0.2]), [0.5]),
    "a grid, coordinates last": lambda s: (s(np.stack([X, Y], -1)), values(X, Y)),
    "one array a coordinate": lambda s: (s(X, Y), values(X, Y)),
    "a pair": lambda s: (s((X, Y)), values(X, Y)),
    "a meshgrid": lambda s: (s(np.meshgrid(A, B)), values(*np.meshgrid(A, B))),
    "broadcast": lambda s: (s(A[:, None], B), values(X, Y)),
    "an array and a number": lambda s: (s(A, 0.5), values(A, 0.5)),
    "numbers": lambda s: (s(0.1, 0.2), 0.5),
    "a dict": lambda s: (s({"y": B, "x": A}), values(A, B)),
    "a dict of symbols": lambda s: (s({y: Y, x: X}), values(X, Y)),
    "a frame": lambda s: (s(Frame({"y": B, "id": A * 0, "x": A})), values(A, B)),
    "a tensor": lambda s: (s(torch.tensor(np.stack([A, B], 1), requires_grad=True)), values(A, B)),
    "integers": lambda s: (s(np.array([[0, 1], [1, 1]])), [2, 3]),
    "a cloud": lambda s: (s(PointCloud({y: B, x: A})), values(A, B)),
    "empty": lambda s: (s(np.zeros((0, 2))), []),
    "an empty list": lambda s: (s([]), []),
    "none of a grid": lambda s: (s(np.zeros((3, 0, 2))), np.zeros((3, 0))),
}


@pytest.mark.parametrize("way", WAYS)
def test_points_are_given_in_many_ways_and_values_have_their_shape(plane, way):
    found, expected = WAYS[way](plane)
    assert np.shape(found) == np.shape(expected)
    assert found == pytest.approx(np.asarray(expected), abs=1e-7)


def test_the_order_of_coordinates_is_never_guessed(turned):
    points = sample_region(turned.problem.domain, 20, 0)
    a, b = np.asarray(points.x).T
    expected = values(a, b)
    for given in (
        points,
        points.x,
        points.x[:7],
        points.x[points.x[:, 0] > 0.5],
        points.taken(np.arange(3)),
    ):
        rows = np.asarray(given.x if hasattr(given, "weights") else given)
        assert turned(given) == pytest.approx(values(*rows.T), abs=1e-7)
    for given in (
        {"x": a, "y": b},
        np.stack([b, a], 1),
        np.stack([b, a]).T,
        points.x[:, [1, 0]],
        points.x[:, ::-1],
    ):
        assert turned(given) == pytest.approx(
            expected, abs=1e-7
        )  # plain numbers are in the unknown's order: y, x
    assert turned(b, a) == pytest.approx(expected, abs=1e-7)
    with pytest.warns(
        UserWarning, match="10 of 20 points lie outside of the domain"
    ):  # columns of x, y, and no names
        assert turned(points.x + 0.0 * points.x[:, ::-1])[0] == pytest.approx(
            values(b[0], a[0]), abs=1e-7
        )
    turned.plot()


def test_a_copy_that_has_lost_its_names_is_told_apart_where_it_can_be():
    tall = Box({x: (0, 1), y: (0, 4)})
    solution = solve(Problem(tall, Eq(w, x + 2 * y)), Dense(60, activation="sin"))
    points = sample_region(tall, 20, 0)
    expected = values(*np.asarray(points.x).T)
    assert solution(points.x.copy()) == pytest.approx(expected, abs=1e-5)
    with pytest.warns(UserWarning, match=r"inside if they are in the domain's, \(x, y\)"):
        solution(np.asarray(points.x))
    with pytest.warns(UserWarning, match=r"the first is x=5, y=0.5$"):
        solution([[0.5, 5.0]])


def test_unknowns_of_several_orders_want_names():
    both = solve(Problem(square, Eq(u, x), Eq(w, y)), Dense(60))
    with pytest.raises(ValueError, match="order their coordinates differently"):
        both([[0.1, 0.2]])
    assert both({"x": 0.1, "y": 0.2})["w"] == pytest.approx(0.2, abs=1e-3)


@pytest.mark.parametrize(
    "given",
    [0.5, np.float64(0.5), [0.5], [0.1, 0.5], np.full((2, 3), 0.5), [[0.5], [0.5]]],
    ids=str,
)
def test_one_coordinate(line, given):
    shape = (2,) if np.shape(given) == (2, 1) else np.shape(given)
    found = line(given)
    assert found.shape == shape
    assert found == pytest.approx(np.asarray(given, dtype=float).reshape(shape) ** 2, abs=1e-6)


def test_expressions_give_the_like(plane):
    points = np.stack([X, Y], -1)
    slopes = plane(points, gradient(u))
    assert isinstance(slopes, tuple)
    assert [s.shape for s in slopes] == [X.shape, X.shape]
    assert slopes[1] == pytest.approx(np.full(X.shape, 2.0), abs=1e-5)
    assert isinstance(plane(points, [u, x]), list)
    assert plane(X, Y, {"flux": u.diff(x)})["flux"] == pytest.approx(np.ones(X.shape), abs=1e-5)
    matrix = plane(points, Matrix([[u, x], [y, 1], [0, u.diff(y)]]))
    assert matrix.shape == (*X.shape, 3, 2)
    assert matrix[..., 1, 0] == pytest.approx(Y)
    assert plane(0.1, 0.2, expression=sin(u)) == pytest.approx(np.sin(0.5), abs=1e-7)
    assert plane(np.zeros((0, 2)), gradient(u))[0].shape == (0,)


def test_normals_come_with_sampled_points(plane):
    for face, slope in ((square.at(x=0), -1), (square.at(y=2), 2)):
        found = plane(sample_region(face, 9, 0), normal_derivative(u))
        assert found == pytest.approx(np.full(len(found), slope), abs=1e-5)


def test_normals_are_turned_with_the_points(turned):
    found = turned(sample_region(square.at(y=2), 9, 0), normal_derivative(w))
    assert found == pytest.approx(np.full(len(found), 2.0), abs=1e-5)


BAD = {
    "too many columns": (lambda s: s([[1, 2, 3]]), ValueError, r"shape \(n, 2\)"),
    "too few": (lambda s: s([1.0]), ValueError, r"shape \(n, 2\)"),
    "lying down": (lambda s: s(np.zeros((2, 7))), ValueError, "transpose"),
    "three arrays": (lambda s: s(A, A, A), ValueError, "got 3 arrays"),
    "shapes": (lambda s: s(A, B[:3]), ValueError, "do not broadcast"),
    "nan": (lambda s: s([[0.0, 1.0], [0.0, np.nan]]), ValueError, "point 1 is x=0.0, y=nan"),
    "a name missing": (lambda s: s({"x": A, "z": B}), ValueError, "lack y: they hold x, z"),
    "text": (lambda s: s("0.1, 0.2"), TypeError, "real numbers"),
    "complex": (lambda s: s([[1j, 0]]), TypeError, "real numbers"),
    "ragged": (lambda s: s([[0, 1], [2]]), TypeError, "all rows as long"),
    "nothing": (lambda s: s(None), TypeError, "real numbers"),
    "other coordinates": (
        lambda s: s(sample_region(Ball({x: 0, t: 0}, 1), 9, 0)),
        ValueError,
        "lack y",
    ),
    "normal of the inside": (lambda s: s(A, B, normal_derivative(u)), ValueError, "outward normal"),
    "another unknown": (lambda s: s(A, B, w), ValueError, "contains w"),
    "a symbol": (lambda s: s(A, B, u + Symbol("k")), ValueError, "mentions k"),
    "text behind names": (
        lambda s: s({x: A, y: B}, "u**2"),
        TypeError,
        r"solution\(points, u\(x, y\)\*\*2\), and no str",
    ),
    "a function behind names": (
        lambda s: s({x: A, y: B}, lambda a: a),
        TypeError,
        "expression of the problem's symbols",
    ),
    "a number behind names": (lambda s: s({x: A, y: B}, 5), TypeError, "and no int: got 5"),
    "a number behind a cloud": (
        lambda s: s(PointCloud({y: B, x: A}), 5),
        TypeError,
        "and no int: got 5",
    ),
    "a number behind a sample": (
        lambda s: s(sample_region(square, 9, 0), 5),
        TypeError,
        "and no int: got 5",
    ),
    "an array behind a frame": (
        lambda s: s(Frame({"y": B, "x": A}), A),
        TypeError,
        "and no ndarray",
    ),
    "text behind rows": (lambda s: s([[0.1, 0.2]], "u**2"), TypeError, "and no str"),
    "a function behind rows": (
        lambda s: s([[0.1, 0.2]], lambda a: a),
        TypeError,
        "and no function",
    ),
    "the unknown's name behind rows": (lambda s: s([[0.1, 0.2]], u.func), TypeError, "solution"),
    "a number behind rows": (
        lambda s: s([[0.1, 0.2]], 5),
        ValueError,
        r"5 beside points of shape \(1, 2\).*'x': ..., 'y'",
    ),
    "a number behind an array": (lambda s: s(np.stack([A, B], 1), 5), ValueError, "two ways"),
    "a number before rows": (lambda s: s(5, [[0.1, 0.2, 0.3]]), ValueError, "two ways"),
    "a function for an expression": (
        lambda s: s(A, B, expression=lambda a: a),
        TypeError,
        "of the problem's symbols",
    ),
    "text for an expression": (lambda s: s(A, B, expression="u"), TypeError, "not of text"),
}


@pytest.mark.parametrize("name", BAD)
def test_points_and_expressions_that_are_refused(plane, name):
    ask, kind, words = BAD[name]
    with pytest.raises(kind, match=words):
        ask(plane)


def test_data_and_constants_of_the_problem_are_known():
    k = Symbol("k")
    cloud = PointCloud({x: [0.0, 1.0, 0.5], y: [0.0, 2.0, 1.0]})
    found = solve(
        Problem(square, Eq(u, k) @ square, Eq(u, Data([3, 3, 3])) @ cloud, constants={k: 3}),
        Dense(60),
    )
    assert found(0.5, 0.5, k * u) == pytest.approx(9, abs=1e-2)


@pytest.mark.parametrize("dimension", [1, 2, 5, 40])
@pytest.mark.parametrize("n", [1, 2, 100, 1025])
def test_sobol_points_are_those_of_scipy(dimension, n):
    """To the last bit, and the generator goes on alike: problems solved before have the points that
    they had.
    """
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    for _ in range(2):
        expected = qmc.Sobol(dimension, rng=theirs).random_base2(int(np.ceil(np.log2(n))))[:n]
        np.testing.assert_array_equal(sobol(n, dimension, ours), expected)
    assert ours.random() == theirs.random()
