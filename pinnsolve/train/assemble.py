"""From a compiled system, points and a basis to the least-squares problem for the coefficients.

Column j of unknown k is the k-th unknown's slope applied to basis function j; a row is an equation at a point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinnsolve.basis.networks import Basis
from pinnsolve.compile.jets import JetIndex
from pinnsolve.compile.system import Residual, System
from pinnsolve.sample.points import Points, fills_domain
from pinnsolve.train.sizes import units_of

Array = NDArray[np.float64]
BLOCK_BYTES = 2 * 2**20  # of basis values at a time: some five arrays of that size live at once, and fit into caches
FEW, MOST_BYTES = 32, 8 * 2**20  # points at a time, below which blocks may be as large as that: many small ones are slow
NOWHERE = "roots or logarithms of negative numbers, poles, and a Piecewise without (..., True) are no finite real numbers"
FACE_WEIGHT = 5.0  # conditions on faces against equations in the domain (5 to 10 is best in METHODS' experiments)


class NotFiniteError(ValueError):
    """An equation has no value, or no slope, at a field."""


@dataclass(frozen=True)
class LeastSquaresProblem:
    """min |matrix c - target|, rows of one condition in one slice.

    `augmented (n_rows, n_columns + 1)`, in Fortran order, is the matrix with the target as its last column, so that one
    factorization transforms both in place; `row_scales` are the factors that each condition's rows were multiplied by.
    """

    augmented: Array
    slices: tuple[slice, ...]
    row_scales: tuple[float, ...]

    @property
    def matrix(self) -> Array:
        """`(n_rows, n_columns)`, a view."""
        return self.augmented[:, :-1]

    @property
    def target(self) -> Array:
        """`(n_rows,)`, a view."""
        return self.augmented[:, -1]


def assemble(
    system: System,
    points: Sequence[Points],
    basis: Basis,
    coefficients: Tensor | None = None,
    row_scales: Sequence[float] | None = None,
    room: Array | None = None,
) -> LeastSquaresProblem:
    """Rows of all conditions, linearized at the given coefficients (at zero, if none are given).

    Filled block by block: besides the matrix itself (8 bytes an entry), memory holds about eight blocks of
    `BLOCK_BYTES`. Each condition is divided by the root mean square norm of its rows, its operator's size, and
    conditions on faces are weighted by `FACE_WEIGHT`; or by given `row_scales`, so that losses of several bases compare.
    Points' own factors come on top. Written into `room`, the array of a problem of as many rows and columns that is used up.

    Raises NotFiniteError if an entry is not.
    """
    columns = basis.size * system.n_unknowns
    counts = [len(p.x) for p in points]
    ends = np.cumsum(counts)
    slices = tuple(slice(int(end - n), int(end)) for n, end in zip(counts, ends, strict=True))
    augmented = np.empty((sum(counts), columns + 1), order="F") if room is None else room
    augmented[:, :-1] = 0.0
    scales, units = [], units_of(system)
    with torch.no_grad():
        for number, (residual, p, rows) in enumerate(zip(system.residuals, points, slices, strict=True)):
            squares = _fill(residual, p, basis, coefficients, augmented[rows], units)
            if not np.isfinite(squares):
                raise NotFiniteError(f"not finite on the collocation points: {residual.condition}; {NOWHERE}")
            scale = row_scales[number] if row_scales else _row_scale(residual, squares / len(p.x))
            augmented[rows] *= scale if p.factors is None else scale * p.factors[:, None]
            scales.append(scale)
    return LeastSquaresProblem(augmented, slices, tuple(scales))


def _row_scale(residual: Residual, mean_square: float) -> float:
    weight = 1.0 if fills_domain(residual.condition.region) else FACE_WEIGHT
    return float(weight / np.sqrt(mean_square)) if mean_square > 0 else 1.0


def _fill(
    residual: Residual, p: Points, basis: Basis, coefficients: Tensor | None, augmented: Array, units: Sequence[float]
) -> float:
    """Write one condition's rows; returns the sum of the squares of the matrix' entries, NaN if the target is not finite.

    Entries are counted in the units of the unknowns.
    """
    squares = 0.0
    size = basis.size
    out = torch.from_numpy(augmented.T)  # (n_columns + 1, n_rows): the same memory
    for rows, x, normals in blocks(p.x, p.normals, size * len(residual.slots)):
        phi = slot_functions(residual, basis, x)
        u = x.new_zeros(len(residual.slots), len(x)) if coefficients is None else slot_values(residual, phi, coefficients)
        slopes = residual.slopes(x, normals, u)
        for unknown in {s.unknown for s in residual.slots}:
            mine = [i for i, s in enumerate(residual.slots) if s.unknown == unknown]
            block = sum(slopes[i][:, None] * phi[i] for i in mine)
            assert isinstance(block, Tensor)
            squares += float((block * block).sum()) * units[unknown] ** 2
            out[unknown * size : (unknown + 1) * size, rows] = block.T
        # Newton for the updated field: N'(u) c_new = N'(u) u - N(u), so c_new is small when u is.
        out[-1, rows] = (slopes * u).sum(dim=0) - residual.value(x, normals, u)
    return squares if bool(out[-1].isfinite().all()) else math.nan


def blocks(
    x: Array, normals: Array | None, values_a_point: int, most: int | None = None
) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
    """Rows of points `(n, dim)` in pieces of at most `most` points, whose values fit into `BLOCK_BYTES`, or nearly."""
    each = 8 * max(values_a_point, 1)
    n = max(1, BLOCK_BYTES // each, min(FEW, MOST_BYTES // each))
    n = n if most is None else min(n, most)
    for start in range(0, len(x), n):
        rows = slice(start, min(start + n, len(x)))
        yield rows, torch.from_numpy(x[rows]), None if normals is None else torch.from_numpy(normals[rows])


def slot_functions(residual: Residual, basis: Callable[[Tensor, Sequence[JetIndex]], Tensor], x: Tensor) -> list[Tensor]:
    """For every slot the basis functions with the slot's derivative, at the slot's trace: each `(n, size)`."""
    values: list[Tensor] = [x] * len(residual.slots)
    for number, trace in enumerate(residual.traces):
        mine = [i for i, s in enumerate(residual.slots) if s.trace == number]
        indices = list(dict.fromkeys(residual.slots[i].index for i in mine))
        phi = basis(trace(x), indices)
        for i in mine:
            values[i] = phi[indices.index(residual.slots[i].index)]
    return values


def slot_values(residual: Residual, phi: Sequence[Tensor], coefficients: Tensor) -> Tensor:
    """The numbers U `(n_slots, n)` that an equation takes, for coefficients `(n_unknowns, size)`."""
    return torch.stack([phi[i] @ coefficients[s.unknown] for i, s in enumerate(residual.slots)])
