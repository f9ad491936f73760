# %% [markdown]
# # 10 Numbers, coefficients and subdomains as unknowns
#
# Not every unknown is a function on the whole domain. A number has no coordinates, a coefficient
# a(x) may have fewer than the field beside it, and a subdomain may have functions of its own.
# Each is declared by its coordinates, and by the regions of its equations.

# %%
import numpy as np
from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import Box, Dense, Interval, Problem, Waves, coordinates, laplacian, solve, unknown

x, y, t = coordinates("x y t")

# %% [markdown]
# A number: how large is the load k of a beam's end, if its slope at the start is measured too?
# One condition more than usual determines it. Numbers need no basis.

# %%
u, k = unknown("u", x), unknown("k")
rod = Problem(
    Interval(x, 0, 1),
    Eq(u.diff(x, 2), k * sin(pi * x)),
    Eq(u(0), 0),
    Eq(u(1), 0),
    Eq(u.diff(x).subs(x, 0), -3 / pi),
    exact={u: -3 * sin(pi * x) / pi**2, k: 3},
)
solution = solve(rod, {u: Dense(40, activation="sin")})
print(solution.report())
print("k =", solution([0.5])["k"])
assert solution.error() < 1e-9

# %% [markdown]
# A coefficient of fewer coordinates: the diffusivity a(x) of u_t = (a u_x)_x, from the field on the
# boundary of space and time. The product a u makes it nonlinear: it wants a guess.

# %%
f, a = unknown("f", x, t), unknown("a", x)
box = Box({x: (0, 1), t: (0, 1)})
field, diffusivity = exp(-t) * cos(x) + 2 + x, 1 + x / 2
source = field.diff(t) - (diffusivity * field.diff(x)).diff(x)
medium = Problem(
    box,
    Eq(f.diff(t) - (a * f.diff(x)).diff(x), source),
    Eq(f, field) @ box.boundary,
    Eq(a(0), 1),
    exact={f: field, a: diffusivity},
)
bases = {
    f: Dense(150, activation="sin", initialize=Waves(4)),
    a: Dense(20, activation="sin", initialize=Waves(2)),
}
solution = solve(medium, bases, guess={f: 2 + x, a: 1})
print(solution.report())
assert solution.error() < 1e-8

# %% [markdown]
# Subdomains: an unknown lives where its equations hold. Value and slope are handed over at x = 1/2;
# elsewhere an unknown has no value. Blocks that meet their neighbours alone cost in proportion to
# their number.

# %%
v, w = unknown("v", x, y), unknown("w", x, y)
square, half = Box({x: (0, 1), y: (0, 1)}), Rational(1, 2)
left, right = Box({x: (0, half), y: (0, 1)}), Box({x: (half, 1), y: (0, 1)})
exact, face = sin(pi * x) * sin(pi * y), left.at(x=half)
halves = Problem(
    square,
    *[Eq(-laplacian(f), 2 * pi**2 * exact) @ part for f, part in ((v, left), (w, right))],
    *[Eq(f, 0) @ part.at(y=end) for f, part in ((v, left), (w, right)) for end in (0, 1)],
    Eq(v, 0) @ left.at(x=0),
    Eq(w, 0) @ right.at(x=1),
    Eq(v, w) @ face,
    Eq(v.diff(x), w.diff(x)) @ face,
    exact={v: exact, w: exact},
)
solution = solve(halves, Dense(150, activation="sin", initialize=Waves(4)))
print(solution.report())
values = solution([[0.25, 0.5], [0.75, 0.5]])
print(values)
assert solution.error() < 1e-9
assert np.isnan(values["v"][1])
assert solution.null_space == 0
