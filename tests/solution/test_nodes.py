"""Nodes: problems, expressions, regions, bases and methods come back as they were."""

from __future__ import annotations

import contextlib
import importlib
import math
import pkgutil

import numpy as np
import pytest
import sympy
import torch
from sympy import Dummy, Eq, Float, Heaviside, Max, Piecewise, Rational, Subs, pi, sin, sqrt

import small_problems
from pinnsolve import (
    LBFGS,
    LSGD,
    Ball,
    Data,
    Functions,
    Interval,
    PointCloud,
    Polygon,
    Problem,
    Resample,
    SelfScaledBroyden,
    Sequence,
    basis,
    compile_problem,
    compiled,
    laplacian,
    normal_derivative,
    sample_region,
)
from pinnsolve.basis.basis import Declaration
from pinnsolve.basis.trained import Trained
from pinnsolve.compile.lower import OPERATIONS
from pinnsolve.declare.reference import Reference
from pinnsolve.geometry.combine import Solid
from pinnsolve.geometry.curve import Enclosed
from pinnsolve.geometry.region import Region
from pinnsolve.problems import CATALOGUE
from pinnsolve.solution.expressions import KINDS
from pinnsolve.solution.nodes import packed
from pinnsolve.solution.parts import PARTS
from pinnsolve.solution.shapes import shapes
from small_files import again, cloud_problem, square, t, u, v, x, xs, y


def same_residuals(a, b):
    """The equations of two compiled problems at the same points, normals and values of the
    unknowns.
    """
    generator = torch.Generator().manual_seed(0)
    for one, two in zip(a.residuals, b.residuals, strict=True):
        at = sample_region(one.condition.region, 20, 1)
        np.testing.assert_array_equal(at.x, sample_region(two.condition.region, 20, 1).x)
        where, normals = (
            torch.from_numpy(at.x),
            None if at.normals is None else torch.from_numpy(at.normals),
        )
        values = torch.rand(len(one.slots), len(where), generator=generator, dtype=torch.float64)
        assert torch.equal(one.value(where, normals, values), two.value(where, normals, values))


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_a_problem_of_the_catalogue_comes_back(name):
    problem = small_problems.declared(name)
    other = again(problem)
    assert repr(other) == repr(problem)
    assert [c.equation for c in other.conditions] == [c.equation for c in problem.conditions]
    assert (other.unknowns, other.exact, other.constants) == (
        problem.unknowns,
        problem.exact,
        problem.constants,
    )
    assert packed(other)[0] == packed(problem)[0]
    same_residuals(small_problems.compiled(name), compile_problem(other))


EXPRESSIONS = [
    Piecewise((x, x < Rational(1, 3)), (y**2, (x < 1) & ~(y > 2)), (0, True)),
    Max(x, y, 2) * Heaviside(x - y) + sympy.sinc(x) + sympy.atan2(y, x),
    Float("0.1", 40) * x + 0.1 * y + Float(0.1, 5),
    2 * (x + y)
    + sympy.Mul(2, x + y, evaluate=False)
    + sympy.Pow(4, Rational(1, 2), evaluate=False),
    sympy.Add(x, x, evaluate=False),
    sqrt(3) * pi + sympy.E * sympy.EulerGamma + Rational(10**50, 7),
    u.diff(x, 2, y) + u(x, 0) + Subs(u.diff(x), x, 0) + u**2,
    sympy.Integral(sin(x * y), (x, 0, 1)) + sympy.besselj(0, x),
    sympy.Symbol("c", positive=True) * sympy.Symbol("c") * sympy.Symbol("n", integer=True),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_an_expression_comes_back_as_it_was(expression):
    other = again(expression)
    assert other == expression
    assert packed(other)[0] == packed(expression)[0]
    assert [type(e) for e in sympy.preorder_traversal(other)] == [
        type(e) for e in sympy.preorder_traversal(expression)
    ]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.__name__)
def test_every_operation_that_is_compiled_comes_back(operation):
    arguments = [
        (x, y),
        (x,),
        (x, y, t),
        (x, y, t, 1),
        ((x, x < 1), (y, True)),
        (x < 1, y < 2),
        (x < 1,),
    ]
    for each in arguments:
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            made = operation(*each)
            if made.has(operation):
                break
    assert made.has(operation)
    assert again(made) == made


def test_what_is_shared_is_written_once():
    e = x
    for _ in range(60):
        e = sympy.Add(e, sin(e), evaluate=False)
    nodes, _ = packed(Functions(e))
    assert len(nodes) < 130  # of 2^60 parts
    with pytest.raises(ValueError, match="nested too deeply"):
        again(e)


def test_symbols_that_are_alike_stay_two():
    a, b = Dummy("a"), Dummy("a")
    p, q = again((a + 2 * b, a - b))
    assert len((p + q).free_symbols) == 2


def test_every_region_and_name_has_its_place():
    def below(cls):
        return [cls, *(c for sub in cls.__subclasses__() for c in below(sub))]

    missing = {
        c.__name__
        for c in below(Region)
        if c.__module__.startswith("pinnsolve.") and not c.__name__.startswith("_")
    }
    assert missing - set(PARTS) <= {c.__name__ for c in (Region, Solid, Enclosed)}
    assert not set(PARTS) & KINDS


def test_every_basis_has_its_place():
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.iter_modules(basis.__path__, "pinnsolve.basis.")
    ]
    built = {
        c
        for module in modules
        for c in vars(module).values()
        if isinstance(c, type) and hasattr(c, "build")
    }
    assert {c.__name__ for c in built - {Declaration, Trained}} <= set(
        PARTS
    )  # `Trained` is written by itself
    unshaped = {
        c.__name__
        for c in built - {Declaration, Trained}
        if shapes.dispatch(c) is shapes.dispatch(object)
    }
    assert not unshaped, "a file that holds one cannot be read"


disk = Ball({x: 0, y: Rational(1, 3)}, sqrt(2))
triangle = Polygon((x, y), [(0, 0), (pi, 0), (0, 1)])

REGIONS = [
    Problem(
        (disk | triangle) - square,
        Eq(laplacian(u), 1),
        Eq(u, 0) @ ((disk | triangle) - square).boundary.where(y > 0),
    ),
    Problem(disk & square, Eq(u, x)),
    Problem(
        disk * Interval(t, 0, 1),
        Eq(v.diff(t), laplacian(v, x, y)),
        Eq(v, 0) @ disk.boundary,
        Eq(v(0, x, y), 1),
    ),
    Problem(triangle, Eq(laplacian(u), u), Eq(normal_derivative(u) + u, 1) @ triangle.boundary),
    cloud_problem(np.sin(xs)),
    Problem(
        PointCloud({x: xs, y: xs}).box,
        Eq(u, Data(xs, "a") + Data(xs, "b")) @ PointCloud({x: xs, y: xs}).split(0.5)[0],
    ),
    Problem(
        disk * Interval(t, 0, 1),
        Eq(v.diff(t), sympy.Symbol("k") * 2),
        constants={sympy.Symbol("k"): 0.25},
        reference=Reference(np.array([[0.0, 0.0, 0.5]]), {"v": np.array([1.0])}),
    ),
]


@pytest.mark.parametrize("problem", REGIONS, ids=repr)
def test_regions_data_and_references_come_back(problem):
    other = again(problem)
    assert packed(other)[0] == packed(problem)[0]
    same_residuals(compile_problem(problem), compile_problem(other))
    assert np.array_equal(other.domain.bounds, problem.domain.bounds)
    if problem.reference is not None:
        assert np.array_equal(other.reference.points, problem.reference.points)


def test_a_method_comes_back():
    method = LSGD(
        9,
        Sequence((LBFGS(), 3), (SelfScaledBroyden(), 2)),
        2,
        50,
        transform=compiled,
        resample=Resample(5),
    )
    assert again(method) == method
    assert again((math.inf, -math.inf, 1e-300, None, True, np.float64(0.1))) == (
        math.inf,
        -math.inf,
        1e-300,
        None,
        True,
        0.1,
    )


c = sympy.Symbol("c")


@pytest.mark.parametrize("name", ["u_1", "\\theta", "x'", "T 0", "\u03b1^2", "{ab}"])
def test_usual_names_are_kept(name):
    assert again(sympy.Symbol(name, positive=True)) == sympy.Symbol(name, positive=True)
