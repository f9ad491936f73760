"""A pendulum that nearly turns over.

An ordinary differential equation of second order is an evolution without space. Its energy does
not change, which says how accurate it is.
"""

import numpy as np
from sympy import Eq, cos, sin

from pinnsolve import Interval, Problem, coordinates, solve, unknown

(t,) = coordinates("t")
a = unknown("a", t)
problem = Problem(
    Interval(t, 0, 30),
    Eq(a.diff(t, 2), -sin(a)),
    Eq(a(0), 3),
    Eq(a.diff(t).subs(t, 0), 0),
)
solution = solve(problem, tolerance=1e-8)
times = np.linspace(0, 30, 301)
energy = solution(times, a.diff(t) ** 2 / 2 - cos(a))
error = float(np.ptp(energy))
print(f"energy is kept to {error:.0e}")
solution.plot("pendulum.png", expression=a)
