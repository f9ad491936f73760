"""Singularly perturbed: convection against little diffusion, with a boundary layer of width eps at
x = 1.
"""

from sympy import Eq, Rational, exp

from pinnsolve import Interval, Problem, coordinates, unknown

(x,) = coordinates("x")
u = unknown("u", x)


def _convection_diffusion(eps: Rational) -> Problem:
    value = x - (exp((x - 1) / eps) - exp(-1 / eps)) / (1 - exp(-1 / eps))
    return Problem(
        Interval(x, 0, 1),
        Eq(-eps * u.diff(x, 2) + u.diff(x), 1),
        Eq(u(0), 0),
        Eq(u(1), 0),
        exact={u: value},
    )


def convection_diffusion_1e1() -> Problem:
    """-eps u'' + u' = 1 with eps = 1e-1: hardly a layer."""
    return _convection_diffusion(Rational(1, 10))


def convection_diffusion_1e2() -> Problem:
    """The same with eps = 1e-2."""
    return _convection_diffusion(Rational(1, 100))


def convection_diffusion_1e3() -> Problem:
    """The same with eps = 1e-3: the layer is a thousandth of the domain."""
    return _convection_diffusion(Rational(1, 1000))


ENTRIES = (convection_diffusion_1e1, convection_diffusion_1e2, convection_diffusion_1e3)
