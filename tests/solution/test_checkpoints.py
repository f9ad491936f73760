"""Checkpoints: what a killed solve leaves in its file, and how it is gone on with."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from sympy import Eq, exp, sin

from conftest import Killed
from pinnsolve import (
    LSGD,
    Adam,
    Checkpoint,
    Dense,
    GradientDescent,
    Interval,
    March,
    Problem,
    Solution,
    Waves,
    laplacian,
    load,
    manufactured,
    solve,
    unknown,
)
from pinnsolve.basis.adapted.corners import Corner, CornerFunctions
from pinnsolve.basis.adapted.separable import LowRank
from pinnsolve.basis.adapted.stretch import Stretched
from pinnsolve.fields.separated import Modes
from pinnsolve.search.resume import widened
from small_files import points, poisson, square, t, u, x, y

nonlinear = manufactured(
    square, -laplacian(u) + u**3, u @ square.boundary, exact={u: exp(x) * sin(2 * y)}
)


def killed_after(steps, stage="descent"):
    """A callback that ends a solve at its n-th step of a stage."""
    left = iter(range(steps - 1))

    def callback(step):
        if step.stage == stage and next(left, None) is None:
            raise Killed

    return callback


def always(path):
    return Checkpoint(path, seconds=0)


@pytest.mark.slow
@pytest.mark.parametrize("problem", [poisson, nonlinear], ids=["linear", "nonlinear"])
@pytest.mark.parametrize(
    "method", [LSGD(12, Adam(3e-3)), GradientDescent(12)], ids=["LSGD", "joint"]
)
def test_a_training_that_was_killed_goes_on(problem, method, tmp_path):
    file = tmp_path / "run.st"
    with pytest.raises(Killed):
        solve(problem, Dense(8), method, callbacks=[killed_after(8)], checkpoint=always(file))
    left = load(file, problem)
    assert left.stopped == "interrupted"
    assert len(left.history.training) == 7  # the eighth was told, but not kept yet
    assert [p.name for p in tmp_path.iterdir()] == ["run.st"]
    lowest = min(step.residual for step in left.history.training)
    seen = []
    again = solve(
        problem, Dense(8), method, callbacks=[seen.append], checkpoint=always(file), resume=file
    )
    first, *rest = (step for step in seen if step.stage == "descent")
    assert len(rest) == 4  # of twelve
    assert first.residual <= lowest * (1 + 1e-6)
    assert str(again.history.training[:7]) == str(left.history.training)
    assert again.declared == Dense(8)
    assert again.stopped == load(file).stopped == "trained"
    assert np.array_equal(load(file)(points), again(points))
    seconds = [step.seconds for step in again.history.steps]
    assert seconds == sorted(seconds)


SCRIPT = """
import sys
from pinnsolve import LSGD, Adam, Checkpoint, Dense, solve
from small_files import poisson
from pathlib import Path
path = Path(sys.argv[1])
told = lambda step: path.exists() and print("there", flush=True)
solve(poisson, Dense(10), LSGD(10**6, Adam(1e-3)), callbacks=[told], checkpoint=Checkpoint(path, seconds=0.01))
"""


@pytest.mark.slow
def test_a_process_that_is_killed_leaves_its_best(tmp_path):
    path = tmp_path / "run.st"
    command = [sys.executable, "-c", SCRIPT, str(path)]
    tests = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tests) as process:
        assert process.stdout.readline() == "there\n"
        for _ in range(20):
            process.stdout.readline()
        process.kill()  # SIGKILL, or TerminateProcess
        process.communicate(timeout=60)
    assert process.returncode != 0
    left = Solution.load(path)
    lowest = min(step.residual for step in left.history.training)
    more = LSGD(len(left.history.training) + 3, Adam(1e-3))
    again = solve(poisson, Dense(10), more, checkpoint=path, resume=path)
    assert [p.name for p in tmp_path.iterdir()] == [
        "run.st"
    ]  # nor has the process that was killed left another file
    assert min(step.residual for step in again.history.training[-3:]) <= lowest * (1 + 1e-9)


@pytest.mark.slow
def test_a_growth_that_was_killed_goes_on_without_a_search(tmp_path):
    file = tmp_path / "run.st"
    with pytest.raises(Killed):
        solve(
            poisson, tolerance=1e-7, callbacks=[killed_after(4, "choose")], checkpoint=always(file)
        )
    left = load(file)
    assert left.residual() == pytest.approx(
        min(step.residual for step in left.history.steps), rel=1
    )
    seen = []
    again = solve(poisson, tolerance=1e-7, callbacks=[seen.append], resume=file)
    assert again.stopped == "met"
    assert again.error() < 1e-7
    assert {step.stage for step in seen} == {"grow", "check"}
    assert seen[0].basis == str(left.declared)
    assert seen[0].residual <= 1.01 * min(step.residual for step in left.history.steps)
    further = solve(poisson, tolerance=1e-9, resume=again)
    assert further.stopped == "met"
    assert further.error() < 1e-9


@pytest.mark.slow
def test_a_march_that_was_killed_goes_on(tmp_path):
    w = unknown("w", x, t)
    bar = Interval(x, 0, 1) * Interval(t, 0, 1)
    places = ({"x": 0}, {"x": 1}, {"t": 0})
    problem = manufactured(
        bar,
        w.diff(t) - w.diff(x, 2),
        *(w @ bar.at(**at) for at in places),
        exact={w: exp(-t) * sin(x)},
    )
    file = tmp_path / "run.st"
    way = {"basis": Dense(30, activation="sin", initialize=Waves(2)), "march": March(t, 4)}
    with pytest.raises(Killed):
        solve(problem, **way, callbacks=[killed_after(3, "march")], checkpoint=always(file))
    assert load(file).declared.lengths == (0.25,) * 2
    seen = []
    whole = solve(problem, **way, callbacks=[seen.append], resume=file)
    assert [step.stage for step in seen] == ["march"] * 2
    assert whole.error() < 1e-4


@pytest.mark.slow
def test_it_is_written_when_it_is_time(tmp_path):
    ticks = count()
    written = []
    checkpoint = Checkpoint(tmp_path / "s", 5, clock=lambda: float(next(ticks)))

    def callback(step):
        written.append((tmp_path / "s").exists() and (tmp_path / "s").stat().st_mtime_ns)

    solve(poisson, Dense(5), LSGD(20, Adam()), callbacks=[callback], checkpoint=checkpoint)
    assert not any(written[:5])
    assert 3 <= len(set(written)) <= 6  # of twenty steps


def test_the_first_run_begins_and_the_next_go_on(tmp_path):
    file = str(tmp_path / "run.st")
    first = solve(poisson, Dense(5), LSGD(3, Adam()), checkpoint=file, resume=file)
    second = solve(poisson, Dense(5), LSGD(6, Adam()), checkpoint=file, resume=file)
    assert (len(first.history.training), len(second.history.training)) == (3, 6)
    with pytest.raises(FileNotFoundError, match="no file"):
        solve(poisson, Dense(5), LSGD(3), resume=tmp_path / "other.st")
    with pytest.raises(ValueError, match=r"one in Dense\(.*5.*\), not in Dense\(.*6.*\)"):
        solve(poisson, Dense(6), LSGD(3), resume=file)
    with pytest.raises(ValueError, match=r"run\.st holds a solution of another problem"):
        solve(nonlinear, Dense(5), LSGD(3), resume=file)
    with pytest.raises(ValueError, match="the same problem"):
        solve(nonlinear, Dense(5), LSGD(3), resume=first)


def test_what_cannot_be_kept_is_said_before_any_work(tmp_path):
    def never(step):
        raise AssertionError

    with pytest.raises(FileNotFoundError, match="there is no folder"):
        solve(
            poisson, tolerance=1e-3, callbacks=[never], checkpoint=tmp_path / "missing" / "run.st"
        )
    with pytest.raises(ValueError, match="cannot save a basis with"):
        solve(
            poisson,
            Dense(5, initialize=lambda *_: None),
            callbacks=[never],
            checkpoint=tmp_path / "run.st",
        )
    with pytest.raises(ValueError, match="not negative"):
        Checkpoint(tmp_path, math.nan)


@pytest.mark.slow
def test_only_a_solution_of_the_same_problem_is_written_over(tmp_path):
    def never(step):
        raise AssertionError

    thesis, other, damaged = (tmp_path / name for name in ("thesis.txt", "other.st", "damaged.st"))
    thesis.write_text("years of work", encoding="utf-8")
    solve(nonlinear, Dense(5), LSGD(1, Adam())).save(other)
    damaged.write_bytes(other.read_bytes()[:-1])
    for file, words in (
        (thesis, r"thesis\.txt.*holds no pinnsolve solution"),
        (other, "another problem"),
        (damaged, r"damaged\.st"),
    ):
        before = file.read_bytes()
        for keep in (str(file), Checkpoint(file)):
            with pytest.raises(
                ValueError, match=f"(?s)no checkpoint may take the place of .*{words}"
            ):
                solve(poisson, Dense(5), callbacks=[never], checkpoint=keep)
        assert file.read_bytes() == before
    empty = tmp_path / "empty.st"
    empty.touch()
    for _ in range(2):
        last = solve(poisson, Dense(5), LSGD(1, Adam()), checkpoint=empty)
        assert load(empty, poisson)(points) == pytest.approx(last(points))


def test_a_disk_that_is_full_ends_no_solve(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.warns(UserWarning, match=r"no checkpoint was written: .*run\.st: no space left"):
        solution = solve(
            poisson,
            Dense(200, activation="sin", initialize=Waves(4)),
            checkpoint=tmp_path / "run.st",
        )
    assert solution.stopped == "solved"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_an_evolution_is_solved_again(tmp_path):
    q = unknown("q", t)
    problem = Problem(
        Interval(t, 0, 1), Eq(q.diff(t), -(q**2)), Eq(q(0), 1), exact={q: 1 / (1 + t)}
    )
    first = solve(problem, tolerance=1e-4, checkpoint=tmp_path / "run.st")
    assert isinstance(first.declared, Modes)
    assert (
        solve(problem, tolerance=1e-4, resume=tmp_path / "run.st").error() == first.error() < 1e-3
    )


def test_declarations_are_widened_in_all_parts():
    corner = CornerFunctions((Corner((0.0, 0.0), ((1.0, 0.0), (0.0, 1.0)), 4.7),))
    declared = Stretched(Dense(10), 0.1, {"x": 0}) + Dense(5, 2) + corner
    wide = widened(declared, 2.0)
    assert [
        part.within.width if hasattr(part, "within") else getattr(part, "width", None)
        for part in wide.parts
    ] == [
        20,
        10,
        None,
    ]
    assert widened(declared, 1.0) == declared
    assert widened(LowRank(4, 8), 4.0) == LowRank(8, 16)
