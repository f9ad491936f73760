"""What notebooks show of problems, solutions and histories, and what a solve tells while it runs."""

import base64
import logging
import re

import numpy as np
import pytest
from sympy import Eq, sin

from pinnsolve import Dense, Interval, Problem, coordinates, solve, unknown
from pinnsolve.running.html import Report
from pinnsolve.running.stop import Stop

(X,) = coordinates("x")
U = unknown("u_1", X)
ROD = Interval(X, 0, 1)
PROBLEM = Problem(ROD, Eq(U.diff(X, 2), sin(3 * X)), Eq(U, 0) @ ROD.boundary)


@pytest.fixture(scope="module")
def solution():
    return solve(PROBLEM, tolerance=1e-6)


def test_a_problem_is_mathematics():
    text = PROBLEM._repr_latex_()
    assert text.startswith(r"$\displaystyle \begin{aligned}\frac{d^{2}}{d x^{2}} u_{1}")
    assert text.count(r"\\ ") == 1
    assert r"\text{on the domain.boundary}" in text


def test_a_solution_is_a_picture_and_a_table(solution):
    html = solution._repr_html_()
    (picture,) = re.findall(r"base64,([^\"]+)", html)
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    assert html.count("<tr>") == 3
    assert "met" in html
    assert "<script" not in html


def test_a_report_is_text_and_tables(solution):
    report = solution.report()
    assert isinstance(report, str)
    html = report._repr_html_()
    assert html.count("<table>") == 2
    assert html.count("<tr>") == len(report.splitlines())  # an empty head, of the empty line
    first, second = html.split("</table><table>")
    assert "<th>residual</th><th>condition</th>" in first
    assert first.count("<td>") == 2 * len(PROBLEM.conditions)
    assert "<td>stopped</td><td>met: " in second
    assert "&lt;" in Report("a b\nu u < 1")._repr_html_()


def test_a_history_is_a_table_and_a_data_frame(solution):
    steps = solution.history.steps
    assert solution.history._repr_html_().count("<tr>") == len(steps) + 1
    pytest.importorskip("pandas")
    frame = solution.history.to_dataframe()
    assert list(frame.residual) == [step.residual for step in steps]
    assert {"stage", "functions", "seconds"} <= set(frame.columns)


def test_a_callback_that_says_true_ends_the_solve_with_the_best_so_far():
    told = []

    def enough(step):
        told.append(step)
        return step.residual < 1e-1

    found = solve(PROBLEM, callbacks=enough)
    assert found.stopped == Stop.INTERRUPTED
    assert told[-1].residual < 1e-1
    assert len(told) < len(solve(PROBLEM).history.steps)
    assert np.isfinite(found(0.5))


def test_callbacks_that_say_anything_else_end_nothing(solution):
    found = solve(PROBLEM, tolerance=1e-6, callbacks=lambda step: 1.5)
    assert found.stopped == Stop.MET


def test_steps_are_logged(caplog):
    with caplog.at_level(logging.INFO, "pinnsolve"):
        found = solve(PROBLEM, Dense(30))
    assert len(caplog.messages) == len(found.history.steps)
    assert "30 functions, residual" in caplog.messages[0]


def test_nothing_is_printed_without_a_terminal(capfd):
    solve(PROBLEM, Dense(30), progress=True)
    said = capfd.readouterr()
    assert said.out == ""
    assert not said.err.strip()


def test_a_bar_shows_steps(monkeypatch):
    from rich.progress import Progress

    shown = []
    monkeypatch.setattr(Progress, "update", lambda self, task, **what: shown.append(what))
    solve(PROBLEM, Dense(30), progress=True, budget=60)
    assert "30 functions" in shown[0]["description"]


def test_progress_is_yes_or_no():
    with pytest.raises(TypeError, match=r"progress is True or False"):
        solve(PROBLEM, progress="bar")
