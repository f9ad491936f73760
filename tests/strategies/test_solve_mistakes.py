"""Mistakes in what a solve is given: refused before any work, by words that name the remedy."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Function, I, sin, zoo

from mistakes import (
    equation,
    few,
    heat,
    k,
    line,
    named,
    require_refused,
    rod,
    rod_with,
    slope,
    t,
    u,
    v,
    x,
    y,
)
from pinnsolve import (
    LSGD,
    Adam,
    Budget,
    Dense,
    Greedy,
    LeastSquares,
    March,
    Problem,
    compile_problem,
    geometric,
    manufactured,
    solve,
)

SOLVING = {
    "a width": (
        lambda: solve(rod, 400),
        TypeError,
        r"400 is none: write solve\(problem, Dense\(400\)\)",
    ),
    "a tolerance": (lambda: solve(rod, 1e-6), TypeError, r"solve\(problem, tolerance=1e-06\)"),
    "a budget": (lambda: solve(rod, Budget(3)), TypeError, r"budget=Budget\(...\)"),
    "a march": (lambda: solve(heat, March(t)), TypeError, r"march=March\(...\)"),
    "a guess": (lambda: solve(rod, {u: x}), TypeError, r"guess={u: ...}"),
    "an expression": (lambda: solve(rod, sin(x)), TypeError, r"Functions\(...\)"),
    "a word": (lambda: solve(rod, "dense"), TypeError, r"Dense\(400\)"),
    "a class": (
        lambda: solve(rod, Dense),
        TypeError,
        r"the class Dense.*an instance of it, Dense\(...\)",
    ),
    "a method for a basis": (
        lambda: solve(rod, LSGD()),
        TypeError,
        r"a basis before the method, Dense\(50\), LSGD",
    ),
    "a basis for a method": (lambda: solve(rod, few, few), TypeError, r"method=LSGD\(\)"),
    "a class of methods": (lambda: solve(rod, few, LSGD), TypeError, r"write LSGD\(\)"),
    "a descent for a method": (
        lambda: solve(rod, few, Adam()),
        TypeError,
        r"write LSGD\(descent=Adam\(...\)\)",
    ),
    "a method without basis": (
        lambda: solve(rod, method=LeastSquares()),
        ValueError,
        r"solve\(problem, Dense\(50\), LSGD\(\)\)",
    ),
    "grow": (lambda: solve(rod, few, grow=True), TypeError, r"grow=Greedy\(\)"),
    "a class of growth": (lambda: solve(rod, few, grow=Greedy), TypeError, r"write Greedy\(\)"),
    "an equation": (lambda: solve(slope), TypeError, r"solve\(Problem\(domain, Eq"),
    "equations": (lambda: solve([slope]), TypeError, r"solve\(Problem\(domain, Eq"),
    "a name": (lambda: solve("poisson"), TypeError, "wants a Problem"),
    "the class": (lambda: solve(Problem), TypeError, "the class Problem"),
    "a function": (lambda: solve(lambda: rod), TypeError, "call it"),
    "a compiled problem": (lambda: solve(compile_problem(rod)), TypeError, "give its .problem"),
    "tolerance in quotes": (
        lambda: solve(rod, tolerance="1e-6"),
        TypeError,
        "tolerance=1e-6: got '1e-6'",
    ),
    "tolerance 0": (lambda: solve(rod, tolerance=0), ValueError, "positive number below 1"),
    "tolerance 10": (lambda: solve(rod, tolerance=10), ValueError, "positive number below 1"),
    "tolerances": (
        lambda: solve(rod, tolerance={u: 1e-3}),
        TypeError,
        "tolerance must be a number",
    ),
    "seed -1": (lambda: solve(rod, seed=-1), ValueError, "seed must be from 0"),
    "seed 1.5": (lambda: solve(rod, seed=1.5), TypeError, "seed must be an integer"),
    "no seed": (lambda: solve(rod, seed=None), TypeError, "seed must be an integer"),
    "callback": (lambda: solve(rod, callbacks="print"), TypeError, r"callbacks=\[print\]"),
    "callbacks": (lambda: solve(rod, callbacks=[5]), TypeError, r"callbacks=\[print\]"),
    "budget in quotes": (lambda: solve(rod, budget="30"), TypeError, "budget=30"),
    "no time": (lambda: solve(rod, budget=0), ValueError, "budget must be positive"),
    "a class of budgets": (lambda: solve(rod, budget=Budget), TypeError, "the class Budget"),
    "seconds in quotes": (lambda: Budget("30"), TypeError, r"Budget\(seconds=30\)"),
    "guess by name": (lambda: solve(rod, guess={"u": x}), TypeError, "write u, without quotes"),
    "guess alone": (lambda: solve(rod, guess=x), TypeError, r"guess={u: sin\(x\)}"),
    "guess of another": (lambda: solve(rod, guess={v: x}), ValueError, "every unknown, u"),
    "guess with a letter": (
        lambda: solve(rod, guess={u: k * x}),
        ValueError,
        "mentions k: give an expression of x",
    ),
    "guess as a function": (
        lambda: solve(rod, guess={u: np.sin}),
        TypeError,
        "expression of the coordinates",
    ),
    "guess of itself": (lambda: solve(rod, guess={u: u**2}), ValueError, "without unknowns"),
    "a root of nothing": (
        lambda: solve(equation(u.diff(x), sympy.log(x - 2)), few),
        ValueError,
        "logarithms of negative numbers",
    ),
    "a piece without": (
        lambda: solve(equation(u.diff(x), sympy.Piecewise((1, x < 0.5))), few),
        ValueError,
        r"a Piecewise without \(..., True\)",
    ),
    "infinite guess": (lambda: solve(rod, guess={u: zoo}), ValueError, "real function"),
    "complex guess": (lambda: solve(rod, guess={u: I * x}), ValueError, "real function"),
    "a guess that is not real": (
        lambda: solve(rod, guess={u: sympy.log(x - 2)}),
        ValueError,
        r"log\(x - 2\), .* nowhere in",
    ),
    "no continuation": (
        lambda: solve(rod, continuation={}),
        ValueError,
        r"names no constant: .*geometric\(0.1",
    ),
    "a callback of nothing": (
        lambda: solve(rod, callbacks=lambda: 1),
        TypeError,
        r"called with one Step, .*lambda step",
    ),
    "widths for a basis": (
        lambda: solve(rod, [20, 20, 1]),
        TypeError,
        r"write solve\(problem, Dense\(20, 2\), layers",
    ),
    "a basis to compile": (
        lambda: compile_problem(few),
        TypeError,
        "compile_problem wants a Problem",
    ),
    "no such constant": (
        lambda: solve(rod, continuation={k: (1, 2)}),
        ValueError,
        "no constant.*constants={k: ...}",
    ),
    "continuation by name": (
        lambda: solve(rod, continuation={"k": (1, 2)}),
        TypeError,
        r"{nu: geometric\(0.1, 1e-3\)}",
    ),
    "one value": (
        lambda: solve(rod, continuation={k: 1}),
        TypeError,
        r"numbers in turn, k: \(0.1, 0.01\)",
    ),
    "geometric words": (lambda: geometric("a", 1), TypeError, "wants numbers"),
    "march by name": (lambda: solve(heat, march="t"), TypeError, r"march=March\(t\)"),
    "March by name": (lambda: March("t"), TypeError, r"March\(t, 8\)"),
    "half a slab": (lambda: March(t, 1.5), TypeError, r"March\(t, 8\)"),
    "march elsewhere": (
        lambda: solve(heat, march=March(y)),
        ValueError,
        "March in y: the coordinates are x, t",
    ),
    "checkpoint": (
        lambda: solve(rod, checkpoint=True),
        TypeError,
        "a file's name, checkpoint='run.st'",
    ),
    "resume": (lambda: solve(rod, resume=5), TypeError, "a file's name"),
    "imaginary": (
        lambda: solve(equation(u.diff(x), I * u)),
        ValueError,
        r"unknown\('u', x, complex=True\)",
    ),
    "a function unknown": (
        lambda: solve(equation(u, Function("f")(x))),
        ValueError,
        r"f = unknown\('f', x\).*implemented_function",
    ),
    "no such operation": (
        lambda: solve(equation(u, sympy.zeta(x + 2))),
        ValueError,
        "cannot compile zeta.*known are",
    ),
    "the user's names": (
        lambda: solve(equation(sympy.zeta(u.diff(x)), 1)),
        ValueError,
        r"zeta in zeta\(u.diff\(x\)\)",
    ),
    "exact without a formula": (
        lambda: rod_with(Function("f")(x)),
        ValueError,
        r"exact of u\(x\) holds f\(x\).*no formula",
    ),
    "exact in terms of one": (
        lambda: rod_with(x * Function("f")(x).diff(x)),
        ValueError,
        r"holds f\(x\).*no formula",
    ),
    "made without a formula": (
        lambda: manufactured(line, u.diff(x), exact={u: Function("f")(x)}),
        ValueError,
        r"holds f\(x\).*no formula",
    ),
    "guess without a formula": (
        lambda: solve(rod, guess={u: Function("f")(x)}),
        ValueError,
        r"guess of u\(x\) holds f\(x\).*no formula",
    ),
}

MISTAKES = named("solving", SOLVING)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_remedy(mistake):
    require_refused(*MISTAKES[mistake])


PLAIN = {
    "one callback": {"callbacks": lambda step: None},
    "seconds": {"budget": 30},
    "numpy seconds": {"budget": np.float32(30)},
    "sympy's numbers": {"tolerance": sympy.Rational(1, 100), "seed": sympy.Integer(3)},
    "numpy's numbers": {"tolerance": np.float64(1e-2), "seed": np.int64(3)},
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_plain_is_accepted(name):
    assert solve(rod, Dense(40), **PLAIN[name]).residual() < 1e-3
