# %% [markdown]
# # 03 Systems
#
# Several unknowns and several equations: Stokes flow with velocity (u, v) and pressure p. The
# unknowns share the basis functions and have coefficients of their own.

# %%
import warnings

from sympy import cos, pi, sin

from pinnsolve import (
    Box,
    Dense,
    Problem,
    Waves,
    coordinates,
    divergence,
    laplacian,
    manufactured,
    solve,
    unknown,
)

x, y = coordinates("x y")
u, v, p = (unknown(name, x, y) for name in ("u", "v", "p"))
square = Box({x: (0, 1), y: (0, 1)})
stream = sin(pi * x) ** 2 * sin(pi * y) ** 2

# %% [markdown]
# The pressure is determined up to a constant, so its value at one corner is an equation, too: on a
# region that is a point.

# %%
stokes = manufactured(
    square,
    -laplacian(u) + p.diff(x),
    -laplacian(v) + p.diff(y),
    divergence((u, v), x, y),
    u @ square.boundary,
    v @ square.boundary,
    p(0, 0),
    exact={u: stream.diff(y), v: -stream.diff(x), p: cos(pi * x) * y},
)
solution = solve(stokes, Dense(400, activation="sin", initialize=Waves(7)))
print(solution.report())
assert solution.error() < 1e-7

# %% [markdown]
# Errors by unknown; values as a dict; expressions may mix unknowns.

# %%
print(solution.error().by_unknown)
print(solution([[0.25, 0.5]]))
print("kinetic energy", solution([[0.25, 0.5]], (u**2 + v**2) / 2))

# %% [markdown]
# What happens without the pressure's value? pinnsolve finds the null space, and says so.

# %%
without = Problem(square, *stokes.conditions[:-1], exact=stokes.exact)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    loose = solve(without, Dense(400, activation="sin", initialize=Waves(7)))
print(caught[0].message)
assert loose.stopped == "not unique"
assert loose.null_space == 1
