"""Ordinary differential equations: evolutions without space."""

from sympy import Eq, Rational, exp

from pinnsolve import Interval, Problem, coordinates, unknown

from .reference import reference

(t,) = coordinates("t")
x, y, z = (unknown(name, t) for name in "xyz")


def logistic() -> Problem:
    """x' = 5 x (1 - x) from 1/100."""
    value = exp(5 * t) / (exp(5 * t) + 99)
    return Problem(
        Interval(t, 0, 2),
        Eq(x.diff(t), 5 * x * (1 - x)),
        Eq(x(0), Rational(1, 100)),
        exact={x: value},
    )


def van_der_pol() -> Problem:
    """x'' = 100 (1 - x^2) x' - x, stiff: slow drift, then a jump (reference: Radau's method at
    1e-13).
    """
    return Problem(
        Interval(t, 0, 100),
        Eq(x.diff(t, 2), 100 * (1 - x**2) * x.diff(t) - x),
        Eq(x(0), 2),
        Eq(x.diff(t).subs(t, 0), 0),
        reference=reference("van_der_pol"),
    )


def lotka_volterra() -> Problem:
    """Prey and predators over ten units of time (reference: Dormand's and Prince's method at
    1e-13).
    """
    return Problem(
        Interval(t, 0, 10),
        Eq(x.diff(t), x * (1 - y)),
        Eq(y.diff(t), y * (x - 1)),
        Eq(x(0), 2),
        Eq(y(0), 1),
        reference=reference("lotka_volterra"),
    )


def lorenz() -> Problem:
    """Lorenz's equations to t = 3, where nearby paths are ten times further apart (reference as
    above).
    """
    return Problem(
        Interval(t, 0, 3),
        Eq(x.diff(t), 10 * (y - x)),
        Eq(y.diff(t), x * (28 - z) - y),
        Eq(z.diff(t), x * y - 8 * z / 3),
        Eq(x(0), 1),
        Eq(y(0), 1),
        Eq(z(0), 1),
        reference=reference("lorenz"),
    )


def robertson() -> Problem:
    """Three substances, one of them 4e-5 of the others, that is gone in a thousandth of the time
    (reference: Radau's method at 1e-13).
    """
    fast = 3 * 10**7 * y**2
    return Problem(
        Interval(t, 0, 40),
        Eq(x.diff(t), -x / 25 + 10**4 * y * z),
        Eq(y.diff(t), x / 25 - 10**4 * y * z - fast),
        Eq(z.diff(t), fast),
        *(Eq(w(0), value) for w, value in ((x, 1), (y, 0), (z, 0))),
        reference=reference("robertson"),
    )


def oregonator() -> Problem:
    """Field's and Noyes' reaction over one period: one substance grows by 1e5 within a thousandth
    of the time (Hairer and Wanner, OREGO; reference: Radau's method at 1e-13).
    """
    slow, feed = Rational(7727, 100), Rational(8375, 10**9)
    return Problem(
        Interval(t, 0, 303),
        Eq(x.diff(t), slow * (y + x * (1 - feed * x - y))),
        Eq(y.diff(t), (z - (1 + x) * y) / slow),
        Eq(z.diff(t), Rational(161, 1000) * (x - z)),
        *(Eq(w(0), value) for w, value in ((x, 1), (y, 2), (z, 3))),
        reference=reference("oregonator"),
    )


ENTRIES = (logistic, van_der_pol, lotka_volterra, lorenz, robertson, oregonator)
