"""A particle in a parabola.

Schrödinger's equation of the harmonic oscillator: energies are k + 1/2. The domain ends where
nothing is left.
"""

import numpy as np
from matplotlib.figure import Figure
from sympy import Eq

from pinnsolve import Interval, Problem, coordinates, eigenmodes, eigenvalue, unknown

(x,) = coordinates("x")
psi, E = unknown("psi", x), eigenvalue("E")
line = Interval(x, -10, 10)
well = Problem(line, Eq(-psi.diff(x, 2) / 2 + x**2 / 2 * psi, E * psi), Eq(psi, 0) @ line.boundary)
modes = eigenmodes(well, count=5)
error = np.abs(modes.eigenvalues - np.arange(5) - 0.5).max()
places = np.linspace(-5, 5, 300)
figure = Figure(figsize=(6, 4), layout="constrained")
ax = figure.subplots()
ax.plot(places, places**2 / 2, color="gray")
for mode, energy in zip(modes, modes.eigenvalues, strict=True):
    values = mode(places)
    ax.plot(places, energy + 0.4 * values / np.abs(values).max())
ax.set(xlabel="x", ylabel="energy", ylim=(0, 6))
figure.savefig("well.png", dpi=150)
