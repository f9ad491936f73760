"""Regression of noisy values.

No differential equation at all: values at points are equations too. A share of them is held out,
and how many functions there are is chosen by those.
"""

import numpy as np
from sympy import Eq

from pinnsolve import Box, Data, PointCloud, Problem, coordinates, solve, unknown

x, y = coordinates("x y")
u = unknown("u", x, y)
random = np.random.default_rng(0)
places = random.random((2, 1500))


def peaks(a, b):
    return np.exp(-20 * ((a - 0.3) ** 2 + (b - 0.6) ** 2)) - a * np.sin(5 * b) / 3


values = peaks(*places) + 0.02 * random.standard_normal(1500)
cloud = PointCloud({x: places[0], y: places[1]})
problem = Problem(Box({x: (0, 1), y: (0, 1)}), Eq(u, Data(values)) @ cloud)
solution = solve(problem)
fresh = random.random((1000, 2))
true = peaks(*fresh.T)
error = float(np.linalg.norm(solution(fresh) - true) / np.linalg.norm(true))
print(f"noise 0.02 a value, error of the fit {error:.1e}")
solution.plot("regression.png", expression=u)
