"""Relaxation with Caputo's derivative.

A material that forgets slowly: half a derivative of the stress is minus the stress. The solution
is Mittag-Leffler's function, here exp(t) erfc(sqrt(t)), whose slope at the start has no bound; it
is smooth in the root of time, `power=2`, which is the coordinate.
"""

from sympy import Eq, Rational, erfc, exp

from pinnsolve import Interval, Problem, caputo, coordinates, solve, unknown

(r,) = coordinates("r")  # the root of time
u = unknown("u", r)
problem = Problem(
    Interval(r, 0, 2),
    Eq(caputo(u, r, Rational(1, 2), power=2), -u),
    Eq(u(0), 1),
    exact={u: exp(r**2) * erfc(r)},
)
solution = solve(problem, tolerance=1e-8)
print(solution.error())
solution.plot("relaxation.png")
