"""What is given on a grid: boxes that fill it, the same problem as one by hand, and mistakes."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq

from pinnsolve import (
    Box,
    Interval,
    Problem,
    by_array,
    by_region,
    coordinates,
    divergence,
    gradient,
    normal_derivative,
    unknown,
)
from pinnsolve.declare.by_array import PIXELS

x, y, z = coordinates("x y z")
u = unknown("u", x, y)


@pytest.mark.parametrize("shape", [(9,), (6, 5), (4, 3, 5)])
@pytest.mark.parametrize("seed", range(3))
def test_every_pixel_lies_in_one_box_of_its_value(shape, seed):
    random = np.random.default_rng(seed)
    lines = [np.cumsum(random.uniform(0.1, 2, n + 1)) for n in shape]
    values = random.integers(0, 2, shape)
    node = by_array(dict(zip((x, y, z), lines, strict=False)), values)
    middles = np.meshgrid(*[(line[1:] + line[:-1]) / 2 for line in lines], indexing="ij")
    points = np.stack([m.ravel() for m in middles], axis=1)
    held = np.stack([region.contains(points) for region in node.formulas])
    assert (held.sum(axis=0) == 1).all()
    found = np.array([float(v) for v in node.formulas.values()])[held.argmax(axis=0)]
    assert (found == values.ravel()).all()
    assert len(node.formulas) < values.size


def test_neighbours_of_equal_value_make_one_box():
    values = [[1, 1, 2], [1, 1, 2], [3, 3, 2]]
    node = by_array({x: [0, 1, 2, 3], y: [0, 1, 2, 3]}, values)
    held = {str(region): value for region, value in node.formulas.items()}
    assert held == {
        "Box(x: [0, 2], y: [0, 2])": 1,
        "Box(x: [0, 3], y: [2, 3])": 2,
        "Box(x: [2, 3], y: [0, 2])": 3,
    }


def test_areas_are_the_same_problem_as_box_by_box():
    """Of the kind of PINNacle's Poisson 2D-MS, which has five by five areas."""
    random = np.random.default_rng(0)
    values, loads = random.lognormal(size=(2, 2)), random.normal(size=(2, 2))
    plate, edges = Box({x: (-10, 10), y: (-10, 10)}), np.linspace(-10, 10, 3)

    def boxes(numbers):
        return by_region(
            {
                Box({x: (10 * i - 10, 10 * i), y: (10 * j - 10, 10 * j)}): numbers[i, j]
                for i in range(2)
                for j in range(2)
            }
        )

    def problem(k, f):
        law = Eq(-divergence(k * gradient(u)), f)
        return Problem(plate, law, Eq(normal_derivative(u) + u, 0) @ plate.boundary)

    grid = {x: edges, y: edges}
    arrays = problem(by_array(grid, values), by_array(grid, loads))
    assert arrays == problem(boxes(values), boxes(loads))
    assert by_array(grid, values) != by_array(grid, values.T)


ROW = {x: [0, 1, 2]}
MANY = np.arange(400.0).reshape(20, 20)
MISTAKES = {
    "no edges": (lambda: by_array([[0, 1]], [1]), TypeError, "edges of its pixels by coordinate"),
    "a name": (lambda: by_array({"x": [0, 1]}, [1]), TypeError, "edges of its pixels"),
    "one edge": (lambda: by_array({x: [0]}, []), ValueError, "two finite numbers.* along x"),
    "no number": (lambda: by_array({x: ["0", "1"]}, [1]), ValueError, "finite numbers.* along x"),
    "an edge at infinity": (lambda: by_array({x: [0, np.inf]}, [1]), ValueError, "finite numbers"),
    "edges that turn": (
        lambda: by_array({x: [0, 2, 1]}, [1, 2]),
        ValueError,
        "along x do not increase, 2 is followed by 1: sort them",
    ),
    "too few values": (
        lambda: by_array(ROW, [1]),
        ValueError,
        r"shape \(1,\) do not fit .* along x, .*\(2,\) pixels: give one value between two edges$",
    ),
    "values that are turned": (
        lambda: by_array({**ROW, y: [0, 1]}, [[1, 2]]),
        ValueError,
        r"shape \(1, 2\) do not fit .* along x, y, .*\(2, 1\) pixels.*values\.T here",
    ),
    "a value that is missing": (
        lambda: by_array(ROW, [1, np.nan]),
        ValueError,
        r"value of pixel \(1,\) is nan: give a finite number",
    ),
    "texts": (lambda: by_array(ROW, ["1", "2"]), ValueError, "array of real numbers"),
    "complex values": (lambda: by_array(ROW, [1j, 2]), ValueError, "array of real numbers"),
    "a ragged array": (lambda: by_array(ROW, [[1], [2, 3]]), ValueError, "array of real numbers"),
    "more boxes than can be solved for": (
        lambda: by_array({x: np.arange(21), y: np.arange(21)}, MANY),
        ValueError,
        f"makes 400 boxes of 400 values, and at most {PIXELS.boxes} can be solved for: round",
    ),
    "edges that end early": (
        lambda: Problem(Interval(x, 0, 3), Eq(unknown("v", x), by_array(ROW, [1, 2]))),
        ValueError,
        "no value at x=2.*lead the edges of an array to the domain's ends",
    ),
    "edges that lead out": (
        lambda: Problem(Interval(x, 0, 1.5), Eq(unknown("v", x), by_array(ROW, [1, 2]))),
        ValueError,
        "outside of the domain .*end the edges of an array where the domain ends",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named_with_their_remedy(name):
    make, kind, words = MISTAKES[name]
    with pytest.raises(kind, match=words):
        make()
