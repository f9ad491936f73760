"""The command as a user runs it: in a process of its own, with exit codes and one-line errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pinnsolve import Solution
from pinnsolve.cli.main import main
from pinnsolve.problems import CATALOGUE

OWN = """
from sympy import Eq, sin
from pinnsolve import Box, Problem, coordinates, laplacian, unknown
x, y = coordinates("x y")
u = unknown("u", x, y)
box = Box({x: (0, 1), y: (0, 2)})
"""
PROBLEM = (
    OWN + "problem = Problem(box, Eq(-laplacian(u), 0), Eq(u, x) @ box.boundary, exact={u: x})\n"
)


def run(*arguments, cwd=None, timeout=120):
    return subprocess.run(
        [sys.executable, "-m", "pinnsolve", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        cwd=cwd,
    )


def called(monkeypatch, folder, *arguments):
    """The same in this process: its exit code."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["pinnsolve", *arguments])
    try:
        main()
    except SystemExit as ended:
        return ended.code
    return 0


@pytest.mark.slow
def test_help_and_list():
    text = run("--help")
    assert text.returncode == 0
    assert all(word in text.stdout for word in ("list", "show", "solve", "demo"))
    listed = run("list")
    assert listed.returncode == 0
    assert len(listed.stdout.splitlines()) == len(CATALOGUE)


@pytest.mark.slow
def test_show_prints_the_equations():
    shown = run("show", "stokes")
    assert shown.returncode == 0
    assert "exact: p(x, y)" in shown.stdout
    assert shown.stdout.count("\n    on ") == 6


@pytest.mark.slow
def test_solve_own_file_with_plot_and_save(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(PROBLEM, encoding="utf-8")
    done = run(
        "solve",
        "mine.py",
        "--tolerance",
        "1e-8",
        "--plot",
        "p.png",
        "--save",
        "s.st",
        "--seed",
        "2",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "met: the tolerance is met" in done.stdout
    assert (tmp_path / "p.png").is_file()
    (tmp_path / "s.st").replace(tmp_path / "run.st")
    # What follows is begun in this process, which has imported all that another would.
    called(
        monkeypatch, tmp_path, "solve", "mine.py", "--tolerance", "1e-9", "--checkpoint", "run.st"
    )
    assert sorted(p.name for p in tmp_path.glob("*.st")) == ["run.st"]
    assert Solution.load(tmp_path / "run.st").stopped == "met"


@pytest.mark.slow
def test_a_function_that_returns_a_problem_is_enough(tmp_path):
    body = "    return Problem(box, Eq(-laplacian(u), 0), Eq(u, x) @ box.boundary, exact={u: x})\n"
    (tmp_path / "mine.py").write_text(OWN + "def mine() -> Problem:\n" + body, encoding="utf-8")
    done = run("show", "mine.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


FAILURES = {
    "misspelt": (("show", "poison_2d"), "did you mean poisson_2d"),
    "no such file": (("solve", "nowhere.py"), "no file nowhere.py"),
    "no such folder": (("solve", "poisson_1d", "--plot", "nowhere/p.png"), "no folder nowhere"),
    "a kind of picture": (
        ("solve", "poisson_1d", "--plot", "a.xyz"),
        "cannot draw a.xyz: the name of a picture ends in one of",
    ),
    "no name to save": (("solve", "poisson_1d", "--save", ""), "path must be a file's name"),
    "no name of a picture": (("solve", "poisson_1d", "--plot", ""), "path must be a file's name"),
    "no name of a checkpoint": (
        ("solve", "poisson_1d", "--checkpoint", ""),
        "path must be a file's name",
    ),
    "no folder to save in": (
        ("solve", "poisson_1d", "--save", "nowhere/s.st"),
        "no folder nowhere; make it first",
    ),
    "another's file": (("solve", "poisson_1d", "--checkpoint", "empty.py"), "empty.py"),
    "tolerance": (("solve", "poisson_1d", "--tolerance", "-1"), "positive number"),
    "file without a problem": (("solve", "empty.py"), "should define one Problem"),
}


def write_files(folder):
    """One that makes a mistake, and one that declares no problem."""
    wrong = OWN + "problem = Problem(box, u == 0)\n"
    (folder / "wrong.py").write_text(wrong, encoding="utf-8")
    (folder / "empty.py").write_text(OWN, encoding="utf-8")


@pytest.mark.parametrize("name", FAILURES)
def test_errors_are_one_line_and_exit_code_1(name, tmp_path, monkeypatch, capsys):
    """By what the command calls: a process for each would import everything twelve times."""
    write_files(tmp_path)
    arguments, message = FAILURES[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["pinnsolve", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    told = capsys.readouterr()
    assert message in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert told.out == ""


@pytest.mark.slow
def test_an_error_ends_the_process_with_one_line(tmp_path):
    write_files(tmp_path)
    failed = run("solve", "empty.py", cwd=tmp_path)
    assert failed.returncode == 1
    assert len(failed.stderr.strip().splitlines()) == 1
    assert failed.stdout == ""


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("problem = Problem(box, u == 0)", "TypeError: "),
        ("import helper", "NameError: name 'nothing'"),
        ("problem = Problem(box,", "SyntaxError: "),
    ],
)
def test_an_error_in_the_users_file_shows_its_lines_alone(
    last, said, tmp_path, monkeypatch, capsys
):
    (tmp_path / "wrong.py").write_text(OWN + last + "\n", encoding="utf-8")
    (tmp_path / "helper.py").write_text("\nnothing\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["pinnsolve", "show", "wrong.py"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 4
    told = capsys.readouterr().err
    assert said in told
    assert "wrong.py" in told
    assert ("helper.py, line 2: nothing" in told) == ("helper" in last)
    assert "site-packages" not in told
    assert "pinnsolve/" not in told
    assert "<frozen" not in told


def test_wrong_usage_is_exit_code_2():
    assert run("solve").returncode == 2
    assert run("solve", "poisson_1d", "--seed", "x").returncode == 2


@pytest.mark.slow
def test_tolerance_not_met_is_exit_code_3():
    failed = run("solve", "poisson_1d", "--tolerance", "1e-18", "--budget", "20")
    assert failed.returncode == 3
    assert "was not met" in failed.stderr
    assert "residual  condition" in failed.stdout


@pytest.mark.slow
def test_demo_solves_three_problems_and_says_where_the_pictures_are(tmp_path, monkeypatch, capsys):
    assert called(monkeypatch, tmp_path, "demo", "--folder", "pictures") == 0
    said = capsys.readouterr().out
    assert said.count("error") == 3
    assert f"pictures are in {tmp_path / 'pictures'}" in said
    assert len(list((tmp_path / "pictures").glob("*.png"))) == 3


@pytest.mark.slow
def test_a_deep_network_is_trained_with_its_layers_in_parallel(tmp_path, monkeypatch, capsys):
    deep = ("--layers", "64", "--width", "8", "--seconds", "1", "--mgrit")
    assert called(monkeypatch, tmp_path, "solve", "poisson_2d", *deep) == 0
    said = capsys.readouterr().out
    assert "MGRIT" in said
    assert "ResNet(width=8, depth=65" in said
    assert called(monkeypatch, tmp_path, "solve", "poisson_2d", "--mgrit") == 1
    assert "give --layers" in capsys.readouterr().err
