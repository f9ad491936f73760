"""From a compiled system, points and a space to the least-squares problem for the coefficients.

Column j of unknown k is the k-th unknown's slope applied to basis function j; a row is an equation
at a point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch
from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.compile.system import Residual, System
from pinnsolve.discretize.points import Points, fills_domain
from pinnsolve.discretize.sizes import units_of
from pinnsolve.fields.arrays import Array, tensor_of
from pinnsolve.fields.blocks import blocks
from pinnsolve.fields.space import Space
from pinnsolve.mgrit.communicator import ALONE, Communicator

NOWHERE = (
    "roots or logarithms of negative numbers, poles, and a Piecewise without (..., True) are no"
    " finite real numbers"
)
# Conditions on faces against equations in the domain (5 to 10 is best in METHODS' experiments)
FACE_WEIGHT = 5.0


class NotFiniteError(ValueError):
    """An equation has no value, or no slope, at a field."""


@dataclass(frozen=True)
class LeastSquaresProblem:
    """min |matrix c - target|, rows of one condition in one slice.

    `augmented (n_rows, n_columns + 1)`, in Fortran order, is the matrix with the target as its last
    column, so that one factorization transforms both in place; `row_scales` are the factors that
    each condition's rows were multiplied by. Several `ranks` have some of the rows each.
    """

    augmented: Array
    slices: tuple[slice, ...]
    row_scales: tuple[float, ...]
    ranks: Communicator = ALONE

    @property
    def matrix(self) -> Array:
        """`(n_rows, n_columns)`, a view."""
        return self.augmented[:, :-1]

    @property
    def target(self) -> Array:
        """`(n_rows,)`, a view."""
        return self.augmented[:, -1]


@dataclass(frozen=True, eq=False)
class BlockRows:
    """The rows of one condition in the columns of the unknowns that it holds, the target last,
    `(n_rows, columns + 1)`.
    """

    unknowns: tuple[int, ...]
    augmented: Array


def assemble(
    system: System,
    points: Sequence[Points],
    space: Space,
    coefficients: Tensor | None = None,
    row_scales: Sequence[float] | None = None,
    room: Array | None = None,
    ranks: Communicator = ALONE,
) -> LeastSquaresProblem:
    """Rows of all conditions, linearized at the given coefficients `(columns,)` (at zero, if none
    are given).

    Filled block by block: besides the matrix itself (8 bytes an entry), memory holds about eight
    blocks of `blocks`. Each condition is divided by the root mean square norm of its rows, its
    operator's size, and conditions on faces are weighted by `FACE_WEIGHT`; or by given
    `row_scales`, so that losses of several bases compare. Points' own factors come on top. Written
    into `room`, the array `(rows, columns + 1)` of a problem of as many that is used up. Of several
    `ranks`, each has its own points, and a condition's size is that of all their rows.

    Raises NotFiniteError if an entry is not.
    """
    counts = [len(p.x) for p in points]
    ends = np.cumsum(counts)
    slices = tuple(slice(int(end - n), int(end)) for n, end in zip(counts, ends, strict=True))
    augmented = np.empty((sum(counts), space.columns + 1), order="F") if room is None else room
    augmented[:, :-1] = 0.0
    scales, units = [], units_of(system)
    with torch.no_grad():
        for number, (residual, p, rows) in enumerate(
            zip(system.residuals, points, slices, strict=True)
        ):
            own = _fill(residual, p, space, space.slices, coefficients, augmented[rows], units)
            mean = mean_square(residual, own, len(p.x), ranks)
            # By the operator's size, not the residual's: the weights do not move with the
            # candidate, so that losses compare (docs/decisions/0008).
            scale = row_scales[number] if row_scales else row_scale(residual, mean)
            augmented[rows] *= scale if p.factors is None else scale * p.factors[:, None]
            scales.append(scale)
    return LeastSquaresProblem(augmented, slices, tuple(scales), ranks)


def assemble_in_blocks(system: System, points: Sequence[Points], space: Space) -> list[BlockRows]:
    """The rows of each condition of a linear system, in the columns of the unknowns that it holds;
    scaled as in `assemble`.
    """
    blocks_of_rows, units = [], units_of(system)
    for residual, p in zip(system.residuals, points, strict=True):
        unknowns = sorted({slot.unknown for slot in residual.slots})
        ends = np.cumsum([space.blocks[k].size for k in unknowns])
        places = {
            k: slice(int(end) - space.blocks[k].size, int(end))
            for k, end in zip(unknowns, ends, strict=True)
        }
        augmented = np.zeros((len(p.x), int(ends[-1]) + 1), order="F")
        with torch.no_grad():
            squares = _fill(residual, p, space, places, None, augmented, units)
        if not np.isfinite(squares):
            raise NotFiniteError(f"not finite on the collocation points: {residual.condition}")
        scale = row_scale(residual, squares / len(p.x))
        augmented *= scale if p.factors is None else scale * p.factors[:, None]
        blocks_of_rows.append(BlockRows(tuple(unknowns), augmented))
    return blocks_of_rows


def mean_square(residual: Residual, squares: float, rows: int, ranks: Communicator) -> float:
    """Of the rows of all ranks, from sums of squares of some rows each. Raises NotFiniteError."""
    total, count = ranks.total(torch.tensor([squares, rows], dtype=DOUBLE.dtype)).tolist()
    if not math.isfinite(total):
        raise NotFiniteError(
            f"not finite on the collocation points: {residual.condition}; {NOWHERE}"
        )
    return float(total / count)


def row_scale(residual: Residual, mean_square: float) -> float:
    """By what a condition's rows are multiplied, whose entries' squares have this mean a row."""
    weight = 1.0 if fills_domain(residual.condition.region) else FACE_WEIGHT
    return float(weight / np.sqrt(mean_square)) if mean_square > 0 else 1.0


def _fill(
    residual: Residual,
    p: Points,
    space: Space,
    places: Mapping[int, slice] | Sequence[slice],
    coefficients: Tensor | None,
    augmented: Array,
    units: Sequence[float],
) -> float:
    """Write one condition's rows; returns the sum of the squares of the matrix' entries, NaN if the
    target is not finite.

    `places` are the columns of each unknown. Entries are counted in the units of the unknowns.
    """
    squares = 0.0
    out = tensor_of(augmented.T)  # (n_columns + 1, n_rows): the same memory
    for rows, parts, target in pieces(residual, p, space, coefficients):
        for unknown, part in parts.items():
            squares += squares_of(residual, p, rows, part) * units[unknown] ** 2
            out[places[unknown], rows] = part.T
        out[-1, rows] = target
    return squares if bool(out[-1].isfinite().all()) else math.nan


def squares_of(residual: Residual, p: Points, rows: slice, part: Tensor) -> float:
    """The sum of squares of a condition's rows `(n, size)`. On faces rows whose factors are small
    count less: near a tip slopes have no bound, and would make all other rows small.
    """
    squares = part * part
    if p.factors is not None and not fills_domain(residual.condition.region):
        squares = squares * tensor_of(p.factors[rows], part).clamp(max=1.0)[:, None] ** 2
    return float(squares.sum())


def pieces(
    residual: Residual,
    p: Points,
    space: Space,
    coefficients: Tensor | None = None,
    most: int | None = None,
) -> Iterator[tuple[slice, dict[int, Tensor], Tensor]]:
    """One condition's rows, some at a time, at most so many: which they are, the columns of each
    unknown `(n, size)`, and the target `(n,)`.
    """
    numbers = space.numbers(residual)
    at_zero = _at_zero(residual, p, space.like) if coefficients is None else None
    for rows, x, normals in blocks(p.x, p.normals, numbers, most, space.like):
        phi = space.slots(residual, x)
        if at_zero is not None:
            slopes, target = at_zero[0][:, rows], at_zero[1][rows]
        else:
            assert coefficients is not None
            u = space.values(residual, phi, coefficients)
            slopes, target = _tangent(residual, x, normals, u)
        parts = {}
        for unknown in {s.unknown for s in residual.slots}:
            mine = [i for i, s in enumerate(residual.slots) if s.unknown == unknown]
            parts[unknown] = reduce(torch.add, [slopes[i][:, None] * phi[i] for i in mine])
        yield rows, parts, target


def _at_zero(residual: Residual, p: Points, like: Tensor) -> tuple[Tensor, Tensor]:
    """Slopes `(n_slots, n)` and target `(n,)` at the zero field. Beside functions data are few
    numbers: they are evaluated at far more points at once.
    """
    n = len(residual.slots)
    each = [
        _tangent(residual, x, normals, x.new_zeros(n, len(x)))
        for _, x, normals in blocks(p.x, p.normals, n + 1, like=like)
    ]
    slopes, targets = zip((like.new_empty(n, 0), like.new_empty(0)), *each, strict=True)
    return torch.cat(slopes, dim=1), torch.cat(targets)


def _tangent(
    residual: Residual, x: Tensor, normals: Tensor | None, u: Tensor
) -> tuple[Tensor, Tensor]:
    """Slopes and target at a field whose slots are `u (n_slots, n)`."""
    slopes = residual.slopes(x, normals, u)
    # Newton for the updated field: N'(u) c_new = N'(u) u - N(u), so c_new is small when u is.
    return slopes, (slopes * u).sum(dim=0) - residual.value(x, normals, u)
