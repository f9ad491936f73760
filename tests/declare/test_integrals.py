"""Integrals of unknowns in equations: taken apart, placed, solved, refused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
from sympy import Abs, Eq, Integral, Symbol, cos, exp, oo, pi, sin, sqrt, symbols

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    Polygon,
    Problem,
    Waves,
    coordinates,
    integral,
    laplacian,
    load,
    normal,
    normal_derivative,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.declare.checks import difference
from pinnsolve.problems import CATALOGUE
from pinnsolve.running.stop import Stop
from pinnsolve.symbols.occurrences import separate

x, y, z, t = coordinates("x y z t")
s, r = symbols("s r", real=True)
u, v, w = unknown("u", x), unknown("v", x, y), unknown("w", x, t)
hole = Ball({x: 0.5, y: 0.5}, 0.2)
line, square = Interval(x, 0, 1), Box({x: (0, 1), y: (0, 1)})
holed = square - hole
QUICK = ["volterra_nonlinear", "neumann_of_mean_zero", "plate_of_known_flux"]
SLOW = [
    "volterra",
    "integro_differential",
    "fredholm",
    "fredholm_kink",
    "abel",
    "heat_with_memory",
    "heat_of_known_amount",
]


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in SLOW)])
def test_the_catalogue_is_solved(name):
    solution = solve(CATALOGUE[name](), tolerance=1e-8)
    assert solution.history.stopped == Stop.MET
    assert solution.error() < 1e-8
    assert solution.error() < 10 * solution.estimate + 1e-12


def value_of(expression, fields, at):
    """The expression at a point, by compiled rules, for unknowns that are known functions."""
    side, occurrences = separate(expression)
    assert side.free_symbols <= set(occurrences) | set(at)
    problem = Problem(line, Eq(expression, 0))
    (residual,) = compile_problem(problem).residuals
    row = torch.tensor([[float(value) for value in at.values()]], dtype=torch.float64)
    taken = []
    for slot in residual.slots:
        trace = residual.traces[slot.trace]
        points = trace(row).numpy()
        function = problem.unknowns[slot.unknown].func
        known = fields[function].diff(x, slot.index[0])
        values = np.array([float(known.subs(x, p)) for p in points[:, 0]])
        taken.append(trace.summed(row, torch.from_numpy(values)))
    return float(residual.value(row, None, torch.stack(taken))[0])


EXPRESSIONS = {
    "two unknown parts": Integral((x - s) * u(s) + s**2 * u(s).diff(s), (s, 0, x)),
    "a factor outside": x**3 * Integral(u(s), (s, 0, 1)) - u,
    "known and unknown": Integral(u(s) + sin(s), (s, 0, x)),
    "a square": Integral(u(s) ** 2 * exp(x * s), (s, 0, x)),
    "a derivative of an integral": Integral(exp(x * s) * u(s), (s, 0, x)).diff(x),
    "an integral in an integral": Integral(Integral(r * u(r), (r, 0, s)) * s, (s, 0, x)),
    "two variables at once": Integral(r * s * u(r), (r, 0, s), (s, 0, x)),
    "its own letter": Integral(u, (x, 0, 1)) + u,
    "a function of integrals": exp(Integral(u(s), (s, 0, x))) * u,
}


@pytest.mark.parametrize("kind", EXPRESSIONS)
def test_rows_take_what_sympy_integrates(kind):
    known = cos(x) + x**2
    expression = EXPRESSIONS[kind]
    lambdas = {u(s): known.subs(x, s), u(r): known.subs(x, r), u: known}
    expected = expression.xreplace(lambdas).doit().subs(x, 0.6).evalf()
    found = value_of(expression, {u.func: known}, {x: 0.6})
    assert found == pytest.approx(float(expected), rel=1e-12)


def test_equal_integrals_are_one_occurrence_whatever_their_letters():
    both = Integral(u(s), (s, 0, x)) + 2 * Integral(u(r), (r, 0, x)) + u
    _, occurrences = separate(both)
    assert len(occurrences) == 2


def test_linear_integrals_leave_an_equation_linear():
    linear, square_of = (
        compile_problem(Problem(line, Eq(u, 1 + Integral(f, (s, 0, x))))) for f in (u(s), u(s) ** 2)
    )
    assert linear.linear
    assert not square_of.linear


@pytest.mark.parametrize(
    ("equation", "region"),
    [
        (Eq(Integral(u(s), (s, 0, 1)), 1), "one point"),
        (Eq(Integral(u(s), (s, 0, x)), x), "the domain"),
    ],
)
def test_an_equation_stands_where_it_says_something(equation, region):
    problem = Problem(line, Eq(u.diff(x, 2), 0), equation)
    place = problem.conditions[1].region
    assert (place.is_listed, place == line) == (region == "one point", region == "the domain")


def test_an_integral_over_space_holds_at_all_times():
    rod = line * Interval(t, 0, 2)
    amount = Eq(Integral(w(s, t), (s, 0, 1)), 1)
    problem = Problem(rod, Eq(w.diff(t), w.diff(x, 2)), amount)
    low, high = problem.conditions[1].region.bounds.T
    assert low.tolist() == [0, 0]
    assert high.tolist() == [0, 2]


REGIONS = {
    "a box": (square, x**2 * y, 1 / 6),
    "a side": (square.at(x=1), x * y**2, 1 / 3),
    "a disk": (Ball({x: 1, y: 0}, 2), x**2, 4 * np.pi + 4 * np.pi),
    "a circle": (Ball({x: 1, y: 0}, 2).boundary, x**2, 4 * np.pi + 8 * np.pi),
    "a triangle": (Polygon((x, y), [(0, 0), (1, 0), (0, 1)]), x * y, 1 / 24),
}


@pytest.mark.parametrize("kind", REGIONS)
def test_integrals_over_regions(kind):
    region, known, expected = REGIONS[kind]
    side, occurrences = separate(integral(v, region))
    problem = Problem(Box({x: (-2, 4), y: (-2, 2)}), Eq(integral(v, region), 0))
    residual = compile_problem(problem).residuals[0]
    row = torch.zeros(1, 2, dtype=torch.float64)
    total = 0.0
    for slot in residual.slots:
        trace = residual.traces[slot.trace]
        points = trace(row).numpy()
        values = np.array([float(known.subs({x: a, y: b})) for a, b in points])
        total += float(
            residual.coefficients(row, None)[residual.slots.index(slot), 0]
            * trace.summed(row, torch.from_numpy(values))
        )
    assert set(occurrences) <= side.free_symbols
    assert total == pytest.approx(expected, rel=1e-12)


def test_the_flux_through_a_ball_is_the_source_in_it():
    ball, f = Ball({x: 0, y: 0, z: 0}, 1), unknown("f", x, y, z)
    equations = [Eq(laplacian(f), 6), Eq(normal_derivative(f), 2) @ ball.boundary]
    amount = Eq(integral(f, ball), 4 * pi / 5)
    exact = {f: x**2 + y**2 + z**2}
    solution = solve(Problem(ball, *equations, amount, exact=exact), Dense(300, activation="sin"))
    assert solution.error() < 1e-4


WRONG = {
    "outside": (Integral(u(s), (s, 0, 2 * x)), "outside of the domain"),
    "without an end": (Integral(u(s), (s, 0, oo)), "not finite"),
    "without limits": (Integral(u(s), s), "no limits"),
    "another letter": (Integral(y * u(s), (s, 0, x)), "mentions y"),
    "too many variables": (Integral(u(s) ** 2, (s, 0, 1), (r, 0, 1), (t, 0, 1)), "3 variables"),
    "one in another": (Integral(Integral(u(r), (r, 0, s)) ** 2, (s, 0, x)), "inner one"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_said_before_any_work(kind):
    wrong, words = WRONG[kind]
    with pytest.raises(ValueError, match=words):
        Problem(line, Eq(u, 1 + wrong))


def test_a_kernel_that_diverges_is_said():
    with pytest.raises(ValueError, match="diverges"):
        solve(Problem(line, Eq(u, 1 + Integral(u(s) / (x - s), (s, 0, x)))))


def test_an_exact_solution_is_checked_under_integrals():
    equation = Eq(u, 1 + Integral(u(s), (s, 0, x)))
    with pytest.raises(ValueError, match="does not satisfy"):
        Problem(line, equation, exact={u: exp(x) + x})
    several = Eq(v, x + Integral(v, (x, 0, 1), (y, 0, 1)))
    with pytest.raises(ValueError, match="does not satisfy"):
        Problem(square, several, exact={v: x + 2})


def test_cells_are_refused():
    with pytest.raises(ValueError, match="all cells at once"):
        solve(Problem(line, Eq(u, 1 + Integral(u(s), (s, 0, x)))), cells=4)


def test_what_is_no_region_is_refused():
    with pytest.raises(TypeError, match="a region"):
        integral(v, 3)


def test_what_a_cut_region_cannot_integrate_is_said():
    """A square of the unknown, what depends on more than the region, and what lies outside."""
    for expression, region, told in (
        (v**2, holed, "not linear in the unknowns.*declare one more unknown"),
        (v * exp(t) + t, holed, "depends on more than the region's coordinates"),
        (v, Ball({x: 0, y: 0}, 1) - hole, "outside of the domain"),
    ):
        with pytest.raises(ValueError, match=told):
            Problem(square, Eq(integral(expression, region), 1))


def test_conditions_on_cut_regions(tmp_path):
    """A pressure of known mean around a hole, in a basis that is given; kept in a file."""
    known = exp(x) * cos(y)
    flux = known.diff(x) * normal(x, y)[0] + known.diff(y) * normal(x, y)[1]
    problem = Problem(
        holed,
        Eq(laplacian(v), 0),
        Eq(normal_derivative(v), flux) @ holed.boundary,
        Eq(integral(v - 1, holed), integral(known - 1, holed)),
        exact={v: known},
    )
    solution = solve(problem, Dense(120, activation="sin", initialize=Waves(2)))
    assert solution.error() < 1e-7
    assert "integral(v(x, y), the domain)" in solution.report()
    solution.save(tmp_path / "v.st")
    assert load(tmp_path / "v.st").error() == solution.error()


def test_a_wrong_integral_is_no_exact_solution():
    with pytest.raises(ValueError, match="does not satisfy"):
        Problem(holed, Eq(v.diff(x), 1), Eq(integral(v, holed), 1.0), exact={v: x})


def test_a_rule_that_is_too_coarse_is_seen_by_another():
    """u = sin(150 x): what 64 nodes of a Fredholm integral miss, 90 others see."""
    wave = sin(400 * x)
    equation = Eq(u, wave + Integral(cos(30 * s) * u(s) * s, (s, 0, 1)))
    system = compile_problem(Problem(line, equation))
    assert system.validation is not None
    (coarse,), (fine,) = (
        [t.rule.count for t in own.residuals[0].traces if t.rule]
        for own in (system, system.validation)
    )
    assert fine > coarse


def test_problems_with_integrals_travel():
    problem = CATALOGUE["abel"]()
    arrived = pickle.loads(pickle.dumps(problem))
    assert solve(arrived, tolerance=1e-6).history.stopped == Stop.MET
    assert difference(arrived.conditions[0]).has(Integral)


def test_integrals_print_as_written():
    letter = Symbol("q", real=True)
    with pytest.raises(ValueError, match=r"takes Integral\(u\(s1\), \(s1, 0, 2\*x\)\)"):
        Problem(line, Eq(u, Integral(u(letter), (letter, 0, 2 * x))))


def test_a_kernel_singular_within():
    """|x - s|^(-1/2) over all of the line: rows are singular where they are."""
    kernel = Integral(u(s) / sqrt(Abs(x - s)), (s, 0, 1))
    # Of the constant 1 it is 2 sqrt(x) + 2 sqrt(1 - x).
    data = 1 + 2 * sqrt(x) + 2 * sqrt(1 - x)
    solution = solve(Problem(line, Eq(u + kernel, data)), Dense(30, activation="sin"))
    assert solution(np.linspace(0.1, 0.9, 9)) == pytest.approx(np.ones(9), abs=1e-8)
