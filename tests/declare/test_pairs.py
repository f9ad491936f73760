"""Complex unknowns are pairs of real ones: what is divided is what numbers say."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import (
    Abs,
    Derivative,
    Eq,
    I,
    Integral,
    Piecewise,
    Rational,
    Subs,
    Symbol,
    arg,
    conjugate,
    cos,
    exp,
    gamma,
    hankel1,
    im,
    log,
    re,
    sinh,
    sqrt,
    tan,
)

from pinnsolve import (
    Data,
    Dense,
    Interval,
    PointCloud,
    Problem,
    Waves,
    coordinates,
    decompose,
    hard,
    solve,
    unknown,
)
from pinnsolve.declare.decompose import solved_problem
from pinnsolve.declare.pairs import real_and_imaginary
from pinnsolve.symbols.occurrences import substitute

x, t = coordinates("x t")
s = Symbol("s", real=True)
u, r = unknown("u", x, complex=True), unknown("r", x)
a, b = unknown("a", x), unknown("b", x)
line = Interval(x, 0, 1)
# What is put in for a and b, and for u = a + I b.
of_a, of_b = x**2 + Rational(1, 3), cos(x)


@pytest.mark.parametrize(
    "expression",
    [
        I * u.diff(x, 2) + u(0),
        Abs(u) ** 2 * u,
        u**3 / (2 + u),
        exp(I * u) + sinh((1 + 2 * I) * x) / sinh(2 - I),
        conjugate(u) * r - im(u.diff(x)) + I * re(u),
        sqrt(1 + I * x) * log(u),
        tan(u),
        arg(u) + x,
        hankel1(0, 2 + x) * u,
        Subs(Derivative(u, x), x, Rational(1, 2)) * I,
        Piecewise((u, x < Rational(1, 2)), (I * x, True)),
        Integral(exp(I * x * s) * u(s), (s, 0, x)),
        Abs(u).diff(x),
    ],
)
def test_parts_are_those_that_numbers_have(expression):
    """Both are asked at a point, once divided and once as complex numbers."""
    found = real_and_imaginary(expression, {u: (a, b)})
    real = {a: of_a, b: of_b, r: x}
    here = Rational(2, 3)
    parts = [complex(substitute(e, real).doit().subs(x, here).evalf()) for e in found]
    whole = substitute(expression, {u: of_a + I * of_b, r: x}).doit().subs(x, here)
    assert [part.imag for part in parts] == pytest.approx([0, 0], abs=1e-14)
    assert parts[0] + 1j * parts[1] == pytest.approx(complex(whole.evalf()), rel=1e-12)


def test_what_sympy_cannot_divide_is_refused():
    with pytest.raises(ValueError, match="cannot be divided into a real and an imaginary part"):
        Problem(line, Eq(gamma(u), 1))


def test_equations_that_say_one_thing_are_one():
    """Of |u| = 1 the imaginary part is 0 = 0; of a complex law there are two."""
    problem = Problem(line, Eq(I * u.diff(x), u), Eq(Abs(u(0)), 1), Eq(re(u(1)), 0))
    assert [str(w) for w in solved_problem(problem).unknowns] == ["u_re(x)", "u_im(x)"]
    assert len(solved_problem(problem).conditions) == 4


def test_real_problems_stay_what_they_are():
    problem = Problem(line, Eq(r.diff(x), re(exp(I * x))))
    assert len(solved_problem(problem).conditions) == 1
    plain = Problem(line, Eq(r.diff(x), cos(x)))
    assert solved_problem(plain) is plain


@pytest.mark.parametrize(
    ("equation", "told"),
    [
        (Eq(r.diff(x), I * r), "holds the imaginary unit, and its unknowns are real: declare r = "),
        (
            Eq(r, Data([1j])) @ PointCloud({x: [0.5]}),
            r"holds complex data.*unknown\('r', x, complex=True\)",
        ),
        (Eq(r, hankel1(0, 1 + x)), "holds the imaginary unit"),
    ],
)
def test_complex_numbers_in_real_equations_are_refused(equation, told):
    with pytest.raises(ValueError, match=told):
        Problem(line, equation)


def test_a_real_unknown_has_no_complex_exact_solution():
    with pytest.raises(ValueError, match="must be a real function"):
        Problem(line, Eq(r.diff(x), 1), exact={r: x + I})


def test_an_assumption_that_is_none():
    with pytest.raises(TypeError, match="or complex=True: got complex='yes'"):
        unknown("u", x, complex="yes")
    with pytest.raises(TypeError, match="got negative=True"):
        unknown("u", x, negative=True)


def test_unknowns_of_one_name_and_other_values_are_two():
    assert unknown("u", x) != u
    assert unknown("u", x, complex=True) == u
    with pytest.raises(ValueError, match="two unknowns have the name"):
        Problem(line, Eq(u.diff(x), unknown("u", x)))


def test_other_reductions_keep_them_complex():
    free = hard(Problem(line, Eq(u.diff(x), I * u), Eq(u(0), I)))
    assert next(iter(free.problem.unknowns)).func.values == "complex"
    with pytest.raises(ValueError, match="no formula of this problem differs"):
        decompose(free.problem)


def test_data_of_both_parts():
    """Given at points of a wave, with an equation that tells the rest."""
    places = np.linspace(0, 1, 9)
    basis = Dense(40, activation="sin", initialize=Waves(2))
    measured = Eq(u, Data(np.exp(2j * places))) @ PointCloud({x: places})
    solution = solve(Problem(line, Eq(u.diff(x), 2 * I * u), measured), basis)
    assert solution(0.3) == pytest.approx(np.exp(0.6j), abs=1e-9)
