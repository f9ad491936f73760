"""Caputo's derivative of a fractional order: memory with a singular kernel."""

from __future__ import annotations

import math
from typing import Any

from sympy import Derivative, Expr, Integral, Symbol, gamma, nsimplify

from pinnsolve.symbols.given import number_of, shown, whole_of
from pinnsolve.symbols.symbols import Unknown


def caputo(u: Unknown, t: Symbol, order: Any, power: int = 1) -> Expr:
    """Caputo's derivative of an order a in time from t = 0, for equations: of 0 < a < 1,

        D^a u(t) = 1 / gamma(1 - a) * integral of (t - s)^(-a) u'(s), s from 0 to t,

    and of 1 < a < 2 with u'' and (t - s)^(1 - a) / gamma(2 - a) (Caputo, Geophys. J. Int. 13,
    1967). Its rule is Gauss's in z, where s = t - (t - 0) z^m and m a is whole. Solutions are
    smooth functions of t^a rather, as a rule: with a `power` p, `t` is the p-th root of time, and u
    a function of that; a = 1/2 wants p = 2, u = exp(t^2) erfc(t) is smooth then.

    Raises TypeError for what is no unknown of t, ValueError for other orders.

    >>> from sympy import Eq, Rational, erfc, exp
    >>> from pinnsolve import Interval, Problem, caputo, coordinates, solve, unknown
    >>> (r,) = coordinates("r")
    >>> u = unknown("u", r)
    >>> relaxation = Eq(caputo(u, r, Rational(1, 2), power=2), -u)
    >>> problem = Problem(Interval(r, 0, 1), relaxation, Eq(u(0), 1))
    >>> f"{solve(problem, tolerance=1e-8)(1.0):.6f}", f"{float((exp(1) * erfc(1)).evalf()):.6f}"
    ('0.427584', '0.427584')
    """
    if not isinstance(u, Unknown) or t not in u.args:
        raise TypeError(f"caputo wants an unknown of time, caputo(u, t, 0.5): got {shown(u)}, {t}")
    a, p = number_of(order), whole_of(power)
    if a is None or not 0 < a < 2 or a == 1:
        raise ValueError(
            f"caputo wants an order between 0 and 2 that is not whole: got {order}; derivatives of"
            f" whole orders are u.diff({t})"
        )
    if p is None or p < 1 or (p > 1 and a > 1):
        raise ValueError(
            "power is a whole number, 2 for the root of time, and 1 for orders above 1: got"
            f" {power}"
        )
    n, exact = math.ceil(a), nsimplify(order, rational=True)
    s = Symbol("earlier", real=True)
    earlier = u.xreplace({t: s})
    kernel = (t**p - s**p) ** (n - 1 - exact)
    return Integral(kernel * Derivative(earlier, (s, n)), (s, 0, t)) / gamma(n - exact)
