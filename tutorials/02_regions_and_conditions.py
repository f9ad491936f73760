# %% [markdown]
# # 02 Regions and conditions
#
# There are no boundary-condition classes: every condition is an equation on a region. Regions are
# made from boxes, balls and polygons by `|`, `&`, `-` and `*`.

# %%
import numpy as np
from sympy import Eq, Rational, cos, exp, pi, sin

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Interval,
    Problem,
    Waves,
    coordinates,
    hard,
    laplacian,
    manufactured,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)

x, y, t = coordinates("x y t")
u = unknown("u", x, y)

# %% [markdown]
# A plate with a hole: Dirichlet data on the outer sides, Robin data on the hole. `manufactured`
# takes left-hand sides and an exact solution, and derives the data.

# %%
plate = Box({x: (-1, 1), y: (-1, 1)}) - Ball({x: 0, y: 0}, Rational(2, 5))
hole = plate.boundary.where(x**2 + y**2 < Rational(1, 4))
sides = plate.boundary.where(x**2 + y**2 > Rational(1, 4))
heated = manufactured(
    plate,
    -laplacian(u),
    u @ sides,
    (normal_derivative(u) + 2 * u) @ hole,
    exact={u: cos(2 * x) * exp(y / 2)},
)
print(heated)
solution = solve(heated, Dense(500, activation="sin", initialize=Waves(4)))
print(solution.error())
assert solution.error() < 1e-10

# %% [markdown]
# Regions can be sampled on their own: points, outward normals, and weights that sum to the measure.

# %%
points = sample_region(hole, 1000, seed=0)
print("length of the hole's edge:", points.weights.sum(), "exact:", 2 * np.pi * 0.4)
assert abs(points.weights.sum() - 2 * np.pi * 0.4) < 0.02

# %% [markdown]
# Time is a coordinate like any other. An equation holds where the unknown's arguments say: `w(x,
# 0)` is the initial value, and `Eq(w(0, t), w(2*pi, t))` a periodic condition, also for
# derivatives.

# %%
w = unknown("w", x, t)
ring = Problem(
    Interval(x, 0, 2 * pi) * Interval(t, 0, 1),
    Eq(w.diff(t), w.diff(x, 2) / 5),
    Eq(w(x, 0), sin(2 * x)),
    Eq(w(0, t), w(2 * pi, t)),
    Eq(w.diff(x).subs(x, 0), w.diff(x).subs(x, 2 * pi)),
    exact={w: exp(-4 * t / 5) * sin(2 * x)},
)
diffused = solve(ring, Dense(400, activation="sin", initialize=Waves({x: 12, t: 3})))
print(diffused.error())
assert diffused.error() < 1e-9

# %% [markdown]
# Conditions are rows of least squares, fulfilled as well as the equation is. On faces of a box, or
# on a sphere, values can be built into the unknown instead: u = lift + factor * w, and the problem
# that is left is one for w.

# %%
square = Box({x: (0, 1), y: (0, 1)})
poisson = manufactured(
    square, -laplacian(u), u @ square.boundary, exact={u: exp(x - y) + sin(3 * y)}
)
free = hard(poisson)
inside, edge = sample_region(square, 1000, seed=0).x, sample_region(square.boundary, 200, seed=0).x
soft, built_in = solve(poisson, Dense(200)), solve(free.problem, Dense(200))


def worst(points, values):
    exact = np.exp(points[:, 0] - points[:, 1]) + np.sin(3 * points[:, 1])
    return np.abs(values - exact).max()


for where, points in (("inside", inside), ("on the edge", edge)):
    print(
        f"{where}: soft {worst(points, soft(points)):.0e}, hard"
        f" {worst(points, built_in(points, free.fields[u])):.0e}"
    )
assert worst(edge, built_in(edge, free.fields[u])) < 1e-13
assert worst(inside, built_in(inside, free.fields[u])) < 0.1 * worst(inside, soft(inside))
