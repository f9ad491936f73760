"""Rules of integrals, against mpmath's quadrature and sympy's integrals."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
from sympy import (
    Abs,
    Heaviside,
    Integral,
    Max,
    Piecewise,
    Rational,
    Symbol,
    cos,
    exp,
    lambdify,
    log,
    sin,
    sqrt,
    symbols,
)

from pinnsolve.compile.quadrature import rule_of
from pinnsolve.symbols.integrals import Measure, opened

x, y = symbols("x y", real=True)
s, r = symbols("s r", real=True)

# What is integrated, and where a row is.
KERNELS = {
    "smooth": (Integral(exp(x * s) * cos(3 * s), (s, 0, x)), (0.7,)),
    "a wave": (Integral(sin(20 * (x - s)), (s, 0, x)), (0.9,)),
    "a root": (Integral(cos(s) / sqrt(x - s), (s, 0, x)), (0.83,)),
    "a cube root at the beginning": (Integral(cos(s) * s ** Rational(-1, 3), (s, 0, x)), (0.4,)),
    "roots at both ends": (Integral(exp(s) / sqrt(s * (x - s)), (s, 0, x)), (0.6,)),
    "a logarithm": (Integral(exp(s) * log(x - s), (s, 0, x)), (0.6,)),
    "a root within": (Integral(exp(s) / sqrt(Abs(x - s)), (s, 0, 1)), (0.3,)),
    "a kink": (Integral(exp(s) * Abs(x - s), (s, 0, 1)), (0.3,)),
    "two kinks": (Integral(Max(x, s) * Abs(s - x**2), (s, 0, 1)), (0.6,)),
    "kinks out of order": (Integral(Abs(s - x) * Abs(s - 1 + x), (s, 0, 1)), (0.8,)),
    "a step": (Integral(Heaviside(x - s) * exp(s), (s, 0, 1)), (0.3,)),
    "branches": (Integral(Piecewise((s, s < x), (exp(s), True)), (s, 0, 1)), (0.3,)),
    "a triangle": (Integral(exp(x * s) * r, (r, 0, s), (s, 0, x)), (0.8,)),
    "in the plane": (Integral(cos(s - x) * exp(r * x), (s, 0, 1), (r, 0, 2)), (0.5,)),
}


def by_rule(integral, at, **finer):
    integrand, limits = opened(integral, 0)
    rule = rule_of(Measure(limits, integrand), (x,), (x,), **finer)
    row = torch.tensor([at], dtype=torch.float64)
    return float(rule.weights(row).sum()), rule


def exactly(integral, at):
    """By mpmath, split where the kernels above have kinks; several variables by sympy."""
    (value,) = at
    whole = integral.subs(x, Rational(str(value)))
    if len(whole.limits) > 1:
        return float(whole.doit().evalf(20))
    ((own, low, high),) = whole.limits
    with mpmath.workdps(40):
        low, high = (mpmath.mpf(e.p) / e.q for e in (low, high))
        value = mpmath.mpf(str(value))
        inner = [b for b in sorted({value, value**2, 1 - value}) if low < b < high]
        kernel = lambdify(own, whole.function, "mpmath")
        # Rounded beyond an end, a root is imaginary there.
        return float(mpmath.re(mpmath.quad(kernel, [low, *inner, high])))


@pytest.mark.parametrize("kind", KERNELS)
def test_rules_integrate_to_round_off(kind):
    integral, at = KERNELS[kind]
    expected = exactly(integral, at)
    for finer in (1.0, 1.4):
        value, _ = by_rule(integral, at, finer=finer)
        assert value == pytest.approx(expected, rel=2e-11)


def test_a_rule_that_is_the_same_everywhere_says_so():
    _, rule = by_rule(Integral(exp(s), (s, 0, 1)), (0.3,))
    assert not rule.same  # its place is x
    moved = rule_of(Measure(((s, 0 * x, 1 + 0 * x),), exp(s)), (s,), (x,))
    assert moved.same
    assert moved.nodes(torch.zeros(1, 1, dtype=torch.float64)).shape == (1, 64, 1)


@pytest.mark.parametrize("exponent", [-1, -2, Rational(-3, 2)])
def test_a_kernel_that_is_not_integrable_is_refused(exponent):
    with pytest.raises(ValueError, match="diverges"):
        by_rule(Integral((x - s) ** exponent, (s, 0, x)), (0.5,))


def test_too_many_variables_are_refused():
    several = symbols("a:4", real=True)
    with pytest.raises(ValueError, match="4 variables"):
        by_rule(Integral(x, *((a, 0, 1) for a in several)), (0.5,))


def test_nodes_lie_between_the_limits():
    integrand, limits = opened(Integral(Abs(x - s), (s, x / 2, 2 * x)), 0)
    rule = rule_of(Measure(limits, integrand), limits[0][:1], (x,))
    rows = torch.linspace(0.1, 1, 5, dtype=torch.float64)[:, None]
    nodes = rule.nodes(rows)[:, :, 0].numpy()
    assert nodes.shape == (5, rule.count)
    assert (nodes >= rows.numpy() / 2).all()
    assert (nodes <= 2 * rows.numpy()).all()
    assert np.unique(nodes[0]).size == rule.count


def test_letters_do_not_matter():
    z = Symbol("z", real=True)
    one = opened(Integral(exp(x * s) * r, (r, 0, s), (s, 0, x)), 0)
    other = opened(Integral(exp(x * z) * s, (s, 0, z), (z, 0, x)), 0)
    assert one == other
