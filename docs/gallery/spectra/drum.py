"""The sounds of an L-shaped drum.

Eigenvalues of the Laplacian on the membrane of Fox, Henrici and Moler: the first by Betcke and
Trefethen (2005), the third is 2 pi^2 exactly. Each comes with its difference to a second draw.
"""

from math import pi

from sympy import Eq

from pinnsolve import (
    Polygon,
    Problem,
    coordinates,
    eigenmodes,
    eigenvalue,
    laplacian,
    unknown,
)

x, y = coordinates("x y")
u, lam = unknown("u", x, y), eigenvalue("lam")
skin = Polygon((x, y), [(-1, -1), (1, -1), (1, 0), (0, 0), (0, 1), (-1, 1)])
drum = Problem(skin, Eq(-laplacian(u), lam * u), Eq(u, 0) @ skin.boundary)
modes = eigenmodes(drum, count=6)
print(modes.report())
known = [9.6397238440219, 2 * pi**2]
error = max(abs(modes.eigenvalues[[0, 2]] / known - 1))
modes.plot("drum.png")
