"""A reference for PINNacle's waves in two media, and how it was made: spectral elements of degree
two and three, one for each cell of the medium's grid, and steps of order four in time by the
modified equation.

A node's mass is the mean of 1 / c over its own part of a cell. `python -m
results.pinnacle_wave_reference` writes problems/reference/pinnacle_wave2d_cg.npz: u on a grid, and
`apart`, by how much both degrees differ. Some minutes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.polynomial.legendre import Legendre, leggauss
from numpy.typing import NDArray
from scipy.interpolate import RegularGridInterpolator
from scipy.sparse import csr_matrix, diags

from pinnsolve.problems.pinnacle_evolutions import two_media

Array = NDArray[np.float64]
PATH = Path(__file__).parents[1] / "problems" / "reference" / "pinnacle_wave2d_cg.npz"
END = 5.0
# Of all places and times that are written, along each axis
PLACES, TIMES = 33, 21


@dataclass(frozen=True)
class Side:
    """A side of the square in elements: all `nodes` and `weights (n,)`, minus the second derivative
    by them, its largest eigenvalue, and values at other places of values at nodes.
    """

    nodes: Array
    weights: Array
    bent: csr_matrix
    fastest: float
    sampled: csr_matrix


def side(cells: int, degree: int) -> Side:
    """Cells of [-1, 1], with Lobatto's points in each."""
    inner = np.sort(Legendre.basis(degree).deriv().roots().real)
    own = np.concatenate([[-1.0], inner, [1.0]])
    share = 2 / (degree * (degree + 1) * Legendre.basis(degree)(own) ** 2)
    powers = np.linalg.inv(np.vander(own, increasing=True))
    slopes = np.vander(own, degree, increasing=True) @ (
        np.arange(1, degree + 1)[:, None] * powers[1:]
    )
    length, count = 2 / cells, cells * degree + 1
    pulled, mass = (slopes.T * share) @ slopes * 2 / length, share * length / 2
    rows = degree * np.arange(cells)[:, None] + np.arange(degree + 1)
    weights: Array = np.bincount(rows.ravel(), np.tile(mass, cells)).astype(float)
    pairs = np.repeat(rows, degree + 1, axis=1).ravel(), np.tile(rows, degree + 1).ravel()
    whole = csr_matrix((np.tile(pulled.ravel(), cells), pairs), (count, count))
    nodes = np.empty(count)
    nodes[rows] = -1 + length * (np.arange(cells)[:, None] + (own + 1) / 2)
    at = np.linspace(-1, 1, PLACES)
    cell = np.minimum(((at + 1) / length).astype(int), cells - 1)
    local = np.vander(2 * ((at + 1) / length - cell) - 1, degree + 1, increasing=True) @ powers
    sampled = csr_matrix(
        (local.ravel(), (np.repeat(np.arange(PLACES), degree + 1), rows[cell].ravel())),
        (PLACES, count),
    )
    fastest = np.linalg.eigvalsh(pulled / np.sqrt(np.outer(mass, mass))).max()
    return Side(nodes, weights, (diags(1 / weights) @ whole).tocsr(), float(fastest), sampled)


def speeds(line: Side, degree: int, medium: Array, points: int = 6) -> Array:
    """One over the mean of 1 / c around every node, `(n, n)`: by Gauss's rule on each side of a
    node, so that no cell's end is passed.
    """
    grid = np.linspace(-1, 1, len(medium))
    c = RegularGridInterpolator((grid, grid), medium)
    at, shares = leggauss(points)
    ends = np.concatenate([[-1.0], np.cumsum(line.weights) - 1])
    places, weights, rows = [], [], []
    for k, (a, b) in enumerate(pairwise(ends)):
        corner = [line.nodes[k]] if k % degree == 0 and a < line.nodes[k] < b - 1e-12 else []
        for low, high in pairwise([a, *corner, b]):
            places.append((low + high) / 2 + (high - low) / 2 * at)
            weights.append(shares * (high - low) / 2 / (b - a))
            rows.append(np.full(points, k))
    x = np.clip(np.concatenate(places), -1, 1)
    mean = csr_matrix((np.concatenate(weights), (np.concatenate(rows), np.arange(len(x)))))
    parts = [
        1 / c(np.stack(np.meshgrid(x, some, indexing="ij"), -1))
        for some in np.split(x, range(200, len(x), 200))
    ]
    along = np.concatenate([mean @ part for part in parts], axis=1)
    means: Array = (mean @ along.T).T
    return 1 / means


def waves(degree: int) -> Array:
    """u at all places and times, `(PLACES, PLACES, TIMES)`."""
    medium = two_media()
    line = side(len(medium) - 1, degree)
    c = speeds(line, degree, medium)
    between = END / (TIMES - 1)
    # Stable up to sqrt(12) radians of the fastest wave a step.
    steps = math.ceil(between * math.sqrt(2 * medium.max() * line.fastest / 12) / 0.95)
    dt = between / steps

    def pulled(u: Array) -> Array:
        found: Array = -c * (line.bent @ u + (line.bent @ u.T).T)
        return found

    def sampled(u: Array) -> Array:
        found: Array = line.sampled @ (line.sampled @ u.T).T
        return found

    x = line.nodes
    before = np.exp(-((x[:, None] + 0.5) ** 2 + x**2) / 0.18)
    found, force = [sampled(before)], pulled(before)
    # At rest: half of what a step adds to twice the state less the one before.
    u = before + dt**2 / 2 * (force + dt**2 / 12 * pulled(force))
    for k in range(1, TIMES):
        for _ in range(steps - (k == 1)):
            force = pulled(u)
            before, u = u, 2 * u - before + dt**2 * (force + dt**2 / 12 * pulled(force))
        found.append(sampled(u))
    return np.stack(found, axis=2)


def run() -> None:
    """Both degrees; write the finer one."""
    coarse, fine = waves(2), waves(3)
    apart = np.linalg.norm(fine - coarse) / np.linalg.norm(fine)
    line = np.linspace(-1, 1, PLACES)
    np.savez_compressed(
        PATH,
        axis0=line,
        axis1=line,
        axis2=np.linspace(0, END, TIMES),
        u=fine.astype(np.float32),
        apart=apart,
    )
    print(f"degrees two and three differ by {apart:.1e}")


if __name__ == "__main__":
    run()
