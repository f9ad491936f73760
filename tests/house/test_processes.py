"""Other processes: problems, unknowns and solutions go there and back, and are the same there."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from copy import deepcopy

import numpy as np
import pytest
import torch
from sympy import Eq, sin

from pinnsolve import (
    Box,
    Budget,
    Data,
    Dense,
    Functions,
    PointCloud,
    Problem,
    coordinates,
    gradient,
    laplacian,
    normal,
    solve,
    unknown,
)
from pinnsolve.compile.lower import OPERATIONS
from pinnsolve.compile.system import compile_problem
from pinnsolve.discretize.points import sample_region
from pinnsolve.problems import CATALOGUE
from small_problems import declared

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = Problem(square, Eq(laplacian(u), x * y), Eq(u, 0) @ square.boundary.where(x > -1))
cloud = PointCloud({x: [0.1, 0.5, 0.9, 0.2, 0.4], y: [0.3, 0.2, 0.8, 0.1, 0.6]})
fit = Problem(cloud.box, Eq(u, Data([1, 2, 3, 4, 5])) @ cloud)

HELD = {
    "a coordinate": x,
    "an unknown": u,
    "a trace": u(x, 0),
    "a derivative": u.diff(x, y),
    "a normal": normal(x, y)[0],
    "an equation that sympy would evaluate": Eq(u**2 + 1, 0, evaluate=False) @ square,
    "a product that sympy would expand": Eq(u, 2 * sin(x) * (x + y) / 2) @ square,
    "a gradient": gradient(u),
    "a part of a boundary": square.boundary.where(x > 0),
    "sides": Box({x: (0, 1), y: (0, 1)}).sides(y),
    "a problem": poisson,
    "data": fit,
}
SOLUTIONS = {
    "neurons": lambda: solve(poisson, Dense(30)),
    "functions": lambda: solve(poisson, Dense(30) + Functions(x * y * sin(x))),
    "corners": lambda: solve(CATALOGUE["l_shape"](), tolerance=1e-2, budget=Budget(columns=250)),
    "an evolution": lambda: solve(CATALOGUE["heat_1d"](), tolerance=1e-3),
    "an ODE": lambda: solve(CATALOGUE["logistic"](), tolerance=1e-4),
    "data": lambda: solve(fit, Dense(2)),
}
ELSEWHERE = """
import pickle, sys
sent = pickle.load(sys.stdin.buffer)
found = {name: (s(x), s.residuals(), s.problem, s.estimate) for name, (s, x) in sent.items()}
sys.stdout.buffer.write(pickle.dumps(found))
"""


def there_and_back(thing):
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.parametrize("name", HELD)
@pytest.mark.parametrize("travel", [there_and_back, deepcopy])
def test_what_travels_is_the_same(name, travel):
    thing = HELD[name]
    assert travel(thing) == thing
    assert hash(travel(thing)) == hash(thing)


@pytest.mark.slow
@pytest.mark.parametrize("name", CATALOGUE)
def test_problems_are_compared_by_what_they_declare(name):
    problem, again = declared(name), CATALOGUE[name]()
    assert problem == again
    assert hash(problem) == hash(again)
    found = there_and_back(problem)
    assert found == problem
    assert [c.region is found.domain for c in found.conditions] == [
        c.region is problem.domain for c in problem.conditions
    ]


@pytest.mark.slow
def test_problems_that_differ_are_not_equal():
    problems = [declared(name) for name in CATALOGUE]
    assert len(set(problems)) == len(problems)
    other = Problem(cloud.box, Eq(u, Data([1, 2, 3, 4, 6])) @ cloud)
    assert fit != other


def test_data_stay_the_data_of_their_cloud():
    found = there_and_back((fit, fit.conditions[0].region.data[0]))
    assert found[0].conditions[0].equation.rhs is found[1]
    assert found[1].values.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.__name__)
def test_programs_travel_whatever_their_operations(operation):
    assert callable(there_and_back(OPERATIONS[operation]))


@pytest.mark.parametrize("name", ["kovasznay", "l_shape", "burgers"])
def test_compiled_problems_travel(name):
    system = compile_problem(CATALOGUE[name]())
    for one, other in zip(system.residuals, there_and_back(system).residuals, strict=True):
        points = sample_region(one.condition.region, 9, 0)
        at = (
            torch.from_numpy(points.x),
            None if points.normals is None else torch.from_numpy(points.normals),
        )
        values = torch.linspace(-1, 2, len(one.slots) * len(points.x), dtype=torch.float64).reshape(
            len(one.slots), -1
        )
        assert torch.equal(one.value(*at, values), other.value(*at, values))
        assert torch.equal(one.slopes(*at, values), other.slopes(*at, values))


@pytest.mark.slow
def test_solutions_are_the_same_in_another_process():
    solutions = {name: make() for name, make in SOLUTIONS.items()}
    points, sent = {}, {}
    for name, solution in solutions.items():
        solution.report()  # what it keeps by then has to travel, or stay behind
        points[name] = np.asarray(sample_region(solution.problem.domain, 7, 0).x)
        sent[name] = solution, points[name]
    run = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        input=pickle.dumps(sent),
        capture_output=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    for name, (values, residuals, problem, estimate) in pickle.loads(run.stdout).items():
        solution = solutions[name]
        assert np.array_equal(values, solution(points[name])), name
        assert residuals == pytest.approx(solution.residuals(), rel=1e-9), name
        assert problem == solution.problem, name
        assert estimate == solution.estimate, name


@pytest.mark.slow
def test_a_pool_of_processes_solves():
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(solve, poisson, Dense(30)).result(timeout=240)
    points = np.random.default_rng(0).random((5, 2))
    assert found(points) == pytest.approx(solve(poisson, Dense(30))(points), abs=1e-12)
