"""The sounds of an L-shaped drum.

Eigenvalues of the Laplacian on the membrane of Fox, Henrici and Moler: the first by Betcke and
Trefethen (2005), the third is 2 pi^2 exactly. Each comes with its difference to a second draw.
"""

from math import pi

from matplotlib.figure import Figure
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
modes = eigenmodes(drum, count=3)
print(modes.report())
known = [9.6397238440219, 2 * pi**2]
error = max(abs(modes.eigenvalues[[0, 2]] / known - 1))
figure = Figure(figsize=(11, 3.6), layout="constrained")
for ax, mode, value in zip(figure.subplots(1, 3), modes, modes.eigenvalues, strict=True):
    mode.plot(expression=u, ax=ax)
    ax.set_title(f"{value:.6f}")
figure.savefig("drum.png", dpi=150)
