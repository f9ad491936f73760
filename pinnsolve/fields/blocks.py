"""Points in pieces, so that what is evaluated there fits into caches."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.fields.arrays import Array, tensor_of

# Of basis values at a time: some five arrays of that size live at once.
BLOCK_BYTES = 2 * 2**20
# Points, below which blocks may be so large: many small ones are slow.
FEW, MOST_BYTES = 32, 8 * 2**20


def blocks(
    x: Array,
    normals: Array | None,
    values_a_point: int,
    most: int | None = None,
    like: Tensor = DOUBLE,
) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
    """Rows of points `(n, dim)` in pieces of at most `most` points, whose values fit into
    `BLOCK_BYTES`, or nearly; as tensors like another one.
    """
    each = 8 * max(values_a_point, 1)
    n = max(1, BLOCK_BYTES // each, min(FEW, MOST_BYTES // each))
    n = n if most is None else min(n, most)
    for start in range(0, len(x), n):
        rows = slice(start, min(start + n, len(x)))
        yield (
            rows,
            tensor_of(x[rows], like),
            None if normals is None else tensor_of(normals[rows], like),
        )
