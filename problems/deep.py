"""Problems for networks of hundreds of layers: equations of the catalogue, and the paper's learning
task on peaks.

`DEEP[name]()` is a problem, `deep_network(...)` the network that they are tried with: residual
layers of small steps, which `propagate=MGRIT(...)` runs in parallel. Günther, Ruthotto, Schroder,
Cyr, Gauger (arXiv 1812.04352), section 5.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Eq

from pinnsolve import Box, Data, PointCloud, Problem, ResNet, coordinates, unknown

from .fronts import allen_cahn, burgers
from .poisson import poisson_2d

Array = NDArray[np.float64]
x, y = coordinates("x y")
CLASSES = 5
LEVELS = (-1.0, -0.1, 0.1, 1.0)  # between the classes
SIDE = 3.0
TRAINED_ON = 1000  # points


def peaks(points: Array) -> Array:
    """Three hills and three valleys on [-3, 3]^2, at points `(n, 2)`: `(n,)`."""
    a, b = points.T
    hill = 3 * (1 - a) ** 2 * np.exp(-(a**2) - (b + 1) ** 2)
    middle = 10 * (a / 5 - a**3 - b**5) * np.exp(-(a**2) - b**2)
    found: Array = hill - middle - np.exp(-((a + 1) ** 2) - b**2) / 3
    return found


def peaks_points(n: int, seed: int) -> Array:
    """Uniform in the square, `(n, 2)`."""
    return SIDE * (2 * np.random.default_rng(seed).random((n, 2)) - 1)


def peaks_regression() -> Problem:
    """The function from its values at random points."""
    u = unknown("u", x, y)
    points = peaks_points(TRAINED_ON, 0)
    cloud = PointCloud({x: points[:, 0], y: points[:, 1]})
    return Problem(_square(), Eq(u, Data(peaks(points))) @ cloud)


def labels(points: Array) -> NDArray[np.int64]:
    """The classes of points `(n, 2)`: between which of the `LEVELS` the function lies."""
    return np.searchsorted(np.array(LEVELS), peaks(points))


def peaks_classes() -> Problem:
    """One unknown a class, 1 at its points and 0 at others (least-squares classification); the
    largest one decides.
    """
    points = peaks_points(TRAINED_ON, 0)
    cloud, own = PointCloud({x: points[:, 0], y: points[:, 1]}), labels(points)
    return Problem(
        _square(),
        *[
            Eq(unknown(f"u{k}", x, y), Data((own == k).astype(np.float64))) @ cloud
            for k in range(CLASSES)
        ],
    )


def accuracy(solution: Any, n: int = 4000, seed: int = 1) -> float:
    """The share of fresh points whose class the solution of `peaks_classes` finds."""
    points = peaks_points(n, seed)
    found = solution(points)
    scores = np.stack(list(found.values()))
    return float((scores.argmax(axis=0) == labels(points)).mean())


def deep_network(layers: int = 256, **options: Any) -> ResNet:
    """`layers` steps of width 16, horizon 2; options of `ResNet`, as `propagate`, on top."""
    return ResNet(16, layers + 1, **{"horizon": 2.0, **options})


def _square() -> Box:
    return Box({x: (-SIDE, SIDE), y: (-SIDE, SIDE)})


DEEP: dict[str, Callable[[], Problem]] = {
    entry.__name__: entry
    for entry in (poisson_2d, burgers, allen_cahn, peaks_regression, peaks_classes)
}
