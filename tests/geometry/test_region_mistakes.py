"""Mistakes with regions, clouds and points: refused by words that name the thing and the remedy."""

from __future__ import annotations

import pytest

from mistakes import equation, few, k, named, require_refused, square, u, v, x, y
from pinnsolve import (
    Ball,
    Box,
    Data,
    Interval,
    PointCloud,
    Polygon,
    geometric,
    inspect,
    sample_region,
)

REGIONS = {
    "polygon in text": (
        lambda: Polygon("xy", [(0, 0), (1, 0), (0, 1)]),
        TypeError,
        r"Polygon\(\(x, y\), .*got 'xy'",
    ),
    "polygon in names": (
        lambda: Polygon(("x", "y"), [(0, 0), (1, 0), (0, 1)]),
        TypeError,
        r"from coordinates\(...\)",
    ),
    "polygon in one coordinate": (
        lambda: Polygon(x, [(0, 0), (1, 0), (0, 1)]),
        TypeError,
        "two coordinates.*got x",
    ),
    "polygon in the same twice": (
        lambda: Polygon((x, x), [(0, 0), (1, 0), (0, 1)]),
        ValueError,
        "two coordinates",
    ),
    "polygon of a number": (lambda: Polygon((x, y), 5), TypeError, "vertices in order.*got 5"),
    "polygon of text": (lambda: Polygon((x, y), "abc"), TypeError, "vertices in order.*got 'abc'"),
    "polygon with a number": (
        lambda: Polygon((x, y), [(0, 0), (1, 0), 5]),
        ValueError,
        "pairs of numbers: got 5",
    ),
    "one bound": (lambda: Box({x: 1}), TypeError, r"two bounds of x, x: \(0, 1\)"),
    "three bounds": (lambda: Box({x: (0, 1, 2)}), TypeError, "two bounds of x"),
    "a list": (lambda: Box([(0, 1), (0, 1)]), TypeError, r"Box\({x: \(0, 1\), y: \(0, 2\)}\)"),
    "a name": (lambda: Box({"x": (0, 1)}), ValueError, r"from coordinates\(...\)"),
    "no bound": (lambda: Box({x: (0, None)}), TypeError, "bound of x must be a finite real number"),
    "a letter": (lambda: Box({x: (0, k)}), ValueError, "bound of x must be a finite real number"),
    "reversed": (lambda: Interval(x, 1, 0), ValueError, "lower bound below the upper"),
    "centre in a list": (lambda: Ball([0, 0], 1), TypeError, r"Ball\({x: 0, y: 0}, 1\)"),
    "negative radius": (lambda: Ball({x: 0}, -1), ValueError, "radius -1"),
    "two corners": (lambda: Polygon((x, y), [(0, 0), (1, 0)]), ValueError, "zero measure"),
    "times a number": (lambda: square * 2, TypeError, "combines a region with another.*got 2"),
    "and a number": (lambda: square & 3, TypeError, "combines a region with another"),
    "less a boundary": (
        lambda: square - square.boundary,
        TypeError,
        "combines a region with another solid one",
    ),
    "nowhere": (square.at, ValueError, r"at\(x=0\)"),
    "a place without a name": (lambda: square.at(x, 0), ValueError, r"by its name, at\(x=0\)"),
    "a place in a dict": (lambda: square.at({x: 0}), ValueError, r"by its name, at\(x=0\)"),
    "left": (lambda: square.at(x="left"), TypeError, "must be a number, not the string 'left'"),
    "where a string": (lambda: square.boundary.where("x > 0"), TypeError, r"where\(y > 0.5\)"),
    "where a function": (
        lambda: square.boundary.where(lambda x: x > 0),
        TypeError,
        r"where\(y > 0.5\)",
    ),
    "where an expression": (lambda: square.boundary.where(x), TypeError, r"where\(y > 0.5\)"),
    "where an unknown": (lambda: square.boundary.where(v > 0), TypeError, r"where\(y > 0.5\)"),
    "cloud in a list": (lambda: PointCloud([0, 1]), TypeError, r"PointCloud\({x: xs, y: ys}\)"),
    "cloud by name": (
        lambda: PointCloud({"x": [0, 1]}),
        TypeError,
        r"PointCloud\({x: xs, y: ys}\)",
    ),
    "data in words": (lambda: Data("abc"), TypeError, "Data wants numbers"),
    "texts as data": (lambda: Data(["1", "2"]), TypeError, "Data wants numbers"),
    "a cloud of texts": (
        lambda: PointCloud({x: ["0.1"]}),
        TypeError,
        r"PointCloud wants numbers, PointCloud\({x: \[",
    ),
    "a seed of points": (
        lambda: sample_region(square, 5, "a"),
        TypeError,
        "whole number from 0 as seed: got 'a'",
    ),
    "a network for a region": (
        lambda: inspect(square, few),
        TypeError,
        r"inspect\(Dense\(50\), region\)",
    ),
    "half a step": (lambda: geometric(1, 2, 1.5), TypeError, "steps a whole one: got 1, 2, 1.5"),
    "data nowhere": (
        lambda: equation(u, Data([1, 2])),
        ValueError,
        r"Eq\(u, Data\(values\)\) @ PointCloud",
    ),
    "points of no region": (
        lambda: sample_region("square", 10, 0),
        TypeError,
        "wants a region and a positive number",
    ),
    "no points": (
        lambda: sample_region(square, 0, 0),
        TypeError,
        "wants a region and a positive number",
    ),
}

MISTAKES = named("regions", REGIONS)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])
