# %% [markdown]
# # 06 LS/GD on regression
#
# Regression is an equation of order zero on given points. The coefficients of the last layer are
# solved for, the hidden parameters descend on what is left: with the coefficients optimal, the
# partial gradient is the gradient of the reduced loss.

# %%
import numpy as np
from sympy import Eq, sin, tanh

from pinnsolve import (
    LSGD,
    Adam,
    Box,
    Data,
    Dense,
    GradientDescent,
    PointCloud,
    Problem,
    coordinates,
    solve,
    unknown,
)

(x,) = coordinates("x")
u = unknown("u", x)
random = np.random.default_rng(0)
points = random.random(400)
values = np.tanh(25 * (points - 0.3)) + np.sin(6 * points)

# %% [markdown]
# A cloud of points and the values measured there; three quarters to learn from, the rest to judge
# by.

# %%
train, test = PointCloud({x: points}).split(0.75, seed=0)
problem = Problem(Box({x: (0, 1)}), Eq(u, Data(values)) @ train)


def test_error(solution):
    """Relative L2 error on the points that were left out."""
    found, exact = solution(test.points), values[test.rows]
    return np.linalg.norm(found - exact) / np.linalg.norm(exact)


# %% [markdown]
# Twelve neurons: as they were drawn, trained with all parameters together, and by LS/GD.

# %%
errors = {}
for name, method in {
    "as drawn": None,
    "Adam, all parameters": GradientDescent(2000, Adam(1e-2)),
    "LS/GD": LSGD(300),
}.items():
    solution = solve(problem, Dense(12), method)
    errors[name] = test_error(solution)
    print(
        f"{name:<22} {errors[name]:.1e}  {solution.stopped} after {len(solution.history.steps)}"
        " steps"
    )
assert errors["LS/GD"] < 1e-2
assert (
    errors["LS/GD"] < errors["Adam, all parameters"] / 20
)  # which minimum is found, the last digits of a machine decide

# %% [markdown]
# With no basis given, it is chosen by points held out of the data. Noise is not fitted, and no
# tolerance below it is said to be met.

# %%
noisy = values + 0.1 * random.standard_normal(len(values))
exact = Problem(Box({x: (0, 1)}), Eq(u, Data(noisy)) @ PointCloud({x: points}))
automatic = solve(exact, tolerance=1e-3)
print(automatic.stopped, automatic.history.final.basis)
grid = np.linspace(0, 1, 500)
smooth = np.tanh(25 * (grid - 0.3)) + np.sin(6 * grid)
assert automatic.stopped != "met"
assert np.linalg.norm(automatic(grid[:, None]) - smooth) < 0.06 * np.linalg.norm(smooth)

# %% [markdown]
# With a formula in the place of data, the equation holds on the whole domain, and
# `solution.error()` knows the truth. The front is less steep here, so that every draw of twelve
# neurons comes to a good minimum.

# %%
formula = tanh(10 * (x - 0.3)) + sin(6 * x)
assert (
    solve(
        Problem(Box({x: (0, 1)}), Eq(u, formula), exact={u: formula}), Dense(12), LSGD(200)
    ).error()
    < 5e-3
)
