"""DeepXDE on PyTorch in float64, Adam and then L-BFGS, as in its demonstrations: `... deepxde_run
PROBLEM`.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ["DDE_BACKEND"] = "pytorch"

import deepxde as dde
import numpy as np
import torch

from results.peer_problems import PROBLEMS

LBFGS = 1_000
ADAM = {
    "poisson_2d": 5_000,
    "heat_1d": 20_000,
    "helmholtz_2d_demo": 5_000,
    "burgers": 15_000,
    "kovasznay_demo": 30_000,
    "allen_cahn_demo": 40_000,
}


def second(y, x, axis):
    """The second derivative along an axis."""
    return dde.grad.hessian(y, x, i=axis, j=axis)


def heat():
    """Its heat.py: u_t = 0.4 u_xx on [0, 1]^2, a network of 3 x 20."""
    time_domain = dde.geometry.GeometryXTime(
        dde.geometry.Interval(0, 1), dde.geometry.TimeDomain(0, 1)
    )
    data = dde.data.TimePDE(
        time_domain,
        lambda x, y: dde.grad.jacobian(y, x, i=0, j=1) - 0.4 * second(y, x, 0),
        [
            dde.icbc.DirichletBC(time_domain, lambda x: 0, lambda _, on_boundary: on_boundary),
            dde.icbc.IC(
                time_domain, lambda x: np.sin(np.pi * x[:, 0:1]), lambda _, on_initial: on_initial
            ),
        ],
        num_domain=2540,
        num_boundary=80,
        num_initial=160,
        num_test=2540,
    )
    return (
        data,
        [2, 20, 20, 20, 1],
        lambda x: np.exp(-0.4 * np.pi**2 * x[:, 1:2]) * np.sin(np.pi * x[:, 0:1]),
    )


def square(operator, source, exact, layers):
    """Dirichlet zero on the unit square, 2500 points inside and 400 on the boundary."""
    geometry = dde.geometry.Rectangle([0, 0], [1, 1])
    boundary = dde.icbc.DirichletBC(geometry, lambda x: 0, lambda _, on_boundary: on_boundary)
    data = dde.data.PDE(
        geometry,
        lambda x, y: operator(x, y) - source(x),
        boundary,
        num_domain=2500,
        num_boundary=400,
        num_test=2500,
    )
    return data, layers, exact


def poisson():
    """-laplacian(u) = f, u = sin(pi x) sin(pi y)."""
    return square(
        lambda x, y: -second(y, x, 0) - second(y, x, 1),
        lambda x: 2 * np.pi**2 * torch.sin(np.pi * x[:, 0:1]) * torch.sin(np.pi * x[:, 1:2]),
        lambda x: np.sin(np.pi * x[:, 0:1]) * np.sin(np.pi * x[:, 1:2]),
        [2, 50, 50, 50, 50, 1],
    )


def helmholtz():
    """Its Helmholtz_Dirichlet_2d.py: k = 4 pi, the boundary condition hard, a network of 3 x 150
    with sine.
    """
    k = 4 * np.pi
    return square(
        lambda x, y: -second(y, x, 0) - second(y, x, 1) - k**2 * y,
        lambda x: k**2 * torch.sin(k * x[:, 0:1]) * torch.sin(k * x[:, 1:2]),
        lambda x: np.sin(k * x[:, 0:1]) * np.sin(k * x[:, 1:2]),
        [2, 150, 150, 150, 1],
    )


def burgers():
    """Its Burgers.py: nu = 0.01 / pi, a network of 3 x 20."""
    geometry = dde.geometry.GeometryXTime(
        dde.geometry.Interval(-1, 1), dde.geometry.TimeDomain(0, 0.99)
    )

    def law(x, y):
        return (
            dde.grad.jacobian(y, x, i=0, j=1)
            + y * dde.grad.jacobian(y, x, i=0, j=0)
            - 0.01 / np.pi * second(y, x, 0)
        )

    data = dde.data.TimePDE(
        geometry,
        law,
        [
            dde.icbc.DirichletBC(geometry, lambda x: 0, lambda _, on_boundary: on_boundary),
            dde.icbc.IC(
                geometry, lambda x: -np.sin(np.pi * x[:, 0:1]), lambda _, on_initial: on_initial
            ),
        ],
        num_domain=2540,
        num_boundary=80,
        num_initial=160,
    )
    return data, [2, 20, 20, 20, 1], None


def kovasznay():
    """Its Kovasznay_flow.py: Re = 20, a network of 4 x 50 for velocity and pressure."""
    rate = 10 - np.sqrt(100 + 4 * np.pi**2)
    geometry = dde.geometry.Rectangle([-0.5, -0.5], [1, 1.5])

    def exact(x):
        u = 1 - np.exp(rate * x[:, 0:1]) * np.cos(2 * np.pi * x[:, 1:2])
        v = rate / (2 * np.pi) * np.exp(rate * x[:, 0:1]) * np.sin(2 * np.pi * x[:, 1:2])
        return np.hstack([u, v, (1 - np.exp(2 * rate * x[:, 0:1])) / 2])

    def laplacian(x, y, component):
        return sum(dde.grad.hessian(y, x, component=component, i=axis, j=axis) for axis in (0, 1))

    def law(x, y):
        u, v = y[:, 0:1], y[:, 1:2]
        ux, uy, vx, vy, px, py = (
            dde.grad.jacobian(y, x, i=i, j=j) for i in range(3) for j in range(2)
        )
        first = u * ux + v * uy + px - laplacian(x, y, 0) / 20
        second_component = u * vx + v * vy + py - laplacian(x, y, 1) / 20
        return [first, second_component, ux + vy]

    def outflow(x, on_boundary):
        return on_boundary and dde.utils.isclose(x[0], 1)

    def everywhere(_, on_boundary):
        return on_boundary

    def given(component, where):
        return dde.icbc.DirichletBC(
            geometry, lambda x: exact(x)[:, [component]], where, component=component
        )

    sides = [given(0, everywhere), given(1, everywhere), given(2, outflow)]
    data = dde.data.PDE(geometry, law, sides, num_domain=2601, num_boundary=400, num_test=2601)
    return data, [2, 50, 50, 50, 50, 3], exact


def allen_cahn():
    """Its Allen_Cahn.py: d = 0.001, a network of 3 x 20, initial and boundary values hard."""
    geometry = dde.geometry.GeometryXTime(
        dde.geometry.Interval(-1, 1), dde.geometry.TimeDomain(0, 1)
    )

    def law(x, y):
        return dde.grad.jacobian(y, x, i=0, j=1) - 0.001 * second(y, x, 0) - 5 * (y - y**3)

    data = dde.data.TimePDE(geometry, law, [], num_domain=8000, num_boundary=400, num_initial=800)
    return data, [2, 20, 20, 20, 1], None


def fresh(name, exact):
    """Points, and what is true there."""
    if exact is None:
        held = PROBLEMS[name]().reference
        return held.points, held.values["u"][:, None]
    points = np.random.default_rng(1).random((10_000, 2))
    points = points * [1.5, 2.0] - 0.5 if name == "kovasznay_demo" else points
    return points, exact(points)


RUNS = {
    "poisson_2d": poisson,
    "heat_1d": heat,
    "helmholtz_2d_demo": helmholtz,
    "burgers": burgers,
    "kovasznay_demo": kovasznay,
    "allen_cahn_demo": allen_cahn,
}
TRANSFORMS = {
    "helmholtz_2d_demo": lambda x, y: x[:, 0:1] * (1 - x[:, 0:1]) * x[:, 1:2] * (1 - x[:, 1:2]) * y,
    "allen_cahn_demo": lambda x, y: (
        x[:, 0:1] ** 2 * torch.cos(np.pi * x[:, 0:1]) + x[:, 1:2] * (1 - x[:, 0:1] ** 2) * y
    ),
}

if __name__ == "__main__":
    name = sys.argv[1]
    dde.config.set_default_float("float64")
    dde.config.set_random_seed(0)
    start, cpu = time.perf_counter(), time.process_time()
    data, layers, exact = RUNS[name]()
    network = dde.nn.FNN(layers, "sin" if "helmholtz" in name else "tanh", "Glorot normal")
    if name in TRANSFORMS:
        network.apply_output_transform(TRANSFORMS[name])
    model = dde.Model(data, network)
    model.compile("adam", lr=1e-3)
    model.train(iterations=ADAM[name], verbose=0)
    dde.optimizers.config.set_LBFGS_options(maxiter=LBFGS)
    model.compile("L-BFGS")
    model.train(verbose=0)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    points, truth = fresh(name, exact)
    apart, sizes = (
        np.linalg.norm(model.predict(points) - truth, axis=0),
        np.linalg.norm(truth, axis=0),
    )
    error = float((apart / sizes).max())
    print(
        json.dumps(
            {
                "error": error,
                "seconds": seconds,
                "cpu": cpu,
                "note": f"Adam {ADAM[name]}, then L-BFGS {LBFGS}",
            }
        )
    )
