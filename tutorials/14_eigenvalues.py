# %% [markdown]
# # 14 Eigenvalues
#
# A drum sounds at the frequencies for which its equation has a solution that is not zero. The
# eigenvalue is a symbol, declared like an unknown.

# %%
import numpy as np
from scipy.special import jn_zeros
from sympy import Eq

from pinnsolve import (
    Ball,
    Interval,
    Problem,
    coordinates,
    eigenmodes,
    eigenvalue,
    laplacian,
    normal_derivative,
    unknown,
)

x, y = coordinates("x y")
u, lam = unknown("u", x, y), eigenvalue("lam")
skin = Ball({x: 0, y: 0}, 1)
drum = Problem(skin, Eq(-laplacian(u), lam * u), Eq(u, 0) @ skin.boundary)
sound = eigenmodes(drum, count=6)
print(sound.report())

# %% [markdown]
# Each comes with its difference to a second draw. All but the first are there twice, and both are
# found. They are squares of the zeros of Bessel's functions.

# %%
zeros = [jn_zeros(0, 2)[0], *(jn_zeros(n, 1)[0] for n in (1, 1, 2, 2)), jn_zeros(0, 2)[1]]
print("errors:", sound.eigenvalues - np.array(zeros) ** 2)
assert np.abs(sound.eigenvalues / np.array(zeros) ** 2 - 1).max() < 1e-10
assert sound.uncertainties.max() < 1e-9

# %% [markdown]
# A mode is a solution, of the problem with the number in the place of the symbol.

# %%
first = sound[0]
print(first, first.problem.conditions[0])
assert first.residual() < 1e-8
assert first(0.0, 0.0) > first(0.5, 0.5) > 0

# %% [markdown]
# All of them are a page, with the lines that rest in black; notebooks show it by themselves.

# %%
sound.plot("sound.png")

# %% [markdown]
# The symbol may stand on the boundary (waves in a basin), and to its square (friction: then
# eigenvalues are complex).

# %%
basin = Problem(skin, Eq(laplacian(u), 0), Eq(normal_derivative(u), lam * u) @ skin.boundary)
print(eigenmodes(basin, count=5).eigenvalues)

(s,) = coordinates("s")
v, string = unknown("v", s), Interval(s, 0, 1)
damped = Problem(string, Eq(v.diff(s, 2), lam**2 * v + lam * v), Eq(v, 0) @ string.boundary)
rates = eigenmodes(damped, count=4).eigenvalues
print(rates)
assert np.abs(rates.real + 0.5).max() < 1e-10
