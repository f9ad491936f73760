"""References for tasks of PINNacle, by methods that share nothing with pinnsolve's.

`python -m results.pinnacle_references [NAME ...]` writes problems/reference/pinnacle_NAME.npz:
values on a grid, and `apart`, by how much two resolutions differ. Heat in a varying medium:
Chebyshev collocation in space, exact in time. Twenty-five media: spectral elements that become
smaller by a constant factor towards all interfaces.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.polynomial.legendre import Legendre, leggauss
from numpy.typing import NDArray
from scipy.linalg import expm, solve
from scipy.sparse import csr_matrix, kron
from scipy.sparse.linalg import splu
from sympy import lambdify

from pinnsolve.problems.pinnacle_evolutions import random_field, x, y
from pinnsolve.problems.pinnacle_steady import CELL, CELLS, many_areas
from pinnsolve.problems.reference.make import chebyshev, interpolation

Array = NDArray[np.float64]
FOLDER = Path(__file__).parents[1] / "problems" / "reference"
Solved = tuple[list[Array], Array]


def heat2d_vc(degree: int) -> Solved:
    """u_t = a (u_xx + u_yy) + f sin(pi t): what answers the sine is a multiple of exp(i pi t), and
    what it does not begin with decays by a matrix exponential.
    """
    nodes, d = chebyshev(degree)
    places, second = (nodes + 1) / 2, (4 * d @ d)[1:-1, 1:-1]
    px, py = (c.ravel() for c in np.meshgrid(places[1:-1], places[1:-1], indexing="ij"))
    medium = np.exp(lambdify((x, y), random_field(0))(px, py))
    eye = np.eye(degree - 1)
    matrix = medium[:, None] * (np.kron(second, eye) + np.kron(eye, second))
    load = 200 * np.sin(np.pi * px) * np.sin(5 * np.pi * py)
    swing = solve(1j * np.pi * np.eye(len(load)) - matrix, load.astype(complex))
    times = np.linspace(0, 5, 11)
    decay, rest = expm(matrix * times[1]), -swing.imag
    states = []
    for time in times:
        states.append((swing * np.exp(1j * np.pi * time)).imag + rest)
        rest = decay @ rest
    line = np.linspace(0, 1, 33)[1:-1]
    sample = interpolation(places, line)[:, 1:-1]
    fields = [sample @ s.reshape(degree - 1, degree - 1) @ sample.T for s in states]
    return [line, line, times], np.stack(fields, axis=2)


# By what factor elements shrink towards an interface.
SHRINK = 0.15


def elements(layers: int) -> Array:
    """The ends of all elements along a side, `(n + 1,)`."""
    ends = CELL / 2 * np.concatenate([[0], SHRINK ** np.arange(layers - 1, -1, -1)])
    cell = np.concatenate([ends, CELL - ends[-2::-1]])
    return np.concatenate([[0], *(CELL * i + cell[1:] for i in range(CELLS))])


def lobatto(degree: int) -> tuple[Array, Array, Array]:
    """Nodes on [-1, 1], and the matrices of masses and slopes, by a rule that is exact."""
    inner = np.sort(Legendre.basis(degree).deriv().roots().real)
    nodes = np.concatenate([[-1], inner, [1]])
    at, weights = leggauss(degree + 1)
    powers = np.linalg.inv(np.vander(nodes, increasing=True))
    values = np.vander(at, degree + 1, increasing=True) @ powers
    slopes = np.vander(at, degree, increasing=True) @ (
        np.arange(1, degree + 1)[:, None] * powers[1:]
    )
    return nodes, values.T * weights @ values, slopes.T * weights @ slopes


def along_a_side(ends: Array, degree: int) -> tuple[Array, list[csr_matrix], list[csr_matrix]]:
    """Nodes of all elements, and the matrices of masses and slopes of each cell."""
    nodes, mass, slope = lobatto(degree)
    n = degree * (len(ends) - 1) + 1
    places, masses, slopes = np.zeros(n), [], []
    per_cell = (len(ends) - 1) // CELLS
    for cell in range(CELLS):
        m, k = np.zeros((n, n)), np.zeros((n, n))
        for e in range(cell * per_cell, (cell + 1) * per_cell):
            h, at = ends[e + 1] - ends[e], slice(degree * e, degree * (e + 1) + 1)
            places[at] = ends[e] + h * (nodes + 1) / 2
            m[at, at] += h / 2 * mass
            k[at, at] += 2 / h * slope
        masses.append(csr_matrix(m))
        slopes.append(csr_matrix(k))
    return places, masses, slopes


def poisson2d_ms(layers: int) -> Solved:
    """a grad u . grad v over the plate and a u v over its sides are f v."""
    degree = layers
    ends = elements(layers)
    places, masses, slopes = along_a_side(ends, degree)
    conductivities, loads = many_areas()
    n = len(places)
    matrix, right = csr_matrix((n * n, n * n)), np.zeros((n, n))
    half_waves = [m @ np.sin(np.pi * (places / CELL - i)) for i, m in enumerate(masses)]
    corner = [np.zeros((n, n)), np.zeros((n, n))]
    corner[0][0, 0] = corner[1][-1, -1] = 1
    sides = {0: csr_matrix(corner[0]), CELLS - 1: csr_matrix(corner[1])}
    for i in range(CELLS):
        for j in range(CELLS):
            a, (mean, wave) = conductivities[i, j], loads[i, j]
            matrix += a * (kron(slopes[i], masses[j]) + kron(masses[i], slopes[j]))
            if i in sides:
                matrix += a * kron(sides[i], masses[j])
            if j in sides:
                matrix += a * kron(masses[i], sides[j])
            ones = [m @ np.ones(n) for m in (masses[i], masses[j])]
            right += mean * np.outer(*ones) + wave * np.outer(half_waves[i], half_waves[j])
    factors = splu(
        matrix.tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    field = factors.solve(right.ravel()).reshape(n, n)
    line = np.concatenate([CELL * i + CELL * (np.arange(12) + 0.5) / 12 for i in range(CELLS)])
    sample = at_places(ends, degree, line)
    return [line - 10, line - 10], sample @ field @ sample.T


def at_places(ends: Array, degree: int, line: Array) -> Array:
    """The matrix from values at nodes to values on a line `(n,)`."""
    nodes, _, _ = lobatto(degree)
    powers = np.linalg.inv(np.vander(nodes, increasing=True))
    rows = np.zeros((len(line), degree * (len(ends) - 1) + 1))
    for row, place in zip(rows, line, strict=True):
        e = int(np.searchsorted(ends, place)) - 1
        local = 2 * (place - ends[e]) / (ends[e + 1] - ends[e]) - 1
        row[degree * e : degree * (e + 1) + 1] = local ** np.arange(degree + 1) @ powers
    return rows


# How each is made, and its two resolutions.
MADE: dict[str, tuple[Callable[[int], Solved], int, int]] = {
    "heat2d_vc": (heat2d_vc, 42, 50),
    "poisson2d_ms": (poisson2d_ms, 5, 7),
}


def main(names: list[str]) -> None:
    """Make those named, or all."""
    for name in names or list(MADE):
        way, coarse, fine = MADE[name]
        (_, rough), (axes, values) = way(coarse), way(fine)
        apart = np.linalg.norm(values - rough) / np.linalg.norm(values)
        grid = {f"axis{i}": axis for i, axis in enumerate(axes)}
        np.savez_compressed(FOLDER / f"pinnacle_{name}.npz", u=values, apart=apart, **grid)  # type: ignore[arg-type]
        print(f"{name:<15} two resolutions differ by {apart:.1e}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
