"""A plucked string, at several times.

The string is drawn aside to a smooth hump and let go. `at={t: [...]}` draws a line for each time;
the same solution makes a film by `solution.animate("string.gif")`.
"""

from sympy import Eq, exp

from pinnsolve import Box, Problem, coordinates, solve, unknown

x, t = coordinates("x t")
u = unknown("u", x, t)


def pulse(s):
    """A hump, and its mirror images beyond both ends: sides stay at rest."""
    hump = [
        (-1) ** n * exp(-60 * (s - n - (0.3 if n % 2 == 0 else 0.7)) ** 2) for n in range(-2, 3)
    ]
    return sum(hump)


moving = (pulse(x - t) + pulse(x + t)) / 2
problem = Problem(
    Box({x: (0, 1), t: (0, 1)}),
    Eq(u.diff(t, 2), u.diff(x, 2)),
    Eq(u(x, 0), pulse(x)),
    Eq(u.diff(t).subs(t, 0), 0),
    Eq(u(0, t), 0),
    Eq(u(1, t), 0),
)
solution = solve(problem, tolerance=1e-6)
points = [[0.2, 0.4], [0.5, 0.7], [0.9, 1.0]]
exact = [float(moving.subs({x: a, t: b})) for a, b in points]  # d'Alembert
error = abs(solution(points) - exact).max()
solution.plot("string.png", at={t: [0, 0.25, 0.5, 0.75, 1]})
