# %% [markdown]
# # 11 Several materials
#
# A coefficient that differs by region: heat through a disk that conducts a thousand times better
# than the plate around it. One unknown is declared, and one is seen.

# %%
import numpy as np
from sympy import Eq, Rational, acos, cos, exp, sin, sqrt

from pinnsolve import (
    Ball,
    Box,
    Interval,
    Problem,
    by_region,
    coordinates,
    decompose,
    divergence,
    gradient,
    normal_derivative,
    sample_region,
    solve,
    unknown,
)

x, y = coordinates("x y")
u = unknown("u", x, y)
plate, disk = Box({x: (-1, 1), y: (-1, 1)}), Ball({x: 0, y: 0}, Rational(1, 2))
k = by_region({disk: 1000, plate - disk: 1})

# %% [markdown]
# The regions fill the plate and do not overlap: whatever else is refused, with a point. The flux
# stands inside of a `divergence`, which keeps it: its normal part is what is continuous on the rim,
# beside u itself. An exact solution may differ by region too, and is checked on both sides and on
# the rim.

# %%
ratio = Rational(1000)
inside = 2 * x / (1 + ratio)
outside = x + (1 - ratio) / (1 + ratio) * x / (4 * (x**2 + y**2))
exact = by_region({disk: inside, plate - disk: outside})
conduction = Problem(
    plate,
    Eq(divergence(k * gradient(u)), 0),
    Eq(u, exact) @ plate.boundary,
    exact={u: exact},
)
solution = solve(conduction, tolerance=1e-9)
print(solution.report())
assert solution.error() < 1e-9

# %% [markdown]
# The report shows what was solved: an unknown for each material, and what joins them. The solution
# takes the right one by itself, also in expressions with k; errors are those of each material, in
# its own size.

# %%
print(solution([[0.0, 0.0], [0.4, 0.0], [0.6, 0.0]]))
print("errors:", dict(solution.error().by_unknown))
rim = sample_region(disk.boundary, 400, seed=0)
flux = solution(rim, k * normal_derivative(u))
print("largest flux through the rim:", flux.max())
assert np.abs(flux - 2 * 1000 / 1001 * rim.normals[:, 0]).max() < 1e-9

# %% [markdown]
# `solve` does so by a reduction that can be looked at: a problem in, a problem out.

# %%
parts = decompose(conduction)
print(parts.problem)
print(parts.fields[u])

# %% [markdown]
# Time is a coordinate as ever: a rod of two materials that cools, in its slowest mode, a sine on
# either side. Its wavenumbers are 2 b and b, as diffusivities are 1 and 4, and the flux is
# continuous for cos(b)^2 = 1/6.

# %%
s, t = coordinates("s t")
v, b = unknown("v", s, t), acos(1 / sqrt(6))
left, right, rod = Interval(s, 0, 1), Interval(s, 1, 2), Interval(s, 0, 2)
diffusivity = by_region({left: 1, right: 4})
shape = by_region({left: sin(2 * b * s), right: 2 * cos(b) * sin(b * (2 - s))})
cooling = Problem(
    rod * Interval(t, 0, Rational(1, 4)),
    Eq(v.diff(t), divergence(diffusivity * gradient(v, s), s)),
    Eq(v, 0) @ rod.boundary,
    Eq(v(s, 0), shape),
    exact={v: exp(-4 * b**2 * t) * shape},
)
cooled = solve(cooling, tolerance=1e-6)
print(cooled.report())
assert cooled.error() < 1e-6
