"""The compiler against sympy's own evaluation and against autograd."""

from __future__ import annotations

import warnings
from functools import partial

import mpmath
import numpy as np
import pytest
import sympy
import torch
from scipy.interpolate import interp1d
from sympy import (
    Eq,
    Function,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    cos,
    exp,
    log,
    pi,
    sin,
    sqrt,
)
from sympy.utilities.lambdify import implemented_function
from torch.func import jvp, vmap

from pinnsolve import (
    Ball,
    Box,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    normal_derivative,
    unknown,
)
from pinnsolve.compile.lower import OPERATIONS, lower
from pinnsolve.compile.special import SPECIAL

x, y, t = coordinates("x y t")
u, v = unknown("u", x, y), unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})

EXPRESSIONS = [
    x + y * 2 - Rational(1, 3),
    x**5 - y**-2 + sqrt(x) + 1 / sqrt(y) + x**y + x**2.5,
    sin(x) * cos(y) * sympy.tan(x) + sympy.cot(x) + sympy.sec(y) + sympy.csc(y),
    exp(-x) * log(y + 2) + sympy.erf(x) - sympy.erfc(y) + sympy.erfinv(x / 2),
    sympy.sinh(x) + sympy.cosh(y) * sympy.tanh(x) + sympy.coth(y) + sympy.sech(x) + sympy.csch(y),
    sympy.asin(x / 2) + sympy.acos(y / 2) + sympy.atan(x) + sympy.atan2(y, -x),
    sympy.asinh(x)
    + sympy.acosh(1 + y)
    + sympy.atanh(x / 2)
    + sympy.sinc(y)
    + sympy.loggamma(x + 1),
    abs(x - y)
    + sympy.sign(x - y)
    + Max(x, y, Rational(1, 2))
    + Min(x, y)
    + sympy.floor(3 * x)
    + sympy.ceiling(3 * y),
    Heaviside(x - y) + Piecewise((x, x < y), (y**2, sympy.And(x >= y, y > 0)), (0, True)),
    Piecewise((1, sympy.Or(x > 2, sympy.Not(y <= 1))), (x, sympy.Ne(x, 3)), (2, sympy.Eq(y, 0))),
    Piecewise((x, sympy.And(x >= 0.4, y <= 0.7)), (y, True)),
    sympy.besselj(0, x)
    + sympy.bessely(1, y)
    + sympy.besseli(2, x)
    + sympy.besselk(Rational(1, 2), y),
    sympy.gamma(x + 1)
    + sympy.factorial(y)
    + sympy.beta(x + 1, y + 2)
    + sympy.polygamma(1, x + 1)
    + sympy.LambertW(x),
    sympy.airyai(x)
    + sympy.airyaiprime(x)
    + sympy.airybi(y)
    + sympy.airybiprime(y)
    + sympy.elliptic_k(x / 2),
    sympy.erfi(y) + sympy.Si(x) + sympy.Ci(y) + sympy.Shi(x) + sympy.Chi(y) + sympy.Ei(x),
    sympy.fresnels(x)
    + sympy.fresnelc(y)
    + sympy.elliptic_e(y / 2)
    + sympy.frac(3 * x)
    + sympy.Mod(5 * y, 1),
    pi**2 * sympy.E + sympy.oo**0 + x * sympy.GoldenRatio,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=range(len(EXPRESSIONS)))
def test_lowered_expression_against_sympy(expression):
    points = torch.rand(7, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64) + 0.1
    found = lower([expression], [x, y])(points.T, 7)[0]
    by_sympy = [float(expression.subs({x: a, y: b}).evalf(25)) for a, b in points.tolist()]
    assert found.tolist() == pytest.approx(by_sympy, rel=1e-13, abs=1e-13)


def test_a_table_comes_in_as_an_implemented_function():
    table = implemented_function("f", lambda a: np.interp(a, [0, 1, 2], [0, 1, 4]))
    points = torch.tensor([[0.5, 1.5], [0.0, 0.0]], dtype=torch.float64)
    assert lower([2 * table(x) + y], [x, y])(points, 2)[0].tolist() == [1.0, 5.0]
    trained = points.clone().requires_grad_()
    with pytest.raises(ValueError, match="f is known as data only"):
        lower([table(x)], [x, y])(trained, 2)


def _moving(expression, points):
    """The derivative along x of an expression, forward through a batch of moving points, as
    integration in time takes it.
    """
    program = lower([expression], [x])

    def at(p):
        return jvp(lambda a: program([a], 1)[0, 0], (p,), (torch.ones_like(p),))[1]

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # forward mode of torch 2.13 calls its own torch.jit.script
        return vmap(at)(points)


@pytest.mark.parametrize("function", SPECIAL, ids=str)
def test_special_functions_are_differentiated_forward(function):
    orders = {sympy.beta: (x + 2,), sympy.polygamma: (1,)}
    bessel = (sympy.besselj, sympy.bessely, sympy.besseli, sympy.besselk)
    expression = function(*orders.get(function, (0,) if function in bessel else ()), x)
    points = torch.tensor([0.2, 0.5, 0.9], dtype=torch.float64)
    primes = {
        "airyaiprime": partial(mpmath.airyai, derivative=1),
        "airybiprime": partial(mpmath.airybi, derivative=1),
    }
    known = sympy.lambdify(x, expression, [primes, "mpmath"])
    by_mpmath = [float(mpmath.diff(known, p)) for p in points.tolist()]
    assert _moving(expression, points).tolist() == pytest.approx(by_mpmath, rel=1e-9)
    trained = points.clone().requires_grad_()
    lower([expression], [x])([trained], 3).sum().backward()
    assert trained.grad.tolist() == pytest.approx(by_mpmath, rel=1e-9)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_tables_are_differentiated_by_differences_up_to_their_ends(end):
    grid = np.linspace(0, 1, 401)
    table = implemented_function("f", interp1d(grid, np.sin(grid), kind="cubic"))
    points = torch.tensor([end, 0.5], dtype=torch.float64)
    assert _moving(x * table(x), points).tolist() == pytest.approx(
        (points.sin() + points * points.cos()).tolist(), rel=1e-8
    )


def test_an_order_that_moves_is_differentiated_by_differences():
    points = torch.tensor([0.2, 0.7], dtype=torch.float64)
    by_mpmath = [float(mpmath.diff(lambda p: mpmath.besselj(p, p + 1), p)) for p in points.tolist()]
    assert _moving(sympy.besselj(x, x + 1), points).tolist() == pytest.approx(by_mpmath, rel=1e-9)


def test_every_operation_of_the_table_is_tested():
    tested = {type(node) for e in EXPRESSIONS for node in sympy.preorder_traversal(e)} | {
        type(e) for e in EXPRESSIONS
    }
    assert {o.__name__ for o in OPERATIONS} <= {cls.__name__ for cls in tested} | {
        "Equality",
        "Not",
    }


def test_constants_are_folded_and_shared_parts_computed_once():
    shared = sin(x * y)
    program = lower([shared**2 + 1, shared * cos(pi * Rational(1, 3)) + exp(shared)], [x, y])
    assert sum(1 for operation, _ in program.instructions if operation is torch.sin) == 1
    assert 0.5 in program.constants
    assert all(operation is not torch.cos for operation, _ in program.instructions)


def test_unsupported_operation_is_named():
    with pytest.raises(
        ValueError, match=r"cannot compile zeta in zeta\(x\): the operations known are"
    ):
        lower([sympy.zeta(x)], [x])
    with pytest.raises(ValueError, match="cannot compile f in f"):
        lower([Function("f")(x)], [x])
    with pytest.raises(ValueError, match="is not real"):
        lower([sympy.I * x], [x])


def residual_of(equation, domain=square):
    return compile_problem(Problem(domain, equation)).residuals[0]


def test_indices_and_collapsed_laplacian():
    slots = residual_of(Eq(-laplacian(u) + u.diff(x, y) + 3 * u.diff(x), 1)).slots
    assert {s.index for s in slots} == {frozenset({(2, 0), (0, 2)}), (1, 1), (1, 0)}
    slots = residual_of(Eq(u.diff(x, 2) + 2 * u.diff(y, 2), 1)).slots
    assert {s.index for s in slots} == {(2, 0), (0, 2)}
    slots = residual_of(Eq(laplacian(laplacian(u), x, y), 1)).slots
    assert {s.index for s in slots} == {(4, 0), (2, 2), (0, 4)}


def test_collapse_also_where_it_is_hidden():
    """k (u_xx + u_yy) multiplied out, and the square of a Laplacian: seen by slopes, not by
    form.
    """
    k = 1 + x**2
    assert len(residual_of(Eq(k * u.diff(x, 2) + k * u.diff(y, 2), u)).slots) == 2
    assert len(residual_of(Eq(laplacian(u) ** 2, u)).slots) == 2
    assert len(residual_of(Eq(u.diff(x, 2) ** 2 + u.diff(y, 2), u)).slots) == 3


def test_periodic_condition_has_two_traces():
    box = Box({x: (-1, 1), t: (0, 1)})
    w = unknown("w", x, t)
    problem = Problem(box, Eq(w.diff(t), 0), Eq(w(-1, t), w(1, t)))
    traces = compile_problem(problem).residuals[1].traces
    points = torch.tensor([[-1.0, 0.25], [-1.0, 0.5]], dtype=torch.float64)
    places = sorted(trace(points).tolist() for trace in traces)
    assert places == [[[-1.0, 0.25], [-1.0, 0.5]], [[1.0, 0.25], [1.0, 0.5]]]


def test_unknown_with_its_coordinates_in_another_order():
    w = unknown("w", y, x)
    slots = residual_of(Eq(w.diff(x, 2) + w.diff(y), 0)).slots
    assert {s.index for s in slots} == {(2, 0), (0, 1)}


LINEAR = [
    Eq(laplacian(u), u * x),
    Eq((u + 1) ** 2 - u**2, 0),
    Eq(x * u - x * (u + v), sin(x)),
    Eq(exp(x) * u, u.diff(x)),
]
NONLINEAR = [
    Eq(laplacian(u), u**2),
    Eq(u * u.diff(x), 0),
    Eq(sin(u), v),
    Eq(u * v, 1),
    Eq(exp(u.diff(x, y)), 1),
]


@pytest.mark.parametrize("equation", LINEAR)
def test_linear_is_decided_on_the_symbols(equation):
    assert residual_of(equation).linear


@pytest.mark.parametrize("equation", NONLINEAR)
def test_nonlinear_is_decided_on_the_symbols(equation):
    assert not residual_of(equation).linear


@pytest.mark.parametrize("equation", LINEAR + NONLINEAR)
def test_slopes_against_autograd(equation):
    residual = residual_of(equation)
    g = torch.Generator().manual_seed(1)
    points = torch.rand(9, 2, generator=g, dtype=torch.float64)
    slots = torch.rand(len(residual.slots), 9, generator=g, dtype=torch.float64, requires_grad=True)
    (by_autograd,) = torch.autograd.grad(residual.value(points, None, slots).sum(), slots)
    assert torch.allclose(residual.slopes(points, None, slots), by_autograd, rtol=1e-13, atol=1e-14)


def test_residual_at_the_exact_solution_with_normals():
    """On the circle of radius 2 the normal is (x, y) / 2, and n . grad(x y) = x y."""
    disk = Ball({x: 0, y: 0}, 2)
    problem = Problem(disk, Eq(laplacian(u), 0), Eq(normal_derivative(u), x * y) @ disk.boundary)
    residual = compile_problem(problem).residuals[1]
    angle = torch.linspace(0, 6, 5, dtype=torch.float64)
    normals = torch.stack([angle.cos(), angle.sin()], dim=1)
    points = 2 * normals
    gradient = {(1, 0): points[:, 1], (0, 1): points[:, 0]}
    slots = torch.stack([gradient[s.index] for s in residual.slots])
    assert residual.value(points, normals, slots).abs().max() < 1e-15
    assert residual.data(points, normals).tolist() == pytest.approx(
        (-points[:, 0] * points[:, 1]).tolist()
    )
