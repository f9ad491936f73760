"""Frequencies of thin square plates, by Ritz's method: a reference that shares nothing with the
package.

Energy is that of bending and twisting (Kirchhoff); functions are products of splines with one
continuous derivative, in three intervals, of which the outer ones are short, as corners ask for.
Values fall with the degree, and with shorter intervals; they stand in `problems/spectra.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline

Array = NDArray[np.float64]
Ends = tuple[int, int]


def squared_frequencies(
    count: int, ends: tuple[Ends, Ends], ratio: float, degree: int = 18, short: float = 0.035
) -> Array:
    """The lowest `count` values of lam in laplacian^2(u) = lam u on the unit square, `(count,)`.

    `ends` says for both coordinates what holds at their low and high ends: 0 free, 1 hinged, 2
    clamped; `ratio` is Poisson's.
    """
    x, y = (_functions(*pair, degree, short) for pair in ends)
    bent = np.kron(x[2], y[0]), np.kron(x[0], y[2])
    turns = np.sqrt(1 - ratio) * np.vstack([*bent, np.sqrt(2) * np.kron(x[1], y[1])])
    # Of the energy's root: its squares would lose half of the digits
    root = np.linalg.qr(np.vstack([turns, np.sqrt(ratio) * sum(bent)]), mode="r")
    found: Array = np.linalg.svd(root, compute_uv=False)[::-1][:count] ** 2
    return found


def _functions(low: int, high: int, degree: int, short: float) -> list[Array]:
    """Values, slopes and second derivatives at Gauss's points, `(n, n_functions)` each, by the
    roots of their weights; values are orthonormal.
    """
    breaks = np.array([0.0, short, 1 - short, 1.0])
    often = [degree + 1, degree - 1, degree - 1, degree + 1]
    nodes, weights = np.polynomial.legendre.leggauss(degree + 1)
    sizes = np.diff(breaks)[:, None]
    at, roots = breaks[:-1, None] + sizes * (nodes + 1) / 2, np.sqrt(sizes * weights / 2)
    size = 3 * degree - 1
    splines = BSpline(np.repeat(breaks, often), np.eye(size), degree)
    values, *others = (
        splines(at.ravel(), nu=order)[:, low : size - high] * roots.reshape(-1, 1)
        for order in range(3)
    )
    q, r = np.linalg.qr(values)
    return [q, *(np.linalg.solve(r.T, part.T).T for part in others)]
