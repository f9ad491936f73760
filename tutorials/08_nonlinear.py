# %% [markdown]
# # 08 Nonlinear equations
#
# Nothing new to declare: an equation is nonlinear if it is. Gauss's and Newton's method solves for
# the coefficients, with slopes that the compiler takes from the symbols.

# %%
import warnings

import numpy as np
from sympy import Eq, Symbol, cos, exp, pi, sin

from pinnsolve import (
    Box,
    Dense,
    Interval,
    March,
    Problem,
    Waves,
    coordinates,
    geometric,
    laplacian,
    manufactured,
    solve,
    unknown,
)

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
problem = manufactured(
    square, -laplacian(u) + u**3, u @ square.boundary, exact={u: sin(pi * x) * sin(pi * y)}
)
steps = []
solution = solve(
    problem, Dense(300, activation="sin", initialize=Waves(4)), callbacks=[steps.append]
)
print(
    "residuals of Newton's method:",
    ", ".join(f"{s.residual:.0e}" for s in steps if s.stage == "newton"),
)
print("error:", solution.error())
assert solution.error() < 1e-10

# %% [markdown]
# Some problems have several solutions. Iteration starts from the linear part of the equation, or
# from your guess.

# %%
w = unknown("w", x)
bratu = Problem(Interval(x, 0, 1), Eq(w.diff(x, 2) + exp(w), 0), Eq(w(0), 0), Eq(w(1), 0))
basis = Dense(100, activation="sin", initialize=Waves(12))
lower, upper = solve(bratu, basis), solve(bratu, basis, guess={w: 16 * x * (1 - x)})
print(f"Bratu's two solutions, in the middle: {lower([[0.5]])[0]:.6f} and {upper([[0.5]])[0]:.6f}")
assert abs(lower([[0.5]])[0] - 0.140539) < 1e-5
assert abs(upper([[0.5]])[0] - 4.091467) < 1e-4

# %% [markdown]
# Where Newton's method needs to be led, declare a constant by its symbol, and continue in it from
# an easier value.

# %%
nu = Symbol("nu")
shock = Problem(
    Interval(x, -1, 1),
    Eq(w * w.diff(x), nu * w.diff(x, 2)),
    Eq(w(-1), 1),
    Eq(w(1), -1),
    constants={nu: 0.1},
)
solution = solve(shock, tolerance=1e-8, continuation={nu: geometric(1, 0.1, 3)})
print(f"a steady shock: {solution.stopped}, estimate {solution.estimate:.0e}")
assert solution.stopped == "met"

# %% [markdown]
# An evolution is recognized by its equations: explicit in the highest derivative in time, with
# initial data. Its space and its time are then separated: functions of space that satisfy the
# conditions on the sides, whose coefficients follow an ordinary differential equation. A front that
# forms is found by the solver, and space stretched there; nobody says where it will be.

# %%
v = unknown("v", x, t)
burgers = Problem(
    Box({x: (-1, 1), t: (0, 1)}),
    Eq(v.diff(t) + v * v.diff(x), 0.01 / pi * v.diff(x, 2)),
    Eq(v(x, 0), -sin(pi * x)),
    Eq(v(-1, t), 0),
    Eq(v(1, t), 0),
)
solution = solve(burgers, tolerance=1e-5)
print(solution.report())
slope = solution([[0.0, 0.5105]], v.diff(x))[0]
print(f"slope of the front when it is steepest: {slope:.3f}")
assert solution.stopped == "met"
assert abs(slope + 152.005) < 0.01  # Basdevant et al. 1986

# %% [markdown]
# Ordinary differential equations are evolutions without space. If a solution ends before its time,
# it says when.

# %%
z = unknown("z", t)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    solution = solve(Problem(Interval(t, 0, 2), Eq(z.diff(t), z**2), Eq(z(0), 1)), tolerance=1e-4)
print(caught[-1].message)
assert solution.stopped == "blow-up"
pendulum = solve(
    Problem(Interval(t, 0, 5), Eq(z.diff(t, 2), -sin(z)), Eq(z(0), 1), Eq(z.diff(t).subs(t, 0), 0)),
    tolerance=1e-8,
)
times = np.linspace(0, 5, 101)[:, None]
energy = pendulum(times, z.diff(t) ** 2 / 2 - cos(z))
print(f"a pendulum keeps its energy to {np.ptp(energy):.0e}")
assert np.ptp(energy) < 1e-7

# %% [markdown]
# `march=March(t)` goes through slabs of time instead, each in a basis of space and time of its own,
# as short as it must be: for long times, in bounded memory, and for equations that are not explicit
# in their derivative in time. A march that is interrupted goes on with `March(t, after=solution)`.

# %%
rotating = Problem(
    Interval(t, 0, 20),
    Eq(z.diff(t, 2) * (2 + sin(z.diff(t, 2))), -2 * z),
    Eq(z(0), 0.5),
    Eq(z.diff(t).subs(t, 0), 0),
)
solution = solve(rotating, Dense(60, activation="sin", initialize=Waves(8)), march=March(t, 10))
print(
    f"{len(solution.declared.lengths)} slabs in the basis given: estimate {solution.estimate:.0e}"
)
assert solution.estimate < 1e-6
