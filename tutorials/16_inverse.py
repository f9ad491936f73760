# %% [markdown]
# # 16 Inverse problems, with error bars
#
# Something was measured, and what is sought stands in an equation: a rate, a diffusivity, a source.
# It is an unknown like any other; a number is an unknown of no coordinates.

# %%
import warnings

import numpy as np
from sympy import Eq, exp, pi, sin

from pinnsolve import Box, Data, Interval, PointCloud, Problem, coordinates, solve, unknown

x, t = coordinates("x t")
u, k = unknown("u", x, t), unknown("k")

# %% [markdown]
# How fast does a rod cool? Fifty values, each with an error of about 0.01. `sigma` says how large
# errors are: then the equations hold exactly, and data choose among their solutions.

# %%
rod = Box({x: (0, 1), t: (0, 1)})
random = np.random.default_rng(0)
places, times = random.random((2, 50))
true = 0.37
values = np.exp(-true * np.pi**2 * times) * np.sin(np.pi * places)
noisy = values + 0.01 * random.standard_normal(50)


def cooling(data: Data) -> Problem:
    """A rod that is cold at both ends, and what was measured."""
    return Problem(
        rod,
        Eq(u.diff(t), k * u.diff(x, 2)),
        Eq(u(x, 0), sin(pi * x)),
        Eq(u(0, t), 0),
        Eq(u(1, t), 0),
        Eq(u, data) @ PointCloud({x: places, t: times}),
    )


solution = solve(cooling(Data(noisy, sigma=0.01)))
print(solution[k])  # a number, with its standard deviation
assert abs(float(solution[k]) - true) < 3 * solution[k].deviation
assert solution[k].deviation < 0.005

# %% [markdown]
# `misfit` is the sum of squares that is left, for each value that is not used up: near one, if
# errors are as large as was said. If nobody knows how large they are, they are estimated from it.

# %%
estimated = solve(cooling(Data(noisy, sigma=None)))
print(estimated[k], estimated.misfit**0.5)
assert 0.5 < solution.misfit < 2
assert 0.005 < estimated.misfit**0.5 < 0.02

# %% [markdown]
# Data may have several minima: an oscillation's frequency does, and from one Newton's method would
# not find it. `bounds` say where to look: the misfit is looked at all over them, and the best
# minimum wins. `positive=True` would solve for the logarithm.

# %%
line, at = Interval(x, 0, 1), np.linspace(0.02, 1, 40)
w, frequency = unknown("w", x), unknown("frequency", bounds=(1, 40))
heard = np.sin(23 * at) / 23 + 2e-3 * random.standard_normal(40)
pendulum = Problem(
    line,
    Eq(w.diff(x, 2), -(frequency**2) * w),
    Eq(w(0), 0),
    Eq(w.diff(x), 1) @ line.at(x=0),
    Eq(w, Data(heard, sigma=2e-3)) @ PointCloud({x: at}),
)
ringing = solve(pendulum)
print(ringing[frequency], ringing[frequency].interval(), *ringing.diagnosis(), sep="\n")
assert abs(float(ringing[frequency]) - 23) < 3 * ringing[frequency].deviation

# %% [markdown]
# Values without errors are taken as they are, and the number comes with all its digits.

# %%
clean = solve(cooling(Data(values)), tolerance=1e-8)
print(float(clean[k]) - true)
assert abs(float(clean[k]) - true) < 1e-7

# %% [markdown]
# What data cannot tell apart is said: of two rates that enter only by their sum, neither is known.

# %%
v, a, b = unknown("v", x), unknown("a"), unknown("b")
seen = np.exp(-3 * at) + 0.01 * random.standard_normal(40)
measured = Eq(v, Data(seen, sigma=0.01)) @ PointCloud({x: at})
twins = Problem(line, Eq(v.diff(x), -(a + b) * v), Eq(v(0), 1), measured)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    unclear = solve(twins, guess={a: 1, b: 2, v: exp(-3 * x)})
print(unclear.stopped)
assert unclear.stopped == "not unique"

# %% [markdown]
# What is sought may be a function: the load on a string, from how far it is bent. Of all loads that
# fit, those are likelier that are smooth, as smooth as the data say. `band` is where the function
# lies with a probability, at each point; the noise of the data is magnified, and the band says how
# much of it.

# %%
f = unknown("f", x)
bent = np.sin(np.pi * at) + 1e-3 * random.standard_normal(40)
string = Problem(
    line,
    Eq(-v.diff(x, 2), f),
    Eq(v, 0) @ line.boundary,
    Eq(v, Data(bent, sigma=1e-3)) @ PointCloud({x: at}),
)
found = solve(string)
inner = np.linspace(0.1, 0.9, 9)
low, high = found.band(f, inner)
load = np.pi**2 * np.sin(np.pi * inner)
print(np.column_stack([low, load, high]))
assert np.mean((low < load) & (load < high)) > 0.7
assert (high - low).max() < 2
