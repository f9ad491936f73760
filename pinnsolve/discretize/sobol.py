"""Sobol's points, scrambled as scipy.stats.qmc does to the last bit, without its import: that takes
more than many solves.

Direction numbers are Joe's and Kuo's (SIAM J. Sci. Comput. 30 (2008) 2635); scrambling is
Matousek's: a random lower triangular matrix over the field of two elements, and a digital shift (J.
Complexity 14 (1998) 527).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from torch.quasirandom import SobolEngine

BITS = 30  # of a coordinate
Bits = NDArray[np.int64]


def sobol(n: int, dimension: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Scrambled Sobol points in the unit cube, `(n, dimension)`.

    >>> import numpy as np
    >>> from pinnsolve import sobol
    >>> points = sobol(256, 2, np.random.default_rng(0))
    >>> points.shape, [int(c) for c in (points < 0.5).sum(axis=0)]
    ((256, 2), [128, 128])
    """
    (generator,) = generator.spawn(1)  # as scipy does, so that points are those of earlier versions
    powers = 2 ** np.arange(BITS, dtype=np.int64)
    shift = generator.integers(2, size=(dimension, BITS), dtype=np.uint32) @ powers
    below = np.tril(generator.integers(2, size=(dimension, BITS, BITS), dtype=np.uint32), -1)
    lower = below.astype(np.int64) + np.eye(BITS, dtype=np.int64)
    # Of each direction, the highest first.
    digits = (_directions(dimension)[:, :, None] >> _places()) & 1
    scrambled = (np.einsum("dpk,djk->djp", lower, digits) & 1) << _places()
    directions = scrambled.sum(axis=2)
    points = shift[None]
    for k in range(max(0, math.ceil(math.log2(max(n, 1))))):  # in Gray's order, by reflection
        points = np.concatenate([points, points[::-1] ^ directions[:, k]])
    unit: NDArray[np.float64] = points[:n].astype(np.float64) * 2.0**-BITS
    return unit


def _places() -> Bits:
    """Places of the digits, the highest first."""
    return np.arange(BITS - 1, -1, -1, dtype=np.int64)


@lru_cache(maxsize=64)
def _directions(dimension: int) -> Bits:
    """`(dimension, BITS)`."""
    numbers: Bits = SobolEngine(dimension).sobolstate.numpy()  # type: ignore[no-untyped-call]
    return numbers
