"""References for tasks of PINNacle and DeepXDE, by methods that share nothing with pinnsolve's.

`python -m results.pinnacle_references [NAME ...]` writes problems/reference/NAME.npz: values
at points, and `apart`, by how much two resolutions differ. Heat in a varying medium:
Chebyshev collocation in space, exact in time. Twenty-five media, and an L: spectral elements that
become smaller by a constant factor towards all interfaces.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.polynomial.legendre import Legendre, leggauss
from numpy.typing import NDArray
from scipy.linalg import expm, solve
from scipy.optimize import brentq
from scipy.sparse import csr_matrix, kron
from scipy.sparse.linalg import SuperLU, splu
from sympy import lambdify

from pinnsolve.problems.pinnacle_evolutions import random_field, x, y
from pinnsolve.problems.pinnacle_steady import CELL, CELLS, many_areas
from pinnsolve.problems.reference.make import chebyshev, interpolation

Array = NDArray[np.float64]
FOLDER = Path(__file__).parents[1] / "problems" / "reference"
# Axes of a grid, or points, by the names that a file has for them; and values there.
Solved = tuple[dict[str, Array], Array]


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
    axes = {"axis0": line, "axis1": line, "axis2": times}
    return axes, np.stack(fields, axis=2)


# By what factor elements shrink towards an interface.
SHRINK = 0.1


def graded(length: float, first: int, last: int) -> Array:
    """Sizes of elements, `(first + last,)`, with so many layers towards each end."""

    def half(layers: int) -> Array:
        ends = length / 2 * SHRINK ** np.arange(layers - 1, -1, -1)
        return np.concatenate([ends[:1], np.diff(ends)])

    return np.concatenate([half(first), half(last)[::-1]])


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


@dataclass(frozen=True)
class Side:
    """Elements of one degree along a side: the sizes of those of each cell."""

    cells: Sequence[Array]
    degree: int

    @cached_property
    def sizes(self) -> Array:
        """Of all elements, `(n,)`."""
        return np.concatenate(self.cells)

    @cached_property
    def places(self) -> Array:
        """Of all nodes, from zero."""
        nodes, _, _ = lobatto(self.degree)
        ends = np.concatenate([[0], np.cumsum(self.sizes)])
        inner = ends[:-1, None] + self.sizes[:, None] * (nodes[:-1] + 1) / 2
        return np.concatenate([inner.ravel(), ends[-1:]])

    @cached_property
    def matrices(self) -> list[tuple[csr_matrix, csr_matrix]]:
        """Of masses and slopes, cell by cell."""
        _, mass, slope = lobatto(self.degree)
        n, found, e = len(self.places), [], 0
        for cell in self.cells:
            m, k = np.zeros((n, n)), np.zeros((n, n))
            for h in cell:
                at = slice(self.degree * e, self.degree * (e + 1) + 1)
                m[at, at] += h / 2 * mass
                k[at, at] += 2 / h * slope
                e += 1
            found.append((csr_matrix(m), csr_matrix(k)))
        return found

    def sample(self, line: Array) -> Array:
        """The matrix from values at nodes to values on a line `(n,)`."""
        nodes, _, _ = lobatto(self.degree)
        powers = np.linalg.inv(np.vander(nodes, increasing=True))
        ends = np.concatenate([[0], np.cumsum(self.sizes)])
        rows = np.zeros((len(line), len(self.places)))
        for row, place in zip(rows, line, strict=True):
            e = int(np.searchsorted(ends, place)) - 1
            local = 2 * (place - ends[e]) / self.sizes[e] - 1
            at = slice(self.degree * e, self.degree * (e + 1) + 1)
            row[at] = local ** np.arange(self.degree + 1) @ powers
        return rows


def turned(four: Array, power: float) -> float:
    """Zero for a power of the distance that a solution may be where four quarters `(4,)` of these
    conductivities meet: value and flux along a circle come back to themselves.
    """
    c, s = np.cos(power * np.pi / 2), np.sin(power * np.pi / 2)
    quarters = [[[c, s / (a * power)], [-a * power * s, c]] for a in four]
    return float(np.trace(np.linalg.multi_dot(np.array(quarters)))) - 2


def exponent() -> float:
    """The smallest such power of the plate."""
    conductivities, _ = many_areas()
    powers, smallest = np.linspace(1e-3, 1.5, 300), np.inf
    for i, j in np.ndindex(CELLS - 1, CELLS - 1):
        four = conductivities[[i + 1, i, i, i + 1], [j + 1, j + 1, j, j]]
        signs = np.sign([turned(four, power) for power in powers])
        for k in np.flatnonzero(np.diff(signs)):
            found = brentq(partial(turned, four), powers[k], powers[k + 1])
            smallest = min(smallest, float(found))
    return float(smallest)


def poisson2d_ms(degree: int) -> Solved:
    """Where the solution is a power of the distance, its error is twice that power of the size of
    the smallest element, which two numbers of layers show.
    """
    places, rough = in_layers(degree + 2, degree)
    _, fine = in_layers(degree + 4, degree)
    fall = SHRINK ** (4 * exponent())
    return places, fine + (fine - rough) * fall / (1 - fall)


def in_layers(layers: int, degree: int) -> Solved:
    """a grad u . grad v over the plate and a u v over its sides are f v."""
    side = Side([graded(CELL, layers, layers)] * CELLS, degree)
    conductivities, loads = many_areas()
    n = len(side.places)
    matrix, right = csr_matrix((n * n, n * n)), np.zeros((n, n))
    for i, (mass, slope) in enumerate(side.matrices):
        for j, (other, rise) in enumerate(side.matrices):
            a, (mean, wave) = conductivities[i, j], loads[i, j]
            matrix += a * kron(slope + at_ends(i, n), other)
            matrix += a * kron(mass, rise + at_ends(j, n))
            right += mean * np.outer(mass @ np.ones(n), other @ np.ones(n))
            right += wave * np.outer(mass @ half_wave(side, i), other @ half_wave(side, j))
    field = factored(matrix).solve(right.ravel()).reshape(n, n)
    line = np.concatenate([CELL * i + CELL * (np.arange(12) + 0.5) / 12 for i in range(CELLS)])
    values = side.sample(line) @ field @ side.sample(line).T
    return {"axis0": line - 10, "axis1": line - 10}, values


def half_wave(side: Side, cell: int) -> Array:
    """Half a wave over a cell, at the nodes of a side."""
    wave: Array = np.sin(np.pi * (side.places / CELL - cell))
    return wave


def at_ends(cell: int, n: int) -> csr_matrix:
    """What takes the value at the end of a side, of the first or the last cell."""
    matrix = np.zeros((n, n))
    if cell in (0, CELLS - 1):
        matrix[-(cell > 0), -(cell > 0)] = 1
    return csr_matrix(matrix)


def factored(matrix: csr_matrix) -> SuperLU:
    """Factors of a symmetric matrix, in an order that fills little."""
    symmetric = {"SymmetricMode": True}
    return splu(
        matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=symmetric
    )


def l_shape(degree: int) -> Solved:
    """grad u . grad v = v in the square from -1 to 1 without its upper right quarter."""
    side = Side([graded(1, 8, 8)] * 2, degree)
    n, quarters = len(side.places), ((0, 0), (0, 1), (1, 0))
    matrix, right = csr_matrix((n * n, n * n)), np.zeros(n * n)
    for i, j in quarters:
        (mass, slope), (other, rise) = side.matrices[i], side.matrices[j]
        matrix += kron(slope, other) + kron(mass, rise)
        right += np.kron(mass @ np.ones(n), other @ np.ones(n))
    px, py = (c.ravel() for c in np.meshgrid(side.places, side.places, indexing="ij"))
    near, far = np.minimum(px, py), np.maximum(px, py)
    free = (near > 0) & (far < 2 - 1e-12) & (near < 1 - 1e-12)
    field = np.zeros(n * n)
    field[free] = factored(matrix[free][:, free]).solve(right[free])
    line = (np.arange(40) + 0.5) / 20
    values = side.sample(line) @ field.reshape(n, n) @ side.sample(line).T
    points = np.stack([c.ravel() for c in np.meshgrid(line, line, indexing="ij")], axis=1)
    inside = points.min(axis=1) < 1
    return {"points": points[inside] - 1}, values.ravel()[inside]


# How each is made, and its two resolutions.
MADE: dict[str, tuple[Callable[[int], Solved], int, int]] = {
    "pinnacle_heat2d_vc": (heat2d_vc, 42, 50),
    "pinnacle_poisson2d_ms": (poisson2d_ms, 4, 6),
    "deepxde_l_shape": (l_shape, 11, 14),
}


def main(names: list[str]) -> None:
    """Make those named, or all."""
    for name in names or list(MADE):
        way, coarse, fine = MADE[name]
        (_, rough), (places, values) = way(coarse), way(fine)
        apart = np.linalg.norm(values - rough) / np.linalg.norm(values)
        np.savez_compressed(
            FOLDER / f"{name}.npz", allow_pickle=False, **places, u=values, apart=apart
        )
        print(f"{name:<22} two resolutions differ by {apart:.1e}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
