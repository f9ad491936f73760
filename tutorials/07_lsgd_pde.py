# %% [markdown]
# # 07 LS/GD on a differential equation
#
# A boundary layer with twenty neurons: too few to resolve it where they happen to lie, enough once
# they have moved there.

# %%
from sympy import Eq, Rational, exp

from pinnsolve import (
    LBFGS,
    LSGD,
    Adam,
    Box,
    BoxPlanes,
    Dense,
    GradientDescent,
    Greedy,
    Problem,
    coordinates,
    solve,
    unknown,
)

(x,) = coordinates("x")
u = unknown("u", x)
eps = Rational(1, 20)
layer = x - (exp((x - 1) / eps) - exp(-1 / eps)) / (1 - exp(-1 / eps))
problem = Problem(
    Box({x: (0, 1)}),
    Eq(-eps * u.diff(x, 2) + u.diff(x), 1),
    Eq(u(0), 0),
    Eq(u(1), 0),
    exact={u: layer},
)
basis = Dense(20, initialize=BoxPlanes(8.0))

# %% [markdown]
# One solve for the coefficients; all parameters together, as PINNs are usually trained; LS/GD. The
# default descent of LS/GD is the self-scaled Broyden method, finished by Levenberg and Marquardt's;
# others are passed as objects.

# %%
errors = {}
for name, method in {
    "one solve": None,
    "Adam, all parameters": GradientDescent(1000, Adam(3e-3)),
    "LS/GD, Adam": LSGD(300, Adam(1e-2)),
    "LS/GD, L-BFGS": LSGD(150, LBFGS()),
    "LS/GD": LSGD(300),
}.items():
    solution = solve(problem, basis, method)
    errors[name] = solution.error().maximum
    print(f"{name:<22} maximum error {errors[name]:.1e}")
assert errors["LS/GD"] < 1e-5
assert errors["LS/GD"] < errors["Adam, all parameters"] / 1000

# %% [markdown]
# Each step reports to callbacks, Ctrl-C returns the best so far, and the history says which steps
# were refused.

# %%
last = solve(problem, basis, LSGD(50), callbacks=[lambda step: None])
print(last.stopped, [step.stage for step in last.history.steps].count("refused"), "steps refused")

# %% [markdown]
# Greedy choice: of many candidates, those that take most from the residual. Nothing is trained.

# %%
drawn, chosen = solve(problem, Dense(40)), solve(problem, Dense(40), grow=Greedy())
print(f"forty neurons, drawn: {drawn.error():.1e}, chosen: {chosen.error():.1e}")
assert chosen.error() < drawn.error() / 10
