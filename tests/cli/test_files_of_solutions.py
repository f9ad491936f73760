"""What the command does with a file of a solution, and options of its solve."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from pinnsolve import Solution
from pinnsolve.cli.main import main
from pinnsolve.cli.tables import table_in

CONSTANT = """
from sympy import Eq, Symbol
from pinnsolve import Interval, Problem, coordinates, unknown
from shared import x, line
u = unknown("u", x)
nu = Symbol("nu")
problem = Problem(line, Eq(u.diff(x), nu * u), Eq(u(0), 1), constants={nu: 1})
"""
SHARED = """
from pinnsolve import Interval, coordinates
(x,) = coordinates("x")
line = Interval(x, 0, 1)
"""


def called(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["pinnsolve", *map(str, arguments)])
    try:
        main()
    except SystemExit as ended:
        return ended.code or 0
    return 0


@pytest.fixture(scope="module")
def growth(tmp_path_factory):
    """A file that imports its neighbour, solved with another constant, in a given basis."""
    folder = tmp_path_factory.mktemp("growth")
    (folder / "shared.py").write_text(SHARED, encoding="utf-8")
    (folder / "growth.py").write_text(CONSTANT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        options = ("--set", "nu=2", "--basis", "Dense(40, activation='sin', initialize=Waves(3))")
        file = folder / "growth.st"
        assert called(patch, "solve", folder / "growth.py", *options, "--save", file) == 0
    return file


def test_constants_and_bases_are_options(growth):
    solution = Solution.load(growth)
    assert solution(1.0) == pytest.approx(math.exp(2), rel=1e-6)
    assert solution.field.functions == 40


def test_a_file_is_evaluated_at_points_of_a_table(growth, tmp_path, monkeypatch, capsys):
    (tmp_path / "points.csv").write_text("x\n0\n0.5\n", encoding="utf-8")
    assert called(monkeypatch, "evaluate", growth, tmp_path / "points.csv") == 0
    names, *rows = capsys.readouterr().out.split()
    assert names == "x,u"
    values = [float(row.split(",")[1]) for row in rows]
    assert values == pytest.approx([1, math.e], rel=1e-6)
    out = tmp_path / "out.csv"
    assert called(monkeypatch, "evaluate", growth, tmp_path / "points.csv", "--out", out) == 0
    assert out.read_text(encoding="utf-8").split()[0] == "x,u"


@pytest.mark.parametrize(
    ("table", "answer"),
    [("x;n\n0,5;1\n", "x;n;u"), ("x\tn\n0,5\t1\n", "x\tn\tu"), ("x;n\n0.5;1\n", "x;n;u")],
    ids=["semicolons", "tabs", "points"],
)
def test_a_table_with_decimal_commas_is_answered_as_it_is_written(table, answer, tmp_path):
    (tmp_path / "points.csv").write_text(table, encoding="utf-8")
    columns, style = table_in(tmp_path / "points.csv")
    assert columns == {"x": [0.5], "n": [1.0]}
    names, numbers = style.text({**columns, "u": [1.25e-7]}).splitlines()
    assert names == answer
    point = "," if "," in table else "."
    assert numbers.startswith(f"0{point}5")
    assert numbers.endswith(f"1{point}25e-07")


def test_a_decimal_comma_that_may_be_a_column_is_refused(growth, tmp_path, monkeypatch, capsys):
    (tmp_path / "points.csv").write_text("x\n0,5\n", encoding="utf-8")
    assert called(monkeypatch, "evaluate", growth, tmp_path / "points.csv") == 1
    assert "divided by semicolons" in capsys.readouterr().err


def test_points_outside_of_the_domain_are_warned_of(growth, tmp_path, monkeypatch, capsys):
    (tmp_path / "points.csv").write_text("x\n0.5\n7\n", encoding="utf-8")
    assert called(monkeypatch, "evaluate", growth, tmp_path / "points.csv") == 0
    told = capsys.readouterr()
    assert "1 of 2 points lie outside of the domain" in told.err
    assert "Warning" not in told.out


@pytest.mark.parametrize("table", ["", "x\n", "y\n1\n", "x\none\n", "x\n1,2\n"])
def test_tables_that_are_none_are_refused(growth, table, tmp_path, monkeypatch, capsys):
    (tmp_path / "points.csv").write_text(table, encoding="utf-8")
    assert called(monkeypatch, "evaluate", growth, tmp_path / "points.csv") == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_file_is_reported_drawn_and_exported(growth, tmp_path, monkeypatch, capsys):
    assert called(monkeypatch, "report", growth) == 0
    assert "residual  condition" in capsys.readouterr().out
    assert called(monkeypatch, "plot", growth, tmp_path / "growth.png") == 0
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
    for kind in ("vtu", "csv", "nc", "pt2"):
        assert called(monkeypatch, "export", growth, tmp_path / f"g.{kind}", "--along", "5") == 0
        assert (tmp_path / f"g.{kind}").stat().st_size > 0
    text = (tmp_path / "g.csv").read_text(encoding="utf-8").split()
    assert text[0] == "x,u"
    assert len(text) == 6


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "FILE", "g.stl"), 1, "its name ends in one of .vtu"),
        (("plot", "FILE", "no/where.png"), 1, "there is no folder"),
        (("plot", "FILE", "a.gif"), 1, "no time"),
        (("plot", "FILE", "a.png", "--at", "x"), 2, "wants NAME=NUMBER"),
        (("solve", "poisson_1d", "--set", "nu=2"), 1, "the problem's constants are none"),
        (("solve", "poisson_1d", "--basis", "open('a')"), 2, "wants a basis as in Python"),
        (("solve", "poisson_1d", "--basis", "Dense(__import__('os'))"), 2, "wants a basis"),
        (("solve", "poisson_1d", "--basis", "Dense(9)", "--layers", "8"), 1, "give one of them"),
    ],
)
def test_what_is_given_wrongly_ends_by_its_kind(
    growth, arguments, code, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    given = [growth if each == "FILE" else each for each in arguments]
    assert called(monkeypatch, *given) == code
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_shells_complete_names_of_problems(monkeypatch, capsys):
    monkeypatch.setenv("_PINNSOLVE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "pinnsolve show stok")
    monkeypatch.setenv("COMP_CWORD", "2")
    called(monkeypatch)
    assert "plain,stokes" in capsys.readouterr().out


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no folder that lies about itself")
def test_a_folder_that_says_it_can_be_written_to_is_tried(monkeypatch, capsys):
    assert called(monkeypatch, "solve", "poisson_1d", "--save", "/proc/a.st") == 1
    told = capsys.readouterr()
    assert "cannot write /proc/a.st: No such file" in told.err
    assert "residual" not in told.out
