"""Values of a problem in pieces, each at the points of its own region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pinnsolve.declare.partition import nearest
from pinnsolve.declare.pieces import Pieces
from pinnsolve.fields.arrays import Array


def in_parts(pieces: Pieces, x: Array, values: Callable[[int, Any], Array]) -> Array:
    """Values `(..., n)` at points `(n, dim)`: those of part k at the rows `(n_k,)` that lie in it,
    `values(k, rows)`, `(..., n_k)`.
    """
    numbers = nearest(pieces.regions, x)
    rows = [np.flatnonzero(numbers == k) for k in range(len(pieces.parts))]
    parts = [(own, values(k, own)) for k, own in enumerate(rows) if len(own) or not k]
    kind = np.result_type(*(held for _, held in parts))
    joined = np.empty((*parts[0][1].shape[:-1], len(x)), dtype=kind)
    for own, held in parts:
        joined[..., own] = held
    return joined
