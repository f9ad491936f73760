"""A steady shock, by continuation.

Burgers' equation at rest between 1 and -1. Where Newton's method needs to be led, a constant of
the problem goes from an easy value to the one that is wanted.
"""

from sympy import Eq, Symbol, tanh

from pinnsolve import Interval, Problem, coordinates, geometric, solve, unknown

(x,) = coordinates("x")
u, nu = unknown("u", x), Symbol("nu")
problem = Problem(
    Interval(x, -1, 1),
    Eq(u * u.diff(x), nu * u.diff(x, 2)),
    Eq(u(-1), 1),
    Eq(u(1), -1),
    constants={nu: 0.02},
)
solution = solve(problem, tolerance=1e-8, continuation={nu: geometric(0.2, 0.02, 4)})
places = [-0.1, -0.02, 0.01, 0.3]  # a tanh(a x / 2 nu), a = 1 but for 4 exp(-1/nu)
error = max(abs(solution(s) + float(tanh(s / 0.04))) for s in places)
solution.plot("shock.png", expression=u)
