"""Torsion of a bar with a star for its section.

Prandtl's stress function of a twisted bar. Polygons may have any corners: at the five that point
inwards the stress has no bound, and functions that go like a power of the distance are added by
themselves. Nobody knows this solution: the estimate is what there is.
"""

from sympy import Eq, Rational, cos, pi, sin

from pinnsolve import Polygon, Problem, coordinates, laplacian, solve, unknown

x, y = coordinates("x y")
u = unknown("u", x, y)
radii = [1, Rational(1, 2)] * 5
corners = [(r * sin(pi * k / 5), r * cos(pi * k / 5)) for k, r in enumerate(radii)]
star = Polygon((x, y), [(float(a), float(b)) for a, b in corners])
problem = Problem(star, Eq(-laplacian(u), 2), Eq(u, 0) @ star.boundary)
solution = solve(problem, tolerance=1e-4)
print(f"torsional stiffness {2 * solution.integrate():.5f}")
solution.plot("star.png", expression=u)
