"""How fast data vary along a coordinate: by their Chebyshev coefficients on lines."""

from __future__ import annotations

import numpy as np

from pinnsolve.fields.arrays import Array


def lines_along(box: Array, axis: int, lines: int, points: int) -> Array:
    """So many lines along a coordinate in a box `(dim, 2)`, at random places, each with so many of
    Chebyshev's points: `(lines * points, dim)`, line by line.
    """
    across = np.random.default_rng(0).random((lines, len(box)))
    unit = np.repeat(across[:, None], points, axis=1)
    unit[:, :, axis] = (1 + np.cos((np.arange(points) + 0.5) * np.pi / points)) / 2
    x: Array = box[:, 0] + np.ptp(box, axis=1) * unit
    return x.reshape(-1, len(box))


def degree_of(values: Array, left: float) -> int:
    """The degree above which less than a part of the Chebyshev coefficients is `left`, in the mean
    over lines of finite values `(lines, points)`.
    """
    n = values.shape[1]
    transform = np.cos(np.outer(np.arange(n), (np.arange(n) + 0.5) * np.pi / n))
    # In their own size: squares of large numbers are none.
    size = np.abs(values).max(initial=0.0) or 1.0
    energy = np.square((values / size) @ transform.T).sum(axis=0)
    above = np.sqrt(np.cumsum(energy[::-1])[::-1])
    return int(np.flatnonzero(above > left * above[0]).max(initial=0))
