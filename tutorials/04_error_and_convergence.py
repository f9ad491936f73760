# %% [markdown]
# # 04 Error and convergence
#
# How good is a solution, with and without an exact one to compare with? And how does the error fall
# with the width?

# %%
import warnings

from sympy import Eq, cos, exp, sin, tanh

from pinnsolve import (
    Ball,
    Box,
    Budget,
    Dense,
    Problem,
    Waves,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)

x, y, t = coordinates("x y t")
u = unknown("u", x, y)
disk = Ball({x: 0, y: 0}, 1)
problem = manufactured(disk, -laplacian(u) + u, u @ disk.boundary, exact={u: exp(x) * sin(3 * y)})

# %% [markdown]
# The error is measured on fresh random points, never on collocation points: relative L2, maximum,
# and H1 seminorm. The estimate needs no exact solution: it compares two independent draws of
# neurons and points. The residual is judged on fresh points, relative to the size of the equation's
# own terms.

# %%
print(f"{'neurons':>8} {'error':>10} {'estimate':>10} {'residual':>10}")
errors = []
for width in (25, 50, 100, 200, 400):
    solution = solve(problem, Dense(width, activation="sin", initialize=Waves(5)))
    errors.append(float(solution.error()))
    print(f"{width:>8} {errors[-1]:>10.1e} {solution.estimate:>10.1e} {solution.residual():>10.1e}")
    assert solution.estimate < 300 * errors[-1]
    assert errors[-1] < 300 * solution.estimate

# %% [markdown]
# For a smooth solution the error falls faster than any power of the width, down to round-off.

# %%
assert errors[1] < errors[0] / 10
assert errors[2] < errors[1] / 100
assert errors[-1] < 1e-11

# %% [markdown]
# Left alone, `solve` scans activations and scales at small width and doubles the width until the
# tolerance is met: when the residual promises it, the same width is drawn a second time, and the
# difference of the two solutions is the estimate. The history keeps every step, and
# `solution.plot("disk.png")` draws it beside the solution.

# %%
automatic = solve(problem, tolerance=1e-8)
for step in automatic.history.steps[-3:]:
    print(step.stage, step.functions, f"{step.residual:.1e}", f"{step.change:.1e}")
assert automatic.stopped == "met"
assert automatic.error() < 1e-8

# %% [markdown]
# A budget of seconds or memory is kept by prediction: the best so far comes back, with its
# estimate, and says why it stopped.

# %%
hurried = solve(problem, tolerance=1e-15, budget=Budget(seconds=1))
print(hurried.stopped, hurried.estimate, hurried.error())
assert hurried.stopped in ("budget", "stagnated")
assert hurried.error() < 100 * hurried.estimate

# %% [markdown]
# Where the tolerance is out of reach, the report says why in words, and what would help. Here a
# wave of forty half periods a side gets a tenth of a second.

# %%
square = Box({x: (0, 1), y: (0, 1)})
hard = manufactured(square, -laplacian(u), u @ square.boundary, exact={u: sin(80 * x * y)})
unfinished = solve(hard, tolerance=1e-8, budget=Budget(seconds=0.1))
print(unfinished.report())
assert unfinished.stopped == "budget"
assert unfinished.diagnosis()

# %% [markdown]
# Nothing has to be known of the solution, not even that it has a front. Where the data are
# concentrated, where the residual is, and where the solution is steep, coordinates are stretched:
# this front is seventy times thinner than the square.

# %%
front = manufactured(
    square, -laplacian(u), u @ square.boundary, exact={u: tanh(30 * (x + 2 * y - 1.5)) * cos(x)}
)
resolved = solve(front, tolerance=1e-5, budget=Budget(seconds=60))
print(resolved.history.final.basis)
print(resolved.stopped, resolved.estimate, resolved.error())
assert resolved.error() < 1e-4

# %% [markdown]
# Conditions that leave something open are found from the null space, and named.

# %%
w = unknown("w", x, t)
strip = Box({x: (0, 1), t: (0, 1)})
timeless = Problem(
    strip, Eq(w.diff(t) - w.diff(x, 2), 1), Eq(w, 0) @ strip.at(x=0), Eq(w, 0) @ strip.at(x=1)
)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    undetermined = solve(timeless, tolerance=1e-6)
print(undetermined.diagnosis()[0])
assert undetermined.stopped == "not unique"
