"""Functions of the user's own as a basis: derivatives in small steps, however deep the expressions
nest.
"""

from __future__ import annotations

import mpmath
import pytest
import torch
from sympy import Abs, Piecewise, Rational, atan2, cos, erf, exp, lambdify, log, sin, sqrt, tanh

from pinnsolve import Functions, coordinates

x, y = coordinates("x y")
INDICES = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 1), frozenset({(2, 0), (0, 2)})]
EXPRESSIONS = (
    sqrt(x**2 + y**2) ** Rational(2, 3) * sin(2 * atan2(y, x) / 3),
    exp(-x * y) * tanh(3 * x) + log(1 + x**2) / y**3,
    Piecewise((x**2 * y, x < 0.5), (cos(x * y), True)) + sqrt(1 + Abs(y) ** 2),
    erf(x) * sqrt(x) + 7,
)


@pytest.mark.slow
def test_derivatives_against_sympys_own():
    basis = Functions(*EXPRESSIONS).build({"x": (0.0, 1.0), "y": (0.0, 1.0)}, 0)
    points = (
        torch.rand(20, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 0.1
    )
    found = basis(points, INDICES)
    for i, index in enumerate(INDICES):
        orders = index if isinstance(index, frozenset) else {index}
        for j, e in enumerate(EXPRESSIONS):
            wanted = lambdify((x, y), sum(e.diff(x, a, y, b) for a, b in orders), "mpmath")
            values = torch.tensor(
                [float(mpmath.re(wanted(*p))) for p in points.tolist()], dtype=torch.float64
            )
            torch.testing.assert_close(found[i, :, j], values, rtol=1e-10, atol=1e-10)


def powers(count):
    """Real and imaginary parts of z^-1, z^-2, ..., each from the one before: their trees double
    every time.
    """
    r = x**2 + y**2
    first, second = x / r, -y / r
    found = [(first, second)]
    for _ in range(count - 1):
        p, q = found[-1]
        found.append((p * first - q * second, p * second + q * first))
    return [part for pair in found for part in pair]


@pytest.mark.slow
def test_nested_expressions_compile_in_steps_that_grow_with_their_number():
    lengths = {}
    for count in (6, 12, 24):
        basis = Functions(*powers(count)).build({"x": (1.0, 2.0), "y": (1.0, 2.0)}, 0)
        points = (
            torch.rand(10, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 1
        )
        laplacian = basis(points, [frozenset({(2, 0), (0, 2)})])
        assert laplacian.abs().max() < 1e-12  # harmonic
        lengths[count] = len(basis.steps.definitions)
    assert lengths[24] - lengths[12] == 2 * (lengths[12] - lengths[6])
    z = torch.complex(points[:, 0], points[:, 1]) ** -24
    torch.testing.assert_close(basis(points, [(0, 0)])[0, :, -2], z.real, rtol=1e-10, atol=0)
