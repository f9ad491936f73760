"""A slow flow past a cylinder.

Stokes's equations in a channel: a parabola comes in, no stress at the outlet, velocity zero at
walls and on the body. Streams are drawn of a pair of expressions. What flows in must flow out.
"""

from sympy import Eq, Rational

from pinnsolve import Ball, Box, Problem, coordinates, laplacian, solve, unknown

x, y = coordinates("x y")
u, v, p = (unknown(name, x, y) for name in "uvp")
channel, body = Box({x: (0, 4), y: (0, 1)}), Ball({x: 1, y: Rational(1, 2)}, Rational(1, 8))
walls = [channel.at(y=0), channel.at(y=1), body.boundary]
problem = Problem(
    channel - body,
    Eq(p.diff(x), laplacian(u)),
    Eq(p.diff(y), laplacian(v)),
    Eq(u.diff(x) + v.diff(y), 0),
    *[Eq(w, 0) @ wall for wall in walls for w in (u, v)],
    Eq(u, 4 * y * (1 - y)) @ channel.at(x=0),
    Eq(v, 0) @ channel.at(x=0),
    Eq(u.diff(x) - p, 0) @ channel.at(x=4),
    Eq(v.diff(x), 0) @ channel.at(x=4),
)
solution = solve(problem, tolerance=1e-4)
out = solution.integrate(u, channel.at(x=4))
print(f"flows in 0.666667, out {out:.6f}")
error = abs(out - 2 / 3)
solution.plot("past_cylinder.png", expression=(u, v))
