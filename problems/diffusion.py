"""Diffusion that is nonlinear: in a porous medium, of two phases that separate, from a wall that
radiates.
"""

from sympy import Eq, Rational, cos, pi

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


ENTRIES = (porous_medium, cahn_hilliard, radiating_rod)
