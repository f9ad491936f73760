"""Mistakes that newcomers make: each is refused before any work starts, by words that name the
thing and the remedy.
"""

from __future__ import annotations

import math
import pickle
from functools import cache

import numpy as np
import pytest
import sympy
import torch
from sympy import Eq, Function, I, Integral, Matrix, Sum, Symbol, cos, oo, sin, zoo

from pinnsolve import (
    LBFGS,
    LSGD,
    Adam,
    Ball,
    Box,
    BoxPlanes,
    Budget,
    Data,
    Dense,
    Functions,
    GradientDescent,
    Greedy,
    Interval,
    LeastSquares,
    March,
    PointCloud,
    Polygon,
    Problem,
    ResNet,
    Sequence,
    TensorProduct,
    Waves,
    compile_problem,
    coordinates,
    curl,
    divergence,
    geometric,
    gradient,
    hard,
    inspect,
    laplacian,
    load,
    manufactured,
    normal,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)
from pinnsolve.keywords import spoken

x, y, t, tau, s = coordinates("x y t tau s")
k = Symbol("k")
u, v, w, h = unknown("u", x), unknown("v", x, y), unknown("w", x, t), unknown("h", x, s)
line, square, strip = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)}), Box({x: (0, 1), t: (0, 1)})
slope = Eq(u.diff(x), 1)
rod = Problem(line, Eq(-u.diff(x, 2), 1), Eq(u(0), 0), Eq(u(1), 0))
heat = Problem(
    strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w(x, 0), sin(x)), Eq(w(0, t), 0), Eq(w(1, t), 0)
)
few = Dense(5)


def equation(left, right=0):
    return Problem(line, Eq(left, right))


def evolving(*equations):
    """On a strip, with values and rates at its start, and nothing at its end."""
    started = [Eq(f, 0) for g in (h, g2) for f in (g(x, 0), g.diff(s).subs(s, 0), g(0, s), g(1, s))]
    return Problem(Box({x: (0, 1), s: (0, 1)}), *equations, *started)


g2 = unknown("g", x, s)
PLAIN = r"if that is a time, write laplacian\(h, x\)"
TIMELIKE = [
    (
        "a wave's laplacian",
        [Eq(h.diff(s, 2), laplacian(h) / 4)],
        "second derivative by s .*" + PLAIN,
    ),
    ("a damped wave's", [Eq(h.diff(s, 2) + h.diff(s), laplacian(h))], PLAIN),
    (
        "a plate's",
        [Eq(h.diff(s, 2), -laplacian(laplacian(h)))],
        "second derivative by s .*" + PLAIN,
    ),
    ("a film's", [Eq(h.diff(s), -laplacian(laplacian(h)))], PLAIN),
    ("a phase field's", [Eq(h.diff(s), laplacian(h**3 - h - laplacian(h)))], PLAIN),
    (
        "another unknown's",
        [Eq(g2.diff(s), -laplacian(h)), Eq(h.diff(s), laplacian(g2, x))],
        "of g by s .*of h.*" + PLAIN,
    ),
    ("a gradient", [Eq(h.diff(s), -sum(p**2 for p in gradient(h)) / 2)], r"write gradient\(h, x\)"),
]
p1, p2 = unknown("p1", x, y), unknown("p2", x, y)
BARE = r"holds everywhere, and so does another, .*write "
MISPLACED = {
    "a value everywhere": (
        (square, Eq(-laplacian(v), 1), Eq(v, 0)),
        BARE + r"Eq\(v, 0\) @ domain.boundary",
    ),
    "a multiple of it": (
        (line, Eq(-u.diff(x, 2), 1), Eq(2 * u, x), Eq(u(0), 0)),
        BARE + r"Eq\(u, x/2\) @ domain.bound",
    ),
    "a start everywhere": (
        (strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w, sin(x))),
        r"2 equations .*Eq\(w, .* @ domain.at\(t=",
    ),
    "a slope everywhere": (
        (line, Eq(u.diff(x, 2), 1), Eq(u(0), 0), Eq(u.diff(x), 0)),
        BARE + r"Eq\(u.diff\(x\), 0\) @",
    ),
    "one of two": (
        (square, Eq(laplacian(p1), p2), Eq(laplacian(p2), p1.diff(x)), Eq(p1, 1)),
        BARE + r"Eq\(p1, 1\)",
    ),
}


def rod_with(value):
    return Problem(line, slope, Eq(u(0), 0), exact={u: value})


@cache
def solved():
    return solve(rod_with(x), Dense(20))


DECLARING = {
    "no name": (lambda: coordinates(""), ValueError, r"at least one name, coordinates\('x t'\)"),
    "a number as coordinates": (
        lambda: coordinates(5),
        TypeError,
        r"names in a string, coordinates\('x t'\)",
    ),
    "a list of names": (lambda: coordinates(["x", "y"]), TypeError, r"names in a string"),
    "one name twice": (lambda: coordinates("x x"), ValueError, "names one twice: x, x"),
    "no coordinates": (
        lambda: unknown("u").diff(x),
        ValueError,
        "u does not depend on x: declare it with that coordinate",
    ),
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
    "time by another name": (
        lambda: Problem(
            Box({x: (0, 1), s: (0, 1)}), Eq(h.diff(s), laplacian(h)), Eq(h(x, 0), 0), Eq(h(0, s), 0)
        ),
        ValueError,
        r"if that is a time, write laplacian\(h, x\)",
    ),
    **{
        f"a time among the coordinates of {name}": (
            lambda e=equations: evolving(*e),
            ValueError,
            remedy,
        )
        for name, equations, remedy in TIMELIKE
    },
    "a time that runs backwards": (
        lambda: Problem(
            Box({x: (0, 1), s: (0, 1)}),
            Eq(-h.diff(s), laplacian(h)),
            Eq(h(x, 1), 0),
            Eq(h(0, s), 0),
        ),
        ValueError,
        r"at the start of s: if that is a time, write laplacian\(h, x\)",
    ),
    **{
        name: (lambda a=given: Problem(*a), ValueError, remedy)
        for name, (given, remedy) in MISPLACED.items()
    },
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
    "integral": (
        lambda: equation(u.diff(x), Integral(u, (x, 0, 1))),
        ValueError,
        r"one more unknown F with Eq\(F.diff",
    ),
    "integral of a kernel": (
        lambda: equation(u, Integral(u(y) * x, (y, 0, x))),
        ValueError,
        "one more unknown F",
    ),
    "sum": (lambda: equation(u.diff(x), Sum(u**k, (k, 0, 3))), ValueError, "write its terms"),
    "of time alone": (
        lambda: solve(
            Problem(strip, Eq(w.diff(t), w.diff(x, 2)), Eq(unknown("q", t).diff(t), w(0, t)))
        ),
        ValueError,
        r"q\(t\) lack coordinates of the domain.*q: Dense\(40\)",
    ),
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

SOLVING = {
    "a width": (
        lambda: solve(rod, 400),
        TypeError,
        r"400 is none: write solve\(problem, Dense\(400\)\)",
    ),
    "a tolerance": (lambda: solve(rod, 1e-6), TypeError, r"solve\(problem, tolerance=1e-06\)"),
    "a budget": (lambda: solve(rod, Budget(3)), TypeError, r"budget=Budget\(...\)"),
    "a march": (lambda: solve(heat, March(t)), TypeError, r"march=March\(...\)"),
    "a guess": (lambda: solve(rod, {u: x}), TypeError, r"guess={u: ...}"),
    "an expression": (lambda: solve(rod, sin(x)), TypeError, r"Functions\(...\)"),
    "a word": (lambda: solve(rod, "dense"), TypeError, r"Dense\(400\)"),
    "a class": (
        lambda: solve(rod, Dense),
        TypeError,
        r"the class Dense.*an instance of it, Dense\(...\)",
    ),
    "a method for a basis": (
        lambda: solve(rod, LSGD()),
        TypeError,
        r"a basis before the method, Dense\(50\), LSGD",
    ),
    "a basis for a method": (lambda: solve(rod, few, few), TypeError, r"method=LSGD\(\)"),
    "a class of methods": (lambda: solve(rod, few, LSGD), TypeError, r"write LSGD\(\)"),
    "a descent for a method": (
        lambda: solve(rod, few, Adam()),
        TypeError,
        r"write LSGD\(descent=Adam\(...\)\)",
    ),
    "a method without basis": (
        lambda: solve(rod, method=LeastSquares()),
        ValueError,
        r"solve\(problem, Dense\(50\), LSGD\(\)\)",
    ),
    "grow": (lambda: solve(rod, few, grow=True), TypeError, r"grow=Greedy\(\)"),
    "a class of growth": (lambda: solve(rod, few, grow=Greedy), TypeError, r"write Greedy\(\)"),
    "an equation": (lambda: solve(slope), TypeError, r"solve\(Problem\(domain, Eq"),
    "equations": (lambda: solve([slope]), TypeError, r"solve\(Problem\(domain, Eq"),
    "a name": (lambda: solve("poisson"), TypeError, "wants a Problem"),
    "the class": (lambda: solve(Problem), TypeError, "the class Problem"),
    "a function": (lambda: solve(lambda: rod), TypeError, "call it"),
    "a compiled problem": (lambda: solve(compile_problem(rod)), TypeError, "give its .problem"),
    "tolerance in quotes": (
        lambda: solve(rod, tolerance="1e-6"),
        TypeError,
        "tolerance=1e-6: got '1e-6'",
    ),
    "tolerance 0": (lambda: solve(rod, tolerance=0), ValueError, "positive number below 1"),
    "tolerance 10": (lambda: solve(rod, tolerance=10), ValueError, "positive number below 1"),
    "tolerances": (
        lambda: solve(rod, tolerance={u: 1e-3}),
        TypeError,
        "tolerance must be a number",
    ),
    "seed -1": (lambda: solve(rod, seed=-1), ValueError, "seed must be from 0"),
    "seed 1.5": (lambda: solve(rod, seed=1.5), TypeError, "seed must be an integer"),
    "no seed": (lambda: solve(rod, seed=None), TypeError, "seed must be an integer"),
    "callback": (lambda: solve(rod, callbacks="print"), TypeError, r"callbacks=\[print\]"),
    "callbacks": (lambda: solve(rod, callbacks=[5]), TypeError, r"callbacks=\[print\]"),
    "budget in quotes": (lambda: solve(rod, budget="30"), TypeError, "budget=30"),
    "no time": (lambda: solve(rod, budget=0), ValueError, "budget must be positive"),
    "a class of budgets": (lambda: solve(rod, budget=Budget), TypeError, "the class Budget"),
    "seconds in quotes": (lambda: Budget("30"), TypeError, r"Budget\(seconds=30\)"),
    "guess by name": (lambda: solve(rod, guess={"u": x}), TypeError, "write u, without quotes"),
    "guess alone": (lambda: solve(rod, guess=x), TypeError, r"guess={u: sin\(x\)}"),
    "guess of another": (lambda: solve(rod, guess={v: x}), ValueError, "every unknown, u"),
    "guess with a letter": (
        lambda: solve(rod, guess={u: k * x}),
        ValueError,
        "mentions k: give an expression of x",
    ),
    "guess as a function": (
        lambda: solve(rod, guess={u: np.sin}),
        TypeError,
        "expression of the coordinates",
    ),
    "guess of itself": (lambda: solve(rod, guess={u: u**2}), ValueError, "without unknowns"),
    "a root of nothing": (
        lambda: solve(equation(u.diff(x), sympy.log(x - 2)), few),
        ValueError,
        "logarithms of negative numbers",
    ),
    "a piece without": (
        lambda: solve(equation(u.diff(x), sympy.Piecewise((1, x < 0.5))), few),
        ValueError,
        r"a Piecewise without \(..., True\)",
    ),
    "infinite guess": (lambda: solve(rod, guess={u: zoo}), ValueError, "real function"),
    "complex guess": (lambda: solve(rod, guess={u: I * x}), ValueError, "real function"),
    "a guess that is not real": (
        lambda: solve(rod, guess={u: sympy.log(x - 2)}),
        ValueError,
        r"log\(x - 2\), .* nowhere in",
    ),
    "a solution as a guess": (lambda: solve(rod, guess=solved()), TypeError, "resume=solution"),
    "no continuation": (
        lambda: solve(rod, continuation={}),
        ValueError,
        r"names no constant: .*geometric\(0.1",
    ),
    "a callback of nothing": (
        lambda: solve(rod, callbacks=lambda: 1),
        TypeError,
        r"called with one Step, .*lambda step",
    ),
    "widths for a basis": (
        lambda: solve(rod, [20, 20, 1]),
        TypeError,
        r"write solve\(problem, Dense\(20, 2\), layers",
    ),
    "a basis to compile": (
        lambda: compile_problem(few),
        TypeError,
        "compile_problem wants a Problem",
    ),
    "a negative scale": (
        lambda: Waves(-3),
        ValueError,
        r"a scale is no negative number, Waves\(3.0\): got -3",
    ),
    "a scale in quotes": (lambda: Waves("3"), TypeError, r"a scale is a number, .*got '3'"),
    "a slope in quotes": (lambda: BoxPlanes("3"), TypeError, r"BoxPlanes\(3.0\): got '3'"),
    "an expression first": (
        lambda: solved()(u, np.zeros(2)),
        TypeError,
        r"points come first, .*solution\(points, u\(x\)\)",
    ),
    "a region for points": (
        lambda: solved()(line),
        TypeError,
        r"sample_region\(region, 1000, seed=0\)",
    ),
    "a name for points": (
        lambda: solved()(x=0.5),
        TypeError,
        r"solution has no argument x: write solution\(points\)",
    ),
    "points of an error": (
        lambda: solved().error(points=5),
        TypeError,
        "solution.error has no argument points: write n=",
    ),
    "a file's name": (lambda: solved().save(filename="a.st"), TypeError, "write path="),
    "prediction": (
        lambda: solved().predict(0.5),
        AttributeError,
        r"no attribute predict: call it, solution\(points\)",
    ),
    "an unknown of it": (lambda: solved().u, AttributeError, r"solution\(points, u\)"),
    "a solution for a formula": (lambda: Eq(u, solved()), TypeError, r"Data\(solution\(points\)\)"),
    "no such constant": (
        lambda: solve(rod, continuation={k: (1, 2)}),
        ValueError,
        "no constant.*constants={k: ...}",
    ),
    "continuation by name": (
        lambda: solve(rod, continuation={"k": (1, 2)}),
        TypeError,
        r"{nu: geometric\(0.1, 1e-3\)}",
    ),
    "one value": (
        lambda: solve(rod, continuation={k: 1}),
        TypeError,
        r"numbers in turn, k: \(0.1, 0.01\)",
    ),
    "geometric words": (lambda: geometric("a", 1), TypeError, "wants numbers"),
    "march by name": (lambda: solve(heat, march="t"), TypeError, r"march=March\(t\)"),
    "March by name": (lambda: March("t"), TypeError, r"March\(t, 8\)"),
    "half a slab": (lambda: March(t, 1.5), TypeError, r"March\(t, 8\)"),
    "march elsewhere": (
        lambda: solve(heat, march=March(y)),
        ValueError,
        "March in y: the coordinates are x, t",
    ),
    "checkpoint": (
        lambda: solve(rod, checkpoint=True),
        TypeError,
        "a file's name, checkpoint='run.st'",
    ),
    "resume": (lambda: solve(rod, resume=5), TypeError, "a file's name"),
    "imaginary": (
        lambda: solve(equation(u.diff(x), I * u)),
        ValueError,
        "real and the imaginary part as two unknowns",
    ),
    "a function unknown": (
        lambda: solve(equation(u, Function("f")(x))),
        ValueError,
        r"f = unknown\('f', x\).*implemented_function",
    ),
    "no such operation": (
        lambda: solve(equation(u, sympy.zeta(x + 2))),
        ValueError,
        "cannot compile zeta.*known are",
    ),
    "the user's names": (
        lambda: solve(equation(sympy.zeta(u.diff(x)), 1)),
        ValueError,
        r"zeta in zeta\(u.diff\(x\)\)",
    ),
    "width in quotes": (lambda: solve(rod, Dense("20")), TypeError, r"Dense\(400, 2\): got '20'"),
    "half a neuron": (lambda: solve(rod, Dense(1.5)), TypeError, r"Dense\(400, 2\)"),
    "widths": (lambda: solve(rod, ResNet([20, 20], 2)), TypeError, r"ResNet\(400, 2\)"),
    "no neurons": (lambda: solve(rod, Dense(0)), ValueError, "at least 1"),
    "no such activation": (
        lambda: solve(rod, Dense(5, activation="swish")),
        ValueError,
        "there are tanh",
    ),
    "initializer by name": (
        lambda: solve(rod, Dense(5, initialize="waves")),
        TypeError,
        r"initialize=Waves\(3.0\)",
    ),
    "class of initializers": (
        lambda: solve(rod, Dense(5, initialize=Waves)),
        TypeError,
        r"initialize=Waves\(3.0\)",
    ),
    "basis and a number": (lambda: Dense(5) + 5, TypeError, r"Dense\(400\) \+ Functions"),
    "functions in quotes": (lambda: Functions("x"), TypeError, r"Functions\(x, sin\(x\)\)"),
    "functions in a list": (lambda: Functions([x, cos(x)]), TypeError, r"Functions\(x, sin\(x\)\)"),
    "functions of an unknown": (lambda: Functions(u), TypeError, "expressions of coordinates"),
    "functions elsewhere": (
        lambda: solve(rod, Functions(k * x)),
        ValueError,
        "mention k: the domain's coordinates",
    ),
    "steps in quotes": (lambda: solve(rod, few, LSGD(steps="5")), TypeError, "whole numbers"),
    "a descent by name": (
        lambda: LSGD(descent="adam"),
        TypeError,
        r"descent must be .*LSGD\(descent=Adam\(1e-3\)\).*'adam'",
    ),
    "a descent's class": (lambda: LSGD(descent=Adam), TypeError, r"write Adam\(\)"),
    "a joint descent's class": (
        lambda: GradientDescent(descent=Adam),
        TypeError,
        r"write Adam\(\)",
    ),
    "a joint descent by name": (lambda: GradientDescent(descent="adam"), TypeError, "got 'adam'"),
    "a method for a descent": (
        lambda: LSGD(descent=LeastSquares()),
        TypeError,
        r"descent must be one as in",
    ),
    "a memory in quotes": (lambda: LBFGS("a"), TypeError, r"LBFGS\(memory=50\): got 'a'"),
    "no memory": (lambda: LBFGS(0), ValueError, "memory must be at least 1"),
    "a number of draws": (lambda: LSGD(resample=5), TypeError, r"resample=Resample\(\): got .*, 5"),
    "a transform by name": (
        lambda: GradientDescent(transform="compiled"),
        TypeError,
        "transform=compiled",
    ),
    "a class in turn": (lambda: Sequence((Adam, 5)), TypeError, r"write Adam\(\)"),
    "a descent without steps": (
        lambda: Sequence(Adam()),
        ValueError,
        r"Sequence\(\(Adam\(\), 1000\), ...\)",
    ),
    "a rate in quotes": (lambda: Adam("1e-3"), TypeError, "rate must be a number: got '1e-3'"),
    "a schedule's value": (
        lambda: Adam(schedule=0.9),
        TypeError,
        "schedule must be a function of the step",
    ),
    "one decay": (lambda: Adam(decay=0.9), TypeError, r"decay=\(0.9, 0.999\)"),
    "seconds of a training": (
        lambda: LSGD(seconds="5"),
        TypeError,
        "seconds must be a number: got '5'",
    ),
    "a goal in quotes": (lambda: GradientDescent(goal="1e-3"), TypeError, "goal must be a number"),
    "exact without a formula": (
        lambda: rod_with(Function("f")(x)),
        ValueError,
        r"exact of u\(x\) holds f\(x\).*no formula",
    ),
    "exact in terms of one": (
        lambda: rod_with(x * Function("f")(x).diff(x)),
        ValueError,
        r"holds f\(x\).*no formula",
    ),
    "made without a formula": (
        lambda: manufactured(line, u.diff(x), exact={u: Function("f")(x)}),
        ValueError,
        r"holds f\(x\).*no formula",
    ),
    "guess without a formula": (
        lambda: solve(rod, guess={u: Function("f")(x)}),
        ValueError,
        r"guess of u\(x\) holds f\(x\).*no formula",
    ),
    "points in quotes": (
        lambda: solved().error("100"),
        TypeError,
        "n must be a whole number, n=1000: got '100'",
    ),
    "half a point": (lambda: solved().error(2.5), TypeError, "n must be a whole number"),
    "no points": (lambda: solved().error(0), ValueError, "n must be at least 1"),
    "a seed in quotes": (
        lambda: solved().error(10, "a"),
        TypeError,
        "seed must be a whole number, seed=0: got 'a'",
    ),
    "a residual's seed": (lambda: solved().residual("a"), TypeError, "seed must be a whole number"),
    "pruned by text": (lambda: solved().pruned("a"), TypeError, "below must be a number"),
    "tensor product": (lambda: TensorProduct(5), TypeError, r"\(x, y\): Dense\(100\)"),
    "no file": (lambda: load("nowhere.st"), OSError, "nowhere.st"),
}

TABLES = {"declaring": DECLARING, "problems": PROBLEMS, "regions": REGIONS, "solving": SOLVING}
MISTAKES = {
    f"{table}: {name}": mistake
    for table, mistakes in TABLES.items()
    for name, mistake in mistakes.items()
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    make, kind, words = MISTAKES[mistake]
    with pytest.raises(kind, match=f"(?s){words}"):
        make()


def test_the_table_is_long():
    assert len(MISTAKES) >= 150


PLAIN = {
    "one callback": {"callbacks": lambda step: None},
    "seconds": {"budget": 30},
    "numpy seconds": {"budget": np.float32(30)},
    "sympy's numbers": {"tolerance": sympy.Rational(1, 100), "seed": sympy.Integer(3)},
    "numpy's numbers": {"tolerance": np.float64(1e-2), "seed": np.int64(3)},
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_plain_is_accepted(name):
    assert solve(rod, Dense(40), **PLAIN[name]).residual() < 1e-3


def test_a_gradient_is_multiplied_and_added_component_by_component():
    assert divergence(k * gradient(v)) == (k * laplacian(v)).expand()
    assert 2 * gradient(v) - gradient(v) == gradient(v)
    assert (gradient(v) + gradient(v)) / 2 == gradient(v)
    assert -gradient(v) == (-v.diff(x), -v.diff(y))


def test_vectors_and_lists_are_equations_by_component():
    field = (Eq(v.diff(x), 1), Eq(v.diff(y), x))
    by_matrix = Problem(square, Eq(Matrix([v.diff(x), v.diff(y)]), Matrix([1, x])))
    assert [c.equation for c in by_matrix.conditions] == list(field)
    assert [c.equation for c in Problem(square, Eq(gradient(v), (1, x))).conditions] == list(field)
    assert [c.equation for c in Problem(square, [*field]).conditions] == list(field)
    on_boundary = Problem(square, Eq(laplacian(v), 0), Eq(gradient(v), (1, x)) @ square.boundary)
    assert [str(c.region) for c in on_boundary.conditions[1:]] == [str(square.boundary)] * 2


def test_a_stationary_flow_is_not_taken_for_an_evolution():
    disk = Ball({x: 0, y: 0}, 1)
    for domain in (disk, square):
        Problem(domain, Eq(v.diff(y) + v, laplacian(v)), Eq(v, 0) @ domain.boundary)
    sides = [Eq(v, 0) @ square.at(x=0), Eq(v, 0) @ square.at(x=1), Eq(v, 0) @ square.at(y=0)]
    v2 = unknown("v2", x, y)
    Problem(
        square, Eq(laplacian(v), v2.diff(x)), Eq(laplacian(laplacian(v)), laplacian(v)), *sides
    )  # y has an open end
    rod = [Eq(v, 0) @ square.at(x=1), Eq(v, 0) @ square.at(y=0), Eq(v, 1) @ square.at(y=1)]
    Problem(square, Eq(laplacian(v) + v.diff(x) / x, 0), *rod)  # x = 0 is an axis
    Problem(square, Eq(x * laplacian(v), -v.diff(x)), *rod)
    Problem(square, Eq(v.diff(y, 2), v.diff(x, 2)), Eq(v.diff(x) ** 2 + v.diff(y) ** 2, v), *sides)


def test_more_equations_than_unknowns_that_agree_are_not_misplaced():
    Problem(line, Eq(u.diff(x), 1), Eq(u, x))
    Problem(square, Eq(v.diff(x), 1), Eq(v.diff(y), x))
    Problem(square, Eq(p1, 0), Eq(laplacian(p2), p1), Eq(p2, 0) @ square.boundary)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (Eq(w(x, 0), sin(t)), "t is 0 there: did you mean x"),
        (Eq(w(1, t), 2 * x), "x is 1 there: did you mean t"),
        (Eq(w.diff(t).subs(t, 0), t), "t is 0 there: did you mean x"),
        (Eq(w(t, 0), 1), "t is 0 there, and stands in the place of x: did you mean x"),
    ],
)
def test_data_of_a_coordinate_that_is_fixed_there_deserve_a_word(given, words):
    with pytest.warns(UserWarning, match=words):
        Problem(strip, Eq(w.diff(t), w.diff(x, 2)), given)


def test_a_final_value_of_what_follows_from_its_start_deserves_a_word():
    words = r"holds at the final t too, .* write @ domain.sides\(t\)"
    with pytest.warns(UserWarning, match=words):
        Problem(strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w, 0) @ strip.boundary)
    Problem(strip, Eq(w.diff(t), w.diff(x, 2)), Eq(w, 0) @ strip.sides(t), Eq(w(x, 0), 0))
    Problem(strip, Eq(laplacian(w, x, t), w.diff(t)), Eq(w, 0) @ strip.boundary)
    Problem(
        strip,
        Eq(w.diff(t), w.diff(x, 2)),
        Eq(w.diff(x), 0) @ strip.at(x=0),
        Eq(w, 0) @ strip.at(t=1),
    )


def test_coordinates_are_a_tuple_otherwise():
    assert coordinates("x t") == (x, t)
    assert (*coordinates("x"), t) == (x, t)
    assert sympy.Tuple(x, t) == sympy.sympify(coordinates("x t"))


def test_points_outside_of_the_domain_deserve_a_word():
    with pytest.warns(
        UserWarning, match=r"1 of 3 points lie outside of the domain .* the first is x=5"
    ):
        solved()(np.array([0.0, 5.0, 1.0]))
    solved()(np.array([0.0, 0.5, 1.0 + 1e-14]))


def test_data_that_vary_or_are_constant_deserve_none():
    Problem(
        strip,
        Eq(w.diff(t), w.diff(x, 2)),
        Eq(w(x, 0), sin(x + t)),
        Eq(w(0, t), 1),
        Eq(w(1, t), w(0, t) + t),
    )
    Problem(line, Eq(u.diff(x), 1), Eq(u(0), x))
    Problem(strip, Eq(w, t) @ strip.at(t=0))


TAKEN = [
    (
        lambda: solve(rod, tol=1e-6),
        "solve has no argument tol: write tolerance=.*takes problem, basis",
    ),
    (lambda: solve(rod, rtol=1e-6), "no argument rtol: write tolerance="),
    (lambda: solve(rod, tolerence=1e-6), "no argument tolerence: write tolerance="),
    (lambda: solve(rod, time_limit=3), "no argument time_limit: write budget="),
    (lambda: solve(rod, epochs=100), r"no argument epochs: .*LSGD\(steps=500"),
    (lambda: solve(rod, n_neurons=100), r"no argument n_neurons: .*Dense\(400"),
    (lambda: solve(rod, optimizer=Adam()), "write method="),
    (lambda: solve(rod, initial_guess={u: x}), "write guess="),
    (lambda: solve(rod, loss_weights=[1]), "weighted by the solver itself"),
    (lambda: solve(rod, exact={u: x}), r"Problem\(..., exact={u"),
    (solve, r"solve lacks problem: it is called as solve\(problem, tol"),
    (
        lambda: Problem(line, slope, bc=Eq(u(0), 0)),
        r"Problem has no argument bc: .*behind the domain, Problem\(domain, Eq",
    ),
    (lambda: Problem(line, equations=[slope]), "behind the domain"),
    (lambda: Problem(line, slope, solution={u: x}), "write exact="),
    (lambda: Problem(line, slope, params={k: 1}), "write constants="),
    (Problem, r"Problem lacks domain: it is called as Problem\(domain, Eq"),
    (lambda: Budget(time=3), "Budget has no argument time: write seconds="),
    (lambda: Budget(memory=3), "write gigabytes="),
    (lambda: March(t, dt=0.1), r"slabs are counted, March\(t, 8\)"),
    (lambda: March(t, n=8), "write slabs="),
    (lambda: Dense(neurons=20), "Dense has no argument neurons: write width="),
    (lambda: Dense(20, layers=2), "write depth="),
    (Dense, r"Dense lacks width: it is called as Dense\(width, depth=..."),
    (lambda: LSGD(lr=1e-3), r"Adam\(rate=1e-3\)"),
    (lambda: LSGD(epochs=10), "write steps="),
    (lambda: Adam(lr=1e-3), "write rate="),
    (lambda: Box(x=(0, 1)), r"Box has no argument x: write Box\({x: \(0, 1\)"),
    (lambda: Interval(x, (0, 1)), r"Interval lacks high: it is called as Interval\(x, 0, 1\)"),
    (lambda: Ball({x: 0}, r=1), "write radius="),
    (lambda: Data([1], sigma=1), r"Data\(values\)"),
    (lambda: unknown("u", x, real=True), "real without being told"),
    (lambda: laplacian(v, coordinates=(x, y)), "one after the other"),
    (
        lambda: manufactured(line, u.diff(x), {u: x}),
        r"manufactured lacks exact: .*manufactured\(domain, -laplacian",
    ),
    (lambda: Polygon((x, y), points=[(0, 0), (1, 0), (0, 1)]), "write vertices="),
    (lambda: load("a.st", rod, device="cuda"), "everything is computed in float64"),
]


@pytest.mark.parametrize(("called", "words"), TAKEN)
def test_arguments_that_are_not_there_are_answered_with_those_that_are(called, words):
    with pytest.raises(TypeError, match=f"(?s){words}"):
        called()


FORMULAS = [
    (lambda: math.sin(u), r"u\(x\) is a formula, not a number; write sympy's functions"),
    (lambda: math.exp(u.diff(x) * x), "sympy's functions in the place of math's"),
    (lambda: float(u), r"solution\(points, u\(x\)\)"),
    (
        lambda: np.interp(x, [0, 1], [1, 2]),
        r"values of a table .*implemented_function\('f', lambda x: np.interp",
    ),
    (lambda: int(u * x), "is a formula, not a number"),
    (lambda: complex(u), "is a formula, not a number"),
    (lambda: round(u), "is a formula, not a number"),
    (
        lambda: 1 if u > 0 else 0,
        r"u\(x\) > 0 holds at some points.*write Piecewise\(\(a, u\(x\) > 0\), \(b, True\)\)",
    ),
    (lambda: max(x, 0), r"Max\(a, b\)"),
    (lambda: square.boundary.where(0.2 < x < 1), r"And\(p, q\) for .*a < x < b"),
    (lambda: np.where(x > 0.5, 1, 2), "write Piecewise"),
    (lambda: np.isnan(u), r"isnan cannot be taken of the formula u\(x\): write it with sympy's"),
    (lambda: torch.sin(u * x), r"torch's sin cannot be taken of the formula x\*u\(x\)"),
    (lambda: u(0)(1), r"u\(0\) is evaluated already, and cannot be called again: call u\(x\)"),
    (lambda: sympy.Derivative(u * v, x)(0), r"cannot be called: write .subs\(x, value\)"),
    (lambda: u ^ 2, r"is written u\*\*2"),
    (lambda: Eq(u, "sin(x)"), r"got 'sin\(x\)': write it without quotes"),
    (lambda: Eq(u, None), "got None: write a number or a formula"),
    (lambda: Eq(u, np.linspace(0, 1, 3)), r"Eq\(u, Data\(values\)\) @ PointCloud"),
    (lambda: Eq(u, lambda x: x), "write the function's formula"),
    (lambda: Eq(u), r"has two sides, and its region stands behind it, Eq\(...\) @ region"),
    (lambda: Eq(u, 0, line.boundary), r"Eq\(...\) @ region"),
]


@pytest.mark.parametrize(("asked", "words"), FORMULAS)
def test_formulas_that_are_taken_for_numbers_say_what_to_write(asked, words):
    with pytest.raises(TypeError, match=f"(?s){words}"):
        asked()


@pytest.mark.parametrize(
    ("name", "words"),
    [("dx", r"u.diff\(x\)"), ("laplacian", r"laplacian\(u\)"), ("_secret", "_secret$")],
)
def test_attributes_that_are_not_there_say_what_to_write(name, words):
    with pytest.raises(AttributeError, match=words):
        getattr(u, name)
    assert not hasattr(u, name)


def test_numpys_functions_of_formulas_are_sympys():
    assert np.exp(u * x) == sympy.exp(u * x)
    assert np.sin(x * np.array([1, 2])[0]) == sin(x)
    assert np.abs(u) == abs(u)
    assert np.maximum(u, 0) == sympy.Max(u, 0)
    assert np.arctan2(x, y) == sympy.atan2(x, y)
    assert np.float64(2) * u == 2.0 * u
    assert list(np.array([1, 2]) * u) == [u, 2 * u]
    assert list(np.sqrt(u) + np.array([x, 1])) == [sympy.sqrt(u) + x, sympy.sqrt(u) + 1]
    assert np.linalg.norm(gradient(v)) == sympy.sqrt(v.diff(x) ** 2 + v.diff(y) ** 2)
    assert np.sqrt(sympy.Integer(4)) == 2


def test_a_derivative_is_evaluated_by_calling_it():
    assert u.diff(x)(0) == u.diff(x).subs(x, 0)
    assert w.diff(t)(x, 0) == w.diff(t).subs(t, 0)
    assert v.diff(x)(y, x) == v.diff(x).subs([(x, y), (y, x)], simultaneous=True)
    assert u.diff(x, 2)(x) == u.diff(x, 2)


def test_an_error_from_within_keeps_its_own_words():
    with pytest.raises(TypeError, match=r"^wants numbers"):
        spoken(wants_numbers)(1)


def wants_numbers(value):
    raise TypeError(f"wants numbers: got {value}")


def test_public_functions_are_found_again_by_another_process():
    for function in (solve, laplacian, geometric, load):
        assert pickle.loads(pickle.dumps(function)) is function
