# %% [markdown]
# # 05 Box initialization
#
# A hidden neuron sigma(w . x + b) changes across its hyperplane w . x + b = 0. Neurons whose
# hyperplanes miss the domain are useless there, and the usual initializations put all hyperplanes
# through the origin. Box initialization places each in the domain's box, and the next layer's in
# the box of this layer's values (Cyr, Gulian, Patel, Perego, Trask, 2019).

# %%
from sympy import Eq, pi, sin

from pinnsolve import (
    Box,
    Dense,
    He,
    Problem,
    ResNet,
    coordinates,
    draw_hyperplanes,
    inspect,
    solve,
    unknown,
)

x, y = coordinates("x y")
line, square = Box({x: (0, 1)}), Box({x: (0, 1), y: (0, 1)})

# %% [markdown]
# Before any training: in one dimension, all ReLU neurons of He's initialization are multiples of
# one function. A plain network loses rank with depth whatever its start; a residual one with box
# initialization keeps it at every depth.

# %%
print(f"{'depth':>5} {'He':>4} {'box':>4} {'residual box':>13}")
for depth in (1, 2, 4, 8, 16, 64):
    he = inspect(Dense(32, depth, "relu", He()), line)
    box = inspect(Dense(32, depth, "relu"), line)
    residual = inspect(ResNet(32, depth, "relu"), line) if depth > 1 else box
    print(f"{depth:>5} {he.rank:>4} {box.rank:>4} {residual.rank:>13}")
    assert he.rank == 1
    assert residual.rank == 32
    assert residual.largest < 2.72

# %% [markdown]
# The hyperplanes in the unit square, one colour a layer.

# %%
draw_hyperplanes(Dense(32, 2, "relu", He()), square).savefig("he.png")
draw_hyperplanes(ResNet(32, 4, "relu"), square).savefig("box.png")

# %% [markdown]
# What it is worth: the best fit of sin(2 pi x) by the functions as they were drawn, nothing
# trained.

# %%
u = unknown("u", x)
wave = Problem(line, Eq(u, sin(2 * pi * x)), exact={u: sin(2 * pi * x)})
errors = {str(start): solve(wave, Dense(32, 1, "relu", start)).error() for start in (He(), None)}
print({name: f"{float(error):.1e}" for name, error in errors.items()})
assert errors["He()"] > 0.5
assert errors["None"] < 0.01
