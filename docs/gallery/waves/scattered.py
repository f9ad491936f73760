"""Sound that a hard disk scatters.

A plane wave of wavenumber 8 meets a disk; the wall around absorbs what comes upon it. The unknown
is complex: its modulus is the amplitude, its argument the phase. Cuts go around the hole, whose
cell has the equation's own poles, Hankel functions.
"""

from sympy import Eq, I, Rational, exp

from pinnsolve import Ball, Problem, coordinates, laplacian, normal_derivative, solve, unknown

x, y = coordinates("x y")
k = 8
u = unknown("u", x, y, complex=True)
wall, disk = Ball({x: 0, y: 0}, 1), Ball({x: 0, y: 0}, Rational(1, 4))
incoming = exp(I * k * x)
problem = Problem(
    wall - disk,
    Eq(laplacian(u) + k**2 * u, 0),
    Eq(normal_derivative(u), -normal_derivative(incoming, x, y)) @ disk.boundary,
    Eq(normal_derivative(u) - I * k * u, 0) @ wall.boundary,
)
solution = solve(problem, tolerance=1e-6)
print(solution.report())
solution.plot("scattered.png", expression=u + incoming)
