"""Eigenvalues of a rectangular pencil, as those of the map that solves it by least squares.

Rows M + m B + m^2 C of a homogeneous problem have solutions c for some m. Least squares solve M c =
-B w - C v for any w and v: c = X w + Y v. With w = m c and v = m w this is an eigenproblem of a
square matrix, [X Y; 1 0] [w; v] = (1/m) [w; v], in which eigenvalues near to zero are the largest
ones, and what the equations fix no more than to round-off is cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pinnsolve.coefficients.truncated import Truncated
from pinnsolve.fields.arrays import Array

Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Cutting:
    """Which directions a basis does not have, in float64, and what is complex."""

    # Of singular values, relative: round-off, and a digit
    rank: float = 1e-14
    # Of 1/m, relative to the largest: below it m is infinite, but for round-off
    infinite: float = 1e-13


CUTTING = Cutting()


def nearest_eigenvalues(
    rows: Array, powers: Sequence[Array], count: int
) -> tuple[Complex, NDArray[Any]]:
    """Of M `(n, columns)` and B, C: the `count` values m nearest to zero, in the order of their
    size, and coefficients `(columns, count)`; fewer, where the others are infinite.

    Of a complex pair of real rows the first has the real part of the function, the second the
    imaginary one; those of complex rows are complex.
    """
    held = Truncated.of(rows, CUTTING.rank)
    maps = [-held.directions(p @ held.back) for p in powers]
    values, vectors = np.linalg.eig(_companion(maps))
    order = np.argsort(-np.abs(values), kind="stable")[:count]
    order = order[np.abs(values[order]) > CUTTING.infinite * np.abs(values).max()]
    m: Complex = np.asarray(1 / values[order], dtype=np.complex128)
    c = np.asarray(held.back @ vectors[: len(maps[0]), order], dtype=np.complex128)
    return m, c if np.iscomplexobj(rows) else _in_parts(c)


def matched(values: Complex, others: Complex) -> Complex:
    """For each value `(n,)` the nearest of the others `(m,)` that no value before it has."""
    left = list(others)
    return np.array([left.pop(int(np.argmin(np.abs(np.array(left) - v)))) for v in values])


def _companion(maps: Sequence[Array]) -> Array:
    if len(maps) == 1:
        return maps[0]
    identity = np.eye(len(maps[0]))
    return np.block([[maps[0], maps[1]], [identity, np.zeros_like(identity)]])


def _in_parts(c: Complex) -> Array:
    """Real functions for each: of conjugate pairs, which come one after the other, real and
    imaginary part of the first.
    """
    functions, k = c.real.copy(), 0
    while k < c.shape[1] - 1:
        paired = bool(c[:, k].imag.any())
        if paired:
            functions[:, k + 1] = c[:, k].imag
        k += 1 + paired
    return functions
