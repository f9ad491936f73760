"""Solutions: values, derivatives, expressions, errors, pictures, files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from sympy import Eq, cos, exp, sin

from pinnsolve import (
    Box,
    Checkpoint,
    Corner,
    CornerFunctions,
    Dense,
    Interval,
    Problem,
    ResNet,
    Sparse,
    Waves,
    coordinates,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.problems import CATALOGUE
from pinnsolve.running.stop import Stop
from pinnsolve.solution.errors import Errors, compare

x, y = coordinates("x y")
u, v = unknown("u", x, y), unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})
waves = Dense(200, activation="sin", initialize=Waves(4))
points = np.random.default_rng(5).random((50, 2))


@pytest.fixture(scope="module")
def solution():
    return solve(
        manufactured(
            square, -laplacian(u) + u, u @ square.boundary, exact={u: exp(x) * sin(2 * y)}
        ),
        waves,
    )


@pytest.fixture(scope="module")
def system():
    exact = {u: sin(x) * y, v: cos(y) * x}
    problem = manufactured(
        square,
        laplacian(u) + v,
        laplacian(v) - u,
        u @ square.boundary,
        v @ square.boundary,
        exact=exact,
    )
    return solve(problem, waves)


def test_values_and_derivatives_against_the_exact_solution(solution):
    a, b = points.T
    assert solution(points) == pytest.approx(np.exp(a) * np.sin(2 * b), abs=1e-8)
    assert solution(points, u.diff(x, y)) == pytest.approx(2 * np.exp(a) * np.cos(2 * b), abs=1e-6)
    assert solution(points, u.diff(y) ** 2 + x) == pytest.approx(
        (2 * np.exp(a) * np.cos(2 * b)) ** 2 + a, abs=1e-6
    )
    assert solution(points, u(x, 0) - u) == pytest.approx(-np.exp(a) * np.sin(2 * b), abs=1e-7)
    assert solution(points, x * y) == pytest.approx(a * b)
    assert solution([0.5, 0.5]).shape == (1,)


def test_system_gives_values_by_name(system):
    values = system(points)
    assert values["u"] == pytest.approx(np.sin(points[:, 0]) * points[:, 1], abs=1e-7)
    assert values["v"] == pytest.approx(np.cos(points[:, 1]) * points[:, 0], abs=1e-7)
    assert system(points, u * v) == pytest.approx(values["u"] * values["v"])
    assert set(system.error().by_unknown) == {"u", "v"}


def test_columns_are_in_the_order_of_the_unknown():
    w = unknown("w", y, x)
    problem = manufactured(square, laplacian(w), w @ square.boundary, exact={w: x + 2 * y})
    assert solve(problem, waves)([[1.0, 0.0]]) == pytest.approx([2.0], abs=1e-8)


@pytest.mark.parametrize("bad", [[[1, 2, 3]], [1.0], [[[1.0, 2.0, 3.0]]]])
def test_points_of_the_wrong_shape(solution, bad):
    with pytest.raises(ValueError, match=r"points must have shape \(n, 2\)"):
        solution(bad)


def test_error_norms_by_hand():
    """Values (3, 4) against (3, 4) + (0.3, 0.4); gradients 1 against 1.5."""
    exact = torch.tensor([[[3.0, 4.0], [1.0, 1.0]]])
    found = torch.tensor([[[3.3, 4.4], [1.5, 1.5]]])
    errors = compare({"u": (0,)}, found, exact)
    assert float(errors) == pytest.approx(0.1)
    assert errors.maximum == pytest.approx(0.1)
    assert errors.h1 == pytest.approx(0.5)
    assert errors.about_mean == pytest.approx(0.125**0.5 / 0.5)
    assert str(errors) == "1.0e-01 (relative L2; maximum 1.0e-01, H1 5.0e-01)"
    assert float(Errors({"u": 0.1, "v": 0.2}, 0, 0)) == 0.2


def test_error_is_measured_on_fresh_points(solution):
    """Two samples give nearly, but not exactly, the same number."""
    a, b = (float(solution.error(seed=s)) for s in (0, 1))
    assert a != b
    assert a == pytest.approx(b, rel=0.2)


def test_reports_have_the_places_of_corners_to_six_digits(solution):
    axes = ((6.123233995736766e-17, -1.0), (1.0, -2e-16))
    corners = [Corner((6.1e-17 + k / 3, 2.0), axes, 1.5707963267948966) for k in range(2)]
    step = replace(solution.history.final, basis=str(Dense(9) + CornerFunctions(tuple(corners))))
    told = replace(solution, history=replace(solution.history, steps=(step,))).report()
    assert "corners=(Corner(at=(6.1e-17, 2.0)), Corner(at=(0.333333, 2.0)))" in told


def test_report_says_what_was_done(solution):
    report = solution.report()
    for part in (
        "residual  condition",
        "on the domain.boundary",
        "rank",
        "solved: one solve",
        "estimate",
        "relative L2",
    ):
        assert part in report
    assert len(report.splitlines()) == 10


def test_every_stop_reason_has_a_meaning():
    assert all(stop.meaning for stop in Stop)
    assert {str(stop) for stop in Stop} == {
        "met",
        "stagnated",
        "budget",
        "solved",
        "not unique",
        "interrupted",
        "trained",
        "not converged",
        "no solution",
        "blow-up",
        "not finite",
        "unresolved",
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["beam", "disk", "poisson_10d", "stokes"])
def test_pictures_have_what_they_should(name, tmp_path):
    declared = Dense(60, activation="sin", initialize=Sparse((1, 2), Waves(3)))
    solved = solve(CATALOGUE[name](), declared)
    at = dict.fromkeys(solved.problem.domain.coordinates[2:], 0.5)
    figure = solved.plot(tmp_path / "picture.png", at=at or None)
    assert isinstance(figure, Figure)
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    for unknown_ in solved.problem.unknowns:
        name_ = str(unknown_.func)
        for told in (f"exact {name_}", f"|error| of {name_}"):
            assert any(title.startswith(told) for title in titles)


def test_history_is_drawn_after_growth():
    solved = solve(CATALOGUE["poisson_1d"](), tolerance=1e-4)
    assert any("residual" in ax.get_title() for ax in solved.plot().axes)


@pytest.fixture(scope="module")
def quick():
    return solve(CATALOGUE["poisson_1d"](), Dense(20))


@pytest.mark.slow
def test_a_picture_without_an_ending_is_given_one(quick, tmp_path):
    for name in ("picture", "drawing.pdf"):
        quick.plot(tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["drawing.pdf", "picture.png"]


FILES = {
    "a picture in the place of a folder": (
        lambda s, at: s.plot(at),
        IsADirectoryError,
        "it is a folder; name a file in it",
    ),
    "a picture in no folder": (
        lambda s, at: s.plot(at / "no" / "p.png"),
        FileNotFoundError,
        "make it first",
    ),
    "a picture of no kind": (
        lambda s, at: s.plot(at / "a.xyz"),
        ValueError,
        r"a\.xyz: the name of a picture ends in .*\.png",
    ),
    "a picture of an unknown": (
        lambda s, at: s.plot(s.problem.unknowns[0]),
        TypeError,
        "path must be a file's name.*got u",
    ),
    "a picture and a number": (
        lambda s, at: s.plot(5),
        TypeError,
        "path must be a file's name.*got 5, int",
    ),
    "saved to a number": (
        lambda s, at: s.save(5),
        TypeError,
        "path must be a file's name.*got 5, int",
    ),
    "saved to nothing": (lambda s, at: s.save(""), ValueError, "which is empty"),
    "loaded from a number": (
        lambda s, at: load(5),
        TypeError,
        "path must be a file's name.*got 5, int",
    ),
    "loaded from a class": (lambda s, at: load(Dense), TypeError, "got the class Dense"),
    "loaded with a number": (lambda s, at: load("x", 5), TypeError, r"load\('run.st', problem\)"),
    "a checkpoint in a number": (
        lambda s, at: Checkpoint(5),
        TypeError,
        "path must be a file's name",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_refused(quick, tmp_path, name):
    ask, kind, words = FILES[name]
    (tmp_path / "folder").mkdir()
    with pytest.raises(kind, match=words):
        ask(quick, tmp_path / "folder")
    assert [p.name for p in tmp_path.rglob("*")] == ["folder"]


DECLARED = [
    waves,
    Dense(20, 2, "tanh"),
    ResNet(10, 3, "tanh"),
    Dense(20, activation="sin", initialize=Sparse((1, 2), Waves({x: 3, y: 4}))),
    Dense(10) + Dense(20, activation="gaussian"),
]


@pytest.mark.slow
@pytest.mark.parametrize("declared", DECLARED, ids=str)
def test_saved_solution_is_the_same_when_loaded(declared, tmp_path):
    problem = CATALOGUE["poisson_2d"]()
    saved = solve(problem, declared, seed=3)
    saved.save(tmp_path / "solution.st")
    loaded = load(tmp_path / "solution.st", problem)
    assert np.array_equal(loaded(points), saved(points))
    assert loaded.history == saved.history or "nan" in str(saved.history)
    assert loaded.estimate == pytest.approx(saved.estimate)


@pytest.mark.slow
def test_long_equations_are_cut_in_reports():
    w = unknown("w", x)
    terms = sum(x**k * exp(-k * x) for k in range(1, 40))
    solution = solve(Problem(Interval(x, 0, 1), Eq(w.diff(x), terms), Eq(w(0), 0)), Dense(40))
    assert " ... " in solution.report()
    assert max(len(line) for line in solution.report().splitlines()) < 300


@pytest.mark.slow
@pytest.mark.parametrize("below", [1e-5, 1e-8])
def test_neurons_that_others_replace_are_pruned(solution, below):
    smaller = solution.pruned(below)
    assert smaller.declared.width < 0.9 * 200
    again = solve(solution.problem, smaller)
    assert again.error() < max(10 * solution.error(), 100 * below)
    assert again.basis.weights[0].shape == (2, smaller.declared.width)
    assert solve(solution.problem, solution.pruned(1e-2)).error() > again.error()


def test_what_cannot_be_pruned(solution):
    with pytest.raises(ValueError, match="between 0 and 1"):
        solution.pruned(0)
    with pytest.raises(TypeError, match="one hidden layer"):
        solve(solution.problem, Dense(5, 2)).pruned()
