"""Candidates fitted elsewhere: the same choice as here, whoever fits them and however many."""

from __future__ import annotations

import pickle
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import SimpleNamespace

import pytest
from sympy import exp, sin

from pinnsolve import Box, Budget, Dense, coordinates, laplacian, manufactured, solve, unknown
from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import compile_problem
from pinnsolve.running.budget import OutOfTimeError
from pinnsolve.search.choose import choose
from pinnsolve.search.cluster import Wanted, ordered
from pinnsolve.search.task import Task

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
LINEAR = (-laplacian(u), u @ square.boundary)
NONLINEAR = (-laplacian(u) + u**3, u @ square.boundary)


def problem_of(equations):
    return manufactured(square, *equations, exact={u: exp(x) * sin(7 * x * y)})


class Alone:
    """An executor whose only worker is this process; all that goes there and back is pickled."""

    def __init__(self):
        self.submitted = 0

    def submit(self, function, *arguments):
        self.submitted += 1
        future = Future()
        function, arguments = pickle.loads(pickle.dumps((function, arguments)))
        try:
            future.set_result(pickle.loads(pickle.dumps(function(*arguments))))
        except Exception as error:
            future.set_exception(error)
        return future


def task_of(equations, **given):
    system = compile_problem(problem_of(equations))
    return Task(system, 1e-3, given.pop("budget", Budget()), 0, **given)


def test_the_choice_is_the_same_elsewhere():
    cluster = Alone()
    here, there = choose(task_of(LINEAR)), choose(task_of(LINEAR, cluster=cluster))
    assert [f.kind for f in here.families] == [f.kind for f in there.families]
    assert [f.shape for f in here.families] == [f.shape for f in there.families]
    assert here.width == there.width
    assert cluster.submitted > 5


@pytest.mark.slow
def test_a_nonlinear_problem_is_solved_with_a_cluster():
    cluster = Alone()
    solution = solve(problem_of(NONLINEAR), tolerance=1e-3, cluster=cluster)
    assert solution.stopped == "met"
    assert solution.error() < 1e-3
    assert cluster.submitted > 5


def test_what_does_not_come_ends_with_the_budget_and_is_cancelled():
    pending, asking = Future(), object()
    cluster = SimpleNamespace(submit=lambda function, *arguments: pending)
    wanted = Wanted(compile_problem(problem_of(LINEAR)), 0, 1e-3, None, DOUBLE)
    with ordered(cluster, wanted, {id(asking): Dense(10)}, Budget(0.05)) as fits:
        assert asking in fits
        assert object() not in fits
        with pytest.raises(OutOfTimeError):
            fits.taken(asking, Budget(0.05))
        assert not pending.cancelled()
    assert pending.cancelled()


def test_bad_clusters_are_refused_in_words():
    problem = problem_of(LINEAR)
    for wrong in (4, "tcp://localhost:8786", Alone):
        with pytest.raises(TypeError, match=r"cluster must be one .* Dask's Client"):
            solve(problem, cluster=wrong)
    with pytest.raises(ValueError, match="how to solve is given"):
        solve(problem, Dense(50), cluster=Alone())
    with pytest.raises(ValueError, match="how to solve is given"):
        solve(problem, cells=2, cluster=Alone())


@pytest.mark.slow
def test_processes_of_python_are_a_cluster():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as cluster:
        solution = solve(problem_of(LINEAR), tolerance=1e-5, cluster=cluster)
    assert solution.stopped == "met"
    assert solution.error() < 1e-5
