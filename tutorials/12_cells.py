# %% [markdown]
# # 12 Cells: many waves, a flow past a body, several processes
#
# One basis for the whole domain is the most accurate where the solution is smooth in one piece.
# Where it has many waves, holes or narrow places, the domain is cut into cells, each with functions
# of its own. `solve` goes over to cells by itself; `cells=` asks for them.

# %%
import numpy as np
from sympy import Eq, Rational, cos, exp, log

from pinnsolve import (
    Ball,
    Box,
    Dense,
    Problem,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
k = 60
wave = cos(Rational(3, 5) * k * x + Rational(4, 5) * k * y) + exp(x)
many = manufactured(square, laplacian(u) + k**2 * u, u @ square.boundary, exact={u: wave})

# %% [markdown]
# By hand: 5 x 5 cells, 300 waves each, one least-squares solve. What a cell's own equations decide
# is solved in it; its faces decide the rest, merged pair by pair. About two wavelengths a cell are
# right; each further hundred functions of a cell give a digit.

# %%
waves = Dense(300, activation="sin", initialize=Waves(7.0))
solution = solve(many, waves, cells=(5, 5))
print(solution.report())
assert solution.error() < 1e-6

# %% [markdown]
# Without a basis, cells are made better until the tolerance is met: those that do not resolve the
# solution are cut, those that do have more functions. The field says how many there are.

# %%
solution = solve(many, cells=(5, 5), tolerance=1e-5)
print(solution.stopped, solution.field.sizes)
assert solution.stopped == "met"
assert solution.error() < 1e-5

# %% [markdown]
# An ideal flow past a cylinder, with circulation: the stream function is constant on the body. The
# cell that holds the hole has poles in its middle, too: the logarithm is the circulation, r^-1 the
# dipole. Where cells are not given, cuts go around holes.

# %%
body = Ball({x: Rational(1, 2), y: Rational(1, 2)}, Rational(1, 10))
channel = Box({x: (0, 1), y: (0, 1)}) - body
dx, dy = x - Rational(1, 2), y - Rational(1, 2)
r2 = dx**2 + dy**2
stream = dy * (1 - body.radius**2 / r2) + log(r2 / body.radius**2) / 20
flow = Problem(
    channel,
    Eq(laplacian(u), 0),
    Eq(u, stream) @ square.boundary,
    Eq(u, 0) @ body.boundary,
    exact={u: stream},
)
solution = solve(flow, cells=(3, 3), tolerance=1e-5)
print(solution.stopped, solution.field.sizes, solution.error())
assert solution.error() < 1e-5
angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
rim = np.stack([0.5 + 0.1 * np.cos(angle), 0.5 + 0.1 * np.sin(angle)], axis=1)
outward = (dx * u.diff(x) + dy * u.diff(y)) / body.radius
circulation = float(np.mean(solution(rim, outward)) * 2 * np.pi * 0.1)
print("circulation", circulation, "of", 2 * np.pi / 10)
assert abs(circulation - 2 * np.pi / 10) < 1e-6

# %% [markdown]
# Under MPI, cells are dealt to the processes, and each of them returns the same solution:
#
#     mpiexec -n 2 python 12_cells.py
