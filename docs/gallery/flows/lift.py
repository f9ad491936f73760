"""An ideal flow with circulation.

The stream function of a cylinder that turns: constant on the body, with a logarithm and a dipole
in the cell that holds it. The lift is the circulation, by Kutta and Joukowski.
"""

from sympy import Eq, Rational, log

from pinnsolve import Ball, Box, Problem, coordinates, laplacian, solve, unknown

x, y = coordinates("x y")
s = unknown("s", x, y)
room, body = Box({x: (-2, 2), y: (-1, 1)}), Ball({x: 0, y: 0}, Rational(2, 5))
r2 = x**2 + y**2
stream = y * (1 - body.radius**2 / r2) - log(r2 / body.radius**2) / 5
problem = Problem(
    room - body,
    Eq(laplacian(s), 0),
    Eq(s, stream) @ room.boundary,
    Eq(s, 0) @ body.boundary,
    exact={s: stream},
)
solution = solve(problem, tolerance=1e-7)
print(solution.error())
solution.plot("lift.png", expression=(s.diff(y), -s.diff(x)))
