"""Arguments that are not there are answered with those that are; and all mistakes are many."""

from __future__ import annotations

import pickle
from pathlib import Path
from runpy import run_path

import pytest
from sympy import Eq

from mistakes import k, line, rod, slope, t, u, v, x, y
from pinnsolve import (
    LSGD,
    Adam,
    Ball,
    Box,
    Budget,
    Data,
    Dense,
    Interval,
    March,
    Polygon,
    Problem,
    geometric,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.keywords import spoken

TESTS = Path(__file__).parents[1]


def test_the_table_is_long():
    tables = [run_path(str(p))["MISTAKES"] for p in TESTS.rglob("test_*_mistakes.py")]
    assert len(tables) >= 7
    assert sum(map(len, tables)) >= 150


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
    (lambda: Data([1], noise=1), "write sigma="),
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


def test_an_error_from_within_keeps_its_own_words():
    with pytest.raises(TypeError, match=r"^wants numbers"):
        spoken(wants_numbers)(1)


def wants_numbers(value):
    raise TypeError(f"wants numbers: got {value}")


def test_public_functions_are_found_again_by_another_process():
    for function in (solve, laplacian, geometric, load):
        assert pickle.loads(pickle.dumps(function)) is function
