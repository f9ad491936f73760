# %% [markdown]
# # 15 Complex unknowns
#
# What oscillates as exp(-i omega t), and what quantum mechanics is about, has an amplitude and a
# phase. `complex=True` says so, and `I` may stand in equations, conditions and data.

# %%
import numpy as np
from sympy import Abs, Eq, I, exp, hankel1, im, re, sech, sqrt

from pinnsolve import (
    Box,
    Interval,
    Problem,
    coordinates,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)

x, y, t = coordinates("x y t")

# %% [markdown]
# Sound of one frequency in a room whose walls absorb it: a wave that meets them straight goes
# through. Here it comes from a source outside, so that its amplitude and phase are known.

# %%
k = 8
u = unknown("u", x, y, complex=True)
room = Box({x: (0, 1), y: (0, 1)})
outside = hankel1(0, k * sqrt((x + 1) ** 2 + (y - 2) ** 2))
comes_in = normal_derivative(outside, x, y) - I * k * outside
sound = Problem(
    room,
    Eq(laplacian(u) + k**2 * u, 0),
    Eq(normal_derivative(u) - I * k * u, comes_in) @ room.boundary,
    exact={u: outside},
)
solution = solve(sound, tolerance=1e-8)
print(solution.report())
assert solution.error() < 1e-8

# %% [markdown]
# The solution's values are complex; those of an expression are, where it is. Errors and estimates
# are those of the modulus, and a report names both parts of an equation.

# %%
here = [[0.2, 0.7], [0.9, 0.1]]
print(solution(here), solution(here, Abs(u)))
assert np.iscomplexobj(solution(here))
assert np.allclose(solution(here, re(u) + I * im(u)), solution(here))

# %% [markdown]
# Schrödinger's equation with a cubic term, and a pulse that keeps its shape. Terms need not be
# analytic: |u|, conjugate(u), re(u) and im(u) are taken like any other.

# %%
psi, line = unknown("psi", x, t, complex=True), Interval(x, -8, 8)
pulse = sech(x - t / 2) * exp(I * (x / 2 + 3 * t / 8))
schroedinger = Problem(
    line * Interval(t, 0, 1),
    Eq(I * psi.diff(t), -psi.diff(x, 2) / 2 - Abs(psi) ** 2 * psi),
    Eq(psi(x, 0), pulse.subs(t, 0)),
    Eq(psi, pulse) @ line.boundary,
    exact={psi: pulse},
)
travelling = solve(schroedinger, tolerance=1e-6)
print(travelling.report())
assert travelling.error() < 1e-6
