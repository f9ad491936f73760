"""Diffusion that is nonlinear: in a porous medium, of two phases that separate, from a wall that
radiates, of water into a soil, of an option that may be exercised early.
"""

from sympy import Eq, Max, Rational, Symbol, cos, exp, pi, sqrt

from pinnsolve import Box, Problem, coordinates, unknown

from .reference import reference

x, t = coordinates("x t")
u = unknown("u", x, t)
rod = Box({x: (0, 1), t: (0, Rational(1, 2))})


def _vanish(*orders: int) -> list[Eq]:
    """Derivatives that are zero at both ends."""
    return [Eq(u.diff(x, k).subs(x, end), 0) for k in orders for end in (0, 1)]


def porous_medium() -> Problem:
    """u_t = (u^2 u_x)_x between insulated ends (reference: cosines)."""
    return Problem(
        rod,
        Eq(u.diff(t), (u**2 * u.diff(x)).diff(x)),
        Eq(u(x, 0), 1 + cos(pi * x) / 2),
        *_vanish(1),
        reference=reference("porous_medium"),
    )


def cahn_hilliard() -> Problem:
    """u_t = (u^3 - u - u_xx / 400)_xx: two phases, and interfaces of 1/20 (reference: cosines)."""
    return Problem(
        rod,
        Eq(u.diff(t), (u**3 - u - u.diff(x, 2) / 400).diff(x, 2)),
        Eq(u(x, 0), cos(2 * pi * x) / 2 + cos(pi * x) / 5),
        *_vanish(1, 3),
        reference=reference("cahn_hilliard"),
    )


def radiating_rod() -> Problem:
    """u_t = u_xx, insulated at 0, with u_x = 6/625 - u^4 at 1 (reference: Chebyshev's
    polynomials).
    """
    return Problem(
        rod,
        Eq(u.diff(t), u.diff(x, 2)),
        Eq(u(x, 0), 1 - x**2 / 5),
        Eq(u.diff(x).subs(x, 0), 0),
        Eq(u.diff(x).subs(x, 1), Rational(6, 625) - u(1, t) ** 4),
        reference=reference("radiating_rod"),
    )


def infiltration() -> Problem:
    """Richards' equation: water enters a dry soil from x = 1, what it holds and lets through
    depends on the pressure u (reference: Chebyshev's polynomials).
    """
    wet = 1 + u**2
    return Problem(
        rod,
        Eq((1 / wet).diff(t), ((u.diff(x) + 1) / wet**2).diff(x)),
        Eq(u(x, 0), -3),
        Eq(u(0, t), -3),
        Eq(u(1, t), -1 - 2 * exp(-10 * t)),
        reference=reference("infiltration"),
    )


def american_put() -> Problem:
    """An option that may be exercised early, at the logarithm x of the price: a penalty on values
    below 1 - exp(x), which changes them by some 1e-6 of the strike (reference: binomial trees).
    """
    penalty, smooth = Symbol("penalty"), Symbol("smooth")
    early, variance, interest = 1 - exp(x), Rational(4, 100), Rational(5, 100)
    missing = (early - u + sqrt((early - u) ** 2 + smooth**2)) / 2
    carried = (interest - variance / 2) * u.diff(x) - interest * u
    return Problem(
        Box({x: (-1, 1), t: (0, 1)}),
        Eq(u.diff(t), variance / 2 * u.diff(x, 2) + carried + missing / penalty),
        Eq(u(x, 0), Max(early, 0)),
        Eq(u(-1, t), 1 - exp(-1)),
        Eq(u(1, t), 0),
        constants={penalty: Rational(1, 10**5), smooth: Rational(1, 10**6)},
        reference=reference("american_put"),
    )


ENTRIES = (porous_medium, cahn_hilliard, radiating_rod, infiltration, american_put)
