"""What the values of PINNacle's heat-inv tell of its conductivity, whoever looks at them.

The bound of Cramer and Rao: the conductivity is known but for k x k numbers, those of its lowest
sines beside the true one; temperatures at the start and on the sides are known, which the task does
not say. No unbiased estimate of the conductivity has a smaller expected error than this. Changes of
the temperature are sines in space (Galerkin) and exact in time. `python -m
results.heat_inverse_bound` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from pinnsolve.problems.pinnacle_evolutions import MEASURED
from results.writing import markdown_table

Array = NDArray[np.float64]
NOISE = 0.1
SINES, POINTS = 14, 60  # a side; with 10 the bounds of 4 x 4 numbers are the same to 1 %


@dataclass(frozen=True)
class Plate:
    """Sines `(n, x, y)` and their slopes at Gauss's points of [-1, 1]^2, of `weights (x, y)`."""

    values: Array
    slopes: tuple[Array, Array]
    weights: Array
    nodes: Array

    @classmethod
    def of(cls, sines: int) -> Plate:
        """So many sines a side."""
        nodes, w = np.polynomial.legendre.leggauss(POINTS)
        s, d = sines_at(nodes, sines), slopes_at(nodes, sines)
        slopes = _products(d, s), _products(s, d)
        return cls(_products(s, s), slopes, np.outer(w, w), nodes)

    def stiffness(self, a: Array) -> Array:
        """Of -div(a grad u), `(n, n)`."""
        x, y = (_gram(d, a * self.weights) for d in self.slopes)
        return x + y


def sines_at(at: Array, sines: int) -> Array:
    """Those that vanish at -1 and 1, `(sines, points)`."""
    k = np.pi / 2 * np.arange(1, sines + 1)[:, None]
    return np.asarray(np.sin(k * (at + 1)))


def slopes_at(at: Array, sines: int) -> Array:
    """Their derivatives."""
    k = np.pi / 2 * np.arange(1, sines + 1)[:, None]
    return np.asarray(k * np.cos(k * (at + 1)))


def least_error(numbers: int, sines: int = SINES) -> float:
    """The bound, relative in L2, where `numbers` x `numbers` are not known."""
    plate, told = Plate.of(sines), changes(numbers, sines) / NOISE
    covariance = np.linalg.inv(told.T @ told)
    a = 2 + np.outer(*[np.sin(np.pi * plate.nodes)] * 2)
    # Each pair of sines has the integral square 1
    return float(np.sqrt(np.trace(covariance) / (a**2 * plate.weights).sum()))


def measured_at() -> Array:
    """Where and when temperatures are measured, as the task says: `(3, MEASURED)`."""
    return np.random.default_rng(0).random((3, MEASURED)) * [[2], [2], [1]] - [[1], [1], [0]]


def changes(numbers: int, sines: int = SINES) -> Array:
    """Of each measured value, by each number: `(MEASURED, numbers^2)`.

    du' = div(a grad du) + exp(-t) f, of which each mode is f (exp(-t) - exp(-lam t)) / (lam - 1).
    """
    plate, (x, y, t) = Plate.of(sines), measured_at()
    wave, bent = np.sin(np.pi * plate.nodes), np.pi * np.cos(np.pi * plate.nodes)
    slopes = np.outer(bent, wave), np.outer(wave, bent)
    lam, modes = eigh(plate.stiffness(2 + np.outer(wave, wave)), _gram(plate.values, plate.weights))
    there = np.einsum("ip,jp->pij", sines_at(x, sines), sines_at(y, sines))
    in_time = (np.exp(-t)[:, None] - np.exp(-np.outer(t, lam))) / (lam - 1)
    seen = (there.reshape(len(t), -1) @ modes) * in_time
    own = sines_at(plate.nodes, numbers)
    columns = []
    for j, k in product(range(numbers), repeat=2):
        fluxes = [np.outer(own[j], own[k]) * slope * plate.weights for slope in slopes]
        load = -sum(
            np.einsum("nxy,xy->n", *pair) for pair in zip(plate.slopes, fluxes, strict=True)
        )
        columns.append(seen @ (modes.T @ load))
    return np.column_stack(columns)


def table() -> str:
    """Bounds for ever more numbers."""
    lines = [(f"{k} x {k}", f"{least_error(k):.2g}") for k in (1, 2, 3, 4, 5, 6)]
    return markdown_table(("numbers that are not known", "least error"), lines)


def _products(x: Array, y: Array) -> Array:
    n = len(x) * len(y)
    return np.asarray(np.einsum("ia,jb->ijab", x, y).reshape(n, x.shape[1], y.shape[1]))


def _gram(functions: Array, weights: Array) -> Array:
    flat = functions.reshape(len(functions), -1)
    return np.asarray((flat * weights.ravel()) @ flat.T)


if __name__ == "__main__":
    print(table())
