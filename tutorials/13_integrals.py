# %% [markdown]
# # 13 Integrals
#
# What happens here may depend on what is elsewhere, or was before: sympy's `Integral` stands in an
# equation like any other term.

# %%
import numpy as np
from sympy import Eq, Integral, Rational, Symbol, cosh, exp, sqrt

from pinnsolve import (
    Ball,
    Interval,
    Problem,
    coordinates,
    integral,
    laplacian,
    normal_derivative,
    solve,
    unknown,
)

(x,) = coordinates("x")
s = Symbol("s", real=True)
u = unknown("u", x)

# %% [markdown]
# A rate that remembers what was, and forgets it at a rate of its own. `u(s)` is the unknown at
# another place, and s runs between the limits, which may depend on x.

# %%
memory = Integral(exp(s - x) * u(s), (s, 0, x))
forgetting = Problem(
    Interval(x, 0, 5), Eq(u.diff(x) + u, memory), Eq(u(0), 1), exact={u: exp(-x) * cosh(x)}
)
solution = solve(forgetting, tolerance=1e-10)
print(solution.report())
assert solution.error() < 1e-10

# %% [markdown]
# Kernels may be singular at the ends of an integral, as Abel's is: the nodes of its rule know that.
# What solutions are judged by has other nodes.

# %%
data = x**2 + Rational(16, 15) * x ** Rational(5, 2)
abel = Problem(Interval(x, 0, 1), Eq(u + Integral(u(s) / sqrt(x - s), (s, 0, x)), data))
found = solve(abel, tolerance=1e-8)
places = np.linspace(0, 1, 5)
print(found(places) - places**2)
assert np.abs(found(places) - places**2).max() < 1e-8

# %% [markdown]
# An integral over all coordinates is one number, and its equation one row. With a given flux all
# around, a temperature is known up to a constant: its mean says which.

# %%
y, z = coordinates("y z")
v = unknown("v", y, z)
disk = Ball({y: 0, z: 0}, 1)
heated = Problem(
    disk,
    Eq(laplacian(v), 4),
    Eq(normal_derivative(v), 2) @ disk.boundary,
    Eq(integral(v, disk), 0),
    exact={v: y**2 + z**2 - Rational(1, 2)},
)
balanced = solve(heated, tolerance=1e-9)
print(balanced.report())
assert balanced.error() < 1e-9
