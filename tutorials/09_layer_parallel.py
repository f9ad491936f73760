# %% [markdown]
# # 09 Layers in parallel
#
# A residual network is a differential equation in depth: each layer takes a step u + h f(u). MGRIT,
# multigrid reduction in time, runs all layers at once: intervals of c layers start from guessed
# states, and a network of as many layers as there are intervals corrects the guesses. One keyword
# says so, and nothing else changes.

# %%
import numpy as np
import torch
from sympy import pi, sin

from pinnsolve import (
    LSGD,
    MGRIT,
    Adam,
    Box,
    ResNet,
    coordinates,
    laplacian,
    manufactured,
    solve,
    unknown,
)

x, y = coordinates("x y")
u = unknown("u", x, y)
square = Box({x: (0, 1), y: (0, 1)})
problem = manufactured(
    square, -laplacian(u), u @ square.boundary, exact={u: sin(pi * x) * sin(pi * y)}
)
serial = ResNet(width=16, depth=33)
parallel = ResNet(width=16, depth=33, propagate=MGRIT(coarsening=4))

# %% [markdown]
# Each cycle comes closer to the serial states and gradients: the layers' jets, with all derivatives
# that the equation needs.

# %%
domain, points = (
    {"x": (0, 1), "y": (0, 1)},
    torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)),
)


def gradient(declared):
    basis = declared.build(domain, seed=0)
    basis(points, [(2, 0), (0, 2)]).square().sum().backward()
    return basis.weights.grad


exact, errors = gradient(serial), []
for cycles in (1, 2, 3, 8):
    found = gradient(ResNet(width=16, depth=33, propagate=MGRIT(coarsening=4, cycles=cycles)))
    errors.append(float((found - exact).norm() / exact.norm()))
print("error of the gradient after 1, 2, 3, 8 cycles:", ", ".join(f"{e:.0e}" for e in errors))
assert errors[2] < 1e-2 * errors[0]
assert errors[3] < 1e-12

# %% [markdown]
# Trained by LS/GD, both come to the same error. One cycle a step is enough: states are remembered
# from step to step, and the reverse pass has learned what its coarse layers lack.

# %%
method = LSGD(steps=15, descent=Adam(3e-3))
alone = solve(problem, ResNet(width=8, depth=17), method)
together = solve(
    problem, ResNet(width=8, depth=17, propagate=MGRIT(coarsening=4, cycles=1)), method
)
print("serial:", alone.error(), "  in parallel:", together.error())
assert np.isclose(float(alone.error()), float(together.error()), rtol=0.2)

# %% [markdown]
# Saved as `deep.py`, a script like this one is run on four processes, each with a quarter of the
# layers, by  pip install 'pinnsolve[mpi]' OMP_NUM_THREADS=1 mpiexec -n 4 python deep.py  All
# processes get the same solution. It pays for hundreds of layers; before that, and in one process,
# `serial` is quicker.
