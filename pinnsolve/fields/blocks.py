"""Points in pieces, so that what is evaluated there fits into caches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from pinnsolve.basis.basis import DOUBLE
from pinnsolve.fields.arrays import Array, tensor_of


@dataclass(frozen=True)
class BlockSize:
    """How many points are evaluated at a time."""

    # Of basis values: some five arrays of that size live at once.
    bytes: int = 2 * 2**20
    # Points, below which a block may be larger: many small ones are slow;
    few_points: int = 32
    # And how large.
    most_bytes: int = 8 * 2**20
    # Of basis values on a device that is no CPU, which wants much to do at once
    on_device: int = 256 * 2**20

    def points(self, values_a_point: int, device: str = DOUBLE.device.type) -> int:
        """Of a block, where a point takes so many values in float64."""
        each = 8 * max(values_a_point, 1)
        if device != DOUBLE.device.type:
            return max(1, self.on_device // each)
        return max(1, self.bytes // each, min(self.few_points, self.most_bytes // each))


BLOCK_SIZE = BlockSize()


def blocks(
    x: Array,
    normals: Array | None,
    values_a_point: int,
    most: int | None = None,
    like: Tensor = DOUBLE,
) -> Iterator[tuple[slice, Tensor, Tensor | None]]:
    """Rows of points `(n, dim)` in pieces of at most `most` points, whose values fit into a cache,
    or nearly; as tensors like another one.
    """
    n = BLOCK_SIZE.points(values_a_point, like.device.type)
    n = n if most is None else min(n, most)
    for start in range(0, len(x), n):
        rows = slice(start, min(start + n, len(x)))
        yield (
            rows,
            tensor_of(x[rows], like),
            None if normals is None else tensor_of(normals[rows], like),
        )
