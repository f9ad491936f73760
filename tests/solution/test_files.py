"""Files of solutions: all that was solved comes back, another problem is refused, and nothing is half
written.
"""

from __future__ import annotations

import errno
import math
import os
from dataclasses import fields, replace

import numpy as np
import pytest
import sympy
import torch
from sympy import Eq, cos, exp, sqrt

from pinnsolve import (
    LSGD,
    Adam,
    Corner,
    CornerFunctions,
    Dense,
    Functions,
    GradientDescent,
    Greedy,
    Interval,
    Level,
    Lifted,
    LowRank,
    March,
    Problem,
    ResNet,
    Rotated,
    Sequence,
    Solution,
    Sparse,
    Stretched,
    TensorProduct,
    Waves,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.modulated import Carrier, Modulated
from pinnsolve.basis.adapted.one_sided import OneSided
from pinnsolve.basis.adapted.scaled import Scaled
from pinnsolve.basis.adapted.starts import Start, StartFunctions
from pinnsolve.basis.adapted.windowed import Windowed
from pinnsolve.running.history import History, Step
from pinnsolve.running.stop import Stop
from pinnsolve.solution.parts import held_fields, made
from small_files import cloud_problem, few, points, poisson, square, t, u, x, xs, y


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "solution.st"
    solve(poisson, few).save(path)
    return path


heat = unknown("w", x, t)
bar = Interval(x, 0, 1) * Interval(t, 0, 1)
cooling = manufactured(
    bar,
    heat.diff(t) - heat.diff(x, 2),
    *(heat @ bar.at(**at) for at in ({"x": 0}, {"x": 1}, {"t": 0})),
    exact={heat: exp(-t) * x},
)
corner = Corner((0.0, 0.0), ((1.0, 0.0), (0.0, 1.0)), 1.5 * math.pi)
quick = Sequence((Adam(1e-2), 2), (Adam(), 3))
SOLVED = {
    "given": lambda: solve(poisson, few, tolerance=1e-2),
    "deep": lambda: solve(poisson, ResNet(10, 3)),
    "automatic": lambda: solve(poisson, tolerance=1e-2, seed=2),
    "LSGD": lambda: solve(poisson, Dense(10), LSGD(4, quick)),
    "joint": lambda: solve(poisson, Dense(6), GradientDescent(3)),
    "greedy": lambda: solve(
        poisson, Dense(12), grow=Greedy(candidates=40, rounds=2, within=(Waves(2), Waves({x: 3})))
    ),
    "trained on": lambda: solve(poisson, solve(poisson, Dense(10), LSGD(2)).trained, LSGD(2)),
    "march": lambda: solve(cooling, Dense(40), march=March(t, 2)),
    "low rank": lambda: solve(poisson, LowRank(3, 5)),
    "corners": lambda: solve(
        poisson, few + CornerFunctions((corner,)) + Functions(x**2 * sqrt(y + 1), cos(x))
    ),
    "starts": lambda: solve(cooling, few + StartFunctions((Start(0.0, 0.0, 0, 1.0, top=3),))),
    "products": lambda: solve(poisson, TensorProduct({x: Dense(6), y: Dense(5)})),
    "coordinates": lambda: solve(
        poisson,
        Stretched(Dense(10), 0.1, {x: 0})
        + Rotated(Dense(10), ((0.6, 0.8), (-0.8, 0.6)))
        + Windowed(Dense(8, 1, "sin", Waves(3)), {x: (0.4, 0.2)})
        + Scaled(Dense(6), (0.5, 3.0))
        + Modulated(Dense(2), (Carrier((0.5, 0.0), (9.0, 3.0), 0.1),))
        + OneSided(Dense(8, 1, "sin", Waves(3)), Level((((1, 0), 1.0), ((0, 0), -0.5))), 2)
        + Rotated(Dense(7), ((0.6, 0.8),))
        + Dense(9, 1, "sin", Sparse(1, Waves())),
    ),
    "level set": lambda: solve(
        poisson, Lifted(20, Level((((1, 0), 1.0), ((0, 2), -0.5))), 0.3, Waves(2))
    ),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("how", SOLVED)
def test_a_loaded_solution_reports_the_same(how, tmp_path):
    saved = SOLVED[how]()
    saved.save(tmp_path / "s")  # before the estimate is asked for
    report = saved.report()
    loaded = Solution.load(tmp_path / "s")
    assert loaded.report() == report
    assert loaded.estimate == pytest.approx(
        saved.estimate, rel=1e-6
    )  # solved for again, where it was not known
    assert loaded.residuals() == saved.residuals()
    for field in fields(Solution):
        if field.name not in ("problem", "field", "history", "change", "declared"):
            one, other = (getattr(solution, field.name) for solution in (loaded, saved))
            assert one == other or (math.isnan(one) and math.isnan(other)), field.name
    assert str(loaded.declared) == str(saved.declared)
    at = points if how != "march" else points * 0.9
    assert np.array_equal(loaded(at), saved(at))
    saved.save(tmp_path / "s")  # after: nothing is solved again
    loaded = load(tmp_path / "s", saved.problem)
    assert math.isfinite(loaded.change)
    assert loaded.estimate == saved.estimate


def test_steps_of_files_that_were_written_before_are_read():
    """Once they had `neurons` where a step has `functions`."""
    step = Step("fit", "Dense(30)", 30, 90, 29.5, 1e9, 1e-8, math.nan, 0.5)
    held = held_fields(History((step,), Stop.SOLVED))
    columns = {"neurons" if n == "functions" else n: c for n, c in held["columns"].items()}
    assert "neurons" in columns
    again = made("History", {"columns": columns, "stopped": Stop.SOLVED})
    assert again.final.functions == 30
    assert repr(again) == repr(made("History", held))


def test_a_method_that_no_file_holds_leaves_its_estimate(tmp_path):
    saved = solve(poisson, Dense(10), LSGD(5, Adam(schedule=lambda step: 1.0)))
    saved.save(tmp_path / "s")
    loaded = load(tmp_path / "s")
    assert loaded.method is None
    assert loaded.estimate == saved.estimate


def test_a_problem_that_no_file_holds_must_be_given(tmp_path):
    class odd(sympy.Function):  # noqa: N801
        @classmethod
        def eval(cls, a):
            return None

        def doit(self, **hints):
            return self.args[0] ** 2

    problem = Problem(square, Eq(u, odd(x)))
    saved = solve(problem, few)
    saved.save(tmp_path / "s")
    assert np.array_equal(load(tmp_path / "s", problem)(points), saved(points))
    with pytest.raises(ValueError, match=r"s: its problem has parts .* load\(path, problem\)"):
        load(tmp_path / "s")
    with pytest.raises(ValueError, match="another problem"):
        load(tmp_path / "s", poisson)


c = sympy.Symbol("c")
OTHERS = {
    "Data": (cloud_problem(np.sin(xs)), cloud_problem(np.cos(xs)), "data of"),
    "one value": (cloud_problem(xs), cloud_problem(np.where(xs == xs[3], 0.123, xs)), "sum"),
    "points": (cloud_problem(xs), cloud_problem(xs, xs / 2), "points of"),
    "exact": (
        poisson,
        manufactured(square, -laplacian(u) + u, u @ square.boundary, exact={u: x}),
        "exact|=",
    ),
    "constant": (
        *(Problem(square, Eq(laplacian(u), c), constants={c: value}) for value in (1, 2)),
        "= 2",
    ),
    "condition": (poisson, Problem(square, Eq(u, 1)), "u"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_a_solution_of_another_problem_is_refused_and_shown(path, what, tmp_path):
    held, given, word = OTHERS[what]
    replace(load(path), problem=held, change=0.1).save(tmp_path / "s.st")
    with pytest.raises(
        ValueError,
        match=rf"(?s)s\.st holds a solution of another problem.*in the file.*given.*({word})",
    ):
        load(tmp_path / "s.st", given)
    load(tmp_path / "s.st", held)


def stop(error):
    def stopped(*_, **__):
        raise error

    return stopped


@pytest.mark.parametrize("at", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "no space left")], ids=["Ctrl-C", "full"]
)
def test_an_interrupted_save_leaves_the_old_file(path, tmp_path, monkeypatch, at, error):
    solution = load(path)
    solution.save(tmp_path / "s.st")
    before = (tmp_path / "s.st").read_bytes()
    monkeypatch.setattr(os, at, stop(error))
    with pytest.raises(
        type(error), match=r"s\.st.*no space" if isinstance(error, OSError) else None
    ):
        solution.save(tmp_path / "s.st")
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["s.st"]
    assert (tmp_path / "s.st").read_bytes() == before


def test_where_nothing_can_be_written(path, tmp_path):
    solution = load(path)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        solution.save(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing; make it first"):
        solution.save(tmp_path / "missing" / "s.st")
    with pytest.raises(OSError, match="cannot write"):
        solution.save(os.devnull)
    solution.save(str(tmp_path / "no suffix"))
    assert np.array_equal(load(str(tmp_path / "no suffix"))(points), solution(points))
    assert [p.name for p in tmp_path.iterdir()] == ["no suffix"]


def test_initializers_of_the_users_own_cannot_be_saved(tmp_path):
    def own(box, names, width, generator):
        return torch.ones(2, width, dtype=torch.float64), torch.arange(width, dtype=torch.float64)

    solution = solve(poisson, Dense(5, initialize=own))
    with pytest.raises(ValueError, match="cannot save a basis with"):
        solution.save(tmp_path / "s")
    assert not list(tmp_path.iterdir())
