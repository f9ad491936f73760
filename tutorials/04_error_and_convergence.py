# %% [markdown]
# # 04 Error and convergence
#
# How good is a solution, with and without an exact one to compare with? And how does the error fall with the width?

# %%
from sympy import exp, sin

from pinnsolve import Ball, Budget, Dense, Waves, coordinates, laplacian, manufactured, solve, unknown

x, y = coordinates("x y")
u = unknown("u", x, y)
disk = Ball({x: 0, y: 0}, 1)
problem = manufactured(disk, -laplacian(u) + u, u @ disk.boundary, exact={u: exp(x) * sin(3 * y)})

# %% [markdown]
# The error is measured on fresh random points, never on collocation points: relative L2, maximum, and H1 seminorm.
# The estimate needs no exact solution: it compares two independent draws of neurons and points. The residual is judged on
# fresh points, relative to the size of the equation's own terms.

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
# Left alone, `solve` scans activations and scales at small width and doubles the width until the tolerance is met: when
# the residual promises it, the same width is drawn a second time, and the difference of the two solutions is the estimate.
# The history keeps every step, and `solution.plot("disk.png")` draws it beside the solution.

# %%
automatic = solve(problem, tolerance=1e-8)
for step in automatic.history.steps[-3:]:
    print(step.stage, step.neurons, f"{step.residual:.1e}", f"{step.change:.1e}")
assert automatic.stopped == "met"
assert automatic.error() < 1e-8

# %% [markdown]
# A budget of seconds or memory is kept by prediction: the best so far comes back, with its estimate, and says why it stopped.

# %%
hurried = solve(problem, tolerance=1e-15, budget=Budget(seconds=1))
print(hurried.stopped, hurried.estimate, hurried.error())
assert hurried.stopped in ("budget", "stagnated")
assert hurried.error() < 100 * hurried.estimate
