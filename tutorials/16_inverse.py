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

# %% [markdown]
# Where a field is measured all over a region, nothing has to be known on its sides. Here velocities
# behind a grid are seen in a window, with errors of one percent; how viscous is what flows, and how
# large its pressure, which nobody measured? Equations are tested with functions that vanish around
# the window, so that the pressure drops out, and the viscosity comes with its error bar; then all
# fields are found from data and equations together. A pressure is known but for a constant: it is
# said at a point. (The flow is an exact solution, by Kovasznay.)

# %%
y = coordinates("y")[0]
a, b, p, viscosity = (*(unknown(name, x, y) for name in "abp"), unknown("viscosity"))
window = Box({x: (-0.5, 1), y: (-0.5, 1.5)})
eastward, northward = random.uniform([-0.5, -0.5], [1, 1.5], (1500, 2)).T
rate = 10 - np.sqrt(100 + 4 * np.pi**2)  # of a viscosity of 0.05
grown = np.exp(rate * eastward)
along = 1 - grown * np.cos(2 * np.pi * northward)
across = rate / 2 / np.pi * grown * np.sin(2 * np.pi * northward)
cloud = PointCloud({x: eastward, y: northward})


def blurred(values: np.ndarray) -> Data:
    """With errors of one percent."""
    sigma = 0.01 * float(np.sqrt(np.mean(values**2)))
    return Data(values + sigma * random.standard_normal(len(values)), sigma=sigma)


momentum = [
    Eq(a * f.diff(x) + b * f.diff(y) + p.diff(s), viscosity * (f.diff(x, 2) + f.diff(y, 2)))
    for f, s in ((a, x), (b, y))
]
stream = Problem(
    window,
    *momentum,
    Eq(a.diff(x) + b.diff(y), 0),
    Eq(a, blurred(along)) @ cloud,
    Eq(b, blurred(across)) @ cloud,
    Eq(p.subs({x: 0, y: 0}), 0),
)
flow = solve(stream, tolerance=1e-1)
print(flow[viscosity], flow.stopped)
assert abs(float(flow[viscosity]) - 0.05) < 3 * flow[viscosity].deviation

# %% [markdown]
# The pressure has a band like any field.

# %%
spots = random.uniform([-0.5, -0.5], [1, 1.5], (200, 2))
low, high = flow.band(p, spots)
pressure = (1 - np.exp(2 * rate * spots[:, 0])) / 2
print(np.mean((low < pressure) & (pressure < high)), (high - low).max())
assert np.mean((low < pressure) & (pressure < high)) > 0.8
