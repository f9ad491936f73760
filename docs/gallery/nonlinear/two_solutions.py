"""Two solutions of one problem.

Bratu's equation of a gas that heats itself has two: a mild and a hot one. Newton's method begins
at the linear part of the equation, or at your guess.
"""

from matplotlib.figure import Figure
from sympy import Eq, exp

from pinnsolve import Interval, Problem, coordinates, solve, unknown

(x,) = coordinates("x")
u = unknown("u", x)
bratu = Problem(Interval(x, 0, 1), Eq(u.diff(x, 2) + exp(u), 0), Eq(u(0), 0), Eq(u(1), 0))
lower = solve(bratu, tolerance=1e-8)
upper = solve(bratu, tolerance=1e-8, guess={u: 16 * x * (1 - x)})
error = max(abs(lower(0.5) - 0.140539214400), abs(upper(0.5) - 4.091467246))  # by shooting
figure = Figure(figsize=(6, 3.5), layout="constrained")
ax = figure.subplots()
for solution in (lower, upper):
    solution.plot(expression=u, ax=ax)
figure.savefig("two_solutions.png", dpi=150)
