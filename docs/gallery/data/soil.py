"""A conductivity given by an array.

Measured on a grid of nine by nine places: `interpolate` makes a smooth coefficient of it, by
splines. Water seeps from the top to the bottom of the soil; what comes in must go out.
"""

import numpy as np
from sympy import Eq

from pinnsolve import (
    Box,
    Problem,
    coordinates,
    divergence,
    gradient,
    interpolate,
    normal_derivative,
    solve,
    unknown,
)

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
grid = np.linspace(0, 1, 9)
a, b = np.meshgrid(grid, grid, indexing="ij")
measured = 1 + 3 * np.exp(-12 * ((a - 0.35) ** 2 + (b - 0.6) ** 2)) + a * b
k = interpolate({x: grid, y: grid}, measured)
top, bottom = square.at(y=1), square.at(y=0)
problem = Problem(
    square,
    Eq(divergence(k * gradient(u)), 0),
    Eq(u, 1) @ top,
    Eq(u, 0) @ bottom,
    *[Eq(normal_derivative(u), 0) @ square.at(x=side) for side in (0, 1)],
)
solution = solve(problem, tolerance=1e-4)
comes_in = solution.integrate(k * normal_derivative(u), top)
goes_out = -solution.integrate(k * normal_derivative(u), bottom)
print(f"in {comes_in:.6f}, out {goes_out:.6f}")
error = abs(comes_in / goes_out - 1)
solution.plot("soil.png", expression=u)
