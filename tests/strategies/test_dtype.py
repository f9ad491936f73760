"""A task of another dtype, or on another device: all that is made for it is made like that."""

import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
from sympy import Eq, exp, pi, sin
from torch.overrides import TorchFunctionMode

import pinnsolve
from pinnsolve import (
    LBFGS,
    LSGD,
    Adam,
    BoxPlanes,
    Dense,
    Interval,
    LevenbergMarquardt,
    Problem,
    ResNet,
    Rotated,
    Stretched,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    sample_region,
    unknown,
)
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.assemble import assemble
from pinnsolve.discretize.collocate import collocation_points
from pinnsolve.fields.building import build_space
from pinnsolve.running.budget import FOREVER
from pinnsolve.search.fit import unheard
from pinnsolve.search.task import Task
from pinnsolve.solution.errors import exact_values
from pinnsolve.strategies.in_basis import InBasis

HOME = Path(pinnsolve.__file__).parent
x, y = coordinates("x y")
u = unknown("u", x, y)
square = Interval(x, 0, 1) * Interval(y, 0, 1)
CUBIC = -laplacian(u, x, y) + u**3
EXACT = {u: sin(pi * x) * exp(y)}
SINGLE = torch.empty(0, dtype=torch.float32)
# Where numbers of float64 are made for a task of float32: bases are drawn in it, least squares
# are factorized in it, points are moved by arrays, units are read off the equations.
DOUBLES = {
    "basis/networks.py",
    "basis/initialize.py",
    "coefficients/least_squares.py",
    "coefficients/factor.py",
    "coefficients/ridges.py",
    "coefficients/triangles.py",
    "coefficients/flat.py:projected",
    "coefficients/iterate.py:at",
    "coefficients/sketch.py",
    "coefficients/solved.py",
    "coefficients/tall.py",
    "discretize/assemble.py:mean_square",
    "discretize/streamed.py",
    "discretize/assemble.py:_fill",
    "discretize/collocate.py:_gathered",
    "discretize/collocate.py:<listcomp>",
    "discretize/sizes.py:natural_sizes",
    "discretize/sizes.py:units_of",
    "search/null_functions.py",
}
PASSED = {"fields/arrays.py", "discretize/changes.py:power_of_two"}  # who calls them is meant
BASES = [
    Dense(20),
    Dense(12, 2),
    ResNet(10, 3),
    Dense(20, activation="sin", initialize=Waves(3.0)),
    Rotated(Dense(12), ((0.6, 0.8),)),
    Stretched(Dense(12), 0.1, {x: 1}),
    Dense(8) + Dense(9, activation="sin"),
    Dense(9, activation="relu3", initialize=BoxPlanes()),
]


class Doubles(TorchFunctionMode):
    """Counts tensors of float64, by the file and function of the package that makes them."""

    def __init__(self):
        super().__init__()
        self.made = Counter()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.dtype == torch.float64:
            self.made[next(_places(sys._getframe(1)))] += 1
        return result

    def elsewhere(self):
        return {place for place in self.made if not {place, place.split(":")[0]} & DOUBLES}


def _places(frame):
    while frame:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(HOME):
            file = path.relative_to(HOME).as_posix()
            place = f"{file}:{frame.f_code.co_name}"
            if not {file, place} & PASSED:
                yield place
        frame = frame.f_back
    yield "elsewhere"


def solved(problem, basis, dtype, method=None):
    """The outcome, and which tensors of float64 were made on the way."""
    task = Task(compile_problem(problem), None, FOREVER, 0, dtype=dtype)
    with Doubles() as doubles:
        return InBasis(basis, basis, method, None, unheard)(task), doubles


@pytest.mark.parametrize("equation", [-laplacian(u, x, y), CUBIC], ids=["linear", "cubic"])
def test_a_problem_is_solved_in_single_precision_from_end_to_end(equation):
    problem = manufactured(square, equation, u @ square.boundary, exact=EXACT)
    outcome, doubles = solved(problem, Dense(60, activation="sin"), torch.float32)
    assert doubles.elsewhere() == set()
    fitted = outcome.fit
    places = sample_region(square, 400, 7).x
    values, exact = fitted.field.values(places), exact_values(problem, places)[:, 0]
    assert values.dtype == fitted.coefficients.dtype == torch.float32
    assert 1e-7 < float((values - exact).norm() / exact.norm()) < 5e-5
    assert fitted.residual < 1e-3
    assert outcome.null_space == 0


DESCENTS = [None, Adam(), LBFGS(), LevenbergMarquardt()]


@pytest.mark.parametrize("descent", DESCENTS, ids=lambda d: type(d).__name__)
def test_a_basis_is_trained_in_single_precision(descent):
    problem = manufactured(square, -laplacian(u, x, y), u @ square.boundary, exact=EXACT)
    method = LSGD(4, descent=descent)
    single, double = (
        solved(problem, Dense(20), dtype, method)[0].fit for dtype in (torch.float32, torch.float64)
    )
    assert single.basis.like.dtype == torch.float32
    assert 1e-6 < single.residual < 1.2 * double.residual


def test_doubles_are_seen():
    problem = manufactured(square, -laplacian(u, x, y), u @ square.boundary, exact=EXACT)
    _, doubles = solved(problem, Dense(20), torch.float64)
    assert "jets/propagation.py:ridge" in doubles.elsewhere()


@pytest.mark.parametrize("declared", BASES, ids=str)
def test_a_basis_has_the_same_functions_in_single_precision(declared):
    system = compile_problem(Problem(square, Eq(laplacian(u, x, y), 1), Eq(u, 0) @ square.boundary))
    points = sample_region(square, 50, 0)
    indices = [(0, 0), (1, 0), (0, 2)]
    single, double = (build_space(system, declared, 3, like) for like in (SINGLE, DOUBLE))
    with torch.no_grad():
        each, others = (s.blocks[0](points.tensors(s.like)[0], indices) for s in (single, double))
    assert each.dtype == torch.float32
    assert float((each - others).abs().max()) < 1e-4 * float(others.abs().max())
    problems = [assemble(system, collocation_points(system, s, 0), s) for s in (single, double)]
    first, second = (p.augmented for p in problems)
    assert abs(first - second).max() < 1e-3 * abs(second).max()


@pytest.mark.parametrize("declared", BASES, ids=str)
def test_all_tensors_are_on_the_device_of_the_task(declared):
    """A device without memory: what mixes it with another one raises."""
    system = compile_problem(manufactured(square, CUBIC, u @ square.boundary, exact=EXACT))
    like = Task(system, None, FOREVER, 0, dtype=torch.float32, device=torch.device("meta")).like
    space = build_space(system, declared, 0, like)
    for residual in system.residuals:
        at, normals = sample_region(residual.condition.region, 20, 0).tensors(like)
        functions = space.slots(residual, at)
        numbers = space.values(residual, functions, space.zeros())
        slopes = residual.slopes(at, normals, numbers)
        value = residual.value(at, normals, numbers)
        for tensor in (at, *functions, numbers, slopes, value):
            assert tensor.device.type == "meta"
            assert tensor.dtype == torch.float32


def test_an_unknown_number_is_like_the_task():
    k = unknown("k")
    data = Eq(u, 0) @ square.boundary, Eq(u, 1) @ square.at(x=0)
    system = compile_problem(Problem(square, Eq(laplacian(u, x, y), k), *data))
    space = build_space(system, Dense(10), 0, SINGLE)
    assert [block.like.dtype for block in space.blocks] == [torch.float32] * 2
