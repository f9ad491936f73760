"""LS/GD against descent on all parameters, with and without box initialization: same points, same
rows, same CPU time.

Every run starts from its own draw of neurons and points; errors are relative L2 on fresh random
points, measured while the clock stands. "LS once" is one least-squares solve in the basis as it was
drawn, "LS/GD" descends by self-scaled Broyden (by L-BFGS, where parameters are many). In joint
descent Adam is given three rates, and the best of them by median counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from sympy import Eq, Expr, Piecewise, Rational, pi, sin, sinh

from pinnsolve import (
    LBFGS,
    Adam,
    Box,
    Dense,
    Glorot,
    He,
    LevenbergMarquardt,
    Problem,
    ResNet,
    SelfScaledBroyden,
    coordinates,
    laplacian,
    unknown,
)
from pinnsolve.basis.basis import Declaration
from pinnsolve.training.descents import Descent
from pinnsolve.training.objective import Joint, Objective, Reduced
from pinnsolve.training.weighted_loss import WeightedLoss

SEEDS = (0, 1, 2, 3, 4)
# Of CPU time, a run.
REGRESSION_SECONDS, PLANE_SECONDS, PINN_SECONDS, DEEP_SECONDS = 2.0, 6.0, 6.0, 30.0
ORDER_WIDTHS = (8, 16, 32, 64, 128)
WIDTHS = (10, 20, 100, 200, 400)

x, y = coordinates("x y")
u1, u2 = unknown("u", x), unknown("u", x, y)
LINE, SQUARE = Box({x: (0, 1)}), Box({x: (0, 1), y: (0, 1)})


def regression(domain: Box, target: Expr) -> Problem:
    """A differential equation of order zero."""
    u = u1 if domain is LINE else u2
    return Problem(domain, Eq(u, target), exact={u: target})


def _dirichlet(exact: Expr) -> Problem:
    return Problem(
        SQUARE,
        Eq(laplacian(u2), laplacian(exact, x, y)),
        Eq(u2, exact) @ SQUARE.boundary,
        exact={u2: exact},
    )


RADIUS = (x - Rational(1, 2)) ** 2 + (y - Rational(1, 2)) ** 2  # squared
STEEP = sin(2 * pi * x) * sinh(2 * pi * y) / sinh(2 * pi)
PULSE = sin(2 * pi * (x - y))
PROBLEMS: dict[str, Problem] = {
    "sin(2 pi x)": regression(LINE, sin(2 * pi * x)),
    "Runge 2D": regression(SQUARE, 1 / (1 + 25 * RADIUS)),
    "jump along a circle": regression(
        SQUARE, Piecewise((1, RADIUS - Rational(1, 10) < 0), (0, True))
    ),
    "Poisson": _dirichlet(sin(2 * pi * x) * sin(2 * pi * y)),
    "Laplace, steep data": _dirichlet(STEEP),
    "advection": Problem(
        SQUARE,
        Eq(u2.diff(y) + u2.diff(x), 0),
        Eq(u2(x, 0), PULSE.subs(y, 0)),
        Eq(u2(0, y), PULSE.subs(x, 0)),
        exact={u2: PULSE},
    ),
}
PDES = ("Poisson", "Laplace, steep data", "advection")


def network(name: str, start: str, width: int = 32) -> Declaration:
    """`relu plain 1` and the like; a classic residual network has steps of length 1."""
    activation, kind, depth = name.split()
    initialize = {"box": None, "He": He(), "Glorot": Glorot()}[start]
    if kind == "plain":
        return Dense(width, int(depth), activation, initialize)
    return ResNet(
        width, int(depth), activation, initialize, 1.0 if start == "box" else float(depth) - 1
    )


@dataclass(frozen=True)
class Method:
    """Which loss, and which descents, each with its share of the CPU time."""

    objective: Callable[[WeightedLoss], Objective]
    stages: tuple[tuple[Descent, float], ...] = ()


BROYDEN = SelfScaledBroyden()
METHODS = {
    "LS once": Method(Reduced),
    "LS/GD Adam": Method(Reduced, ((Adam(1e-2), 1.0),)),
    "LS/GD": Method(Reduced, ((BROYDEN, 1.0),)),
    "LS/GD, then LM": Method(Reduced, ((BROYDEN, 0.9), (LevenbergMarquardt(), 1.0))),
    "LM": Method(Reduced, ((LevenbergMarquardt(), 1.0),)),
    "Adam": Method(Joint, ((Adam(1e-3), 1.0),)),
    "Adam 3e-3": Method(Joint, ((Adam(3e-3), 1.0),)),
    "Adam 1e-2": Method(Joint, ((Adam(1e-2), 1.0),)),
    "L-BFGS": Method(Joint, ((LBFGS(), 1.0),)),
    "Adam, then L-BFGS": Method(Joint, ((Adam(1e-3), 0.5), (LBFGS(), 1.0))),
}
ABLATION = ("Adam", "Adam 3e-3", "Adam 1e-2", "LS/GD")
COMPARED = (
    "LS once",
    "LS/GD Adam",
    "LS/GD",
    "LS/GD, then LM",
    "Adam",
    "Adam 3e-3",
    "Adam 1e-2",
    "L-BFGS",
    "Adam, then L-BFGS",
)
COMPARED_DEEP = (
    "LS once",
    "LS/GD",
    "LS/GD, then LM",
    "Adam 3e-3",
    "Adam 1e-2",
    "L-BFGS",
    "Adam, then L-BFGS",
)
PLANE_NETWORKS = ("relu plain 1", "relu plain 2")


# Problem, network, width, start, method, seed, seconds.
Job = tuple[str, str, int, str, str, int, float]


def regression_jobs(seed: int) -> Iterator[Job]:
    """Four ways (init x optimizer) in ten networks; order of convergence in the width."""
    shapes = [
        (a, s) for a in ("relu", "tanh") for s in ("plain 1", "plain 2", "res 2", "res 4", "res 16")
    ]
    for (activation, shape), method in product(shapes, ABLATION):
        for start in ("box", "He" if activation == "relu" else "Glorot"):
            yield (
                "sin(2 pi x)",
                f"{activation} {shape}",
                32,
                start,
                method,
                seed,
                REGRESSION_SECONDS,
            )
    for width in ORDER_WIDTHS:
        yield "sin(2 pi x)", "relu plain 1", width, "box", "LS/GD", seed, REGRESSION_SECONDS


def plane_jobs(seed: int) -> Iterator[Job]:
    """Two targets in the plane, in two networks."""
    ways = (
        ("He", "Adam"),
        ("He", "Adam 3e-3"),
        ("He", "Adam 1e-2"),
        ("box", "LS once"),
        ("box", "LS/GD"),
    )
    for problem, shape, (start, method) in product(
        ("Runge 2D", "jump along a circle"), PLANE_NETWORKS, ways
    ):
        yield problem, shape, 64, start, method, seed, PLANE_SECONDS


def deep_jobs(seed: int) -> Iterator[Job]:
    """Three equations in a residual network."""
    for problem, method in product(PDES, COMPARED_DEEP):
        yield problem, "tanh res 4", 16, usual_start(method), method, seed, DEEP_SECONDS


def pinn_jobs(seed: int) -> Iterator[Job]:
    """Three equations in one hidden layer by all methods."""
    for problem, method in product(PDES, COMPARED):
        yield problem, "tanh plain 1", 50, usual_start(method), method, seed, PINN_SECONDS


def width_jobs(seed: int) -> Iterator[Job]:
    """The width from 10 to 400 by four methods."""
    for width, method in product(WIDTHS, ("Adam 1e-2", "L-BFGS", "LS once", "LS/GD")):
        yield "Poisson", "tanh plain 1", width, usual_start(method), method, seed, PINN_SECONDS


STUDIES = {
    "regression": regression_jobs,
    "plane": plane_jobs,
    "pinn": pinn_jobs,
    "deep": deep_jobs,
    "width": width_jobs,
}


def usual_start(method: str) -> str:
    """Glorot's for joint descent, box initialization for LS/GD."""
    return "Glorot" if METHODS[method].objective is Joint else "box"
