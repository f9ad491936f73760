"""A population that answers late.

Hutchinson's equation: growth is checked by how many there were a while ago. With a delay beyond
pi/2 the balance is unstable, and the population swings. What was before the start is a condition
on earlier times.
"""

from sympy import Eq, Rational

from pinnsolve import Interval, Problem, coordinates, solve, unknown

(t,) = coordinates("t")
n = unknown("n", t)
before, later = Interval(t, -2, 0), Interval(t, 0, 20)
problem = Problem(
    Interval(t, -2, 20),
    Eq(n.diff(t), n * (1 - n(t - 2))) @ later,
    Eq(n, Rational(1, 2)) @ before,
)
solution = solve(problem, tolerance=1e-6)
print(solution.report())
solution.plot("delay.png", expression=n)
