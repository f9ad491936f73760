"""What the tests of trainings share: small problems, their losses, and a function to descend on."""

from __future__ import annotations

import torch
from sympy import Eq, cos, pi, sin

from pinnsolve import (
    Box,
    Dense,
    Problem,
    compile_problem,
    coordinates,
    laplacian,
    manufactured,
    unknown,
)
from pinnsolve.discretize.points import sample_points
from pinnsolve.fields.building import build_space
from pinnsolve.training.iterate import Iterate
from pinnsolve.training.partition import Everything
from pinnsolve.training.weighted_loss import weighted_loss

x, y = coordinates("x y")
u = unknown("u", x, y)
v = unknown("v", x, y)
square = Box({x: (0, 1), y: (0, 1)})
poisson = Problem(
    square,
    Eq(-laplacian(u), 8 * pi**2 * sin(2 * pi * x) * sin(2 * pi * y)),
    Eq(u, 0) @ square.boundary,
    exact={u: sin(2 * pi * x) * sin(2 * pi * y)},
)
robin = Problem(
    square,
    Eq(u.diff(x) - v, 0),
    Eq(v.diff(y) + x * u, cos(y)),
    Eq(u(0, y), 1),
    Eq(v(x, 0), x),
    Eq(u(1, y), u(0, y) + 1),
)


cubic = manufactured(
    square,
    -laplacian(u) + 20 * u**3,
    u @ square.boundary,
    exact={u: sin(2 * pi * x) * sin(2 * pi * y)},
)


def rows_of(problem=poisson, basis=None, n=120, seed=0):
    system = compile_problem(problem)
    return weighted_loss(
        system, sample_points(problem, n, seed), build_space(system, basis or Dense(12), seed)
    )


def numerical_gradient(function, at, h=1e-6):
    units = torch.eye(len(at), dtype=at.dtype)
    return torch.tensor(
        [(function(at + h * e) - function(at - h * e)) / (2 * h) for e in units], dtype=at.dtype
    )


class Quadratic:
    """0.5 |x - 1|^2 in scales from 1 to 1000, and its gradient."""

    scales = torch.logspace(0, 3, 12, dtype=torch.float64)
    own = Everything()

    def sharpen(self):
        pass

    def renewed(self, now):
        return now

    def evaluate(self, at, near):
        return Iterate(at, at, float(0.5 * (self.scales * (at - 1) ** 2).sum()))

    def gradient(self, at):
        return self.scales * (at.x - 1)

    def accepts(self, trial, now):
        return trial.loss < now.loss
