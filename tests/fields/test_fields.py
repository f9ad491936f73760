"""Spaces of blocks and the fields in them: numbers, coefficients, subdomains; against autograd and
exact solutions.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sympy import Eq, Rational, cos, exp, pi, sin

from conftest import Work
from pinnsolve import (
    LSGD,
    Box,
    Dense,
    Interval,
    Problem,
    coordinates,
    laplacian,
    load,
    solve,
    unknown,
)
from pinnsolve.compile.system import compile_problem
from pinnsolve.fields.building import build_space
from pinnsolve.fields.declared import BasisEach
from pinnsolve.fields.expansion import Expansion
from pinnsolve.fields.field import Field
from small_problems import waves

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", x, y)
w = unknown("w", x)
a, k = unknown("a", x), unknown("k")
LINE = Interval(x, 0, 1)
SQUARE = Box({x: (0, 1), y: (0, 1)})


def mixed():
    """An equation that holds derivatives of a function, of a coefficient and of a number, at two
    places.
    """
    equation = Eq(u.diff(x, y) * a.diff(x) + laplacian(u) * k + u(0, y) * a + a(y), sin(x))
    system = compile_problem(Problem(SQUARE, equation, Eq(u, 0) @ SQUARE.boundary))
    space = build_space(system, BasisEach((("u", Dense(7)), ("a", Dense(5)))), 0)
    generator = torch.Generator().manual_seed(1)
    return system, Expansion(
        space, torch.randn(space.columns, generator=generator, dtype=torch.float64)
    )


def test_a_block_has_the_derivatives_of_its_own_coordinates():
    """Oracle: nested autograd of the field's values; along coordinates that a block lacks,
    zeros.
    """
    system, field = mixed()
    by_name = dict(zip(map(str, system.problem.unknowns), field.space.blocks, strict=True))
    assert {name: (block.size, block.axes) for name, block in by_name.items()} == {
        "u(x, y)": (7, None),
        "a(x)": (5, (0,)),
        "k": (1, ()),
    }
    at = torch.rand(
        20, 2, generator=torch.Generator().manual_seed(2), dtype=torch.float64
    ).requires_grad_()
    values = field(at, [(0, 0)])[:, 0]
    for number in range(3):
        slopes = torch.autograd.grad(
            values[number].sum(), at, create_graph=True, allow_unused=True, materialize_grads=True
        )[0]
        found = field(at, [(1, 0), (0, 1), (1, 1), frozenset([(2, 0), (0, 2)])])[number]
        torch.testing.assert_close(found[:2], slopes.T, rtol=1e-12, atol=1e-12)
        second = [
            (
                torch.autograd.grad(
                    slopes[:, i].sum(),
                    at,
                    retain_graph=True,
                    allow_unused=True,
                    materialize_grads=True,
                )[0][:, j]
                if slopes.requires_grad
                else torch.zeros(20, dtype=torch.float64)
            )
            for i, j in ((0, 1), (0, 0), (1, 1))
        ]
        torch.testing.assert_close(found[2], second[0], rtol=1e-10, atol=1e-10)
        torch.testing.assert_close(found[3], second[1] + second[2], rtol=1e-10, atol=1e-10)


def test_slots_of_a_space_are_those_of_any_field():
    """Those that evaluate an equation's own unknowns alone, against all derivatives of all
    unknowns.
    """
    system, field = mixed()
    at = torch.rand(11, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    for residual in system.residuals:
        torch.testing.assert_close(field.slots(residual, at), Field.slots(field, residual, at))


def test_unknowns_that_share_a_basis_have_it_evaluated_once():
    calls = []

    class Counted(Dense):
        def build(self, domain, seed):
            basis = super().build(domain, seed)
            basis.register_forward_hook(lambda *_: calls.append(1))
            return basis

    problem = Problem(
        SQUARE, Eq(u.diff(x) + v.diff(y), 0), Eq(u - v, x), Eq(u, 0) @ SQUARE.boundary
    )
    system = compile_problem(problem)
    space = build_space(system, Counted(9), 0)
    space.slots(system.residuals[0], torch.rand(5, 2, dtype=torch.float64))
    assert len(calls) == 1
    assert len(space.groups) == 1


def rod():
    """w'' = k with one condition more than usual: w = x^2 and k = 2."""
    ends = Eq(w(0), 0), Eq(w(1), 1), Eq(w.diff(x).subs(x, 0), 0)
    return (
        Problem(LINE, Eq(w.diff(x, 2), k), *ends, exact={w: x**2, k: 2}),
        {w: Dense(30, 1, "sin")},
        None,
    )


def source():
    """-laplacian(u) = a(x) sin(pi y), u known on a line: the source beside the field."""
    exact = sin(pi * x) * sin(pi * y)
    conditions = Eq(u, 0) @ SQUARE.boundary, Eq(u(x, Rational(1, 2)), sin(pi * x))
    problem = Problem(
        SQUARE,
        Eq(-laplacian(u), a * sin(pi * y)),
        *conditions,
        exact={u: exact, a: 2 * pi**2 * sin(pi * x)},
    )
    return problem, {u: waves(200, 6.0), a: waves(30)}, None


def halves():
    """One field in two halves of a square, with its value and its slope handed over."""
    left, right = Box({x: (0, Rational(1, 2)), y: (0, 1)}), Box({x: (Rational(1, 2), 1), y: (0, 1)})
    exact, face = sin(pi * x) * sin(pi * y), left.at(x=Rational(1, 2))
    rows = [Eq(-laplacian(f), 2 * pi**2 * exact) @ half for f, half in ((u, left), (v, right))]
    rows += [Eq(f, 0) @ half.at(y=end) for f, half in ((u, left), (v, right)) for end in (0, 1)]
    rows += [
        Eq(u, 0) @ left.at(x=0),
        Eq(v, 0) @ right.at(x=1),
        Eq(u, v) @ face,
        Eq(u.diff(x), v.diff(x)) @ face,
    ]
    return Problem(SQUARE, *rows, exact={u: exact, v: exact}), waves(150), None


def medium():
    """u_t = (a u_x)_x with a(x) unknown: nonlinear."""
    f, box = unknown("f", x, t), Box({x: (0, 1), t: (0, 1)})
    diffusivity, field = 1 + x / 2, exp(-t) * cos(x) + 2 + x
    load_ = field.diff(t) - (diffusivity * field.diff(x)).diff(x)
    equation = Eq(f.diff(t) - (a * f.diff(x)).diff(x), load_)
    rows = Eq(f, field) @ box.boundary, Eq(a(0), 1)
    return (
        Problem(box, equation, *rows, exact={f: field, a: diffusivity}),
        {f: waves(150), a: waves(20, 2.0)},
        {f: 2 + x, a: 1},
    )


@pytest.mark.slow
@pytest.mark.parametrize("declared", [rod, source, halves, medium], ids=lambda make: make.__name__)
def test_what_could_not_be_said_is_declared_and_solved(declared, tmp_path):
    problem, basis, guess = declared()
    solution = solve(problem, basis, guess=guess)
    assert solution.null_space == 0
    assert solution.stopped == "solved"
    assert solution.error() < 1e-8
    assert solution.error() / 30 < solution.estimate < 1e-7
    solution.save(tmp_path / "s")
    again = load(tmp_path / "s")
    points = np.random.default_rng(0).random((7, len(problem.domain.coordinates)))
    for name, values in solution(points).items():
        np.testing.assert_array_equal(again(points)[name], values)


def test_a_function_of_a_part_is_unknown_elsewhere():
    problem, basis, _ = halves()
    values = solve(problem, basis)([[0.25, 0.5], [0.75, 0.5]])
    assert np.isnan(values["u"]).tolist() == [False, True]
    assert np.isnan(values["v"]).tolist() == [True, False]
    assert values["u"][0] == pytest.approx(np.sqrt(0.5), rel=1e-8)


def test_the_missing_condition_of_a_number_is_a_null_function():
    ends = Eq(w(0), 0), Eq(w(1), 1)
    with pytest.warns(UserWarning, match="dimension 1"):
        solution = solve(Problem(LINE, Eq(w.diff(x, 2), k), *ends), {w: Dense(30, 1, "sin")})
    assert solution.stopped == "not unique"


def test_an_unknown_number_is_written_without_brackets():
    assert str(2 * k) == "2*k"
    assert "k*Derivative(w(x), x)" in str(
        Problem(LINE, Eq(k * w.diff(x), 1), Eq(w(0), 0), Eq(w(1), 1))
    )


def test_what_each_unknown_needs_is_asked_for():
    problem, basis, _ = source()
    with pytest.raises(ValueError, match=r"no basis is given for a\(x\)"):
        solve(problem, {u: waves(30)})
    with pytest.raises(TypeError, match="basis has the key w"):
        solve(problem, {w: waves(30)})
    with pytest.raises(TypeError, match="write solve"):
        solve(problem, {u: 30, a: waves(3)})
    with pytest.raises(ValueError, match="one basis for all unknowns"):
        solve(problem, basis, LSGD())


def strips(n):
    """Poisson's equation in a row of n unit squares, an unknown each, values and slopes handed
    over.
    """
    fields = [unknown(f"f{number}", x, y) for number in range(n)]
    exact, rows = sin(pi * x / 3) * sin(pi * y), []
    for number, f in enumerate(fields):
        box = Box({x: (number, number + 1), y: (0, 1)})
        rows += [
            Eq(-laplacian(f), (pi**2 / 9 + pi**2) * exact) @ box,
            Eq(f, 0) @ box.at(y=0),
            Eq(f, 0) @ box.at(y=1),
        ]
        start, before = box.at(x=number), fields[number - 1]
        rows += (
            [Eq(before, f) @ start, Eq(before.diff(x), f.diff(x)) @ start]
            if number
            else [Eq(f, 0) @ start]
        )
        rows += [Eq(f, exact) @ box.at(x=n)] if number == n - 1 else []
    return Problem(Box({x: (0, n), y: (0, 1)}), *rows, exact=dict.fromkeys(fields, exact))


@pytest.mark.slow
def test_eight_strips_are_unique_and_cost_in_proportion():
    """By the work that is done: twice as many strips take no more than twice and a half."""
    worked = {}
    for n in (4, 8):
        problem = strips(n)
        with Work() as done:
            solution = solve(problem, waves(100))
        assert solution.null_space == 0
        assert solution.stopped == "solved"
        assert solution.error() < 1e-7
        worked[n] = done.seconds
    assert worked[8] < 1.5 * 2 * worked[4]


@pytest.mark.slow
def test_a_report_says_of_what_a_field_is_made():
    """An ordinary equation has steps; what is separated functions of space too, with their rank."""
    s, decaying = unknown("s", t), unknown("h", x, t)
    path = solve(Problem(Interval(t, 0, 1), Eq(s.diff(t), 1 - s**2), Eq(s(0), 0)), tolerance=1e-6)
    assert f"size      {len(path.field.times) - 1} steps\n" in path.report()
    heat = Problem(
        Box({x: (0, 1), t: (0, 1)}),
        Eq(decaying.diff(t), decaying.diff(x, 2) - decaying**3),
        Eq(decaying(x, 0), sin(pi * x)),
        Eq(decaying(0, t), 0),
        Eq(decaying(1, t), 0),
    )
    followed = solve(heat, tolerance=1e-4)
    functions, rank = followed.field.transform.shape
    steps = len(followed.field.times) - 1
    said = f"size      {functions} functions of space, rank {rank}, {steps} steps\n"
    assert said in followed.report()
