"""Which load bends a string so? A function, with its band.

Forty-nine measured deflections, and the load is sought: two derivatives of data with errors. Of
all loads that fit, smooth ones are likelier, as smooth as the data say; the band holds the load
with 95 %.
"""

import numpy as np
from sympy import Eq

from pinnsolve import Data, Interval, PointCloud, Problem, coordinates, solve, unknown

(x,) = coordinates("x")
u, f = unknown("u", x), unknown("f", x)
at = np.linspace(0.02, 0.98, 49)
deflection = np.sin(np.pi * at) - np.sin(3 * np.pi * at) / 27
seen = deflection + 1e-3 * np.random.default_rng(0).standard_normal(49)
string = Interval(x, 0, 1)
problem = Problem(
    string,
    Eq(-u.diff(x, 2), f),
    Eq(u, 0) @ string.boundary,
    Eq(u, Data(seen, sigma=1e-3)) @ PointCloud({x: at}),
)
solution = solve(problem)
inner = np.linspace(0.05, 0.95, 91)
true = np.pi**2 * (np.sin(np.pi * inner) - np.sin(3 * np.pi * inner) / 3)
found = solution(inner, f)
error = float(np.linalg.norm(found - true) / np.linalg.norm(true))
low, high = solution.band(f, inner)
print(f"{np.mean((low < true) & (true < high)):.0%} of the load lies in its band")
solution.plot("load.png")
