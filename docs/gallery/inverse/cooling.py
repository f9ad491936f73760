"""How well does a rod conduct? A number, with its error bar.

Fifty values at random places and times, each wrong by about 0.01, and the diffusivity is an
unknown without coordinates. The equations hold; data choose among their solutions, and the bar is
the posterior's standard deviation.
"""

import numpy as np
from sympy import Eq, pi, sin

from pinnsolve import Box, Data, PointCloud, Problem, coordinates, solve, unknown

x, t = coordinates("x t")
u, k = unknown("u", x, t), unknown("k")
random = np.random.default_rng(0)
places, times = random.random((2, 50))
true = 0.37
values = np.exp(-true * np.pi**2 * times) * np.sin(np.pi * places)
measured = Data(values + 0.01 * random.standard_normal(50), sigma=0.01)
problem = Problem(
    Box({x: (0, 1), t: (0, 1)}),
    Eq(u.diff(t), k * u.diff(x, 2)),
    Eq(u(x, 0), sin(pi * x)),
    Eq(u(0, t), 0),
    Eq(u(1, t), 0),
    Eq(u, measured) @ PointCloud({x: places, t: times}),
)
solution = solve(problem)
print(f"k = {solution[k]}, true 0.37")
error = abs(float(solution[k]) / true - 1)
solution.plot("cooling.png")
