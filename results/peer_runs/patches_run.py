"""Chebyshev patches on a square or an L: `... patches_run PROBLEM N CELLS`, N + 1 nodes along a
side of a cell, CELLS cells along a side of the square (of an L: cuts of the cell at its corner).

div(k grad u) + c u = f is collocated at the inner nodes of every cell; sides share their values
(corners take no part), and the flux is continuous at their nodes. Cells are eliminated one by one,
those that are alike once; what is left, a sparse matrix of dense blocks, goes to SuperLU.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu
from sympy import Integer, lambdify

from pinnsolve.problems.regions import corner_function
from results.peer_problems import COMPOSITE_PROBLEMS, CONDUCTIVITY
from results.peer_runs.timing import repeated

MASS = {"helmholtz_k100": 100**2, "varying_plate": 0, "l_shape_waves": 400}


@dataclass(frozen=True)
class Data:
    """Functions of points: conductivity, its slopes, the load and what is true."""

    k: object
    slopes: tuple
    load: object
    exact: object
    mass: float
    alike: bool


def data(name):
    """Those of a problem."""
    problem, c = COMPOSITE_PROBLEMS[name](), MASS[name]
    x, y = problem.domain.coordinates
    (field,) = problem.exact.values()
    k = CONDUCTIVITY if name == "varying_plate" else Integer(1)
    # The corner's function is harmonic.
    smooth = field - corner_function(1) if name == "l_shape_waves" else field
    load = sum((k * smooth.diff(z)).diff(z) for z in (x, y)) + c * field
    parts = [lambdify((x, y), f, "numpy") for f in (k, k.diff(x), k.diff(y), load, field)]
    return Data(parts[0], tuple(parts[1:3]), *parts[3:], c, not k.free_symbols)


def grid(name, cells):
    """Lines of a grid, along either axis, and which of its cells are there. Towards the corner of
    an L the first of four cells is cut, so many times, at a fifth of its side.
    """
    if name != "l_shape_waves":
        line = np.linspace(0, 1, cells + 1)
        return line, np.ones((cells, cells), dtype=bool)
    half = np.array([0, *(0.25 * 0.2 ** np.arange(cells - 1, -1, -1.0)), 0.5, 0.75, 1])
    line = np.concatenate([-half[:0:-1], half])
    middle = (line[1:] + line[:-1]) / 2
    return line, ~((middle[:, None] > 0) & (middle[None, :] < 0))


def derivatives(n):
    """Nodes on [-1, 1], first and second derivatives of values there, `(n + 1, n + 1)`."""
    s = -np.cos(np.pi * np.arange(n + 1) / n)
    values, unit = chebyshev.chebvander(s, n), np.eye(n + 1)
    first, second = (
        np.linalg.solve(
            values.T, chebyshev.chebval(s, chebyshev.chebder(unit, d)).reshape(n + 1, -1)
        ).T
        for d in (1, 2)
    )
    return s, first, second


class Cell:
    """One cell, eliminated: what its inner values and its fluxes are, from the values on its sides
    and from its load.
    """

    def __init__(self, given, low, size, n):
        s, first, second = derivatives(n)
        x = low[0] + size[0] * (1 + s) / 2
        y = low[1] + size[1] * (1 + s) / 2
        at = np.meshgrid(x, y, indexing="ij")
        k, kx, ky = (f(*at) + 0 * at[0] for f in (given.k, *given.slopes))
        one, (a, b) = np.eye(n + 1), 2 / np.array(size)
        dx, dy = a * np.kron(first, one), b * np.kron(one, first)
        law = k.ravel()[:, None] * (a**2 * np.kron(second, one) + b**2 * np.kron(one, second))
        law += kx.ravel()[:, None] * dx + ky.ravel()[:, None] * dy
        law += given.mass * np.eye((n + 1) ** 2)
        index = np.arange((n + 1) ** 2).reshape(n + 1, n + 1)
        self.inner = index[1:-1, 1:-1].ravel()
        # Left, right, lower, upper side; outward fluxes.
        sides = [index[0, 1:-1], index[-1, 1:-1], index[1:-1, 0], index[1:-1, -1]]
        self.sides = np.concatenate(sides)
        flux = np.concatenate([-dx[sides[0]], dx[sides[1]], -dy[sides[2]], dy[sides[3]]])
        flux *= k.ravel()[self.sides][:, None]
        self.solved = np.linalg.inv(law[np.ix_(self.inner, self.inner)])
        self.spread = -self.solved @ law[np.ix_(self.inner, self.sides)]
        self.flux = flux[:, self.inner]
        self.steklov = flux[:, self.sides] + self.flux @ self.spread


def solved(given, line, there, n):
    """Values in the cells `(n_cells, (n + 1)^2)`, without corners, and how many unknowns meet."""
    places, m = np.argwhere(there), n - 1
    names = {}  # of sides: axis and the indices of the line and of the cell along it
    sides = [
        [
            names.setdefault(key, len(names))
            for key in ((0, i, j), (0, i + 1, j), (1, i, j), (1, i, j + 1))
        ]
        for i, j in places
    ]
    dofs = (np.array(sides)[:, :, None] * m + np.arange(m)).reshape(len(places), -1)
    cells, points, loads, remembered = [], [], [], {}
    s = derivatives(n)[0]
    for i, j in places:
        low, size = (line[i], line[j]), (line[i + 1] - line[i], line[j + 1] - line[j])
        key = tuple(np.round(size, 12)) if given.alike else (i, j)
        if key not in remembered:
            remembered[key] = Cell(given, low, size, n)
        cells.append(remembered[key])
        at = np.meshgrid(
            *(c + h * (1 + s) / 2 for c, h in zip(low, size, strict=True)), indexing="ij"
        )
        points.append([a.ravel() for a in at])
        loads.append(cells[-1].solved @ given.load(*(a.ravel()[cells[-1].inner] for a in at)))
    size = len(names) * m
    blocks = np.stack([cell.steklov for cell in cells])
    rows, columns = (np.broadcast_to(d, blocks.shape) for d in (dofs[:, :, None], dofs[:, None, :]))
    matrix = coo_matrix((blocks.ravel(), (rows.ravel(), columns.ravel())), (size, size)).tocsc()
    right, u = np.zeros(size), np.zeros(size)
    for d, cell, load in zip(dofs, cells, loads, strict=True):
        right[d] -= cell.flux @ load
    # Sides of one cell alone are the boundary.
    outer = np.repeat(np.bincount(np.ravel(sides)) == 1, m)
    for d, cell, at in zip(dofs, cells, points, strict=True):
        u[d] = np.where(outer[d], given.exact(*(a[cell.sides] for a in at)), 0)
    right -= matrix @ u
    free = np.flatnonzero(~outer)
    u[free] = splu(matrix[free][:, free]).solve(right[free])
    values = np.full((len(cells), (n + 1) ** 2), np.nan)
    for value, d, cell, load in zip(values, dofs, cells, loads, strict=True):
        value[cell.sides], value[cell.inner] = u[d], load + cell.spread @ u[d]
    return values, places, len(free)


def error_of(given, values, line, places, n):
    """Relative, in L2, at Gauss's points of every cell: polynomials through the nodes but corners,
    whose values are those of the polynomial along a side.
    """
    s, _, _ = derivatives(n)
    gauss, weights = np.polynomial.legendre.leggauss(n + 3)
    there = np.linalg.solve(chebyshev.chebvander(s, n).T, chebyshev.chebvander(gauss, n).T).T
    along = np.linalg.solve(
        chebyshev.chebvander(s[1:-1], n - 2).T, chebyshev.chebvander(s[[0, -1]], n - 2).T
    ).T
    apart = size = 0.0
    for value, (i, j) in zip(values.reshape(-1, n + 1, n + 1), places, strict=True):
        for end in (0, -1):
            value[end, [0, -1]] = along @ value[end, 1:-1]
        x, y = (line[c] + (line[c + 1] - line[c]) * (1 + gauss) / 2 for c in (i, j))
        truth = given.exact(*np.meshgrid(x, y, indexing="ij"))
        weight = np.outer(weights, weights) * (line[i + 1] - line[i]) * (line[j + 1] - line[j])
        apart += (weight * (there @ value @ there.T - truth) ** 2).sum()
        size += (weight * truth**2).sum()
    return float(np.sqrt(apart / size))


if __name__ == "__main__":
    name, n, cells = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    given = data(name)
    line, there = grid(name, cells)
    (values, places, meeting), taken = repeated(lambda: solved(given, line, there, n))
    print(
        json.dumps(
            {
                "error": error_of(given, values, line, places, n),
                "unknowns": len(places) * (n - 1) ** 2 + meeting,
                "note": f"{len(places)} cells of {n + 1} x {n + 1} nodes",
                **taken,
            }
        )
    )
